//! The result of `doctor`.

use papack_engine::{ManageResult, Status};
use papack_queries::diagnostic::{Diagnostic, Severity};
use serde::Serialize;

use super::manage::change_lines;
use super::{BAD, GOOD, Report, counted};

/// What the doctor found and mended.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Examination(pub ManageResult);

impl Examination {
    /// What is left wrong.
    fn left(&self) -> String {
        let count = |severity| self.0.diagnostics.iter().filter(|found| found.severity == severity).count();
        format!("{}, {}", counted(count(Severity::Error), "error"), counted(count(Severity::Warning), "warning"))
    }
}

impl Report for Examination {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.0.is_failure()
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        self.0.diagnostics()
    }

    fn human(&self) -> String {
        let mut lines = change_lines(&self.0);
        lines.push(match self.0.status {
            Status::Success if lines.is_empty() => format!("{GOOD}     Healthy{GOOD:#} nothing is wrong"),
            Status::GateFailed => format!("{BAD}        Left{BAD:#} {}", self.left()),
            Status::Success if self.0.dry_run => format!("{GOOD}     Dry run{GOOD:#} nothing was written"),
            Status::Success => format!("{GOOD}      Mended{GOOD:#} nothing is wrong any more"),
            _ => return self.0.human(),
        });
        lines.join("\n")
    }

    fn short(&self) -> String {
        let is_unchanged = self.0.changes.is_empty();
        match self.0.status {
            Status::Success if is_unchanged => "nothing is wrong".into(),
            Status::GateFailed if is_unchanged => format!("left: {}", self.left()),
            Status::GateFailed => {
                let changes = counted(self.0.changes.len(), "change");
                let done = if self.0.dry_run { "would be made" } else { "made" };
                format!("{changes} {done}, left: {}", self.left())
            }
            _ => self.0.short(),
        }
    }
}
