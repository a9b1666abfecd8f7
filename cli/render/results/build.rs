//! The result of one build of `watch`.

use papack_engine::{PackResult, Status};
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use crate::render::report::Report;
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, human_size, warnings};

/// The result of a pack, in one line: a watch shows many.
#[derive(Serialize)]
#[serde(transparent)]
pub struct BuildReport<'r>(pub &'r PackResult);

impl Report for BuildReport<'_> {
    const IS_TEXT: bool = PackResult::IS_TEXT;

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
        let BuildReport(result) = self;
        let assets = counted(result.packed_asset_count, "asset");
        let warnings = warnings(&result.diagnostics);
        match result.status {
            Status::Success if result.up_to_date => {
                verb_line(GOOD, "Up to date", &format!("{assets}, in {} ms{warnings}", result.elapsed_ms))
            }
            Status::Success => {
                let (derived, size) = (result.derived_asset_count, human_size(result.payload_bytes));
                let ms = result.elapsed_ms;
                verb_line(GOOD, "Packed", &format!("{assets}, {derived} derived, {size}, in {ms} ms{warnings}"))
            }
            _ => verb_line(BAD, "Failed", &format!("{}{warnings}", result.short())),
        }
    }

    fn short(&self) -> String {
        self.0.short()
    }
}
