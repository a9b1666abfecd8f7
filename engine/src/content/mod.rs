//! Bytes behind content handles, for the time of one operation.
//!
//! An operation reads files into a [store](Keeper) and derives payloads into it, and outputs are written from it. One kind
//! holds contents, in memory, in a spool, in the cache, or in the `assets.pa` that was published last; the other only looks
//! at them. Nothing here knows an asset, or why something is read.

mod keeper;
mod probe;
mod published;
mod spool;
mod store;

pub(crate) use keeper::Keeper;
pub(crate) use probe::Probe;
pub(crate) use published::Published;
pub(crate) use store::Store;
