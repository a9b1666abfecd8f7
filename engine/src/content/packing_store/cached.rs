//! The half of the store that outlives the operation.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use papack_queries::content::ContentId;

use crate::cache::payloads::{PayloadWriter, Payloads};

/// The payloads that outlive the operation.
pub(super) struct Cached {
    pub(super) payloads: Arc<Payloads>,
    pub(super) writer: PayloadWriter,
    /// Whether a write failed. From then on nothing is written; what was written before can still be read.
    is_broken: AtomicBool,
}

impl Cached {
    /// Those of earlier operations are `payloads`.
    pub(super) fn new(payloads: Arc<Payloads>) -> Self {
        Self { writer: PayloadWriter::new(Arc::clone(&payloads)), payloads, is_broken: AtomicBool::new(false) }
    }

    /// Keeps `bytes`, if they can be written.
    pub(super) fn put(&self, bytes: &[u8]) -> Option<ContentId> {
        if self.is_broken.load(Ordering::Relaxed) {
            return None;
        }
        let put = self.writer.put(bytes).ok();
        self.is_broken.fetch_or(put.is_none(), Ordering::Relaxed);
        put
    }

    pub(super) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if self.writer.holds(id) {
            self.writer.read_at(id, offset, buffer)
        } else {
            self.payloads.read_at(id, offset, buffer)
        }
    }
}
