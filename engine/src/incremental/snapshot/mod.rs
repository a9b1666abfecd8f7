//! The frozen snapshot: registry, manifests and artifact files, as salsa inputs. Of each file one content is taken.
//!
//! The build state of the last operation is compared with the workspace by stamps first. Only what may have changed is
//! read. An asset whose bytes turn out to be the same stays recorded. Only the others are loaded, or go into batches.

mod comparison;
mod files;
mod foretelling;
mod freeze;
mod frozen;
mod read_files;
mod reading;
mod unchanged;

pub(crate) use freeze::{freeze, survey};
pub(crate) use frozen::Snapshot;
