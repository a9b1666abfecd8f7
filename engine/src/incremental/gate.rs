//! The gate: it reports everything that is wrong with a snapshot, before any output is made of it.

use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::pack::gate;

use crate::operation::{Operation, Status, Stop};

/// Reports `more`, and then what is wrong with the snapshot in `db`. Any error among these ends the operation.
pub(crate) fn pass_gate(operation: &mut Operation<'_>, db: &Database, more: Vec<Diagnostic>) -> Result<(), Stop> {
    let error_count = report_gate(operation, db, more);
    operation.check_cancelled()?;
    if error_count > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
}

/// Reports `more`, and then what is wrong with the snapshot in `db`, and returns how many errors there are.
pub(crate) fn report_gate(operation: &mut Operation<'_>, db: &Database, mut more: Vec<Diagnostic>) -> usize {
    let _step = operation.step("gate");
    more.extend_from_slice(gate(db, db.workspace()));
    operation.finish_gate(more)
}
