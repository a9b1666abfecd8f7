//! `check`: everything that is wrong with a workspace. It writes no outputs.

use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use serde::Serialize;

use super::examine::{count, examine};
use crate::operation::{Cancel, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::publish::recovery;
use crate::session::{Session, replay};
use crate::workspace::{Filter, WalkPolicy};

/// The options of a check.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Trust neither the cache nor stamps: read and derive every input again.
    pub rehash: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// A fix that was applied, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedFix {
    /// The code of the diagnostic that it mends.
    pub code: Code,
    /// What it does.
    pub title: String,
    /// The document that it edits, relative to the workspace.
    pub path: String,
}

/// The result of a check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if nothing is wrong, `GATE_FAILED` if something is.
    pub status: Status,
    /// Registered assets that were checked, whether they are included in the build or not.
    pub checked_asset_count: usize,
    /// ERRORs found.
    pub error_count: usize,
    /// WARNINGs found.
    pub warning_count: usize,
    /// The outputs that the next operation in the lane makes final first, by completing a promotion that was cut short;
    /// empty if there is none.
    pub recovers: Vec<&'static str>,
    /// Whether fixes were only looked for, and nothing was written.
    pub dry_run: bool,
    /// The fixes that were applied before what else is told was found, in order; in a dry run, those that would be first.
    pub applied_fixes: Vec<AppliedFix>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

operation_result!(CheckResult);

impl Session {
    /// Validates the whole workspace: the registry, and every registered asset, included in the build or not. Does not
    /// take the lane, and writes nothing but the cache.
    pub fn check(&mut self, request: &CheckRequest, observer: &Observer<'_>) -> CheckResult {
        self.check_after(request, false, observer, |_, _, _| Ok(()))
    }

    /// As [`check`](Self::check), after `fix`, which is a part of the operation and lists the fixes that it applied; in a
    /// dry run, those that it would apply.
    pub(super) fn check_after(
        &mut self,
        request: &CheckRequest,
        dry_run: bool,
        observer: &Observer<'_>,
        fix: impl FnOnce(&mut Self, &mut Operation<'_>, &mut Vec<AppliedFix>) -> Result<(), Stop>,
    ) -> CheckResult {
        let mut applied_fixes = Vec::new();
        let mut checked_asset_count = 0;
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            fix(session, operation, &mut applied_fixes)?;
            checked_asset_count = check(session, operation, request.rehash)?;
            if operation.count(Severity::Error) > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
        });
        let diagnostics = std::mem::take(&mut ended.diagnostics);
        let result = CheckResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            checked_asset_count,
            error_count: count(&diagnostics, Severity::Error),
            warning_count: count(&diagnostics, Severity::Warning),
            recovers: std::mem::take(&mut ended.recovered),
            dry_run,
            applied_fixes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics,
            allowed_diagnostic_count: ended.allowed_count,
        };
        ended.finish(result)
    }
}

/// Examines what may have changed, and reports what is wrong with the whole workspace. Returns how many assets it has.
fn check(session: &mut Session, operation: &mut Operation<'_>, rehash: bool) -> Result<usize, Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let output_faults = recovery::output_faults(operation, &**session.fs())?;
    let dirty_set = session.detect_changes(operation, rehash)?;
    if output_faults.is_empty()
        && let Some(clean_run) = session.clean_run(policy.filter, &dirty_set)
    {
        let asset_count = clean_run.asset_ids.len();
        replay(operation, &session.core().state, clean_run);
        // Somebody may have been in the lane when it was found out.
        session.save_after_look(operation);
        return Ok(asset_count);
    }
    let snapshot = examine(session, operation, policy, dirty_set, output_faults)?;
    session.save_after_look(operation);
    Ok(snapshot.asset_count)
}
