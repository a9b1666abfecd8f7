//! The result of `pack`.

use papack_engine::{FoundOutput, OutdatedOutput, PackResult, Status};

use super::decisions::{self, Verbs};
use super::recovery::{recovered, recovers};
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, errors, human_size, seconds, warnings};

const VERBS: Verbs = Verbs { blocked: "blocked", derived: "derived", reused: "reused" };

impl Report for PackResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    /// That outputs are outdated has no code.
    fn undiagnosed_error(&self) -> Option<String> {
        is_outdated(self).then(|| self.short())
    }

    fn human(&self) -> String {
        let warnings = warnings(&self.diagnostics);
        let assets = counted(self.packed_asset_count, "asset");
        let size = human_size(self.payload_bytes);
        let seconds = seconds(self.elapsed_ms);
        let mut lines = self.explained.as_ref().map(|decisions| decisions::lines(decisions, VERBS)).unwrap_or_default();
        let summary = match self.status {
            Status::GateFailed if is_outdated(self) => verb_line(BAD, "Outdated", &outdated(self)),
            Status::Success if self.up_to_date => {
                verb_line(GOOD, "Up to date", &format!("{assets}, {size}, in {seconds}{warnings}"))
            }
            Status::Success => {
                let derived = format!("{}, {} reused", self.derived_asset_count, self.reused_asset_count);
                let published = format!("{}/{} and 3 companions", self.build_dir, self.assets_pa);
                [
                    verb_line(GOOD, "Packed", &format!("{assets}, {size}, in {seconds}{warnings}")),
                    verb_line(GOOD, "Derived", &derived),
                    verb_line(GOOD, "Published", &published),
                ]
                .join("\n")
            }
            _ => {
                // Completing an earlier promotion changes build/, whatever comes of the pack itself.
                let may_have_changed = !self.recovered.is_empty() || self.status == Status::PublicationFailed;
                let unchanged = if may_have_changed { "" } else { "; build/ is as it was" };
                verb_line(BAD, "Failed", &format!("{}{warnings}{unchanged}", self.short()))
            }
        };
        lines.extend(recovered(GOOD, &self.recovered));
        lines.push(summary);
        lines.extend(self.recovers.as_deref().and_then(recovers));
        lines.join("\n")
    }

    fn short(&self) -> String {
        match self.status {
            Status::Success if self.up_to_date => format!("up to date: {}", counted(self.packed_asset_count, "asset")),
            Status::Success => format!("packed {}", counted(self.packed_asset_count, "asset")),
            Status::GateFailed if is_outdated(self) => format!("not up to date: {}", outdated(self)),
            Status::GateFailed => format!("not packed: {}", errors(&self.diagnostics)),
            Status::ExecutionFailed => "not packed: the operation failed".into(),
            Status::PublicationFailed => "not published: the outputs could not be made final".into(),
            Status::LaneBusy => "not packed: the workspace is busy".into(),
            Status::Cancelled => "cancelled".into(),
        }
    }
}

/// Whether the outputs were compared, and some are not what a pack would give.
fn is_outdated(result: &PackResult) -> bool {
    result.would_replace.as_ref().is_some_and(|outputs| !outputs.is_empty())
}

/// What is in the places of the outputs that a pack would replace, and what to do.
fn outdated(result: &PackResult) -> String {
    let outputs = result.would_replace.iter().flatten();
    let outputs: Vec<_> = outputs.map(|output| format!("{}/{}", result.build_dir, outdated_output(output))).collect();
    let them = if outputs.len() == 1 { "it" } else { "them" };
    format!("{}; papack pack replaces {them}", outputs.join(", "))
}

/// An output that a pack would replace, and what is in its place.
pub fn outdated_output(output: &OutdatedOutput) -> String {
    let found = match output.found {
        FoundOutput::Missing => "is missing",
        FoundOutput::Different => "differs",
    };
    format!("{} {found}", output.name)
}
