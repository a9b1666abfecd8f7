//! `check`: everything that is wrong with a workspace. Nothing is emitted.

use papack_queries::diagnostic::{Diagnostic, Severity};
use serde::Serialize;

use super::examine::{count, look_into};
use crate::build::{Explanation, report_gate};
use crate::operation::{Cancel, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::publish::recovery;
use crate::session::{Session, replay};
use crate::workspace::{Filter, WalkPolicy};

/// What a caller wants of a check.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// Fail for a WARNING too.
    pub deny_warnings: bool,
    /// Believe nothing but the inputs: read and derive all of them again.
    pub rehash: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// What a check found.
#[derive(Debug, Clone, Serialize)]
pub struct CheckResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` where nothing is wrong, `GATE_FAILED` where something is.
    pub status: Status,
    /// Registered assets that were looked at, whether they are included in the build or not.
    pub checked_asset_count: usize,
    /// ERRORs found.
    pub error_count: usize,
    /// WARNINGs found.
    pub warning_count: usize,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

operation_result!(CheckResult);

impl Session {
    /// Validates the whole workspace: the registry, and every registered asset, included in the build or not. Takes no
    /// lane, keeps no content, and writes nothing but the cache.
    pub fn check(&mut self, request: &CheckRequest, observer: &Observer<'_>) -> CheckResult {
        let mut checked_asset_count = 0;
        let mut ended = self.run(&request.cancel, observer, |session, operation| {
            checked_asset_count = check(session, operation, request.rehash)?;
            let denied = request.deny_warnings && count(operation.diagnostics(), Severity::Warning) > 0;
            let failed = denied || count(operation.diagnostics(), Severity::Error) > 0;
            if failed { Err(Stop(Status::GateFailed)) } else { Ok(()) }
        });
        let diagnostics = std::mem::take(&mut ended.diagnostics);
        let result = CheckResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            checked_asset_count,
            error_count: count(&diagnostics, Severity::Error),
            warning_count: count(&diagnostics, Severity::Warning),
            elapsed_ms: ended.elapsed_ms,
            diagnostics,
        };
        ended.finish(result)
    }
}

/// Looks at what may have changed, and reports what is wrong with the whole workspace. Returns how many assets it has.
fn check(session: &mut Session, operation: &mut Operation<'_>, trusts_nothing: bool) -> Result<usize, Stop> {
    let policy = WalkPolicy::runtime(Filter::Registered);
    let blocked = recovery::output_faults(operation, &**session.fs())?;
    let noticed = session.detect_changes(operation, trusts_nothing)?;
    if blocked.is_empty()
        && let Some(conclusion) = session.clean_run(policy.filter, &noticed)
    {
        let asset_count = conclusion.asset_ids.len();
        replay(operation, conclusion);
        return Ok(asset_count);
    }
    let snapshot = look_into(session, operation, policy, noticed, &mut Explanation::new(false))?;
    let error_count = report_gate(operation, &session.core().graph.db, blocked);
    operation.check_cancelled()?;
    if error_count == 0 {
        session.record_clean_run(operation, policy.filter, &snapshot, None);
    }
    let _step = operation.step("write cache");
    session.save_outside_lane(operation.id());
    Ok(snapshot.asset_count)
}
