//! Budgets held against sizes: `docs/spec/inputs.md` says what a budget is and what it counts.
//!
//! ```text
//! Sizes: of each asset of a pack, and of the whole ──▶ Meter ──Measured, for each Budget──▶ judge: diagnostics
//! ```
//!
//! [`Sizes`] come from a workspace or from a pack. This folder knows neither, nor any query.

mod judge;
mod meter;
mod sizes;

pub use judge::judge;
pub use meter::{Measured, Meter};
pub use sizes::{Baseline, SizedAsset, Sizes};
