//! The result of `check`.

use papack_engine::{CheckResult, Status};
use papack_queries::diagnostic::Diagnostic;

use crate::render::report::Report;
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, seconds};

impl Report for CheckResult {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.status != Status::Success
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    fn allowed_count(&self) -> usize {
        self.allowed_diagnostic_count
    }

    fn human(&self) -> String {
        let seconds = seconds(self.elapsed_ms);
        match self.status {
            Status::Success => verb_line(GOOD, "Checked", &format!("{} in {seconds}", self.short())),
            Status::GateFailed => verb_line(BAD, "Failed", &format!("{} in {seconds}", self.short())),
            _ => verb_line(BAD, "Failed", &self.short()),
        }
    }

    fn short(&self) -> String {
        let faults = match (self.error_count, self.warning_count) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, warnings) => counted(warnings, "warning"),
            (errors, 0) => counted(errors, "error"),
            (errors, warnings) => format!("{} and {}", counted(errors, "error"), counted(warnings, "warning")),
        };
        match self.status {
            Status::Success | Status::GateFailed => {
                format!("{}: {faults}", counted(self.checked_asset_count, "asset"))
            }
            Status::Cancelled => "cancelled".into(),
            _ => "not checked: the operation failed".into(),
        }
    }
}
