//! `plan`: what a pack would derive and reuse, and why, asset by asset. Nothing is derived, and nothing is written.

use std::sync::Arc;

use papack_queries::asset::{manifest, record};
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::Asset;
use papack_queries::record::PayloadInputs;
use rayon::prelude::*;
use serde::Serialize;

use crate::build::{Causes, Core, Decision, DecisionOutcome, Snapshot, freeze, reused_decisions, unchanged_assets};
use crate::content::OperationStore;
use crate::operation::{
    AssetOutcome, Cancel, EventKind, Observer, Operation, OperationId, Status, Stop, operation_result,
};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{Filter, Summary, WalkPolicy};

/// What a caller wants of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanRequest {
    /// Plan a pack that believes nothing but the inputs.
    pub rehash: bool,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// What a pack would do.
#[derive(Debug, Clone, Serialize)]
pub struct PlanResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` where it could be told, whatever is wrong with the workspace.
    pub status: Status,
    /// Whether nothing changed since a pack that succeeded, neither in the workspace nor in its outputs.
    pub up_to_date: bool,
    /// What would be done for each asset of the build set, in ascending `asset_id`.
    pub assets: Vec<Decision>,
    /// Assets whose format would do its work.
    pub derived_asset_count: usize,
    /// Assets that would be taken from earlier operations.
    pub reused_asset_count: usize,
    /// Assets of which something is so wrong that neither can be.
    pub blocked_asset_count: usize,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// What is wrong, as far as that is known before anything is derived.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Default)]
struct Plan {
    up_to_date: bool,
    decisions: Vec<Decision>,
}

operation_result!(PlanResult);

impl Session {
    /// Tells what a pack by a new process would derive and reuse, and why. Takes no lane, runs no format, and writes
    /// nothing.
    pub fn plan(&mut self, request: &PlanRequest, observer: &Observer<'_>) -> PlanResult {
        // What this session knows is left as it is: nothing of what is looked at here comes to its end.
        let mut aside = self.beside();
        let mut plan = Plan::default();
        let mut ended = aside.run(&request.cancel, observer, |session, operation| {
            plan = self::plan(session, operation, request)?;
            Ok(())
        });
        let count = |outcome| plan.decisions.iter().filter(|decision| decision.outcome == outcome).count();
        let result = PlanResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            up_to_date: plan.up_to_date,
            derived_asset_count: count(DecisionOutcome::Derived),
            reused_asset_count: count(DecisionOutcome::Reused),
            blocked_asset_count: count(DecisionOutcome::Blocked),
            assets: plan.decisions,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
        };
        let result = ended.finish(result);
        self.core_mut().adopt_texts(aside.core());
        result
    }
}

fn plan(session: &mut Session, operation: &mut Operation<'_>, request: &PlanRequest) -> Result<Plan, Stop> {
    let fs = Arc::clone(session.fs());
    let blocked = recovery::output_faults(operation, &*fs)?;
    let noticed = session.detect_changes(operation, request.rehash)?;
    let noticed = session.read_cache(operation, noticed);
    if blocked.is_empty()
        && let Some((conclusion, _)) = session.published_run(operation, &noticed)?
    {
        let decisions = reused_decisions(&session.core().state, &conclusion.asset_ids);
        let (asset_count, file_count) = (conclusion.asset_ids.len(), conclusion.file_count);
        operation.emit(EventKind::SnapshotFrozen { asset_count, file_count });
        conclusion.diagnostics.into_iter().for_each(|found| operation.report(found));
        return Ok(Plan { up_to_date: true, decisions });
    }
    // A pack that has no place to work in keeps nothing either.
    let (policy, keeper): (_, Arc<dyn OperationStore>) = if blocked.is_empty() {
        (WalkPolicy::packing(Filter::Included), session.open_forecast())
    } else {
        (WalkPolicy::runtime(Filter::Included), session.open_probe())
    };
    blocked.into_iter().for_each(|fault| operation.report(fault));
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, noticed, &*keeper)?;
    let decisions = foretell(operation, core, &mut snapshot, &*keeper)?;
    Ok(Plan { up_to_date: false, decisions })
}

/// What a pack would do for each asset of the build set. Reports what is wrong with those that it would not derive.
fn foretell(
    operation: &mut Operation<'_>,
    core: &mut Core,
    snapshot: &mut Snapshot,
    keeper: &dyn OperationStore,
) -> Result<Vec<Decision>, Stop> {
    let _step = operation.step("decide");
    let known = &core.state.summary;
    let unchanged_assets: Vec<u32> = unchanged_assets(&core.state, Filter::Included, snapshot).collect();
    let mut decisions = reused_decisions(&core.state, &unchanged_assets);
    let faults = |id: &u32| known.assets.get(id).map(|asset| asset.record.placed_diagnostics(*id, true));
    let mut diagnostics: Vec<Diagnostic> = unchanged_assets.iter().filter_map(faults).flatten().collect();
    let mut foretell = |db: &Database, assets: Vec<Asset>| {
        let foretell = |db: &mut Database, asset: &Asset| foretell_asset(db, *asset, known, keeper);
        let found: Vec<_> = assets.par_iter().map_with(db.clone(), foretell).collect();
        for (decision, faults) in found {
            decisions.push(decision);
            diagnostics.extend(faults);
        }
    };
    let db = &core.graph.db;
    foretell(db, core.graph.assets_of(&snapshot.live));
    for batch in std::mem::take(&mut snapshot.batches) {
        operation.check_cancelled()?;
        let (db, _) = batch.open(db);
        foretell(&db, db.workspace().assets(&db).clone());
    }
    decisions.sort_by_key(|decision| decision.asset_id);
    diagnostics.sort_by_key(|found| found.asset_id);
    let all = db.workspace().diagnostics(db).iter().cloned().chain(diagnostics);
    all.for_each(|found| operation.report(found));
    // By what was read of manifests, their texts are found again.
    for (path, read) in std::mem::take(&mut snapshot.reads) {
        core.state.file_index.remember(&path, read);
    }
    operation.check_cancelled()?;
    Ok(decisions)
}

/// What would be done for `asset`, which was looked into, and what is wrong with it, unless it would have to be derived.
fn foretell_asset(
    db: &Database,
    asset: Asset,
    known: &Summary,
    keeper: &dyn OperationStore,
) -> (Decision, Vec<Diagnostic>) {
    let asset_id = asset.entry(db).asset_id;
    let inputs = PayloadInputs::of(db, asset);
    let causes = Causes::of(asset_id, known.assets.get(&asset_id), inputs.as_ref(), keeper);
    let runs_format = inputs.is_some_and(|inputs| inputs.recall(db).is_none());
    let (outcome, reasons) = causes.decide(if runs_format { AssetOutcome::Derived } else { AssetOutcome::Reused });
    let asset_name = manifest(db, asset).manifest.name.as_ref().map(|(name, _)| name.clone());
    // Of one that is to be derived, the record could not be told.
    let diagnostics =
        if runs_format { Vec::new() } else { record(db, asset).placed_diagnostics(asset_id, true).collect() };
    (Decision { asset_id, asset_name, outcome, reasons }, diagnostics)
}
