//! Bytes behind content handles, for the time of one operation.
//!
//! An operation reads files into an [`OperationStore`] and derives payloads into it. Outputs are written from it. There
//! are two kinds. A [`PackingStore`] holds contents: in memory, in the draft of the next `assets.pa`, in a spool, in the
//! cache, or in the `assets.pa` that was published last. A [`RuntimeStore`] holds none: it digests them, and reads a file
//! again when its bytes are asked for; what it derives goes to the cache, or, for a session that writes nothing, to the
//! [`RecentPayloads`] of its process. What looks at a single file outside of an operation has a [`MemoryStore`]. Nothing here knows an asset, or why something is read.

mod draft;
mod keeping;
mod memory_store;
mod operation_store;
mod packing_store;
mod published;
mod recent_payloads;
mod runtime_store;
mod spool;

pub(crate) use draft::Draft;
pub(crate) use keeping::Keeping;
pub(crate) use memory_store::MemoryStore;
pub(crate) use operation_store::{OperationStore, PlacedContent, Placing};
pub(crate) use packing_store::PackingStore;
pub(crate) use published::Published;
pub(crate) use recent_payloads::Recent;
pub use recent_payloads::RecentPayloads;
pub(crate) use runtime_store::RuntimeStore;
