//! Derivation of payloads, on all threads.

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
use super::graph::Populated;
use super::snapshot::Snapshot;
use crate::content::OperationStore;
use crate::operation::{AssetOutcome, Cancel, EventKind, Operation, Status, Stop, Stream, Timings};
use crate::workspace::{AssetSummary, BuildState, Filter, Mode, Summary, WalkPolicy};

/// How many assets came to which outcome.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcomes {
    pub(crate) derived: usize,
    pub(crate) reused: usize,
    pub(crate) faulty: usize,
}

impl Outcomes {
    fn count(&mut self, outcome: AssetOutcome) {
        match outcome {
            AssetOutcome::Derived => self.derived += 1,
            AssetOutcome::Reused => self.reused += 1,
            AssetOutcome::Faulty => self.faulty += 1,
        }
    }
}

/// Derives single assets. All threads share it.
struct Deriver<'o> {
    store: &'o dyn OperationStore,
    stream: &'o Stream<'o>,
    cancel: &'o Cancel,
    /// The assets of which the format has run in this operation.
    derived: &'o DashSet<Key>,
    /// The summary of earlier operations.
    previous: &'o Summary,
    explains: bool,
    timings: &'o Timings,
}

/// The outcome of one asset, and the decision if the caller asked for it.
type DerivedAsset = (AssetOutcome, Option<Decision>);

/// Reuses the payloads of the assets that `policy` admits and that did not change, and [derives](derive_changed) the
/// others. Adds the decisions to `explained`.
pub(crate) fn derive(
    operation: &mut Operation<'_>,
    core: &mut Core,
    policy: WalkPolicy,
    snapshot: &mut Snapshot,
    store: &dyn OperationStore,
    explained: &mut Explanation,
) -> Result<Outcomes, Stop> {
    let _step = operation.step("derive");
    let unchanged: Vec<u32> = unchanged_assets(&core.state, policy.filter, snapshot).collect();
    let mut outcomes = Outcomes::default();
    for id in &unchanged {
        let outcome = if core.state.summary.is_faulty(*id) { AssetOutcome::Faulty } else { AssetOutcome::Reused };
        emit_unchanged(operation, *id, outcome);
        outcomes.count(outcome);
    }
    explained.add_unchanged(&core.state, &unchanged);
    derive_changed(operation, core, policy, snapshot, store, explained, &mut outcomes)?;
    Ok(outcomes)
}

/// Derives the payload of every changed asset of `snapshot`, on all threads. Updates the build state of `core`. It takes
/// no look at the other assets.
pub(crate) fn derive_changed(
    operation: &mut Operation<'_>,
    core: &mut Core,
    policy: WalkPolicy,
    snapshot: &mut Snapshot,
    store: &dyn OperationStore,
    explained: &mut Explanation,
    outcomes: &mut Outcomes,
) -> Result<(), Stop> {
    let Core { graph, state, .. } = core;
    let previous = &state.summary;
    let mut derivation = Derivation { operation, previous, store, explained, outcomes };
    let (asking, loaded) = graph.assets_of(&snapshot.loaded).into_iter().partition(|asset| asks(&graph.db, *asset));
    let mut records = derivation.derive_in(&graph.db, loaded, &graph.derived)?;
    let loaded_count = records.len();
    for batch in std::mem::take(&mut snapshot.batches) {
        let (db, derived) = batch.open(&graph.db);
        let assets = db.workspace().assets(&db).clone();
        let of_batch = derivation.derive_in(&db, assets, &derived)?;
        // To drop a database takes time, and nothing waits for it.
        rayon::spawn(move || drop((db, derived)));
        records.extend(of_batch);
    }
    // The assets of the batches get into the database of the session by their records.
    let batched = &records[loaded_count..];
    let updates = batched.iter().map(|(id, record)| (*id, AssetInput::Recorded(Arc::clone(record)))).collect();
    let change = Change { updates, ..Change::default() };
    let packed = (policy.mode == Mode::Packing).then_some(policy.filter);
    if asking.is_empty() {
        rayon::join(|| change.apply(&mut graph.db), || update_state(state, records, snapshot, packed));
    } else {
        // What these ask for is known now.
        change.apply(&mut graph.db);
        records.extend(derivation.derive_in(&graph.db, asking, &graph.derived)?);
        update_state(state, records, snapshot, packed);
    }
    graph.unload_oldest(state);
    graph.populated = Some(Populated { filter: policy.filter, ignore_revision: state.summary.ignore_revision });
    graph.unfinished.clear();
    Ok(())
}

/// Whether the asset asks for tilesets of others.
fn asks(db: &Database, asset: Asset) -> bool {
    asset::derivation(db, asset).is_some_and(|derivation| derivation.format.asks_for_tilesets())
}

/// The assets that `filter` admits and that did not change.
pub(crate) fn unchanged_assets(state: &BuildState, filter: Filter, snapshot: &Snapshot) -> impl Iterator<Item = u32> {
    let entries = state.summary.entries.iter().filter(move |entry| filter.admits(entry));
    entries.map(|entry| entry.asset_id).filter(|id| !snapshot.changed.contains_key(id))
}

/// Emits the events of an asset that did not change.
pub(crate) fn emit_unchanged(operation: &Operation<'_>, asset_id: u32, outcome: AssetOutcome) {
    operation.emit(EventKind::AssetStarted { asset_id });
    operation.emit(EventKind::AssetFinished { asset_id, outcome });
}

