//! The result of `verify --reproduce`.

use papack_engine::{Listing, Packing, ReproduceResult, Status};
use papack_queries::diagnostic::Diagnostic;

use crate::render::report::Report;
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, errors, human_size, seconds};

impl Report for ReproduceResult {
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
        let (style, verb) = if self.status == Status::Success { (GOOD, "Reproduced") } else { (BAD, "Failed") };
        let mut text = verb_line(style, verb, &self.short());
        if self.status == Status::Success {
            text += &format!(" in {}", seconds(self.elapsed_ms));
        }
        for (index, packing) in self.packings.iter().enumerate() {
            text += &format!("\n{:13}packing {}: {}", "", index + 1, description(packing));
        }
        if let Some(up_to_date) = self.build_up_to_date {
            let comparison = if up_to_date { "is up to date: compared too" } else { "is not up to date: not compared" };
            text += &format!("\n{:13}build/ {comparison}", "");
        }
        if let Some(digest) = self.content_blake3 {
            text += &format!("\n{:13}content {digest}", "");
        }
        text
    }

    fn short(&self) -> String {
        let packings = counted(self.packings.len(), "packing");
        match self.status {
            Status::Success => {
                let (assets, size) = (counted(self.packed_asset_count, "asset"), human_size(self.output_bytes));
                format!("{assets}, {size}, the same in {packings}")
            }
            Status::GateFailed if !self.differences.is_empty() => {
                format!("not reproducible: {} in {packings}", counted(self.differences.len(), "difference"))
            }
            Status::GateFailed => format!("not compared: {}", errors(&self.diagnostics)),
            Status::LaneBusy => "not compared: the workspace is busy".into(),
            Status::Cancelled => "cancelled".into(),
            Status::ExecutionFailed | Status::PublicationFailed => "not compared: the operation failed".into(),
        }
    }
}

/// How the workspace was packed.
fn description(packing: &Packing) -> String {
    let threads = counted(packing.threads, "thread");
    let listing = match packing.listing {
        Listing::AsFound => "folders as found",
        Listing::Reordered => "folders reordered",
    };
    format!("{threads}, {listing}, {} derived, {} reused", packing.derived_asset_count, packing.reused_asset_count)
}
