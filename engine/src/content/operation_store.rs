//! What an operation reads into.

use std::io;

use camino::Utf8Path;
use papack_queries::content::{ContentId, ContentKey, ContentStore, Outcome};
use papack_queries::record::Record;

use crate::cache::payloads::Payloads;
use crate::fs::FileHandle;
use crate::workspace::FoundFile;

/// Where one operation keeps the contents that it reads and derives.
pub(crate) trait OperationStore: ContentStore {
    /// Takes the content of `file`, which is at `path`.
    fn take(&self, path: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId>;

    /// Takes bytes that were read already.
    fn ingest_bytes(&self, bytes: &[u8]) -> io::Result<ContentId>;

    /// Lets go of a content that was taken, once for each time that it was.
    fn release(&self, id: ContentId);

    /// Whether the bytes of the payload `id`, which consists of `slices`, are there for whatever the operation will do with
    /// them. It is that of the asset `asset_id` if nothing changed.
    fn holds(&self, asset_id: u32, id: ContentId, slices: &[ContentId]) -> bool;

    /// Reminds it of what is known: `outcome` is what comes of inputs with this key.
    fn offer_outcome(&self, key: ContentKey, outcome: Outcome);

    /// Remembers that `outcome` came of inputs with this key, for operations to come.
    fn remember(&self, _key: ContentKey, _outcome: &Outcome) {}

    /// Whether all bytes that `record`, that of the asset `asset_id`, speaks of are there.
    fn holds_record(&self, asset_id: u32, record: &Record) -> bool {
        record.payload.as_ref().is_none_or(|payload| self.holds(asset_id, payload.id, payload.slices()))
    }
}

/// What `payloads` remember of inputs with this key.
pub(crate) fn recall_cached(payloads: &Payloads, key: ContentKey) -> Option<Outcome> {
    postcard::from_bytes(&payloads.recall(&key.0.0)?).ok()
}
