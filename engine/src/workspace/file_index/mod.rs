//! The file index: every name below `assets/`, with stamps and digests, as operations left it.
//!
//! It is compared with the file system by stamps alone, which gives the dirty set; what is dirty is listed and read again.

mod index;
mod listing;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use index::{FileIndex, Read};
pub(crate) use listing::ListingChanges;
pub(crate) use survey::DirtySet;
