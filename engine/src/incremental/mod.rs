//! The incremental core: from what may have changed in a workspace to its outputs.
//!
//! ```text
//! survey ──dirty set──▶ freeze ──snapshot──▶ derive ──▶ gate ──▶ assemble
//! ```
//!
//! Each stage is a function of its arguments: the [core](core::Core) that a session keeps, the operation that it works
//! for, and a store for contents. Nothing here writes to the workspace, or knows which service calls it.

mod assemble;
mod batch;
mod beside_assets;
mod budgets;
mod core;
mod decision;
mod derive;
mod gate;
mod graph;
mod snapshot;

pub use decision::{Decision, DecisionOutcome, Reason};

pub(crate) use assemble::{Assembly, assemble};
pub(crate) use beside_assets::FilesBeside;
pub(crate) use budgets::{report_budgets, sizes};
pub(crate) use core::Core;
pub(crate) use decision::{Causes, Explanation, reused_decisions};
pub(crate) use derive::{Outcomes, derive, derive_changed, emit_unchanged, unchanged_assets};
pub(crate) use gate::{fix_registry, pass_gate, report_gate};
pub(crate) use snapshot::{Snapshot, freeze, survey};
