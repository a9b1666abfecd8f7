//! Derivation on all threads.

use std::sync::Arc;

use dashmap::DashSet;
use papack_queries::asset::{self, derive as derive_payload, failure, payload, record};
use papack_queries::change::{AssetInput, Change};
use papack_queries::content::{Outcome, Payload};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::{Asset, Key};
use papack_queries::record::{PayloadInputs, Record};
use rayon::prelude::*;

use super::core::Core;
use super::decision::{Causes, Decision, Explanation};
use super::snapshot::Snapshot;
use crate::content::OperationStore;
use crate::operation::{AssetOutcome, Cancel, EventKind, Operation, Status, Stop, Stream, Timings};
use crate::workspace::{AssetSummary, BuildState, Filter, ListingChanges, Mode, Summary, WalkPolicy};

/// How many payloads came about in which way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcomes {
    pub(crate) derived: usize,
    pub(crate) reused: usize,
}

/// What all threads look at.
struct Deriving<'o> {
    keeper: &'o dyn OperationStore,
    stream: &'o Stream<'o>,
    cancel: &'o Cancel,
    derived: &'o DashSet<Key>,
    /// What was known before.
    known: &'o Summary,
    explains: bool,
    timings: &'o Timings,
}

/// What became of one asset, and why where that is asked for.
type DerivedAsset = (AssetOutcome, Option<Decision>);

/// Asks for the payload of every asset that `policy` admits and that is in `snapshot`, on all threads. What came of them is
/// known from then on, and what was decided for each is `explained`.
pub(crate) fn derive(
    operation: &mut Operation<'_>,
    core: &mut Core,
    policy: WalkPolicy,
    snapshot: &mut Snapshot,
    keeper: &dyn OperationStore,
    explained: &mut Explanation,
) -> Result<Outcomes, Stop> {
    let _step = operation.step("derive");
    let unchanged_assets: Vec<u32> = unchanged_assets(&core.state, policy.filter, snapshot).collect();
    unchanged_assets.iter().for_each(|id| emit_reused(operation, *id));
    explained.add_unchanged(&core.state, &unchanged_assets);
    let mut outcomes = Outcomes { derived: 0, reused: unchanged_assets.len() };
    let mut derivation =
        Derivation { operation, known: &core.state.summary, keeper, explained, outcomes: &mut outcomes };
    let graph = &core.graph;
    let mut clean_run = derivation.derive_in(&graph.db, graph.assets_of(&snapshot.live), &graph.derived)?;
    let live_count = clean_run.len();
    for batch in std::mem::take(&mut snapshot.batches) {
        let (db, derived) = batch.open(&graph.db);
        let assets = db.workspace().assets(&db).clone();
        let records = derivation.derive_in(&db, assets, &derived)?;
        // Nobody waits for that.
        rayon::spawn(move || drop((db, derived)));
        clean_run.extend(records);
    }
    let reused_decisions =
        clean_run.iter().skip(live_count).map(|(id, record)| (*id, AssetInput::Recorded(Arc::clone(record))));
    let reused_decisions = Change { updates: reused_decisions.collect(), ..Change::default() };
    let kept = (policy.mode == Mode::Packing).then_some(policy.filter);
    let Core { graph, state, .. } = core;
    rayon::join(|| reused_decisions.apply(&mut graph.db), || conclude(state, clean_run, snapshot, kept));
    graph.settle(state);
    graph.populated = Some(policy.filter);
    Ok(outcomes)
}

/// The assets that `filter` admits and that are as they were.
pub(crate) fn unchanged_assets(known: &BuildState, filter: Filter, snapshot: &Snapshot) -> impl Iterator<Item = u32> {
    let entries = known.summary.entries.iter().filter(move |entry| filter.admits(entry));
    entries.map(|entry| entry.asset_id).filter(|id| !snapshot.fresh.contains_key(id))
}

/// Emits the events of an asset that is as it was.
pub(crate) fn emit_reused(operation: &Operation<'_>, asset_id: u32) {
    operation.emit(EventKind::AssetStarted { asset_id });
    operation.emit(EventKind::AssetFinished { asset_id, outcome: AssetOutcome::Reused });
}

/// The payloads of one operation, while they are derived.
struct Derivation<'d, 'o> {
    operation: &'d mut Operation<'o>,
    /// What was known before.
    known: &'d Summary,
    keeper: &'d dyn OperationStore,
    explained: &'d mut Explanation,
    outcomes: &'d mut Outcomes,
}

