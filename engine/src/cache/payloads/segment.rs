//! A segment: one file of payloads. The index at its end says which they are, and to which derivations they belong.
//!
//! ```text
//! header   "papackPS", version u32, 0 u32
//! slices   one after the other, in no order and without gaps that matter
//! index    of each slice: digest [32], offset u64, size u64
//!          of each entry: key [32], how many slices u32, and the number of each u32; the first is the result
//! footer   size of the index u64, how many slices u32, how many entries u32, keyed BLAKE3 of header, index
//!          and these figures
//! ```
//!
//! All numbers are little-endian. The index is trusted after it is authenticated, and each slice after its digest is
//! checked.

use std::collections::HashMap;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::Utf8PathBuf;
use papack_queries::content::{ContentId, Digest};

use super::super::key::{Purpose, UserKey};
use super::limits::{FOLDER, Key, MAX_BYTES, MAX_INDEX, MAX_RESULT};
use crate::fs::{FileHandle, FileSystem, Stamp, digest_at};

/// The first bytes of a segment: a magic number, and the version of the layout.
pub(super) const HEADER: [u8; 16] = *b"papackPS\x02\0\0\0\0\0\0\0";

/// Bytes of the header.
pub(super) const HEADER_SIZE: u64 = HEADER.len() as u64;

/// Bytes at the end of a segment.
pub(super) const FOOTER_SIZE: usize = 48;

/// Bytes of the footer that are authenticated: all but the code itself.
const COUNTS_SIZE: usize = 16;

/// Bytes that a slice takes in the index.
pub(super) const SLICE_SIZE: u64 = 48;

/// Bytes that an entry with `slices` takes in the index.
pub(super) fn entry_size(slices: usize) -> u64 {
    36 + 4 * slices as u64
}

/// The path of the segment `name`.
pub(super) fn path_of(name: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(FOLDER).join(name)
}

/// The index of a segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entries {
    /// The slices, each with its offset in the file.
    pub(super) slices: Vec<(ContentId, u64)>,
    /// The numbers of the slices of each entry, the result first.
    pub(super) entries: HashMap<Key, Box<[u32]>>,
}

impl Entries {
    /// The bytes of the index and of the footer, authenticated with `key`.
    pub(super) fn to_bytes(&self, key: &UserKey) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (id, offset) in &self.slices {
            bytes.extend_from_slice(&id.digest.0);
            bytes.extend_from_slice(&offset.to_le_bytes());
            bytes.extend_from_slice(&id.size.to_le_bytes());
        }
        for (key, numbers) in &self.entries {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(&count(numbers.len()).to_le_bytes());
            numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        }
        let size = bytes.len() as u64;
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(&count(self.slices.len()).to_le_bytes());
        bytes.extend_from_slice(&count(self.entries.len()).to_le_bytes());
        let code = authenticate(&bytes, key);
        bytes.extend_from_slice(code.as_bytes());
        bytes
    }

    /// Parses `bytes`, the index of a segment whose slices end at `end`. `None` where they are malformed or contradict
    /// that.
    fn parse(bytes: &[u8], slice_count: u32, entry_count: u32, end: u64) -> Option<Self> {
        let mut rest = bytes;
        let mut index = Self::default();
        for _ in 0..slice_count {
            let digest = Digest(take(&mut rest)?);
            let offset = u64::from_le_bytes(take(&mut rest)?);
            let size = u64::from_le_bytes(take(&mut rest)?);
            if offset < HEADER_SIZE || offset.checked_add(size)? > end {
                return None;
            }
            index.slices.push((ContentId { digest, size }, offset));
        }
        for _ in 0..entry_count {
            let key = take(&mut rest)?;
            let length = usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?;
            let (numbers, following) = rest.split_at_checked(length.checked_mul(4)?)?;
            rest = following;
            let (numbers, _) = numbers.as_chunks();
            let numbers: Box<[u32]> = numbers.iter().map(|number| u32::from_le_bytes(*number)).collect();
            let (result, _) = index.slices.get(usize::try_from(*numbers.first()?).ok()?)?;
            if result.size > MAX_RESULT || numbers.iter().any(|number| *number >= slice_count) {
                return None;
            }
            index.entries.insert(key, numbers);
        }
        rest.is_empty().then_some(index)
    }
}

/// Splits the first `N` bytes off `rest`, and returns them.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, following) = rest.split_first_chunk()?;
    *rest = following;
    Some(*first)
}

/// A count as the index stores it. An index is too small for a count above the maximum.
fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A segment that is open for reading.
pub(crate) struct Segment {
    pub(super) name: String,
    file: Box<dyn FileHandle>,
    stamp: Stamp,
    index: Entries,
    /// The number of each slice.
    numbers: HashMap<ContentId, u32>,
    /// Whether each slice has its digest; empty until this process checks it.
    soundness: Vec<OnceLock<bool>>,
    was_used: AtomicBool,
}

