//! How outputs get below `build/`: all of a generation or nothing, whatever happens meanwhile.
//!
//! ```text
//! Output ──stage──▶ build/.staging/<operation-id>/ ──journal──▶ coherent ──promote──▶ build/
//! ```
//!
//! Outputs and the store of their contents go in. Nothing here knows from which assets they were made, or why.

mod begun;
mod copy;
mod failure;
mod identity;
pub(crate) mod journal;
mod output;
mod places;
mod proof;
pub(crate) mod recovery;
mod stage;
mod staging;
mod standing;
mod writing;

pub(crate) use output::{Front, Output};
pub(crate) use proof::refusal;
pub(crate) use stage::{promote, stage};
pub(crate) use staging::{Clearing, Staging};
pub(crate) use standing::{Standing, changed_names, look_at_promoted, settle_sidecar, standings};
