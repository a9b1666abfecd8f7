//! The file index: every name below `assets/`, with stamps and digests, as the last operation found them.
//!
//! The next operation compares it with the file system by stamps alone. That gives the dirty set, which is listed and
//! read again.

mod index;
mod listing;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use index::{FileIndex, Read};
pub(crate) use listing::ListingChanges;
pub(crate) use survey::DirtySet;
