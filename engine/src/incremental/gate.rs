//! The gate: it reports everything that is wrong with a snapshot, before any output is made of it.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::pack::gate;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::edit::add_registry_fixes;

use super::budgets::report_budgets;
use super::core::Core;
use crate::fs::FileSystem;
use crate::operation::{Operation, Status, Stop};

/// Reports `more`, and then what is wrong with the snapshot in `core`. Any error among these ends the operation.
pub(crate) fn pass_gate(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &Core,
    more: Vec<Diagnostic>,
) -> Result<(), Stop> {
    let error_count = report_gate(operation, fs, core, more);
    operation.check_cancelled()?;
    if error_count > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
}

/// Reports `more`, and then what is wrong with the snapshot in `core`, and returns how many errors there are. Budgets are
/// judged where nothing of it is an error.
pub(crate) fn report_gate(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &Core,
    mut more: Vec<Diagnostic>,
) -> usize {
    let _step = operation.step("gate");
    let db = &core.graph.db;
    more.extend_from_slice(gate(db, db.workspace()));
    fix_registry(&mut more, fs, core);
    if !more.iter().any(Diagnostic::is_error) {
        report_budgets(operation, &core.state, |_| None);
    }
    operation.finish_gate(more)
}

/// Makes edits of the fixes of the registry, where there are any and the registry is still as it was read.
pub(crate) fn fix_registry(found: &mut [Diagnostic], fs: &dyn FileSystem, core: &Core) {
    if found.iter().any(|found| found.fixes.has_of_registry())
        && let Some(text) = core.text(fs, REGISTRY_PATH)
    {
        add_registry_fixes(found, &text);
    }
}
