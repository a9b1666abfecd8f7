//! Writing a segment: the slices first, the index at the end.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;

use super::super::folder::make_folder;
use super::super::key::UserKey;
use super::limits::{FOLDER, Key, MAX_BYTES, MAX_INDEX};
use super::segment::{Entries, FOOTER_SIZE, HEADER, HEADER_SIZE, SLICE_SIZE, Segment, entry_size, path_of};
use crate::fs::{FileHandle, FileSystem, NodeKind, PIECE, create_locked, in_pieces};
use crate::operation::OperationId;

/// The end of the file name of a segment that is not complete. With it, the name is no valid name of a segment.
const SUFFIX: &str = ".new";

/// Bytes of the largest slice that is gathered with others: one large write takes the kernel much less time than many
/// small ones.
const LARGEST_GATHERED: usize = PIECE / 16;

/// A segment that is being written. If this is dropped before the segment is complete, the file is removed.
pub(super) struct SegmentWriter {
    fs: Arc<dyn FileSystem>,
    key: UserKey,
    file: Arc<dyn FileHandle>,
    name: String,
    /// The offset of the next slice.
    end: u64,
    /// The bytes before `end` that are not written yet.
    gathered: Vec<u8>,
    index: Entries,
    /// The number of each slice.
    numbers: HashMap<ContentId, u32>,
    /// Bytes of the index, without the footer.
    index_size: u64,
    /// Whether a slice could not be written, as on a full disk. Then the segment is never completed.
    failed: bool,
    completed: bool,
}

impl SegmentWriter {
    /// Creates the file, and the folders that it lies in.
    pub(super) fn begin(fs: &Arc<dyn FileSystem>, key: &UserKey) -> io::Result<Self> {
        make_folder(&**fs);
        if !matches!(fs.kind(Utf8Path::new(FOLDER)), Ok(Some(NodeKind::Folder))) {
            // A link or a file may be in its place.
            drop(fs.remove_file(Utf8Path::new(FOLDER)));
            fs.create_folder(Utf8Path::new(FOLDER))?;
        }
        let name = OperationId::random().map_err(io::Error::other)?.as_str().to_owned();
        let file: Arc<dyn FileHandle> = create_locked(&**fs, &unfinished(&name))?.into();
        let writer = Self {
            fs: Arc::clone(fs),
            key: key.clone(),
            file,
            name,
            end: HEADER_SIZE,
            gathered: Vec::new(),
            index: Entries::default(),
            numbers: HashMap::new(),
            index_size: 0,
            failed: false,
            completed: false,
        };
        writer.file.write_all_at(0, &HEADER)?;
        Ok(writer)
    }

    /// Copies the entry `key` of `segment` with its slices; nothing where one of them has not its digest.
    pub(super) fn adopt(&mut self, key: &Key, segment: &Segment) -> io::Result<()> {
        let Some(ids) = segment.entry(key) else { return Ok(()) };
        for id in &ids {
            if let Some((file, offset)) = self.reserve(*id)? {
                let copied = in_pieces(id.size, |within, piece| {
                    segment.read_at(*id, within, piece)?;
                    file.write_all_at(offset + within, piece)
                });
                self.add(*id, offset, copied)?;
            }
        }
        self.remember(key, &ids)
    }

    /// Whether `id` was written.
    pub(super) fn has(&self, id: ContentId) -> bool {
        self.numbers.contains_key(&id)
    }

    /// Takes the small `bytes` of `id`, which are written together with others. If there are too many of them, the caller
    /// has to write them itself, to the file and at the offset that are returned.
    pub(super) fn put(&mut self, id: ContentId, bytes: &[u8]) -> io::Result<Option<(Arc<dyn FileHandle>, u64)>> {
        if bytes.len() > LARGEST_GATHERED {
            return self.reserve(id);
        }
        if !self.has(id) {
            self.expect_room(id.size, SLICE_SIZE)?;
            if self.gathered.len() + bytes.len() > PIECE {
                self.write_gathered()?;
            }
            self.add(id, self.end, Ok(()))?;
            self.gathered.extend_from_slice(bytes);
            self.end += id.size;
        }
        Ok(None)
    }

