//! Publishing: how outputs get into `build/`. All of a generation is published or nothing, whatever happens meanwhile.
//!
//! ```text
//! Output ──stage──▶ build/.staging/<operation-id>/ ──journal──▶ coherent ──promote──▶ build/
//! ```
//!
//! The input is outputs, and the store with their contents. Nothing here knows from which assets they were made, or
//! why.

mod copy;
pub(crate) mod cut_short;
mod failure;
mod identity;
pub(crate) mod journal;
mod output;
mod output_state;
mod output_writer;
mod places;
mod readback;
pub(crate) mod recovery;
mod stage;
mod staging;
mod writing;

pub(crate) use output::{Front, Output};
pub(crate) use output_state::{
    OutputState, changed_names, output_states, recheck_sidecar, restamp_promoted, settle_sidecar,
};
pub(crate) use readback::refusal;
pub(crate) use stage::{promote, stage};
pub(crate) use staging::{Staging, StagingGuard};
