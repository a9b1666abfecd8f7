//! The result of `check`.

use anstyle::Style;
use papack_engine::{AppliedFix, CheckResult, Status};

use super::recovery::recovers;
use crate::render::print::one_line;
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
        fix_lines(self).into_iter().chain([summary]).chain(recovers(&self.recovers)).collect::<Vec<_>>().join("\n")
    }

    fn short(&self) -> String {
        let faults = match (self.error_count, self.warning_count) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, warnings) => counted(warnings, "warning"),
            (errors, 0) => counted(errors, "error"),
            (errors, warnings) => counted(errors, "error") + &with_comma(warnings, "warning"),
        };
        let checked = match self.status {
            Status::Success | Status::GateFailed => {
                format!("{}: {faults}", counted(self.checked_asset_count, "asset"))
            }
            Status::Cancelled => "cancelled".into(),
            Status::LaneBusy => "not checked: the workspace is busy".into(),
            _ => "not checked: the operation failed".into(),
        };
        let fixes = counted(self.applied_fixes.len(), "fix");
        match self.applied_fixes.len() {
            0 => checked,
            _ if self.dry_run => format!("{fixes} would be applied; {checked}"),
            _ => format!("{fixes} applied; {checked}"),
        }
    }
}

/// A line for each fix that was applied, or would be.
fn fix_lines(result: &CheckResult) -> Vec<String> {
    let (style, verb) = if result.dry_run { (Style::new().bold(), "Would fix") } else { (GOOD, "Fixed") };
    let line = |AppliedFix { code, title, path }: &AppliedFix| {
        verb_line(style, verb, &format!("{}: {} [{code}]", one_line(path), one_line(title)))
    };
    let note = result.dry_run.then(|| verb_line(style, "Dry run", "nothing was written"));
    result.applied_fixes.iter().map(line).chain(note).collect()
}
