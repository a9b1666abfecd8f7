//! `pack`: lane → recovery → snapshot → gate → assemble → stage → promote → result.

use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::examine::explain_refusal;
use crate::build::{Decision, Explanation, Outcomes, assemble, derive, freeze, pass_gate};
use crate::cache::index::{CleanRun, IndexWriter, PublishedRun};
use crate::content::PackingStore;
use crate::operation::{Cancel, Ended, EventKind, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::publish::{
    OutputState, Staging, StagingGuard, changed_names, output_states, promote, recheck_sidecar, recovery, refusal,
    restamp_promoted, stage,
};
use crate::session::{Session, replay};
use crate::workspace::layout::{PACK_AT, SIDECAR_AT};
use crate::workspace::{DirtySet, Filter, Generation, OutputFingerprints, WalkPolicy, lane, layout};

/// What a caller wants of a pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// Fail at once when another operation holds the lane, instead of waiting for it.
    pub no_wait: bool,
    /// Believe nothing but the inputs: read and derive all of them again, and look into the outputs.
    pub rehash: bool,
    /// Tell what was decided for each asset, and why.
    pub explain: bool,
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
    /// Whether it got beyond the gate, or failed or was cancelled after it had begun to read artifact files.
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
    /// What was decided for each asset of the build set that was got to, in ascending `asset_id`; where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<Vec<Decision>>,
}

operation_result!(PackResult);

impl Session {
    /// Packs the workspace. Every failure is a [`Status`] of the result.
    pub fn pack(&mut self, request: &PackRequest, observer: &Observer<'_>) -> PackResult {
        let mut progress = Progress::new(request);
        let ended =
            self.run(&request.cancel, observer, |session, operation| pack(session, operation, request, &mut progress));
        progress.finish(ended)
    }
}

/// How far a pack got.
struct Progress {
    has_passed_gate: bool,
    up_to_date: bool,
    packed_asset_count: usize,
    outcomes: Outcomes,
    payload_bytes: u64,
    explained: Explanation,
    /// Whether the strict reader refused what was staged.
    is_refused: bool,
    /// The next index of the cache, where it was begun.
    index: Option<IndexWriter>,
}

impl Progress {
    fn new(request: &PackRequest) -> Self {
        Self {
            has_passed_gate: false,
            up_to_date: false,
            packed_asset_count: 0,
            outcomes: Outcomes::default(),
            payload_bytes: 0,
            explained: Explanation::new(request.explain),
            is_refused: false,
            index: None,
        }
    }

    /// A pack that would do what was done.
    fn replay(
        &mut self,
        session: &Session,
        operation: &mut Operation<'_>,
        conclusion: CleanRun,
        published: &PublishedRun,
    ) {
        let PublishedRun { header_bytes, payload_bytes, .. } = *published;
        self.packed_asset_count = conclusion.asset_ids.len();
        self.outcomes.reused = conclusion.asset_ids.len();
        self.payload_bytes = payload_bytes;
        self.has_passed_gate = true;
        self.up_to_date = true;
        self.explained.add_unchanged(&session.core().state, &conclusion.asset_ids);
        replay(operation, conclusion);
        operation.emit(EventKind::Assembled { header_bytes, payload_bytes });
    }

    fn finish(self, mut ended: Ended<'_>) -> PackResult {
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
            packed_asset_count: self.packed_asset_count,
            derived_asset_count: self.outcomes.derived,
            reused_asset_count: self.outcomes.reused,
            payload_bytes: self.payload_bytes,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            explained: self.explained.into_decisions(),
        };
        ended.finish(result)
    }
}

fn pack(
    session: &mut Session,
    operation: &mut Operation<'_>,
    request: &PackRequest,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let fs = Arc::clone(session.fs());
    let Some(_lane) = lane::enter(operation, &fs, "pack", request.no_wait)? else {
        // The same link is in the way of what a check reads, which names it best.
        explain_refusal(session, operation, request.rehash, Vec::new(), &mut progress.explained)?;
        return Err(lane::refuse(operation));
    };
    let blocked = recovery::recover(operation, &*fs)?;
    if !blocked.is_empty() {
        // There is no place to work in. But all that is wrong is told.
        return explain_refusal(session, operation, request.rehash, blocked, &mut progress.explained);
    }
    let staging = Arc::new(Staging::new(fs, operation.id()));
    // Dropped before the lane: nobody may stage while this still clears away.
    let _clearing = StagingGuard(&staging);

    let mut noticed = session.detect_changes(operation, request.rehash)?;
    if request.explain {
        // Names are only there.
        noticed = session.read_cache(operation, noticed);
    }
    if let Some((conclusion, published)) = session.published_run(operation, &noticed)? {
        progress.replay(session, operation, conclusion, &published);
        return Ok(());
    }
    let packed = pack_changed(session, operation, noticed, &staging, progress);
    if progress.is_refused {
        session.discard_cache();
    } else {
        session.keep(operation, progress.index.take());
    }
    packed
}

fn pack_changed(
    session: &mut Session,
    operation: &mut Operation<'_>,
    noticed: DirtySet,
    staging: &Arc<Staging>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let noticed = session.read_cache(operation, noticed);
    let store = session.open_store(staging);
    let packed = pack_into(session, operation, noticed, staging, &store, progress);
    // Whatever came of the pack, what was derived need not be derived again.
    let _step = operation.step("keep payloads");
    store.finish(packed.is_ok());
    // With it goes the published file of before, which takes the system as long as it has bytes: meanwhile the rest is done.
    session.core_mut().graph.end();
    rayon::spawn(move || drop(store));
    packed
}

fn pack_into(
    session: &mut Session,
    operation: &mut Operation<'_>,
    noticed: DirtySet,
    staging: &Staging,
    store: &PackingStore,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let policy = WalkPolicy::packing(Filter::Included);
    let fs = Arc::clone(session.fs());
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, noticed, store)?;
    progress.outcomes = derive(operation, core, policy, &mut snapshot, store, &mut progress.explained)?;
    pass_gate(operation, &core.graph.db, Vec::new())?;
    progress.has_passed_gate = true;
    let clean_run = publish(session, operation, staging, store, progress)?;
    session.conclude(operation, policy.filter, &snapshot, Some(clean_run));
    Ok(())
}

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
    // What somebody else does to the outputs from here on is seen by their traces.
    let mut fingerprints = OutputFingerprints::take(&*fs);
    let last = session.outputs().generation.as_ref();
    let mut output_states = output_states(operation, &*fs, &outputs, last)?;
    if changed_names(&outputs, &output_states).is_empty() {
        progress.up_to_date = true;
    } else {
        let index_of = session.saves_now().then_some((&session.core().state, &*payloads));
        let is_replaced = output_states[PACK_AT] == OutputState::Changed;
        let staged = stage(operation, &fs, staging, store, &outputs, index_of, is_replaced)?;
        let staged = staged.map_err(|fault| {
            progress.is_refused = true;
            operation.fail(Status::ExecutionFailed, refusal(&fault))
        })?;
        recheck_sidecar(operation, &*fs, &outputs, &staged.files[SIDECAR_AT].1, last, &mut output_states)?;
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