impl Derivation<'_, '_> {
    /// Derives the payloads of `assets`, and returns what came of each.
    fn derive_in(
        &mut self,
        db: &Database,
        assets: Vec<Asset>,
        derived: &DashSet<Key>,
    ) -> Result<Vec<(u32, Arc<Record>)>, Stop> {
        let (known, keeper, explains) = (self.known, self.keeper, self.explained.is_wanted());
        let (stream, cancel, timings) = (self.operation.stream(), self.operation.cancel(), self.operation.timings());
        let deriving = Deriving { keeper, stream, cancel, derived, known, explains, timings };
        let results: Vec<_> =
            assets.par_iter().map_with(db.clone(), |db, asset| deriving.derive_asset(db, *asset)).collect();
        self.operation.check_cancelled()?;
        let mut records = Vec::with_capacity(results.len());
        for (result, asset) in results.into_iter().flatten().zip(assets) {
            let (outcome, decision) = result.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
            match outcome {
                AssetOutcome::Derived => self.outcomes.derived += 1,
                AssetOutcome::Reused => self.outcomes.reused += 1,
            }
            self.explained.add(decision);
            records.push((asset.entry(db).asset_id, Arc::clone(record(db, asset))));
        }
        Ok(records)
    }
}

impl Deriving<'_> {
    /// Derives the payload of `asset`; nothing once the operation is cancelled.
    fn derive_asset(&self, db: &Database, asset: Asset) -> Option<Result<DerivedAsset, Diagnostic>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let asset_id = asset.entry(db).asset_id;
        let _span = self.timings.asset(asset_id);
        self.stream.emit(EventKind::AssetStarted { asset_id });
        // Before anything is derived: afterwards all bytes are there.
        let causes = self.explains.then(|| {
            let inputs = PayloadInputs::of(db, asset);
            Causes::of(asset_id, self.known.assets.get(&asset_id), inputs.as_ref(), self.keeper)
        });
        let outcome = self.outcome(db, asset);
        // Asked for here, on all threads, so that the outputs are only put together later.
        let record = record(db, asset);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(fault) => return Some(Err(fault)),
        };
        self.stream.emit(EventKind::AssetFinished { asset_id, outcome });
        let decision = causes.map(|causes| {
            let asset_name = record.name.as_ref().map(|claim| claim.key.to_string());
            let (outcome, reasons) = causes.decide(outcome);
            Decision { asset_id, asset_name, outcome, reasons }
        });
        Some(Ok((outcome, decision)))
    }

    /// Makes sure that the payload of `asset` is known, and that its bytes are where the operation needs them.
    fn outcome(&self, db: &Database, asset: Asset) -> Result<AssetOutcome, Diagnostic> {
        let failed = |reason: &str| Diagnostic::error(Code::Io, reason).at(asset::root_location(db, asset));
        let derived = payload(db, asset);
        if let Some(reason) = failure(db, asset) {
            return Err(failed(reason));
        }
        if self.derived.contains(&asset.key()) {
            if let (Some(inputs), Some(payload)) = (PayloadInputs::of(db, asset), &derived.payload) {
                let outcome = Outcome { payload: Some(payload.clone()), diagnostics: derived.diagnostics.clone() };
                self.keeper.remember(inputs.key(), &outcome);
            }
            return Ok(AssetOutcome::Derived);
        }
        let asset_id = asset.entry(db).asset_id;
        let is_held = |payload: &Payload| self.keeper.holds(asset_id, payload.id, &payload.slices);
        if derived.payload.as_ref().is_none_or(is_held) {
            return Ok(AssetOutcome::Reused);
        }
        // The memo stands, but the bytes it speaks of are gone: `assets.pa` was touched since.
        match derive_payload(db, asset).failure {
            Some(reason) => Err(failed(&reason)),
            None => Ok(AssetOutcome::Derived),
        }
    }
}

/// Remembers what came of the assets of `snapshot`, and what was read for it. The payloads of all assets that the filter
/// `kept` admits were kept.
fn conclude(known: &mut BuildState, records: Vec<(u32, Arc<Record>)>, snapshot: &mut Snapshot, kept: Option<Filter>) {
    for (id, record) in records {
        let uuid = snapshot.fresh.get(&id).copied().flatten();
        let asset = AssetSummary::after(known.summary.assets.get(&id), record, uuid, kept.is_some());
        known.summary.assets.insert(id, asset);
    }
    if let Some(kept) = kept {
        for entry in known.summary.entries.iter().filter(|entry| kept.admits(entry)) {
            if let Some(asset) = known.summary.assets.get_mut(&entry.asset_id) {
                asset.packed = None;
            }
        }
    }
    for id in &snapshot.unwanted {
        known.summary.assets.remove(id);
    }
    for (path, read) in std::mem::take(&mut snapshot.reads) {
        known.remember(&path, read);
    }
    known.pending = ListingChanges::default();
    known.summary.is_walk_due = snapshot.is_walk_due.unwrap_or(known.summary.is_walk_due);
}
