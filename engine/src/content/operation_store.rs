//! The store of one operation.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::content::{ContentId, ContentKey, ContentStore, LOOKED_AT, Outcome};
use papack_queries::record::Record;

use crate::cache::payloads::{PayloadWriter, Payloads};
use crate::fs::{FileHandle, PIECE};
use crate::workspace::FoundFile;

/// The first piece of a content tells whether it is harmless.
const _: () = assert!(PIECE >= LOOKED_AT, "a piece holds all that is looked at");

/// Where one operation keeps the contents that it reads and derives.
pub(crate) trait OperationStore: ContentStore {
    /// Reads the content of `file`, which is at `path`, into the store.
    fn take(&self, path: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId>;

    /// The store as one that keeps contents where the pack will have them, if it can do that.
    fn placing(&self) -> Option<&dyn Placing> {
        None
    }

    /// Takes bytes that the caller has read already.
    fn ingest_bytes(&self, bytes: &Arc<[u8]>) -> io::Result<ContentId>;

    /// Releases a content that was taken. The caller does this at most once for each time that it took it.
    fn release(&self, id: ContentId);

    /// Whether the operation can get the bytes of the payload `id`, which consists of `slices`, when it needs them.
    /// `asset_id` says where to look in the published pack.
    fn holds(&self, asset_id: u32, id: ContentId, slices: &[ContentId]) -> bool;

    /// Adds an outcome that an earlier operation recorded: inputs with this key give `outcome`.
    fn offer_outcome(&self, key: ContentKey, outcome: Outcome);

    /// Keeps `outcome` for later operations: inputs with this key gave it.
    fn remember(&self, _key: ContentKey, _outcome: &Outcome) {}

    /// Whether [`holds_record`](Self::holds_record) is true of every record, so that nobody has to ask.
    fn holds_all_records(&self) -> bool {
        false
    }

    /// Whether the store holds all bytes that `record` names. It is the record of the asset `asset_id`.
    fn holds_record(&self, asset_id: u32, record: &Record) -> bool {
        record.payload.as_ref().is_none_or(|payload| self.holds(asset_id, payload.id, payload.slices()))
    }
}

/// A store that can write contents to their places in the new `assets.pa` while they are read. Places are offsets from the
/// start of that file, in bytes.
pub(crate) trait Placing: Sync {
    /// Begins the file, of which `front_size` bytes will come before the payloads, as was foretold. Returns whether it
    /// could be made. If not, nothing can be placed.
    fn begin(&self, front_size: u64) -> bool;

    /// Puts `bytes` to their place at `start`. The `contents` among them, which the caller has read, are taken into the
    /// store. What lies between those is of no meaning, and is written over when the outputs are.
    fn place(&self, start: u64, bytes: &[u8], contents: &[PlacedContent]) -> io::Result<()>;

    /// As [`OperationStore::take`], for a content whose place is at `start`. The caller uses each place once: what was
    /// written there may be in use.
    fn take_to(&self, start: u64, path: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId>;
}

/// A content among bytes that are placed.
pub(crate) struct PlacedContent {
    /// Where it begins in these bytes.
    pub(crate) at: usize,
    /// Its handle, made of the very bytes.
    pub(crate) id: ContentId,
}

/// The outcome that `payloads` have for inputs with this key.
pub(crate) fn recall_cached(payloads: &Payloads, key: ContentKey) -> Option<Outcome> {
    postcard::from_bytes(&payloads.recall(&key.0.0)?).ok()
}

/// Keeps the `outcome` of inputs with this key in the cache, if `writer` has the bytes of its payload.
pub(super) fn remember_in(writer: &PayloadWriter, key: ContentKey, outcome: &Outcome) {
    let Some(payload) = &outcome.payload else { return };
    // A payload that consists of its input files is not kept: whoever has the files has the payload.
    if payload.slices.iter().all(|slice| writer.holds(*slice))
        && let Ok(result) = postcard::to_allocvec(outcome)
    {
        writer.remember(&key.0.0, &result, &payload.slices);
    }
}
