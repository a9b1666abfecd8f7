//! The index of the cache: what an operation saw and concluded, for the next process.
//!
//! ```text
//! index = version line · sequences · end · bytes of the end (u64, little-endian) · keyed BLAKE3 of line and end
//! sequences = folders · registry entries · assets · payloads
//! sequence = pieces, each with up to 1,024 items
//! ```
//!
//! The sequences are nearly all of it, and are known before anything is published: a pack writes them while it waits for the
//! disk. The end tells what is known when all is done, and size and digest of each piece, and so holds it all together: it
//! is authenticated, with the version line, and nothing is read before. An operation that has nothing to do reads the end
//! and the folders, and not the rest.
//!
//! It is one file, so that all is of one operation, renamed to its place when it is whole, and not flushed: what a power
//! cut leaves of it is recognized by its digests.

mod draft;
mod sequence;
#[cfg(test)]
mod tests;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Diagnostic, stored};
use serde::{Deserialize, Serialize};

use crate::cache::{Purpose, UserKey};
use crate::fs::{FileHandle, FileSystem, NodeKind, Stamp, booted_ns};
use crate::known::Facts;
use crate::lane::CACHE;
use crate::projection::Filter;
use crate::published::{Generation, PublishedFile};
use crate::seen::Seen;
use sequence::{Reader, Sequence, size_of};

pub(crate) use draft::Draft;

/// How a version is told from any other: by the program's and by that of this format.
const VERSION_LINE: &str = concat!("papack ", env!("CARGO_PKG_VERSION"), " cache index 4\n");

/// How long the kernel may take to write what a program has written, in nanoseconds.
const WRITE_BACK_NS: i64 = 60_000_000_000;

/// Bytes that an index may have: half a million assets take a quarter of it.
const MAX_SIZE: u64 = 1024 * 1024 * 1024;

/// Bytes that the end may have, which is read as a whole before it is authenticated. The two conclusions on a million assets
/// have 6 MB, and what is told of them comes on top.
const MAX_END: u64 = 64 * 1024 * 1024;

/// Bytes after the end: its size, and what authenticates it.
const FRAME: usize = 40;

/// What is read of every index.
pub(crate) struct Head {
    pub(crate) seen: Seen,
    pub(crate) conclusions: Vec<Conclusion>,
}

/// What is only needed when something changed.
#[derive(Default)]
pub(crate) struct Rest {
    pub(crate) facts: Facts,
    pub(crate) generation: Option<Generation>,
}

/// How an operation ended that found nothing wrong: it ends so again as long as nothing changes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Conclusion {
    /// Which assets it looked into.
    pub(crate) filter: Filter,
    /// Those assets.
    pub(crate) asset_ids: Vec<u32>,
    /// How many artifact files they have.
    pub(crate) file_count: usize,
    /// What was told at the gate.
    #[serde(with = "stored")]
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Of a pack, what was published.
    pub(crate) published: Option<Concluded>,
}

/// What a pack published.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Concluded {
    pub(crate) outputs: [PublishedFile; 4],
    pub(crate) header_bytes: u64,
    pub(crate) payload_bytes: u64,
}

impl Concluded {
    /// Whether `found` are the stamps of outputs that nobody touched since.
    pub(crate) fn is_untouched(&self, found: &[Option<Stamp>; 4]) -> bool {
        self.outputs.iter().zip(found).all(|(output, found)| output.stamp.is_some() && output.stamp == *found)
    }
}

/// The end of an index. What is in a sequence is left out of its fields.
#[derive(Deserialize)]
struct End {
    /// When it was written.
    saved_ns: i64,
    conclusions: Vec<Conclusion>,
    seen: Seen,
    facts: Facts,
    generation: Option<Generation>,
    sequences: Sequences,
}

/// The sequences, in the order in which they lie.
#[derive(Default, Serialize, Deserialize)]
struct Sequences {
    folders: Sequence,
    entries: Sequence,
    assets: Sequence,
    payloads: Sequence,
}

impl Sequences {
    /// Bytes of all of them.
    fn size(&self) -> Option<u64> {
        let Self { folders, entries, assets, payloads } = self;
        size_of([folders, entries, assets, payloads].into_iter().flatten())
    }
}

