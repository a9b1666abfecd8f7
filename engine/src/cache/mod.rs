//! What papack keeps between its processes, below `assets/.prometeu/cache/`. All of it may be lost at any time: that
//! costs time, and never changes a byte of the outputs.
//!
//! Everything in it is authenticated with the [`key`] of the user. The [cache index](index) holds the build state
//! and the clean runs of earlier operations. [Payloads](payloads) are what they derived. Nothing here knows when an
//! operation reads or writes which of them.

mod folder;
pub(crate) mod index;
mod key;
pub(crate) mod payloads;

pub use key::{KeySource, UserKey};

pub(crate) use key::find_user_key;
