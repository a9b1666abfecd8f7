//! How events, diagnostics and results are shown, to people and to programs.
//!
//! `set_up` takes the user's wishes once. A `Printer` then shows one operation in the chosen format; each result says
//! in its file of `results` how it looks. All text leaves through `print.rs`. Nothing here runs a service or decides on
//! an exit code, except for usage errors.

mod clap_error;
mod columns;
mod excerpt;
mod explained;
mod github;
mod human;
pub mod json;
mod junit;
mod location;
mod markdown;
mod markdown_table;
mod outcomes;
mod print;
mod printer;
mod progress;
mod refusal;
mod report;
mod results;
mod sarif;
mod settings;
mod short;
mod styles;
mod watch;
mod words;

pub use clap_error::{print_clap_error, with_place_of_directory};
pub use explained::{families, sections};
pub use github::path_in_repository;
pub use markdown::{Section, print_families, print_section};
pub use print::{
    eprint_line, eprint_notice, is_unprintable, one_line, print_bytes, print_error, print_line, shortened,
};
pub use printer::{Printer, print_diagnostics, show};
pub use refusal::{RefusalStatus, print_refusal, set_refusals};
pub use report::Report;
pub use results::{BudgetReport, DoctorReport, ProposalReport};
pub use settings::{Audience, Reader, set_color, set_up};
pub use styles::error_label;
pub use watch::WatchPrinter;