impl Segment {
    /// Opens the segment `name`. `None` where the file is no segment, incomplete, of another version, or not
    /// authenticated with `key`.
    pub(super) fn open(fs: &dyn FileSystem, name: &str, key: &UserKey) -> Option<Self> {
        let (file, stamp) = fs.open(&path_of(name)).ok()?;
        let index = read_index(&*file, stamp.size, key).ok()??;
        let numbers = (0..).zip(&index.slices).map(|(number, (id, _))| (*id, number)).collect();
        let soundness = index.slices.iter().map(|_| OnceLock::new()).collect();
        let (name, file, was_used) = (name.to_owned(), file, AtomicBool::new(false));
        Some(Self { name, file, stamp, index, numbers, soundness, was_used })
    }

    /// The size of the file, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.stamp.size
    }

    /// Whether the file has the stamp that it had when it was opened: nobody altered or removed it.
    pub(super) fn is_untouched(&self) -> bool {
        self.file.stamp().is_ok_and(|stamp| stamp == self.stamp)
    }

    /// Whether anything was read from it since [`forget_use`](Self::forget_use) was called.
    pub(super) fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    /// Notes that something is read from it.
    pub(super) fn note_use(&self) {
        self.was_used.store(true, Ordering::Relaxed);
    }

    /// Clears the note of [`note_use`](Self::note_use), once the order of use is recorded.
    pub(super) fn forget_use(&self) {
        self.was_used.store(false, Ordering::Relaxed);
    }

    /// The keys of its entries.
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.index.entries.keys()
    }

    /// What the index says of the slices of the entry `key`, the result first. Their bytes are not looked at.
    pub(super) fn slices(&self, key: &Key) -> Vec<ContentId> {
        let numbers = self.index.entries.get(key).into_iter().flatten();
        numbers.filter_map(|number| Some(self.index.slices.get(usize::try_from(*number).ok()?)?.0)).collect()
    }

    /// The slices of the entry `key`, the result first, if each of them has its digest.
    pub(super) fn entry(&self, key: &Key) -> Option<Vec<ContentId>> {
        let numbers = self.index.entries.get(key)?;
        numbers.iter().map(|number| self.sound(*number).map(|(id, _)| id)).collect()
    }

    /// Whether it holds `id` with the right digest.
    pub(super) fn holds(&self, id: ContentId) -> bool {
        self.numbers.get(&id).is_some_and(|number| self.sound(*number).is_some())
    }

    /// Fills `buffer` from `offset` of `id`. The caller makes sure that this is within `id`.
    ///
    /// # Errors
    ///
    /// The operating system's, and `NotFound` where the segment does not [hold](Self::holds) `id`.
    pub(super) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let found = self.numbers.get(&id).and_then(|number| self.sound(*number));
        let (_, start) = found.ok_or(io::ErrorKind::NotFound)?;
        self.file.read_exact_at(start + offset, buffer)
    }

    /// The slice `number` and its offset, if it has the digest that the index says. The digest is checked once in each
    /// process.
    fn sound(&self, number: u32) -> Option<(ContentId, u64)> {
        let number = usize::try_from(number).ok()?;
        let (&(id, offset), soundness) = self.index.slices.get(number).zip(self.soundness.get(number))?;
        let is_sound = || digest_at(&*self.file, offset, id.size).is_ok_and(|found| found == id.digest);
        soundness.get_or_init(is_sound).then_some((id, offset))
    }
}

/// Reads the index of the segment in `file`, which has `size` bytes. None where it is not authenticated with `key`.
fn read_index(file: &dyn FileHandle, size: u64, key: &UserKey) -> io::Result<Option<Entries>> {
    let Some(footer_start) = size.checked_sub(FOOTER_SIZE as u64).filter(|_| size <= MAX_BYTES) else {
        return Ok(None);
    };
    let (mut header, mut footer) = ([0; HEADER.len()], [0; FOOTER_SIZE]);
    file.read_exact_at(0, &mut header)?;
    file.read_exact_at(footer_start, &mut footer)?;
    let mut rest = &footer[..];
    let counts = take(&mut rest).zip(take(&mut rest)).zip(take(&mut rest)).zip(take(&mut rest));
    let Some((((index_size, slice_count), entry_count), code)) = counts else { return Ok(None) };
    let index_size = u64::from_le_bytes(index_size);
    let start = footer_start.checked_sub(index_size).filter(|start| *start >= HEADER_SIZE && index_size <= MAX_INDEX);
    let Some(start) = start.filter(|_| header == HEADER) else { return Ok(None) };
    let mut bytes = vec![0; usize::try_from(index_size).map_err(io::Error::other)?];
    file.read_exact_at(start, &mut bytes)?;
    bytes.extend_from_slice(&footer[..COUNTS_SIZE]);
    // Compared in constant time: the time of a comparison of bytes would reveal a part of the code.
    if authenticate(&bytes, key) != blake3::Hash::from_bytes(code) {
        return Ok(None);
    }
    bytes.truncate(bytes.len() - COUNTS_SIZE);
    Ok(Entries::parse(&bytes, u32::from_le_bytes(slice_count), u32::from_le_bytes(entry_count), start))
}

/// The code that proves, with `key`, that papack wrote `index` with the figures after it, in this version.
fn authenticate(index: &[u8], key: &UserKey) -> blake3::Hash {
    key.authenticator(Purpose::Segment).update(&HEADER).update(index).finalize()
}
