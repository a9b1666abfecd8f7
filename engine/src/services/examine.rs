//! Looking into a workspace, as several services do.

use std::sync::Arc;

use papack_queries::diagnostic::{Diagnostic, Severity};

use crate::build::{Explanation, Snapshot, derive, freeze, pass_gate, report_gate};
use crate::operation::{Operation, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{DirtySet, Filter, WalkPolicy};

/// Freezes and derives what `policy` admits, and keeps no content. `noticed` says what may have changed.
pub(super) fn look_into(
    session: &mut Session,
    operation: &mut Operation<'_>,
    policy: WalkPolicy,
    noticed: DirtySet,
    explained: &mut Explanation,
) -> Result<Snapshot, Stop> {
    let probe = session.open_runtime_store();
    let noticed = session.read_cache(operation, noticed);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, noticed, &*probe)?;
    derive(operation, core, policy, &mut snapshot, &*probe, explained)?;
    Ok(snapshot)
}

/// Looks at the whole workspace and reports what is wrong with it, the places of the outputs included.
pub(super) fn examine(session: &mut Session, operation: &mut Operation<'_>) -> Result<Snapshot, Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let blocked = recovery::output_faults(operation, &**session.fs())?;
    let noticed = session.detect_changes(operation, false)?;
    let snapshot = look_into(session, operation, policy, noticed, &mut Explanation::new(false))?;
    report_gate(operation, &session.core().graph.db, blocked);
    operation.check_cancelled()?;
    Ok(snapshot)
}

/// Reports everything that is wrong with the workspace besides the faults that `blocked` the pack.
pub(super) fn explain_refusal(
    session: &mut Session,
    operation: &mut Operation<'_>,
    trusts_nothing: bool,
    blocked: Vec<Diagnostic>,
    explained: &mut Explanation,
) -> Result<(), Stop> {
    let policy = WalkPolicy::runtime(Filter::Included);
    let noticed = session.detect_changes(operation, trusts_nothing)?;
    look_into(session, operation, policy, noticed, explained)?;
    pass_gate(operation, &session.core().graph.db, blocked)
}

/// How many of `diagnostics` have this severity.
pub(super) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|found| found.severity == severity).count()
}
