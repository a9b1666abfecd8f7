//! What a result must provide to be shown.

use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use serde::Serialize;

/// The result of an operation. Programs get it as it is serialized.
pub trait Report: Serialize {
    /// Whether the diagnostics are about text files, so that line and column mean something to people.
    const IS_TEXT: bool;

    /// Whether the short form is an error, which is shown even with `--quiet`.
    fn is_failure(&self) -> bool;

    /// All diagnostics.
    fn diagnostics(&self) -> &[Diagnostic];

    /// How many diagnostics were allowed, and are not among them.
    fn allowed_count(&self) -> usize {
        0
    }

    /// The diagnostics that people are shown with the result.
    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        self.diagnostics().iter().filter(|diagnostic| !is_waiting_notice(diagnostic)).collect()
    }

    /// The result for people, with styles.
    fn human(&self) -> String;

    /// The result in one line, or a line for each item.
    fn short(&self) -> String;
}

/// Whether the diagnostic says that the operation waits for another one. It is shown while that is true, not
/// afterwards.
pub fn is_waiting_notice(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::LaneBusy && diagnostic.severity == Severity::Info
}
