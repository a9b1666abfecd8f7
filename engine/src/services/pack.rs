//! `pack`: lane → recovery → snapshot → gate → assemble → stage → promote → result.

use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::diagnostic::levels::Levels;
use serde::Serialize;

use super::examine::explain_refusal;
use super::outdated::OutdatedOutput;
use crate::cache::index::{CleanRun, IndexWriter, PublishedRun};
use crate::content::PackingStore;
use crate::incremental::{Decision, Explanation, Outcomes, assemble, derive, freeze, pass_gate};
use crate::operation::{Cancel, Ended, EventKind, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::publish::{
    OutputState, Staging, StagingGuard, changed_names, output_states, promote, recheck_sidecar, recovery, refusal,
    restamp_promoted, stage,
};
use crate::session::{Session, replay};
use crate::workspace::layout::{PACK_AT, SIDECAR_AT};
use crate::workspace::{DirtySet, Filter, Generation, OutputFingerprints, WalkPolicy, lane, layout};

/// The options of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Trust neither the cache nor stamps: read and derive every input again, and read the outputs to compare them.
    pub rehash: bool,
    /// Return for each asset what was decided, and why.
    pub explain: bool,
    /// How severe the caller takes diagnostics to be. With an ERROR of its making, nothing is published.
    pub levels: Levels,
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

/// The result of a pack.
#[derive(Debug, Clone, Serialize)]
pub struct PackResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// How it ended. `GATE_FAILED` also where a check of the outputs found some that a pack would replace.
    pub status: Status,
    /// Whether the pack passed the gate. If it ended before that as `EXECUTION_FAILED` or `CANCELLED`: whether it had
    /// begun to read artifact files.
    pub execution_started: bool,
    /// Whether the published outputs were right already, byte for byte, so that none was replaced.
    pub up_to_date: bool,
    /// The folder of outputs, relative to the workspace.
    pub build_dir: &'static str,
    /// The authoritative artifact, relative to `build_dir`.
    pub assets_pa: &'static str,
    /// The companions; null unless `SUCCESS`.
    pub companions: Option<Companions>,
    /// The outputs that it first made final by completing an earlier promotion that was cut short; empty if there was
    /// none. This may be so whatever the status is.
    pub recovered: Vec<&'static str>,
    /// Assets in the pack.
    pub packed_asset_count: usize,
    /// Assets that were derived.
    pub derived_asset_count: usize,
    /// Assets that were reused from earlier operations.
    pub reused_asset_count: usize,
    /// Assets that have no payload, because something is wrong with them; 0 unless the gate failed.
    pub faulty_asset_count: usize,
    /// Bytes of the payload region.
    pub payload_bytes: u64,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
    /// The outputs that a pack would make final first, by completing a promotion that was cut short; absent unless a
    /// check of the outputs looked for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovers: Option<Vec<&'static str>>,
    /// The outputs that a pack would replace; absent unless a check of the outputs compared them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_replace: Option<Vec<OutdatedOutput>>,
    /// What was decided for each asset of the build set, in ascending `asset_id`, as far as the pack got; absent unless
    /// it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<Vec<Decision>>,
}

operation_result!(PackResult);

impl Session {
    /// Packs the workspace. Every failure is a [`Status`] of the result.
    pub fn pack(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        let mut progress = Progress::default();
        let ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            progress.explanation = Explanation::new(request.explain);
            pack(session, operation, request, &mut progress)
        });
        progress.finish(ended)
    }
}

/// How far a pack got.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) has_passed_gate: bool,
    pub(super) up_to_date: bool,
    pub(super) packed_asset_count: usize,
    pub(super) outcomes: Outcomes,
    pub(super) payload_bytes: u64,
    pub(super) explanation: Explanation,
    /// The outputs that a pack would make final first, if that was looked for without publishing.
    pub(super) recovers: Option<Vec<&'static str>>,
    /// The outputs that a pack would replace, if they were compared without publishing.
    pub(super) would_replace: Option<Vec<OutdatedOutput>>,
    /// Whether the strict reader refused the staged outputs.
    is_refused: bool,
    /// The new cache index, if the pack has begun to write it.
    index: Option<IndexWriter>,
}