/// The derivation of all payloads of one operation.
struct Derivation<'d, 'o> {
    operation: &'d mut Operation<'o>,
    /// The summary of earlier operations.
    previous: &'d Summary,
    store: &'d dyn OperationStore,
    explained: &'d mut Explanation,
    outcomes: &'d mut Outcomes,
}

impl Derivation<'_, '_> {
    /// Derives the payloads of `assets` on all threads, and returns their ids and records.
    fn derive_in(
        &mut self,
        db: &Database,
        assets: Vec<Asset>,
        derived: &DashSet<Key>,
    ) -> Result<Vec<(u32, Arc<Record>)>, Stop> {
        let (previous, store, explains) = (self.previous, self.store, self.explained.is_wanted());
        let (stream, cancel, timings) = (self.operation.stream(), self.operation.cancel(), self.operation.timings());
        let deriver = Deriver { store, stream, cancel, derived, previous, explains, timings };
        let results: Vec<_> =
            assets.par_iter().map_with(db.clone(), |db, asset| deriver.derive_asset(db, *asset)).collect();
        self.operation.check_cancelled()?;
        let mut records = Vec::with_capacity(results.len());
        for (result, asset) in results.into_iter().flatten().zip(assets) {
            let (outcome, decision) = result.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
            self.outcomes.count(outcome);
            self.explained.add(decision);
            records.push((asset.entry(db).asset_id, Arc::clone(record(db, asset))));
        }
        Ok(records)
    }
}

impl Deriver<'_> {
    /// Derives the payload of `asset`; none if the operation is cancelled.
    fn derive_asset(&self, db: &Database, asset: Asset) -> Option<Result<DerivedAsset, Diagnostic>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let asset_id = asset.entry(db).asset_id;
        let _span = self.timings.asset(asset_id);
        self.stream.emit(EventKind::AssetStarted { asset_id });
        // This must come before the derivation: afterwards the store holds all bytes.
        let causes = self.explains.then(|| {
            let inputs = PayloadInputs::of(db, asset);
            Causes::of(asset_id, self.previous.assets.get(asset_id), inputs.as_ref(), self.store)
        });
        let ran_format = self.run_format(db, asset);
        // The record is computed here, where all threads work, and not later, when one thread puts the outputs
        // together.
        let record = record(db, asset);
        let ran_format = match ran_format {
            Ok(ran_format) => ran_format,
            Err(fault) => return Some(Err(fault)),
        };
        let outcome = match (&record.payload, ran_format) {
            (None, _) => AssetOutcome::Faulty,
            (Some(_), true) => AssetOutcome::Derived,
            (Some(_), false) => AssetOutcome::Reused,
        };
        self.stream.emit(EventKind::AssetFinished { asset_id, outcome });
        let decision = causes.map(|causes| {
            let asset_name = record.name.as_ref().map(|claim| claim.key.to_string());
            let (outcome, reasons) = causes.decide(ran_format);
            Decision { asset_id, asset_name, outcome, reasons }
        });
        Some(Ok((outcome, decision)))
    }

    /// Makes sure that the payload of `asset` is derived, if it can be, and that the store holds its bytes. Returns
    /// whether the format ran for that.
    fn run_format(&self, db: &Database, asset: Asset) -> Result<bool, Diagnostic> {
        let failed = |reason: &str| Diagnostic::error(Code::Io, reason).at(asset::root_location(db, asset));
        let derived = payload(db, asset);
        if let Some(reason) = failure(db, asset) {
            return Err(failed(reason));
        }
        if self.derived.contains(&asset.key()) {
            if let (Some(inputs), Some(payload)) = (PayloadInputs::of(db, asset), &derived.payload) {
                let outcome = Outcome { payload: Some(payload.clone()), diagnostics: derived.diagnostics.clone() };
                self.store.remember(inputs.key(), &outcome);
            }
            return Ok(true);
        }
        let asset_id = asset.entry(db).asset_id;
        let is_held = |payload: &Payload| self.store.holds(asset_id, payload.id, &payload.slices);
        if derived.payload.as_ref().is_none_or(is_held) {
            return Ok(false);
        }
        // The memo is valid, but the bytes of the payload are gone: `assets.pa` was touched since.
        match derive_payload(db, asset).failure {
            Some(reason) => Err(failed(&reason)),
            None => Ok(true),
        }
    }
}

/// Updates the build state with the `records` of the changed assets of `snapshot`, and with the files that were read
/// for it. With a filter `packed`, the operation keeps the payloads of all assets that it admits.
fn update_state(
    state: &mut BuildState,
    records: Vec<(u32, Arc<Record>)>,
    snapshot: &mut Snapshot,
    packed: Option<Filter>,
) {
    let summary = &mut state.summary;
    let after = |(id, record): (u32, Arc<Record>)| {
        let uuid = snapshot.changed.get(&id).copied().flatten();
        let previous = summary.assets.get(id);
        (id, AssetSummary::after(previous, record, uuid, summary.ignore_revision, packed.is_some()))
    };
    let changed: Vec<_> = records.into_iter().map(after).collect();
    summary.assets.extend(changed);
    if let Some(packed) = packed {
        for entry in state.summary.entries.iter().filter(|entry| packed.admits(entry)) {
            state.summary.assets.note_packed(entry.asset_id);
        }
    }
    for id in &snapshot.dirty_excluded {
        state.summary.assets.remove(*id);
    }
    for (path, read) in std::mem::take(&mut snapshot.reads) {
        state.remember(&path, read);
    }
    state.settle_names();
    state.summary.is_walk_due = snapshot.is_walk_due.unwrap_or(state.summary.is_walk_due);
}
