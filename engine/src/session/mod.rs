//! One workspace over several operations: what each operation keeps for the next one, in memory and in the cache.
//!
//! A [`Session`] has few parts: the [core](crate::incremental) with build state and database, the cache, and the last
//! outputs. Services run [operations](Session::run) on it. Nothing here knows the purpose of an operation.

mod cache;
mod outputs;
mod racy;
mod remember;
mod settings;
mod state;

pub use state::Session;

pub(crate) use remember::replay;
