//! What a change of documents came to.

use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::change::Change;
use crate::operation::{OperationId, Status, operation_result};

/// What a change of documents came to.
#[derive(Debug, Clone, Serialize)]
pub struct ManageResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended. `GATE_FAILED`: faults were in the way; of a migration, of some documents, which are as they were.
    pub status: Status,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// What was changed, in this order; in a dry run, what would be.
    pub changes: Vec<Change>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

operation_result!(ManageResult);
