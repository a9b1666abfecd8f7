//! The result of `plan`.

use papack_engine::{PlanResult, Status};
use papack_queries::diagnostic::Diagnostic;

use super::decisions::{self, Verbs};
use super::pack::outdated_output;
use super::recovery::recovers;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, errors, seconds};

const VERBS: Verbs = Verbs { blocked: "blocked", derived: "derive", reused: "reuse" };

impl Report for PlanResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    fn human(&self) -> String {
        if self.status != Status::Success {
            return verb_line(BAD, "Failed", &self.short());
        }
        let mut lines = decisions::lines(&self.assets, VERBS);
        let summary = format!("{} in {}", self.short(), seconds(self.elapsed_ms));
        let style = if would_fail(self) { BAD } else { GOOD };
        lines.push(verb_line(style, "Planned", &summary));
        lines.extend(recovers(&self.recovers));
        lines.join("\n")
    }

    fn short(&self) -> String {
        let assets = counted(self.assets.len(), "asset");
        let failure = if would_fail(self) {
            format!("; a pack would fail: {}", errors(&self.diagnostics))
        } else {
            String::new()
        };
        match self.status {
            Status::Success if self.up_to_date && would_fail(self) => format!("{assets}: nothing to derive{failure}"),
            Status::Success if self.up_to_date => format!("{assets}: nothing to do"),
            Status::Success => {
                let mut parts = vec![
                    format!("{} to derive", self.derived_asset_count),
                    format!("{} to reuse", self.reused_asset_count),
                ];
                if self.blocked_asset_count > 0 {
                    parts.push(format!("{} blocked", self.blocked_asset_count));
                }
                match self.would_replace.as_deref() {
                    Some([]) => parts.push("no output to replace".into()),
                    Some(outputs) => {
                        let outputs: Vec<_> = outputs.iter().map(outdated_output).collect();
                        parts.push(format!("to replace: {}", outputs.join(", ")));
                    }
                    None => {}
                }
                format!("{assets}: {}{failure}", parts.join(", "))
            }
            Status::Cancelled => "cancelled".into(),
            _ => "not planned: the operation failed".into(),
        }
    }
}

/// Whether a pack would fail, for all that it need not derive.
fn would_fail(result: &PlanResult) -> bool {
    result.diagnostics.iter().any(Diagnostic::is_error)
}
