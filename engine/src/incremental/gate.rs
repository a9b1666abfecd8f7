//! The gate: it reports everything that is wrong with a snapshot, before any output is made of it.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::pack::gate;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::edit::add_registry_fixes;

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
    let _step = operation.step("gate");
    let mut all = with_faults(more, core);
    // Fixes of the registry take its whole text, which a pack that goes on has no time for.
    if all.iter().any(Diagnostic::is_error) {
        fix_registry(&mut all, fs, core);
    }
    let error_count = operation.finish_gate(all);
    operation.check_cancelled()?;
    if error_count > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
}

/// Reports `more`, and then what is wrong with the snapshot in `core`, with every fix. Returns how many errors there are.
pub(crate) fn report_gate(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &Core,
    more: Vec<Diagnostic>,
) -> usize {
    let _step = operation.step("gate");
    let mut all = with_faults(more, core);
    fix_registry(&mut all, fs, core);
    operation.finish_gate(all)
}

fn with_faults(mut more: Vec<Diagnostic>, core: &Core) -> Vec<Diagnostic> {
    let db = &core.graph.db;
    more.extend_from_slice(gate(db, db.workspace()));
    more
}

/// Makes edits of the fixes of the registry, where there are any and the registry is still as it was read.
fn fix_registry(found: &mut [Diagnostic], fs: &dyn FileSystem, core: &Core) {
    if found.iter().any(|found| found.fixes.has_of_registry())
        && let Some(text) = core.text(fs, REGISTRY_PATH)
    {
        add_registry_fixes(found, &text);
    }
}
