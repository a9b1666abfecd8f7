//! What several services do to find out what is wrong with a workspace.

use std::sync::Arc;

use papack_queries::diagnostic::{Diagnostic, Severity};

use crate::incremental::{Explanation, Outcomes, Snapshot, derive, freeze, pass_gate, report_gate};
use crate::operation::{Operation, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{DirtySet, Filter, WalkPolicy};

/// Freezes and derives what `policy` admits, and keeps no contents. `dirty_set` has what may have changed. Returns also
/// how many assets came to which outcome.
pub(super) fn freeze_and_derive(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    dirty_set: DirtySet,
    explanation: &mut Explanation,
) -> Result<(Snapshot, Outcomes), Stop> {
    let store = session.open_runtime_store();
    let dirty_set = session.read_cache(operation, dirty_set);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, &*store)?;
    let outcomes = derive(operation, core, policy, &mut snapshot, &*store, explanation)?;
    Ok((snapshot, outcomes))
}

/// Examines the whole workspace, and reports what is wrong with it and with the places of the outputs.
pub(super) fn examine(session: &mut Session, operation: &mut Operation<'_>) -> Result<Snapshot, Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let output_faults = recovery::output_faults(operation, &**session.fs())?;
    let dirty_set = session.detect_changes(operation, false)?;
    let (snapshot, _) = freeze_and_derive(session, operation, policy, dirty_set, &mut Explanation::new(false))?;
    report_gate(operation, &**session.fs(), session.core(), output_faults);
    operation.check_cancelled()?;
    Ok(snapshot)
}

/// Reports the `faults` that keep an operation from its work, and everything else that is wrong with the workspace.
/// Ends the operation if any of it is an error.
pub(super) fn explain_refusal(
    session: &mut Session,
    operation: &mut Operation<'_>,
    rehash: bool,
    faults: Vec<Diagnostic>,
    explanation: &mut Explanation,
) -> Result<(), Stop> {
    let policy = WalkPolicy::runtime(Filter::Included);
    let dirty_set = session.detect_changes(operation, rehash)?;
    freeze_and_derive(session, operation, policy, dirty_set, explanation)?;
    pass_gate(operation, &**session.fs(), session.core(), faults)
}

/// How many of `diagnostics` have this severity.
pub(super) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|found| found.severity == severity).count()
}
