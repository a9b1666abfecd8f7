//! Bytes behind content handles, for the time of one operation.
//!
//! An operation reads files into a [store](OperationStore) and derives payloads into it, and outputs are written from it. One kind
//! holds contents, in memory, in a spool, in the cache, or in the `assets.pa` that was published last; the other only looks
//! at them. Nothing here knows an asset, or why something is read.

mod operation_store;
mod packing_store;
mod published;
mod runtime_store;
mod spool;

pub(crate) use operation_store::OperationStore;
pub(crate) use packing_store::PackingStore;
pub(crate) use published::Published;
pub(crate) use runtime_store::RuntimeStore;
