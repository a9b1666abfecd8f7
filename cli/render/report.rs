//! What a result must provide to be shown.

use papack_engine::{OperationResult, Status};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use serde::Serialize;

/// The result of an operation. Programs get it as it is serialized.
pub trait Report: Serialize {
    /// Whether the diagnostics are about text files, so that line and column mean something to people.
    const IS_TEXT: bool;

    /// How it ended.
    fn ended(&self) -> Ended<'_>;

    /// The diagnostics that people are shown with the result.
    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        self.ended().diagnostics.iter().filter(|diagnostic| !is_waiting_notice(diagnostic)).collect()
    }

    /// An error that is no diagnostic. Those who see only diagnostics would miss it.
    fn undiagnosed_error(&self) -> Option<String> {
        None
    }

    /// The result for people, with styles.
    fn human(&self) -> String;

    /// The result in one line, or a line for each item.
    fn short(&self) -> String;
}

/// How it ended, and with which diagnostics.
pub struct Ended<'r> {
    /// Whether the short form is an error, which is shown even with `--quiet`.
    pub is_failure: bool,
    /// All diagnostics.
    pub diagnostics: &'r [Diagnostic],
    /// How many more were allowed, and are not among them.
    pub allowed_count: usize,
}

/// What reports in formats of other tools are made of.
pub struct Outcome<'r> {
    /// The diagnostics that are shown.
    pub diagnostics: Vec<&'r Diagnostic>,
    /// The path of the workspace within the repository: empty, or ending in `/`.
    pub workspace: &'r str,
    /// Whether the diagnostics are about text files.
    pub is_text: bool,
    /// What failed, where that is no diagnostic.
    pub undiagnosed: Option<String>,
    /// Whether the operation failed.
    pub is_failure: bool,
    /// The result in one line, or a line for each item.
    pub summary: String,
}

impl<'r> Ended<'r> {
    /// How the operation with this `result` ended.
    pub fn of(result: &'r impl OperationResult) -> Self {
        Self {
            is_failure: result.status() != Status::Success,
            diagnostics: result.diagnostics(),
            allowed_count: result.allowed_diagnostic_count(),
        }
    }
}

/// Whether the diagnostic says that the operation waits for another one. It is shown while that is true, not
/// afterwards.
pub fn is_waiting_notice(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::LaneBusy && diagnostic.severity == Severity::Info
}
