//! What a cache index holds, and how it is authenticated.

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Diagnostic, stored};
use serde::{Deserialize, Serialize};

use super::super::key::{Purpose, UserKey};
use super::sequence::{Sequence, size_of};
use crate::fs::{FileSystem, NodeKind, Stamp};
use crate::workspace::layout::CACHE;
use crate::workspace::{FileIndex, Filter, Generation, PublishedFile, Read, Summary};

/// The first line of the file. It names the version of the program and that of this format.
pub(super) const VERSION_LINE: &str = concat!("papack ", env!("CARGO_PKG_VERSION"), " cache index 12\n");

/// How long the kernel may take to bring written bytes to the disk, in nanoseconds.
pub(super) const WRITE_BACK_NS: i64 = 60_000_000_000;

/// Bytes that a cache index may have. A million assets take half of that.
pub(super) const MAX_SIZE: u64 = 1024 * 1024 * 1024;

/// Bytes that the end may have: it is read as a whole before it is authenticated. Two clean runs of a million assets
/// have 6 MB, and their diagnostics come on top.
pub(super) const MAX_END: u64 = 64 * 1024 * 1024;

/// Bytes after the end: its size (8), and the code that authenticates it (32).
pub(super) const FRAME: usize = 40;

/// What every operation needs of the cache index.
pub(crate) struct IndexHead {
    /// The registry, where it was read.
    pub(crate) registry: Option<Read>,
    pub(crate) clean_runs: Vec<CleanRun>,
}

/// What an operation needs only when something changed.
#[derive(Default)]
pub(crate) struct IndexBody {
    pub(crate) file_index: FileIndex,
    pub(crate) summary: Summary,
    pub(crate) generation: Option<Generation>,
}

/// An operation that found nothing wrong. Its result stands while the dirty set is empty.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CleanRun {
    /// Which assets it admitted.
    pub(crate) filter: Filter,
    /// The assets that it admitted, in ascending order.
    pub(crate) asset_ids: Vec<u32>,
    /// Those of them that are faulty, in ascending order: assets outside the build set, of which it only warned.
    pub(crate) faulty_ids: Vec<u32>,
    /// How many artifact files these assets have.
    pub(crate) file_count: usize,
    /// What the gate reported.
    #[serde(with = "stored")]
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What it published, if it was a pack.
    pub(crate) published: Option<PublishedRun>,
}

/// What a pack published.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublishedRun {
    pub(crate) outputs: [PublishedFile; 4],
    pub(crate) header_bytes: u64,
    pub(crate) payload_bytes: u64,
}

impl PublishedRun {
    /// Whether `found` are the stamps that the outputs had when they were published.
    pub(crate) fn is_untouched(&self, found: &[Option<Stamp>; 4]) -> bool {
        self.outputs.iter().zip(found).all(|(output, found)| output.stamp.is_some() && output.stamp == *found)
    }
}

/// The end of a cache index. Its fields are without the items that are in a sequence.
#[derive(Deserialize)]
pub(super) struct End {
    /// When it was written, in nanoseconds since the Unix epoch.
    pub(super) saved_ns: i64,
    pub(super) clean_runs: Vec<CleanRun>,
    pub(super) file_index: FileIndex,
    pub(super) summary: Summary,
    pub(super) generation: Option<Generation>,
    pub(super) sequences: Sequences,
}

/// The sequences, in the order in which they lie.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Sequences {
    pub(super) folders: Sequence,
    pub(super) entries: Sequence,
    pub(super) assets: Sequence,
    pub(super) payloads: Sequence,
}

impl Sequences {
    /// Bytes of all of them together; none where that exceeds a `u64`.
    pub(super) fn size(&self) -> Option<u64> {
        let Self { folders, entries, assets, payloads } = self;
        size_of([folders, entries, assets, payloads].into_iter().flatten())
    }
}

/// The path of the cache index, below the workspace.
pub(crate) fn path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("index")
}

/// The kind and stamp of what is in the place of the cache index; none where nothing is. A session compares it to
/// detect that another process has replaced the file.
pub(crate) fn stat(fs: &dyn FileSystem) -> Option<(NodeKind, Stamp)> {
    fs.stat(Utf8Path::new(CACHE), &["index"]).ok()?.1.pop()?
}

/// The code that proves, with `key`, that papack wrote `end`, in this version.
pub(super) fn authenticate(end: &[u8], key: &UserKey) -> blake3::Hash {
    key.authenticator(Purpose::Index).update(VERSION_LINE.as_bytes()).update(end).finalize()
}
