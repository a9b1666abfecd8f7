//! The draft: the new `assets.pa`, begun before it is known what is in it.
//!
//! Where the layout of the pack can be foretold, contents are written to their places in the draft while they are read.
//! Nothing of what was foretold is believed: when the outputs are staged, what lies where it is to lie stays, and all else is
//! copied there. A draft that cannot become the pack still holds the bytes that were written to it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fs::FileHandle;

/// A staged `assets.pa` that payloads are written to while they are read.
pub(crate) struct Draft {
    file: Arc<dyn FileHandle>,
    /// Bytes before the payloads, as was foretold.
    front_size: u64,
    /// Where the last of what was written ends.
    end: AtomicU64,
}

impl Draft {
    /// The draft in the empty `file`, of a pack with `front_size` bytes before its payloads.
    pub(super) fn new(file: Box<dyn FileHandle>, front_size: u64) -> Self {
        Self { file: file.into(), front_size, end: AtomicU64::new(0) }
    }

    /// The open file.
    pub(crate) fn file(&self) -> &Arc<dyn FileHandle> {
        &self.file
    }

    /// Whether it can become a pack of `size` bytes, of which `front_size` are before the payloads.
    pub(crate) fn fits(&self, front_size: u64, size: u64) -> bool {
        self.front_size == front_size && self.end.load(Ordering::Relaxed) <= size
    }

    /// Writes `bytes` at `offset`.
    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        // Also of a write that fails, some bytes may be there.
        self.end.fetch_max(offset + bytes.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(offset, bytes)
    }

    /// Has the disk write `size` bytes from `offset` on meanwhile, so that there is less to wait for at the end.
    pub(super) fn let_go(&self, offset: u64, size: u64) {
        self.file.let_go(offset, size);
    }
}
