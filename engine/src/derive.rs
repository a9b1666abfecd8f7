//! Derivation on all threads.

use papack_queries::asset::{self, Derived, payload, record};
use papack_queries::db::{Database, Key};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::Asset;
use rayon::prelude::*;

use crate::event::{AssetOutcome, EventKind};
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::store::Keeper;

/// How many payloads came about in which way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcomes {
    pub(crate) derived: usize,
    pub(crate) reused: usize,
}

impl Operation<'_> {
    /// Asks for the payload of every asset that `filter` admits, on all threads.
    pub(crate) fn derive(&mut self, filter: Filter, keeper: &dyn Keeper) -> Result<Outcomes, Stop> {
        let db = &self.session.db;
        let assets = filter.assets(db);
        let (stream, cancel, derived) = (&self.stream, &self.cancel, &*self.session.derived);
        let outcomes: Vec<Option<Result<AssetOutcome, Diagnostic>>> = assets
            .par_iter()
            .map_with(db.clone(), |db, &asset| {
                if cancel.is_cancelled() {
                    return None;
                }
                let asset_id = asset.entry(db).asset_id;
                stream.emit(EventKind::AssetStarted { asset_id });
                let outcome = derive_asset(db, asset, keeper, |key| derived.contains(&key));
                // Asked for here, on all threads, so that the outputs are only put together later.
                record(db, asset);
                if let Ok(outcome) = outcome {
                    stream.emit(EventKind::AssetFinished { asset_id, outcome });
                }
                Some(outcome)
            })
            .collect();
        self.check_cancelled()?;
        let count = |wanted| outcomes.iter().flatten().filter(|outcome| outcome.as_ref().ok() == Some(&wanted)).count();
        let counted = Outcomes { derived: count(AssetOutcome::Derived), reused: count(AssetOutcome::Reused) };
        match outcomes.into_iter().flatten().find_map(Result::err) {
            Some(fault) => Err(self.fail(Status::ExecutionFailed, fault)),
            None => Ok(counted),
        }
    }
}

/// Makes sure that the payload of `asset` is known, and that its bytes are where the operation needs them.
fn derive_asset(
    db: &Database,
    asset: Asset,
    keeper: &dyn Keeper,
    was_executed: impl Fn(Key) -> bool,
) -> Result<AssetOutcome, Diagnostic> {
    let is_held = |derived: &Derived| {
        derived.payload.iter().flat_map(|payload| &payload.slices).all(|slice| keeper.holds(*slice))
    };
    let failed = |derived: &Derived| {
        let reason = derived.failure.as_ref()?;
        let location = asset::root_location(db, asset);
        Some(Diagnostic::error(Code::Io, reason.clone()).at(location))
    };
    let derived = payload(db, asset);
    if let Some(fault) = failed(derived) {
        return Err(fault);
    }
    if was_executed(asset.key()) {
        return Ok(AssetOutcome::Derived);
    }
    if is_held(derived) {
        return Ok(AssetOutcome::Reused);
    }
    // The memo stands, but the bytes it speaks of are gone: `assets.pa` was touched since.
    match failed(&asset::derive(db, asset)) {
        Some(fault) => Err(fault),
        None => Ok(AssetOutcome::Derived),
    }
}
