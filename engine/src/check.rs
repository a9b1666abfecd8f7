//! `check`: everything that is wrong with a workspace. Nothing is emitted.

use papack_queries::diagnostic::{Diagnostic, Severity};
use serde::Serialize;

use crate::cancel::Cancel;
use crate::event::{Observer, OperationId};
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::session::Session;
use crate::snapshot::Snapshot;

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

impl Session {
    /// Validates the whole workspace: the registry, and every registered asset, included in the build or not. Takes no
    /// lane, keeps no content, and writes nothing but the cache.
    pub fn check(&mut self, request: &CheckRequest, observer: &Observer<'_>) -> CheckResult {
        let mut checked_asset_count = 0;
        let mut ended = Operation::run(self, &request.cancel, observer, |operation| {
            checked_asset_count = operation.check(request.rehash)?;
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
        ended.tell(result)
    }
}

impl Operation<'_> {
    /// Looks at what may have changed, and tells what is wrong with the whole workspace. Returns how many assets it has.
    fn check(&mut self, trusts_nothing: bool) -> Result<usize, Stop> {
        let blocked = self.output_faults()?;
        let noticed = self.notice(trusts_nothing)?;
        if blocked.is_empty()
            && let Some(conclusion) = self.concluded(Filter::Registered, &noticed)
        {
            let asset_count = conclusion.asset_ids.len();
            self.repeat(conclusion);
            return Ok(asset_count);
        }
        let probe = self.session.open_probe();
        let mut snapshot = self.freeze(Filter::Registered, noticed, &*probe)?;
        self.derive(Filter::Registered, &mut snapshot, &*probe)?;
        let error_count = self.tell_gate(blocked);
        self.check_cancelled()?;
        if error_count == 0 {
            self.conclude_as(Filter::Registered, &snapshot, None);
        }
        self.keep_aside();
        Ok(snapshot.asset_count)
    }

    /// Looks at the whole workspace and tells what is wrong with it, the places of the outputs included.
    pub(crate) fn examine(&mut self) -> Result<Snapshot, Stop> {
        let blocked = self.output_faults()?;
        let noticed = self.notice(false)?;
        let probe = self.session.open_probe();
        let mut snapshot = self.freeze(Filter::Registered, noticed, &*probe)?;
        self.derive(Filter::Registered, &mut snapshot, &*probe)?;
        self.tell_gate(blocked);
        self.check_cancelled()?;
        Ok(snapshot)
    }
}

/// How many of `diagnostics` have this severity.
pub(crate) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|found| found.severity == severity).count()
}
