//! The result of `check`.

use papack_engine::{CheckResult, Status};

use super::recovery::recovers;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, seconds, with_comma};

impl Report for CheckResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    fn human(&self) -> String {
        let seconds = seconds(self.elapsed_ms);
        let summary = match self.status {
            Status::Success => verb_line(GOOD, "Checked", &format!("{}, in {seconds}", self.short())),
            Status::GateFailed => verb_line(BAD, "Failed", &format!("{}, in {seconds}", self.short())),
            _ => verb_line(BAD, "Failed", &self.short()),
        };
        [summary].into_iter().chain(recovers(&self.recovers)).collect::<Vec<_>>().join("\n")
    }

    fn short(&self) -> String {
        let faults = match (self.error_count, self.warning_count) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, warnings) => counted(warnings, "warning"),
            (errors, 0) => counted(errors, "error"),
            (errors, warnings) => counted(errors, "error") + &with_comma(warnings, "warning"),
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
