//! What papack keeps between its processes, below `assets/.prometeu/cache/`. All of it may be lost at any time: that
//! costs time, and never changes a byte of the outputs.
//!
//! The [cache index](index) holds the build state and the clean runs of earlier operations. [Payloads](payloads) are
//! what they derived. Both are authenticated with the [`key`] of the user. Two small files are not: the order of use of
//! the segments, which only decides which of them go first, and the note of the lane, which only ends up in messages.
//! Nothing here knows when an operation reads or writes which of them.

mod folder;
pub(crate) mod index;
mod key;
pub(crate) mod payloads;

pub use key::{KeySource, UserKey};

pub(crate) use key::{Purpose, find_user_key, present_user_key};
