//! One workspace over several operations: what each of them leaves for the next, in memory and in the cache.
//!
//! A [`Session`] has few parts: the [core](crate::build) with files and database, the cache, the last outputs. Services run
//! [operations](Session::run) on it. Nothing here knows what any of them wants.

mod cache;
mod outputs;
mod racy;
mod remember;
mod state;

pub use state::Session;

pub(crate) use remember::replay;
