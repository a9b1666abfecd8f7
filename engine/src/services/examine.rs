//! What several services do to find out what is wrong with a workspace.

use std::sync::Arc;

use papack_queries::diagnostic::{Diagnostic, Severity};

use crate::content::RuntimeStore;
use crate::incremental::{Explanation, Outcomes, Snapshot, derive, freeze, pass_gate, report_gate};
use crate::operation::{Operation, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{DirtySet, Filter, WalkPolicy};

/// Freezes and derives what `policy` admits, with a store that keeps nothing in the cache. `dirty_set` has what may have changed.
/// Returns also how many assets came to which outcome.
pub(super) fn freeze_and_derive(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    dirty_set: DirtySet,
    explanation: &mut Explanation,
) -> Result<(Snapshot, Outcomes), Stop> {
    let store = session.open_runtime_store();
    let dirty_set = session.read_cache(operation, dirty_set);
    freeze_and_derive_into(session, operation, policy, dirty_set, &store, explanation)
}

fn freeze_and_derive_into(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    dirty_set: DirtySet,
    store: &RuntimeStore,
    explanation: &mut Explanation,
) -> Result<(Snapshot, Outcomes), Stop> {
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, store)?;
    let outcomes = derive(operation, core, policy, &mut snapshot, store, explanation)?;
    Ok((snapshot, outcomes))
}

/// Examines what may have changed, which is in `dirty_set`, and reports what is wrong with the whole workspace and, with
/// `output_faults`, with the places of the outputs. What it derives and finds out is kept in the cache.
pub(super) fn examine(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    dirty_set: DirtySet,
    output_faults: Vec<Diagnostic>,
) -> Result<Snapshot, Stop> {
    let store = session.open_keeping_store();
    let dirty_set = session.read_cache(operation, dirty_set);
    let explanation = &mut Explanation::new(false);
    let derived = freeze_and_derive_into(session, operation, policy, dirty_set, &store, explanation);
    // Even if that failed: what was derived need not be derived again.
    session.keep_payloads(operation, &store, derived.is_ok());
    let (snapshot, _) = derived?;
    report_gate(operation, &**session.fs(), session.core(), output_faults);
    operation.check_cancelled()?;
    // An error that only a level makes of something is found again among what is recorded.
    if !operation.found_since_gate().iter().any(Diagnostic::is_error) {
        session.record_clean_run(operation, policy.filter, &snapshot, None);
    }
    Ok(snapshot)
}

/// Examines the whole workspace, for a summary of all that there is. Also returns whether what was published last stands: a
/// pack would find nothing to do.
pub(super) fn survey_all(session: &mut Session, operation: &mut Operation<'_>) -> Result<(Snapshot, bool), Stop> {
    let output_faults = recovery::output_faults(operation, &**session.fs())?;
    let dirty_set = session.detect_changes(operation, false)?;
    let stands = output_faults.is_empty() && session.published_run(operation, &dirty_set)?.is_some();
    let snapshot = examine(session, operation, WalkPolicy::overview(), dirty_set, output_faults)?;
    session.save_after_look(operation);
    Ok((snapshot, stands))
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
