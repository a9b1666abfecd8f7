//! What an index holds, and how it is authenticated.

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Diagnostic, stored};
use serde::{Deserialize, Serialize};

use super::super::key::{Purpose, UserKey};
use super::sequence::{Sequence, size_of};
use crate::fs::{FileSystem, NodeKind, Stamp};
use crate::workspace::layout::CACHE;
use crate::workspace::{FileIndex, Filter, Generation, PublishedFile, Summary};

/// How a version is told from any other: by the program's and by that of this format.
pub(super) const VERSION_LINE: &str = concat!("papack ", env!("CARGO_PKG_VERSION"), " cache index 4\n");

/// How long the kernel may take to write what a program has written, in nanoseconds.
pub(super) const WRITE_BACK_NS: i64 = 60_000_000_000;

/// Bytes that an index may have: half a million assets take a quarter of it.
pub(super) const MAX_SIZE: u64 = 1024 * 1024 * 1024;

/// Bytes that the end may have, which is read as a whole before it is authenticated. The two conclusions on a million assets
/// have 6 MB, and what is told of them comes on top.
pub(super) const MAX_END: u64 = 64 * 1024 * 1024;

/// Bytes after the end: its size, and what authenticates it.
pub(super) const FRAME: usize = 40;

/// What is read of every index.
pub(crate) struct Head {
    pub(crate) seen: FileIndex,
    pub(crate) clean_runs: Vec<CleanRun>,
}

/// What is only needed when something changed.
#[derive(Default)]
pub(crate) struct IndexBody {
    pub(crate) summary: Summary,
    pub(crate) generation: Option<Generation>,
}

/// How an operation ended that found nothing wrong: it ends so again as long as nothing changes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CleanRun {
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
    pub(crate) published: Option<PublishedRun>,
}

/// What a pack published.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PublishedRun {
    pub(crate) outputs: [PublishedFile; 4],
    pub(crate) header_bytes: u64,
    pub(crate) payload_bytes: u64,
}

impl PublishedRun {
    /// Whether `found` are the stamps of outputs that nobody touched since.
    pub(crate) fn is_untouched(&self, found: &[Option<Stamp>; 4]) -> bool {
        self.outputs.iter().zip(found).all(|(output, found)| output.stamp.is_some() && output.stamp == *found)
    }
}

/// The end of an index. What is in a sequence is left out of its fields.
#[derive(Deserialize)]
pub(super) struct End {
    /// When it was written.
    pub(super) saved_ns: i64,
    pub(super) clean_runs: Vec<CleanRun>,
    pub(super) seen: FileIndex,
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
    /// Bytes of all of them.
    pub(super) fn size(&self) -> Option<u64> {
        let Self { folders, entries, assets, payloads } = self;
        size_of([folders, entries, assets, payloads].into_iter().flatten())
    }
}

/// Where the index lies, below the workspace.
pub(crate) fn path() -> Utf8PathBuf {
    Utf8Path::new(CACHE).join("index")
}

/// What is in the place of the index, by which another one in its place is noticed; none where nothing is.
pub(crate) fn found(fs: &dyn FileSystem) -> Option<(NodeKind, Stamp)> {
    fs.stat(Utf8Path::new(CACHE), &["index"]).ok()?.1.pop()?
}

/// What tells, with `key`, that `end` and the version are what papack wrote.
pub(super) fn authenticate(end: &[u8], key: &UserKey) -> blake3::Hash {
    key.authenticator(Purpose::Index).update(VERSION_LINE.as_bytes()).update(end).finalize()
}
