//! The result of `pack`.

use papack_engine::{PackResult, Status};
use papack_queries::diagnostic::{Code, Diagnostic};

use super::decisions::{self, Verbs};
use super::{BAD, GOOD, Report, counted, human_size, seconds, warnings};

const VERBS: Verbs = Verbs { blocked: "blocked", derived: "derived", reused: "reused" };

impl Report for PackResult {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.status != Status::Success
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    fn human(&self) -> String {
        let warnings = warnings(&self.diagnostics);
        let assets = counted(self.packed_asset_count, "asset");
        let size = human_size(self.payload_bytes);
        let seconds = seconds(self.elapsed_ms);
        let mut lines = self.explained.as_ref().map(|decisions| decisions::lines(decisions, VERBS)).unwrap_or_default();
        let summary = match self.status {
            Status::Success if self.up_to_date => {
                format!("{GOOD}  Up to date{GOOD:#} {assets}, {size}, in {seconds}{warnings}")
            }
            Status::Success => format!(
                "{GOOD}      Packed{GOOD:#} {assets}, {size}, in {seconds}{warnings}\n{GOOD}     Derived{GOOD:#} {}, {} \
             reused\n{GOOD}   Published{GOOD:#} {}/{} and {} companions",
                self.derived_asset_count, self.reused_asset_count, self.build_dir, self.assets_pa, 3
            ),
            _ => {
                let recovered = self.diagnostics.iter().any(|found| found.code == Code::PromotionCompleted);
                let unchanged = match self.status {
                    Status::PublicationFailed => "",
                    _ if recovered => "",
                    _ => "; build/ is as it was",
                };
                format!("{BAD}      Failed{BAD:#} {}{warnings}{unchanged}", self.short())
            }
        };
        lines.push(summary);
        lines.join("\n")
    }

    fn short(&self) -> String {
        let errors = self.diagnostics.iter().filter(|found| found.is_error()).count();
        match self.status {
            Status::Success if self.up_to_date => format!("up to date: {}", counted(self.packed_asset_count, "asset")),
            Status::Success => format!("packed {}", counted(self.packed_asset_count, "asset")),
            Status::GateFailed => format!("not packed: {}", counted(errors, "error")),
            Status::ExecutionFailed => "not packed: the operation failed".into(),
            Status::PublicationFailed => "not published: the outputs could not be made final".into(),
            Status::LaneBusy => "not packed: the workspace is busy".into(),
            Status::Cancelled => "cancelled".into(),
        }
    }
}
