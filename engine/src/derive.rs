//! Derivation on all threads.

use std::sync::Arc;

use dashmap::DashSet;
use papack_queries::asset::{self, derive, failure, payload, record};
use papack_queries::change::{AssetInput, Change};
use papack_queries::content::{Outcome, Payload};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::{Asset, Key};
use papack_queries::record::{PayloadInputs, Record};
use rayon::prelude::*;

use crate::cancel::Cancel;
use crate::decision::{Decision, Grounds};
use crate::event::{AssetOutcome, EventKind, Stream};
use crate::known::{Facts, Known, KnownAsset};
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::seen::Listed;
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::store::Keeper;
use crate::timings::Timings;

/// How many payloads came about in which way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcomes {
    pub(crate) derived: usize,
    pub(crate) reused: usize,
}

/// What all threads look at.
struct Deriving<'o> {
    keeper: &'o dyn Keeper,
    stream: &'o Stream<'o>,
    cancel: &'o Cancel,
    derived: &'o DashSet<Key>,
    /// What was known before.
    known: &'o Facts,
    explains: bool,
    timings: &'o Timings,
}

/// What became of one asset, and why where that is asked for.
type Became = (AssetOutcome, Option<Decision>);

impl Operation<'_> {
    /// Asks for the payload of every asset that `filter` admits and that is in `snapshot`, on all threads. What came of
    /// them is known from then on.
    pub(crate) fn derive(
        &mut self,
        filter: Filter,
        snapshot: &mut Snapshot,
        keeper: &dyn Keeper,
    ) -> Result<Outcomes, Stop> {
        let _step = self.session.timings.step("derive");
        let mut outcomes = Outcomes { derived: 0, reused: self.reuse(filter, snapshot) };
        let db = self.session.db.clone();
        let live = self.session.assets_of(&snapshot.live);
        let derived = Arc::clone(&self.session.derived);
        let mut concluded = self.derive_in(&db, live, &derived, keeper, &mut outcomes)?;
        drop(db);
        let live_count = concluded.len();
        for batch in std::mem::take(&mut snapshot.batches) {
            let (db, derived) = batch.open(&self.session.db);
            let assets = db.workspace().assets(&db).clone();
            let records = self.derive_in(&db, assets, &derived, keeper, &mut outcomes)?;
            // Nobody waits for that.
            rayon::spawn(move || drop((db, derived)));
            concluded.extend(records);
        }
        let at_rest =
            concluded.iter().skip(live_count).map(|(id, record)| (*id, AssetInput::Recorded(Arc::clone(record))));
        let at_rest = Change { updates: at_rest.collect(), ..Change::default() };
        let kept = keeper.keeps_payloads().then_some(filter);
        let Session { db, known, .. } = &mut *self.session;
        rayon::join(|| at_rest.apply(db), || known.conclude(concluded, snapshot, kept));
        self.session.settle();
        self.session.populated = Some(filter);
        Ok(outcomes)
    }

    /// The assets that `filter` admits and that are as they were.
    pub(crate) fn resting(&self, filter: Filter, snapshot: &Snapshot) -> impl Iterator<Item = u32> {
        let entries = self.session.known.facts.entries.iter().filter(move |entry| filter.admits(entry));
        entries.map(|entry| entry.asset_id).filter(|id| !snapshot.fresh.contains_key(id))
    }

    /// Tells of the assets that are as they were, and how many there are.
    fn reuse(&mut self, filter: Filter, snapshot: &Snapshot) -> usize {
        let ids: Vec<u32> = self.resting(filter, snapshot).collect();
        ids.iter().for_each(|id| self.tell_reused(*id));
        self.explain_at_rest(&ids);
        ids.len()
    }

    /// What is decided for assets that are as they were.
    pub(crate) fn at_rest(&self, ids: &[u32]) -> Vec<Decision> {
        let assets = &self.session.known.facts.assets;
        ids.iter().filter_map(|id| Some(Decision::at_rest(*id, assets.get(id)?))).collect()
    }

    /// Keeps what was decided for assets that are as they were, where that is asked for.
    pub(crate) fn explain_at_rest(&mut self, ids: &[u32]) {
        if self.explained.is_some() {
            let decisions = self.at_rest(ids);
            self.explained.get_or_insert_default().extend(decisions);
        }
    }

    /// Tells of an asset that is as it was.
    pub(crate) fn tell_reused(&self, asset_id: u32) {
        self.stream.emit(EventKind::AssetStarted { asset_id });
        self.stream.emit(EventKind::AssetFinished { asset_id, outcome: AssetOutcome::Reused });
    }

    /// Derives the payloads of `assets`, and returns what came of each.
    fn derive_in(
        &mut self,
        db: &Database,
        assets: Vec<Asset>,
        derived: &DashSet<Key>,
        keeper: &dyn Keeper,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<(u32, Arc<Record>)>, Stop> {
        let known = &self.session.known.facts;
        let (explains, timings) = (self.explained.is_some(), &self.session.timings);
        let deriving =
            Deriving { keeper, stream: &self.stream, cancel: &self.cancel, derived, known, explains, timings };
        let results: Vec<_> =
            assets.par_iter().map_with(db.clone(), |db, asset| deriving.derive_asset(db, *asset)).collect();
        self.check_cancelled()?;
        let mut records = Vec::with_capacity(results.len());
        for (result, asset) in results.into_iter().flatten().zip(assets) {
            let (outcome, decision) = result.map_err(|fault| self.fail(Status::ExecutionFailed, fault))?;
            match outcome {
                AssetOutcome::Derived => outcomes.derived += 1,
                AssetOutcome::Reused => outcomes.reused += 1,
            }
            if let Some(explained) = &mut self.explained {
                explained.extend(decision);
            }
            records.push((asset.entry(db).asset_id, Arc::clone(record(db, asset))));
        }
        Ok(records)
    }
}

