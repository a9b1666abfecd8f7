//! The content store: file and payload bytes, held as content handles.
//!
//! Bytes do not belong in salsa values: they could neither be bounded nor dropped within a revision. The database holds
//! a [`ContentId`], and queries read the bytes behind it through [`ContentStore`], which the engine implements. The
//! handle names its bytes completely, so a query that reads through it stays a pure function.
//!
//! This folder knows no format, no document and no query.

mod handle;
mod harmless;
mod outcome;
mod store;

pub use handle::{ContentId, ContentKey, Digest};
pub use harmless::{LOOKED_AT, is_harmless};
pub use outcome::{Outcome, Payload};
pub use store::ContentStore;
