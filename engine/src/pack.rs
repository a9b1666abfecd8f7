//! `pack`: lane → recovery → snapshot → gate → assemble → stage → promote → result.

use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use crate::cancel::Cancel;
use crate::derive::Outcomes;
use crate::event::{EventKind, Observer, OperationId};
use crate::operation::{Ended, Operation, Status, Stop};
use crate::output::journal::{self, StagedFile};
use crate::output::staging::{Clearing, Staging};
use crate::output::traces::Traces;
use crate::output::{self, Output};
use crate::projection::Filter;
use crate::session::Session;
use crate::store::Store;

/// What a caller wants of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// The companions' names, relative to `build_dir`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Companions {
    /// Mirrors `header.asset_table`.
    pub asset_table: &'static str,
    /// Mirrors `header.preload`.
    pub preload: &'static str,
    /// Provenance for tools.
    pub asset_table_metadata: &'static str,
}

/// What a pack did.
#[derive(Debug, Clone, Serialize)]
pub struct PackResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended.
    pub status: Status,
    /// Whether it got beyond the gate.
    pub execution_started: bool,
    /// Whether the outputs were there already, byte for byte, and nothing was rewritten.
    pub up_to_date: bool,
    /// The folder of outputs, relative to the workspace.
    pub build_dir: &'static str,
    /// The authoritative artifact, relative to `build_dir`.
    pub assets_pa: &'static str,
    /// The companions, when they are published.
    pub companions: Option<Companions>,
    /// Assets in the pack.
    pub packed_asset_count: usize,
    /// Assets whose format did its work.
    pub derived_asset_count: usize,
    /// Assets known from an earlier operation.
    pub reused_asset_count: usize,
    /// Bytes of the payload region.
    pub payload_bytes: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Session {
    /// Packs the workspace. Every failure is a [`Status`] of the result.
    pub fn pack(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        // Everything is looked at anew, whatever changed.
        drop(std::mem::take(&mut self.changes));
        let mut progress = Progress::default();
        let mut ended = Operation::run(self, &request.cancel, observer, |operation| {
            pack(operation, request.no_wait, &mut progress)
        });
        let result = progress.result(&mut ended);
        ended.tell(result)
    }
}

/// How far a pack got.
#[derive(Default)]
struct Progress {
    execution_started: bool,
    up_to_date: bool,
    packed_asset_count: usize,
    outcomes: Outcomes,
    payload_bytes: u64,
}

impl Progress {
    fn result(self, ended: &mut Ended<'_>) -> PackResult {
        let companions = Companions {
            asset_table: output::ASSET_TABLE,
            preload: output::PRELOAD,
            asset_table_metadata: output::SIDECAR,
        };
        PackResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            execution_started: self.execution_started || ended.status == Status::ExecutionFailed,
            up_to_date: self.up_to_date,
            build_dir: output::BUILD,
            assets_pa: output::ASSETS_PA,
            companions: (ended.status == Status::Success).then_some(companions),
            packed_asset_count: self.packed_asset_count,
            derived_asset_count: self.outcomes.derived,
            reused_asset_count: self.outcomes.reused,
            payload_bytes: self.payload_bytes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
        }
    }
}

fn pack(operation: &mut Operation<'_>, no_wait: bool, progress: &mut Progress) -> Result<(), Stop> {
    let Some((_lane, blocked)) = operation.begin_writing("pack", no_wait)? else {
        // The same link is in the way of what a check reads, which names it best.
        explain_refusal(operation, Vec::new())?;
        return Err(operation.refuse_lane());
    };
    if !blocked.is_empty() {
        // There is no place to work in. But all that is wrong is told.
        return explain_refusal(operation, blocked);
    }
    let fs = Arc::clone(&operation.session.fs);
    let staging = Arc::new(Staging::new(Arc::clone(&fs), operation.stream.operation_id()));
    // Dropped before the lane: nobody may stage while this still clears away.
    let _clearing = Clearing(&staging);

    let store = operation.session.open_store(&staging);
    operation.freeze(Filter::Included, &*store)?;
    progress.outcomes = operation.derive(Filter::Included, &*store)?;
    operation.pass_gate(Vec::new())?;
    progress.execution_started = true;
    publish(operation, &staging, &store, progress)
}

/// Reports everything that is wrong with the workspace besides the faults that `blocked` the pack.
pub(crate) fn explain_refusal(operation: &mut Operation<'_>, blocked: Vec<Diagnostic>) -> Result<(), Stop> {
    let probe = operation.session.open_probe();
    operation.freeze(Filter::Included, &*probe)?;
    operation.derive(Filter::Included, &*probe)?;
    operation.pass_gate(blocked)
}

fn publish(
    operation: &mut Operation<'_>,
    staging: &Staging,
    store: &Store,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let db = operation.session.db.clone();
    let assembly = operation.assemble(&db)?;
    progress.packed_asset_count = assembly.asset_count();
    progress.payload_bytes = assembly.payload_size();

    let fs = Arc::clone(&operation.session.fs);
    let outputs = assembly.outputs();
    // What somebody else does to the outputs from here on is seen by their traces.
    let mut traces = Traces::look(&*fs);
    let changed = operation.changed_outputs(&outputs)?;
    if changed.is_empty() {
        progress.up_to_date = true;
    } else {
        let staged = stage(operation, staging, store, &outputs)?;
        changed.iter().for_each(|name| traces.replace(&*fs, name, &staging.path(name)));
        operation.check_cancelled()?;
        promote(operation, staging, &staged, &changed)?;
    }
    operation.session.left = traces;
    operation.session.remember_published(&assembly);
    Ok(())
}

fn stage(
    operation: &mut Operation<'_>,
    staging: &Staging,
    store: &Store,
    outputs: &[Output<'_>],
) -> Result<Vec<StagedFile>, Stop> {
    let fs = Arc::clone(&operation.session.fs);
    staging.make().map_err(|error| operation.io_failure(staging.folder().as_str(), &error))?;
    let mut staged = Vec::new();
    for output in outputs {
        operation.check_cancelled()?;
        let path = staging.path(output.name);
        let digest = output.write(&*fs, &path, store).map_err(|error| operation.io_failure(path.as_str(), &error))?;
        staged.push(StagedFile::new(output.name, output.size(), digest));
    }
    operation.stream.emit(EventKind::Staged);
    operation.check_cancelled()?;
    Ok(staged)
}

/// Publishes those of the `staged` files that are to replace something.
fn promote(
    operation: &mut Operation<'_>,
    staging: &Staging,
    staged: &[StagedFile],
    replaced: &[&'static str],
) -> Result<(), Stop> {
    let fs = Arc::clone(&operation.session.fs);
    let files: Vec<_> = staged.iter().filter(|file| replaced.contains(&&*file.name)).cloned().collect();
    journal::promote(&*fs, operation.stream.operation_id(), staging, &files)
        .map_err(|fault| operation.fail(Status::PublicationFailed, fault))?;
    operation.stream.emit(EventKind::Promoted { replaced: replaced.to_vec() });
    Ok(())
}

impl Operation<'_> {
    /// Which of `outputs` are not published already.
    pub(crate) fn changed_outputs(&mut self, outputs: &[Output<'_>]) -> Result<Vec<&'static str>, Stop> {
        let fs = Arc::clone(&self.session.fs);
        let mut changed = Vec::new();
        for output in outputs {
            let path = output::published_path(output.name);
            if !output.is_published(&*fs).map_err(|error| self.io_failure(path.as_str(), &error))? {
                changed.push(output.name);
            }
        }
        Ok(changed)
    }
}