impl Deriving<'_> {
    /// Derives the payload of `asset`; nothing once the operation is cancelled.
    fn derive_asset(&self, db: &Database, asset: Asset) -> Option<Result<Became, Diagnostic>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let asset_id = asset.entry(db).asset_id;
        let _span = self.timings.asset(asset_id);
        self.stream.emit(EventKind::AssetStarted { asset_id });
        // Before anything is derived: afterwards all bytes are there.
        let grounds = self.explains.then(|| {
            let inputs = PayloadInputs::of(db, asset);
            Grounds::of(asset_id, self.known.assets.get(&asset_id), inputs.as_ref(), self.keeper)
        });
        let outcome = self.outcome(db, asset);
        // Asked for here, on all threads, so that the outputs are only put together later.
        let record = record(db, asset);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(fault) => return Some(Err(fault)),
        };
        self.stream.emit(EventKind::AssetFinished { asset_id, outcome });
        let decision = grounds.map(|grounds| {
            let asset_name = record.name.as_ref().map(|claim| claim.key.to_string());
            let (outcome, reasons) = grounds.decide(outcome);
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
        match derive(db, asset).failure {
            Some(reason) => Err(failed(&reason)),
            None => Ok(AssetOutcome::Derived),
        }
    }
}

impl Known {
    /// Remembers what came of the assets of `snapshot`, and what was read for it. The payloads of all assets that the filter
    /// `kept` admits were kept.
    fn conclude(&mut self, records: Vec<(u32, Arc<Record>)>, snapshot: &mut Snapshot, kept: Option<Filter>) {
        for (id, record) in records {
            let uuid = snapshot.fresh.get(&id).copied().flatten();
            let asset = KnownAsset::follow(self.facts.assets.get(&id), record, uuid, kept.is_some());
            self.facts.assets.insert(id, asset);
        }
        if let Some(kept) = kept {
            for entry in self.facts.entries.iter().filter(|entry| kept.admits(entry)) {
                if let Some(asset) = self.facts.assets.get_mut(&entry.asset_id) {
                    asset.packed = None;
                }
            }
        }
        for id in &snapshot.unwanted {
            self.facts.assets.remove(id);
        }
        for (path, read) in std::mem::take(&mut snapshot.reads) {
            self.remember(&path, read);
        }
        self.pending = Listed::default();
        self.facts.is_walk_due = snapshot.is_walk_due.unwrap_or(self.facts.is_walk_due);
    }
}