    /// The `length` bytes at `offset` of the file, if they are not written yet.
    pub(super) fn unwritten(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = offset.checked_sub(self.end - self.gathered.len() as u64)?;
        self.gathered.get(usize::try_from(start).ok()?..)?.get(..length)
    }

    /// Writes what was gathered. If that fails, it can still be read.
    fn write_gathered(&mut self) -> io::Result<()> {
        if !self.gathered.is_empty() {
            let written = self.file.write_all_at(self.end - self.gathered.len() as u64, &self.gathered);
            self.failed |= written.is_err();
            written?;
            self.gathered.clear();
        }
        Ok(())
    }

    /// The file and the offset where `id` was written, or will be.
    pub(super) fn place(&self, id: ContentId) -> Option<(Arc<dyn FileHandle>, u64)> {
        let number = usize::try_from(*self.numbers.get(&id)?).ok()?;
        self.index.slices.get(number).map(|(_, offset)| (Arc::clone(&self.file), *offset))
    }

    /// Reserves room for `id`, and returns the file and the offset to write it at; `None` where it was written already.
    pub(super) fn reserve(&mut self, id: ContentId) -> io::Result<Option<(Arc<dyn FileHandle>, u64)>> {
        if self.has(id) {
            return Ok(None);
        }
        self.expect_room(id.size, SLICE_SIZE)?;
        self.write_gathered()?;
        let offset = self.end;
        self.end += id.size;
        Ok(Some((Arc::clone(&self.file), offset)))
    }

    /// Adds `id` at `offset` to the index, if `written` says that the write succeeded.
    pub(super) fn add(&mut self, id: ContentId, offset: u64, written: io::Result<()>) -> io::Result<()> {
        self.failed |= written.is_err();
        written?;
        // Another thread may have added the same slice meanwhile.
        if !self.numbers.contains_key(&id) {
            self.expect_room(0, SLICE_SIZE)?;
            let number = u32::try_from(self.index.slices.len()).map_err(io::Error::other)?;
            self.index.slices.push((id, offset));
            self.numbers.insert(id, number);
            self.index_size += SLICE_SIZE;
        }
        Ok(())
    }

    /// Adds the entry `key` with these slices, the result first.
    pub(super) fn remember(&mut self, key: &Key, slices: &[ContentId]) -> io::Result<()> {
        let numbers: Option<Box<[u32]>> = slices.iter().map(|id| self.numbers.get(id).copied()).collect();
        let numbers = numbers.ok_or(io::ErrorKind::NotFound)?;
        let size = entry_size(numbers.len());
        self.expect_room(0, size)?;
        if self.index.entries.insert(*key, numbers).is_none() {
            self.index_size += size;
        }
        Ok(())
    }

    /// Fails if there is no room for a slice of `size` bytes and `index_size` more bytes of index.
    fn expect_room(&self, size: u64, index_size: u64) -> io::Result<()> {
        let index_size = self.index_size + index_size;
        let total = self.end.checked_add(size).and_then(|end| end.checked_add(index_size + FOOTER_SIZE as u64));
        let fits = !self.failed && index_size <= MAX_INDEX && total.is_some_and(|total| total <= MAX_BYTES);
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    /// Writes the index, gives the file its final name and returns that. A segment without entries is not kept.
    pub(super) fn complete(mut self) -> io::Result<Option<String>> {
        if self.failed || self.index.entries.is_empty() {
            return Ok(None);
        }
        self.write_gathered()?;
        self.file.write_all_at(self.end, &self.index.to_bytes(&self.key))?;
        self.fs.rename(&unfinished(&self.name), &path_of(&self.name))?;
        self.completed = true;
        Ok(Some(self.name.clone()))
    }
}

impl Drop for SegmentWriter {
    fn drop(&mut self) {
        if !self.completed {
            drop(self.fs.remove_file(&unfinished(&self.name)));
        }
    }
}

/// The path of the segment `name` before it is complete.
fn unfinished(name: &str) -> Utf8PathBuf {
    path_of(&format!("{name}{SUFFIX}"))
}