impl Progress {
    /// Ends the pack with the result of a clean run, which still stands; at the gate, if a level makes an error of
    /// anything that it found.
    pub(super) fn reuse(
        &mut self,
        session: &Session,
        operation: &mut Operation<'_>,
        clean_run: CleanRun,
        published: &PublishedRun,
    ) -> Result<(), Stop> {
        let PublishedRun { header_bytes, payload_bytes, .. } = *published;
        let asset_count = clean_run.asset_ids.len();
        self.outcomes.reused = asset_count;
        self.explanation.add_unchanged(&session.core().state, &clean_run.asset_ids);
        if replay(operation, &session.core().state, clean_run) > 0 {
            return Err(Stop(Status::GateFailed));
        }
        self.packed_asset_count = asset_count;
        self.payload_bytes = payload_bytes;
        self.has_passed_gate = true;
        self.up_to_date = true;
        operation.emit(EventKind::Assembled { header_bytes, payload_bytes });
        Ok(())
    }

    pub(super) fn finish(self, mut ended: Ended<'_>) -> PackResult {
        let companions = Companions {
            asset_table: layout::ASSET_TABLE,
            preload: layout::PRELOAD,
            asset_table_metadata: layout::SIDECAR,
        };
        let was_cut_short = matches!(ended.status, Status::ExecutionFailed | Status::Cancelled);
        let result = PackResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            execution_started: self.has_passed_gate || was_cut_short && ended.had_begun_reading,
            up_to_date: self.up_to_date,
            build_dir: layout::BUILD,
            assets_pa: layout::ASSETS_PA,
            companions: (ended.status == Status::Success).then_some(companions),
            recovered: std::mem::take(&mut ended.recovered),
            packed_asset_count: self.packed_asset_count,
            derived_asset_count: self.outcomes.derived,
            reused_asset_count: self.outcomes.reused,
            faulty_asset_count: self.outcomes.faulty,
            payload_bytes: self.payload_bytes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
            recovers: self.recovers,
            would_replace: self.would_replace,
            explained: self.explanation.into_decisions(),
        };
        ended.finish(result)
    }
}

/// Packs the workspace. Holds the lane from beginning to end.
fn pack(
    session: &mut Session,
    operation: &mut Operation<'_>,
    request: &PackRequest,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let fs = Arc::clone(session.fs());
    let Some(_lane) = lane::enter(operation, &fs, "pack", request.no_wait)? else {
        // There is a link on the path of the folder that is locked. An examination of the workspace names it best,
        // since it reads the registry, which is in the same folder.
        explain_refusal(session, operation, request.rehash, Vec::new(), &mut progress.explanation)?;
        return Err(lane::refuse(operation));
    };
    let obstacles = recovery::recover(operation, &*fs)?;
    if !obstacles.is_empty() {
        // The outputs cannot be written. Everything else that is wrong is reported with that.
        return explain_refusal(session, operation, request.rehash, obstacles, &mut progress.explanation);
    }
    let staging = Arc::new(Staging::new(fs, operation.id()));
    // Dropped before the lane: no other operation may stage while this one still removes its staging folder.
    let _clearing = StagingGuard(&staging);

    let mut dirty_set = session.detect_changes(operation, request.rehash)?;
    if request.explain {
        // The names of assets, which an explanation has, are only in the rest of the cache.
        dirty_set = session.read_cache(operation, dirty_set);
    }
    if let Some((clean_run, published)) = session.published_run(operation, &dirty_set)? {
        return progress.reuse(session, operation, clean_run, &published);
    }
    let packed = pack_changed(session, operation, dirty_set, &staging, progress);
    if progress.is_refused {
        session.discard_cache();
    } else {
        session.save_cache(operation, progress.index.take());
    }
    packed
}

