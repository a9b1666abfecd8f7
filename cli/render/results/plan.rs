//! The result of `plan`.

use papack_engine::{PlanResult, Status};

use super::decisions::{self, Verbs};
use super::pack::outdated_output;
use super::recovery::recovers;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, seconds};

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
        lines.push(verb_line(GOOD, "Planned", &summary));
        lines.extend(recovers(&self.recovers));
        lines.join("\n")
    }

    fn short(&self) -> String {
        let assets = counted(self.assets.len(), "asset");
        match self.status {
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
                format!("{assets}: {}", parts.join(", "))
            }
            Status::Cancelled => "cancelled".into(),
            _ => "not planned: the operation failed".into(),
        }
    }
}
