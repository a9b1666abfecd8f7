//! Derivation on all threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use dashmap::DashSet;
use papack_queries::asset::{self, Inputs, derive, failure, payload, record};
use papack_queries::db::{Database, Executed, Key, Query};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::formats::{Outcome, Payload};
use papack_queries::inputs::{Asset, Change, Found, find};
use rayon::prelude::*;

use crate::cancel::Cancel;
use crate::event::{AssetOutcome, EventKind, Stream};
use crate::known::KnownAsset;
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::snapshot::Snapshot;
use crate::store::Keeper;

/// How many payloads came about in which way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcomes {
    pub(crate) derived: usize,
    pub(crate) reused: usize,
}

/// Assets in a database of their own, which is dropped when they are derived. Thousands of them that were live all at once
/// would take the more memory.
pub(crate) struct Batch {
    pub(crate) db: Database,
    derived: Derived,
}

/// For which assets the format did its work.
pub(crate) type Derived = Arc<DashSet<Key>>;

/// The hook of a database that notes in `derived` for which assets the format did its work.
pub(crate) fn noting(derived: &Derived) -> impl Fn(Executed) + Send + Sync + 'static {
    let derived = Arc::clone(derived);
    move |executed| {
        if executed.query == Query::Format {
            derived.insert(executed.key);
        }
    }
}

impl Batch {
    /// How many assets one holds.
    pub(crate) const SIZE: usize = 1024;

    /// An empty one, over the content of `db`.
    pub(crate) fn new(db: &Database) -> Self {
        let derived = Derived::default();
        Self { db: db.sibling(noting(&derived)), derived }
    }
}

/// What all threads look at.
struct Deriving<'o> {
    keeper: &'o dyn Keeper,
    stream: &'o Stream<'o>,
    cancel: &'o Cancel,
    derived: &'o DashSet<Key>,
}

impl Operation<'_> {
    /// Asks for the payload of every asset that `filter` admits and that is in `snapshot`, on all threads. What came of
    /// them is known from then on.
    pub(crate) fn derive(
        &mut self,
        filter: Filter,
        snapshot: &mut Snapshot,
        keeper: &dyn Keeper,
    ) -> Result<Outcomes, Stop> {
        let mut outcomes = Outcomes { derived: 0, reused: self.reuse(filter, snapshot) };
        let db = self.session.db.clone();
        let batches = std::mem::take(&mut snapshot.batches);
        let settled: BTreeSet<u32> = batches
            .iter()
            .flat_map(|batch| {
                batch.db.workspace().assets(&batch.db).iter().map(|asset| asset.entry(&batch.db).asset_id)
            })
            .collect();
        let live = snapshot.fresh.keys().filter(|id| !settled.contains(id)).filter_map(|id| find(&db, *id)).collect();
        let derived = Arc::clone(&self.session.derived);
        let mut known = self.derive_in(&db, live, &derived, keeper, &mut outcomes)?;
        drop(db);
        let mut at_rest = Vec::new();
        for Batch { db, derived } in batches {
            let assets = db.workspace().assets(&db).clone();
            let records = self.derive_in(&db, assets, &derived, keeper, &mut outcomes)?;
            at_rest.extend(records.iter().map(|(id, record)| (*id, Found::AtRest(Arc::clone(record)))));
            known.extend(records);
        }
        Change { seen: at_rest, ..Change::default() }.apply(&mut self.session.db);
        self.session.conclude(known, filter, snapshot);
        Ok(outcomes)
    }

    /// Tells of the assets that are as they were, and how many there are.
    fn reuse(&self, filter: Filter, snapshot: &Snapshot) -> usize {
        let entries = self.session.known.facts.entries.iter().filter(|entry| filter.admits(entry));
        let ids = entries.map(|entry| entry.asset_id).filter(|id| !snapshot.fresh.contains_key(id));
        ids.inspect(|id| self.tell_reused(*id)).count()
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
    ) -> Result<Vec<(u32, Arc<asset::Record>)>, Stop> {
        let deriving = Deriving { keeper, stream: &self.stream, cancel: &self.cancel, derived };
        let results: Vec<_> =
            assets.par_iter().map_with(db.clone(), |db, asset| deriving.derive_asset(db, *asset)).collect();
        self.check_cancelled()?;
        let mut records = Vec::with_capacity(results.len());
        for (result, asset) in results.into_iter().flatten().zip(assets) {
            match result.map_err(|fault| self.fail(Status::ExecutionFailed, fault))? {
                AssetOutcome::Derived => outcomes.derived += 1,
                AssetOutcome::Reused => outcomes.reused += 1,
            }
            records.push((asset.entry(db).asset_id, Arc::clone(record(db, asset))));
        }
        Ok(records)
    }
}

impl Deriving<'_> {
    /// Derives the payload of `asset`; nothing once the operation is cancelled.
    fn derive_asset(&self, db: &Database, asset: Asset) -> Option<Result<AssetOutcome, Diagnostic>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let asset_id = asset.entry(db).asset_id;
        self.stream.emit(EventKind::AssetStarted { asset_id });
        let outcome = self.outcome(db, asset);
        // Asked for here, on all threads, so that the outputs are only put together later.
        record(db, asset);
        if let Ok(outcome) = outcome {
            self.stream.emit(EventKind::AssetFinished { asset_id, outcome });
        }
        Some(outcome)
    }

    /// Makes sure that the payload of `asset` is known, and that its bytes are where the operation needs them.
    fn outcome(&self, db: &Database, asset: Asset) -> Result<AssetOutcome, Diagnostic> {
        let failed = |reason: &str| Diagnostic::error(Code::Io, reason).at(asset::root_location(db, asset));
        let derived = payload(db, asset);
        if let Some(reason) = failure(db, asset) {
            return Err(failed(reason));
        }
        if self.derived.contains(&asset.key()) {
            if let (Some(inputs), Some(payload)) = (Inputs::of(db, asset), &derived.payload) {
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

impl crate::session::Session {
    /// Remembers what came of the assets of `snapshot`, and what was read for it.
    fn conclude(&mut self, records: Vec<(u32, Arc<asset::Record>)>, filter: Filter, snapshot: &mut Snapshot) {
        let known = &mut self.known;
        for (id, record) in records {
            let uuid = snapshot.fresh.get(&id).copied().flatten();
            known.facts.assets.insert(id, KnownAsset { record, uuid });
        }
        for id in &snapshot.unwanted {
            known.facts.assets.remove(id);
        }
        for (path, read) in std::mem::take(&mut snapshot.reads) {
            known.seen.remember(&path, read);
        }
        known.pending = crate::seen::Listed::default();
        known.facts.is_walk_due = snapshot.is_walk_due.unwrap_or(known.facts.is_walk_due);
        self.populated = Some(filter);
        self.settle();
    }
}