/// Packs a workspace for which no clean run stands, and keeps the derived payloads in the cache.
fn pack_changed(
    session: &mut Session,
    operation: &mut Operation<'_>,
    dirty_set: DirtySet,
    staging: &Arc<Staging>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let dirty_set = session.read_cache(operation, dirty_set);
    let store = session.open_packing_store(staging);
    let packed = pack_into(session, operation, dirty_set, staging, &store, progress);
    // Even if the pack failed: what it derived need not be derived again.
    let _step = operation.step("keep payloads");
    store.finish(packed.is_ok(), &|| session.core().state.summary.assets.contents());
    // The store has the previous `assets.pa` open. If that was replaced, the system frees it when the store is dropped,
    // which takes the longer the more bytes it has. So another thread drops the store.
    session.core_mut().graph.end();
    rayon::spawn(move || drop(store));
    packed
}

/// Freezes, derives, passes the gate and publishes, with `store` for the contents.
fn pack_into(
    session: &mut Session,
    operation: &mut Operation<'_>,
    dirty_set: DirtySet,
    staging: &Staging,
    store: &PackingStore,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let policy = WalkPolicy::packing(Filter::Included);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, store)?;
    progress.outcomes = derive(operation, core, policy, &mut snapshot, store, &mut progress.explanation)?;
    pass_gate(operation, &*fs, core, Vec::new())?;
    progress.has_passed_gate = true;
    let published = publish(session, operation, staging, store, progress)?;
    session.record_clean_run(operation, policy.filter, &snapshot, Some(published));
    Ok(())
}

/// Assembles the outputs, and replaces those that are published with other bytes.
fn publish(
    session: &mut Session,
    operation: &mut Operation<'_>,
    staging: &Staging,
    store: &PackingStore,
    progress: &mut Progress,
) -> Result<PublishedRun, Stop> {
    let fs = Arc::clone(session.fs());
    let db = session.core().graph.db.clone();
    let assembly = assemble(operation, &db)?;
    progress.packed_asset_count = assembly.asset_count();
    progress.payload_bytes = assembly.payload_size();

    let payloads: Arc<[(u32, ContentId)]> =
        assembly.payloads().iter().map(|placed| (placed.asset_id, placed.id())).collect();
    let outputs = assembly.outputs();
    // Taken before the outputs are compared: a file that somebody replaces later has another fingerprint.
    let mut fingerprints = OutputFingerprints::take(&*fs);
    let previous = session.outputs().generation.as_ref();
    let mut output_states = output_states(operation, &*fs, &outputs, previous)?;
    if changed_names(&outputs, &output_states).is_empty() {
        progress.up_to_date = true;
    } else {
        let to_index = session.saves_now().then_some((&session.core().state, &*payloads));
        let is_pack_replaced = output_states[PACK_AT] == OutputState::Changed;
        let staged = stage(operation, &fs, staging, store, &outputs, to_index, is_pack_replaced)?;
        let staged = staged.map_err(|fault| {
            progress.is_refused = true;
            operation.fail(Status::ExecutionFailed, refusal(&fault))
        })?;
        recheck_sidecar(operation, &*fs, &outputs, &staged.files[SIDECAR_AT].1, previous, &mut output_states)?;
        let changed = changed_names(&outputs, &output_states);
        changed.iter().for_each(|name| fingerprints.replace(&*fs, name, &staging.path(name)));
        promote(operation, &*fs, staging, &staged, &changed)?;
        restamp_promoted(&*fs, staged.files.iter().map(|(_, file)| file), &mut output_states);
        progress.index = staged.index;
        operation.emit(EventKind::Promoted { replaced: changed });
    }
    let published = output_states.map(OutputState::published);
    let (header_bytes, payload_bytes) = (assembly.header_size(), assembly.payload_size());
    let generation = Generation { outputs: published, front_size: assembly.front_size(), payloads };
    let outputs = session.outputs_mut();
    outputs.fingerprints = fingerprints;
    outputs.generation = Some(generation);
    Ok(PublishedRun { outputs: published, header_bytes, payload_bytes })
}
