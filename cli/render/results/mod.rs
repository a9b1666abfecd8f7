//! The results of the operations, a file for each: how one looks to people, in full and in few words. `decisions.rs`
//! has the part that `pack` and `plan` share.
//!
//! Each implements `Report` for a result of the engine, and makes text only; `Printer` prints it.

mod budget;
mod build;
mod cache;
mod check;
mod convert;
mod decisions;
mod diff;
mod doctor;
mod extract;
mod inspect;
mod list;
mod manage;
mod pack;
mod picture;
mod plan;
mod recovery;
mod registry;
mod reproduce;
mod status;
mod verify;

pub use budget::BudgetReport;
pub use build::BuildReport;
pub use doctor::DoctorReport;
pub use manage::ProposalReport;