/// An index of which the head was read.
pub(crate) struct Opened {
    file: Box<dyn FileHandle>,
    /// Where the sequences begin that were not read.
    rest_at: u64,
    rest: Rest,
    sequences: Sequences,
}

/// Why there is nothing to go on from.
pub(crate) enum Unusable {
    /// There is no index.
    Missing,
    /// What is there is none, of another version, damaged, or not of this user's making.
    Foreign,
}

/// Where the index lies, below the workspace.
pub(crate) fn path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("index")
}

/// What is in the place of the index, by which another one in its place is noticed; none where nothing is.
pub(crate) fn found(fs: &dyn FileSystem) -> Option<(NodeKind, Stamp)> {
    fs.look(Utf8Path::new(CACHE), &["index"]).ok()?.1.pop()?
}

impl Opened {
    /// Opens the index of a workspace, where it is authenticated with `key`.
    pub(crate) fn open(fs: &dyn FileSystem, key: &UserKey) -> Result<(Self, Head), Unusable> {
        let (file, stamp) = fs.open(&path()).map_err(|error| match error.kind() {
            // Something else than a folder is in the place of the cache, or nobody may look into it.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
                Unusable::Missing
            }
            _ => Unusable::Foreign,
        })?;
        let end = read_end(&*file, stamp.size, key).ok_or(Unusable::Foreign)?;
        let End { saved_ns, conclusions, seen, facts, generation, sequences } = end;
        let mut reader = Reader { file: &*file, at: VERSION_LINE.len() as u64 };
        let folders = reader.read(&sequences.folders).ok_or(Unusable::Foreign)?;
        let rest_at = reader.at;
        let mut seen = Seen { folders: folders.collect(), ..seen };
        if !seen.is_below_assets() {
            return Err(Unusable::Foreign);
        }
        // A power cut may keep the new stamp of a file and lose its new content.
        if booted_ns().is_none_or(|booted| booted >= saved_ns) {
            seen.distrust(saved_ns.saturating_sub(WRITE_BACK_NS));
        }
        Ok((Self { file, rest_at, rest: Rest { facts, generation }, sequences }, Head { seen, conclusions }))
    }

    /// Reads what is only needed when something changed; none where it is damaged.
    pub(crate) fn rest(&mut self) -> Option<Rest> {
        let Self { file, rest_at, rest, sequences } = self;
        let mut rest = std::mem::take(rest);
        let mut reader = Reader { file: &**file, at: *rest_at };
        rest.facts.entries = reader.read(&sequences.entries)?.collect();
        rest.facts.assets = reader.read(&sequences.assets)?.collect();
        let payloads = reader.read(&sequences.payloads)?;
        if let Some(generation) = &mut rest.generation {
            generation.payloads = payloads.collect();
        }
        Some(rest)
    }
}

/// Reads the end of a file of `size` bytes, where that is an index, authenticated with `key`, the sequences of which fill it.
fn read_end(file: &dyn FileHandle, size: u64, key: &UserKey) -> Option<End> {
    let mut line = [0; VERSION_LINE.len()];
    file.read_exact_at(0, &mut line).ok()?;
    if line != VERSION_LINE.as_bytes() || size > MAX_SIZE {
        return None;
    }
    let frame_at = size.checked_sub(FRAME as u64)?;
    let mut frame = [0; FRAME];
    file.read_exact_at(frame_at, &mut frame).ok()?;
    let (length, code) = frame.split_at(8);
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let end_at = frame_at.checked_sub(length).filter(|at| *at >= line.len() as u64 && length <= MAX_END)?;
    let mut end = vec![0; usize::try_from(length).ok()?];
    file.read_exact_at(end_at, &mut end).ok()?;
    // Not compared as bytes: how long that takes would tell something of the code.
    if authenticate(&end, key) != blake3::Hash::from_slice(code).ok()? {
        return None;
    }
    let end: End = postcard::from_bytes(&end).ok()?;
    (end.sequences.size()? == end_at - line.len() as u64).then_some(end)
}

/// What tells, with `key`, that `end` and the version are what papack wrote.
fn authenticate(end: &[u8], key: &UserKey) -> blake3::Hash {
    key.authenticator(Purpose::Index).update(VERSION_LINE.as_bytes()).update(end).finalize()
}
