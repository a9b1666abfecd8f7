//! The result of a change of documents.

use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::change::Change;
use crate::operation::{OperationId, Status, operation_result};

/// The result of a change of documents.
#[derive(Debug, Clone, Serialize)]
pub struct ManageResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended. `GATE_FAILED`: faults kept it from changing anything; or, in a migration, from migrating some
    /// documents.
    pub status: Status,
    /// Whether it was a dry run, which writes nothing.
    pub dry_run: bool,
    /// What was changed, in order; in a dry run, what would be.
    pub changes: Vec<Change>,
    /// The outputs that it first made final by completing a promotion that was cut short; in a dry run of the doctor's
    /// cure, that it would. Empty if there is none.
    pub recovered: Vec<&'static str>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

operation_result!(ManageResult);
