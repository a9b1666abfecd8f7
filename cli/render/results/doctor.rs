//! The result of `doctor`.

use papack_engine::{ManageResult, Status};
use papack_queries::diagnostic::{Diagnostic, Severity};
use serde::Serialize;

use super::manage::change_lines;
use crate::render::report::Report;
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, errors};

/// The result of `doctor`, which says what is still wrong where other commands say what was changed.
#[derive(Serialize)]
#[serde(transparent)]
pub struct DoctorReport(pub ManageResult);

impl DoctorReport {
    /// How much is still wrong.
    fn remaining(&self) -> String {
        let is_warning = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Warning;
        let warnings = self.0.diagnostics.iter().filter(is_warning).count();
        format!("{}, {}", errors(&self.0.diagnostics), counted(warnings, "warning"))
    }
}

impl Report for DoctorReport {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.0.is_failure()
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        self.0.diagnostics()
    }

    fn allowed_count(&self) -> usize {
        self.0.allowed_diagnostic_count
    }

    fn human(&self) -> String {
        let mut lines = change_lines(&self.0);
        lines.push(match self.0.status {
            Status::Success if lines.is_empty() => verb_line(GOOD, "Healthy", "nothing is wrong"),
            Status::GateFailed => verb_line(BAD, "Left", &self.remaining()),
            Status::Success if self.0.dry_run => verb_line(GOOD, "Dry run", "nothing was written"),
            Status::Success => verb_line(GOOD, "Mended", "nothing is wrong any more"),
            _ => return self.0.human(),
        });
        lines.join("\n")
    }

    fn short(&self) -> String {
        let is_unchanged = self.0.changes.is_empty();
        match self.0.status {
            Status::Success if is_unchanged => "nothing is wrong".into(),
            Status::GateFailed if is_unchanged => format!("left: {}", self.remaining()),
            Status::GateFailed => {
                let changes = counted(self.0.changes.len(), "change");
                let done = if self.0.dry_run { "would be made" } else { "made" };
                format!("{changes} {done}, left: {}", self.remaining())
            }
            _ => self.0.short(),
        }
    }
}
