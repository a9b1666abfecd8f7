//! Payloads of earlier operations, found again by the content key of their derivation.
//!
//! They lie in *segments*. A segment is a file that is written once; each operation that derives something writes one.
//! All may be lost: then payloads are derived again.

mod dead;
mod limits;
mod order;
mod segment;
mod segment_writer;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod upkeep;
mod writer;

pub(crate) use limits::{FOLDER, MAX_BYTES};
pub(crate) use store::Payloads;
pub(crate) use upkeep::{keep_within, remove_all_but};
pub(crate) use writer::PayloadWriter;
