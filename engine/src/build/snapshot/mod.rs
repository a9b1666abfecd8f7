//! The frozen snapshot: registry, manifests and artifact files, each read at most once, as salsa inputs.
//!
//! What is known of the operation before is looked at by stamps first. Only what may have changed is read; an asset of
//! which that turns out to be the same stays at rest, and only the others become live, or go into batches.

mod compare;
mod files;
mod freeze;
mod frozen;
mod reading;
mod view;

pub(crate) use freeze::{freeze, survey};
pub(crate) use frozen::Snapshot;
