//! `plan`: what a pack would derive and reuse, and why, asset by asset. It derives nothing, and writes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use papack_queries::asset::{ignoring, manifest, owner, record};
use papack_queries::db::Database;
use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::tilemap::AskedTileset;
use papack_queries::inputs::Asset;
use papack_queries::record::bank::picture_path;
use papack_queries::record::{PayloadInputs, Record};
use rayon::prelude::*;
use serde::Serialize;

use super::outdated::{self, OutdatedOutput};
use crate::cache::index::CleanRun;
use crate::content::OperationStore;
use crate::fs::FileSystem;
use crate::incremental::{
    Causes, Core, Decision, DecisionOutcome, Explanation, Snapshot, fix_registry, freeze, report_budgets,
    reused_decisions, unchanged_assets,
};
use crate::operation::{Cancel, EventKind, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::{Filter, Summary, WalkPolicy};

/// The options of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanRequest {
    /// Plan a pack with [`PackRequest::rehash`](crate::PackRequest::rehash).
    pub rehash: bool,
    /// If nothing would be derived, compare the outputs, too: a pack may still replace some of them.
    pub compares_outputs: bool,
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// The result of a plan: what a pack would do.
#[derive(Debug, Clone, Serialize)]
pub struct PlanResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if the plan could be made, whatever is wrong with the workspace.
    pub status: Status,
    /// Whether nothing changed since a pack that succeeded, neither in the workspace nor in the outputs.
    pub up_to_date: bool,
    /// The outputs that a pack would first make final, by completing a promotion that was cut short; empty if there is
    /// none.
    pub recovers: Vec<&'static str>,
    /// What would be decided for each asset of the build set, in ascending `asset_id`.
    pub assets: Vec<Decision>,
    /// Assets that would be derived.
    pub derived_asset_count: usize,
    /// Assets that would be reused from earlier operations.
    pub reused_asset_count: usize,
    /// Assets with faults because of which they can be neither derived nor reused.
    pub blocked_asset_count: usize,
    /// The outputs that a pack would replace; absent unless they were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_replace: Option<Vec<OutdatedOutput>>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// What is wrong, as far as it can be found without deriving anything.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

#[derive(Default)]
struct Plan {
    up_to_date: bool,
    would_replace: Option<Vec<OutdatedOutput>>,
    decisions: Vec<Decision>,
}

operation_result!(PlanResult);

impl PlanResult {
    /// Whether a pack would end without deriving anything, replacing any output, or ending a promotion that was cut short.
    /// Outputs that were not compared may have to be replaced.
    pub fn has_nothing_to_do(&self) -> bool {
        // What was left is a promotion that the next pack completes or drops.
        let stops = |found: &Diagnostic| found.is_error() || found.code == Code::Leftover;
        let is_passed =
            self.status == Status::Success && self.recovers.is_empty() && !self.diagnostics.iter().any(stops);
        let are_outputs_right = self.up_to_date || self.would_replace.as_ref().is_some_and(Vec::is_empty);
        is_passed && are_outputs_right && self.derived_asset_count + self.blocked_asset_count == 0
    }
}

impl Session {
    /// Finds out what a pack on this session would derive and reuse, and why. Does not take the lane, runs no format,
    /// and writes nothing.
    pub fn plan(&mut self, request: &PlanRequest, observer: &Observer<'_>) -> PlanResult {
        let mut plan = Plan::default();
        let mut separate = None;
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            plan = self::plan(session, operation, request, &mut separate)?;
            if request.compares_outputs {
                plan.would_replace = would_replace(session, operation, &plan)?;
            }
            Ok(())
        });
        let count = |outcome| plan.decisions.iter().filter(|decision| decision.outcome == outcome).count();
        let result = PlanResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            up_to_date: plan.up_to_date,
            recovers: std::mem::take(&mut ended.recovered),
            derived_asset_count: count(DecisionOutcome::Derived),
            reused_asset_count: count(DecisionOutcome::Reused),
            blocked_asset_count: count(DecisionOutcome::Blocked),
            assets: plan.decisions,
            would_replace: plan.would_replace,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        };
        let result = ended.finish(result);
        if let Some(separate) = separate {
            self.keep_texts_of(&separate, &result.diagnostics);
        }
        result
    }
}

/// Plans a pack on `session`, of which nothing is changed. What is read goes to a `separate` session.
fn plan(
    session: &Session,
    operation: &mut Operation<'_>,
    request: &PlanRequest,
    separate: &mut Option<Session>,
) -> Result<Plan, Stop> {
    let fs = Arc::clone(session.fs());
    let output_faults = recovery::output_faults(operation, &*fs)?;
    if output_faults.is_empty()
        && !request.rehash
        && let Some((clean_run, _)) = session.standing_run(operation)?
    {
        return Ok(planned_nothing(operation, session, clean_run));
    }
    // A plan stops half way: it reads files and derives nothing.
    let session = separate.insert(session.successor());
    let dirty_set = session.detect_changes(operation, request.rehash)?;
    let dirty_set = session.read_cache(operation, dirty_set);
    if output_faults.is_empty()
        && let Some((clean_run, _)) = session.published_run(operation, &dirty_set)?
    {
        return Ok(planned_nothing(operation, session, clean_run));
    }
    // A pack that cannot write its outputs keeps no contents either.
    let (policy, store): (_, Arc<dyn OperationStore>) = if output_faults.is_empty() {
        (WalkPolicy::packing(Filter::Included), session.open_forecast())
    } else {
        (WalkPolicy::runtime(Filter::Included), session.open_runtime_store())
    };
    output_faults.into_iter().for_each(|fault| operation.report(fault));
    let core = session.core_mut();
    let mut snapshot = freeze(operation, &*fs, core, policy, dirty_set, &*store)?;
    let decisions = decide(operation, &*fs, core, &mut snapshot, &*store)?;
    Ok(Plan { up_to_date: false, would_replace: None, decisions })
}

/// The plan of a pack that has nothing to do, since `clean_run` stands.
fn planned_nothing(operation: &mut Operation<'_>, session: &Session, clean_run: CleanRun) -> Plan {
    let decisions = reused_decisions(&session.core().state, &clean_run.asset_ids);
    let (asset_count, file_count) = (clean_run.asset_ids.len(), clean_run.file_count);
    operation.emit(EventKind::SnapshotFrozen { asset_count, file_count });
    report_budgets(operation, &session.core().state, |_| None);
    clean_run.diagnostics.into_iter().for_each(|found| operation.report(found));
    Plan { up_to_date: true, would_replace: None, decisions }
}

/// The outputs that a pack would replace. None where that need not be looked for: nothing changed, or something is to be
/// derived, or wrong.
fn would_replace(
    session: &Session,
    operation: &mut Operation<'_>,
    plan: &Plan,
) -> Result<Option<Vec<OutdatedOutput>>, Stop> {
    let is_reused = |decision: &Decision| decision.outcome == DecisionOutcome::Reused;
    if plan.up_to_date || operation.count(Severity::Error) > 0 || !plan.decisions.iter().all(is_reused) {
        return Ok(None);
    }
    // What the plan read is incomplete, so this starts over. It tells nothing: the plan has told all that there is.
    let mut compared = None;
    let ended = session.successor().run(operation.cancel(), &|_| {}, |session, quiet| {
        let dirty_set = session.detect_changes(quiet, false)?;
        let compare = outdated::compare(session, quiet, dirty_set, Vec::new(), &mut Explanation::new(false))?;
        compared = Some(compare.outdated);
        Ok(())
    });
    operation.check_cancelled()?;
    if ended.status == Status::ExecutionFailed {
        ended.diagnostics.into_iter().filter(Diagnostic::is_error).for_each(|fault| operation.report(fault));
        return Err(Stop(Status::ExecutionFailed));
    }
    Ok(compared)
}

/// Decides for each asset of the build set what a pack would do. Reports what is wrong with the assets that it would
/// not derive.
fn decide(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &mut Core,
    snapshot: &mut Snapshot,
    store: &dyn OperationStore,
) -> Result<Vec<Decision>, Stop> {
    let _step = operation.step("decide");
    let summary = &core.state.summary;
    let unchanged_assets: Vec<u32> = unchanged_assets(&core.state, Filter::Included, snapshot).collect();
    let mut decisions = reused_decisions(&core.state, &unchanged_assets);
    let faults = |id: &u32| summary.assets.get(*id).map(|asset| asset.record.placed_diagnostics(*id, true));
    let mut diagnostics: Vec<Diagnostic> = unchanged_assets.iter().filter_map(faults).flatten().collect();
    let mut records = HashMap::new();
    let mut decide_all = |db: &Database, assets: Vec<Asset>| {
        let decide = |db: &mut Database, asset: &Asset| decide_asset(db, *asset, summary, store);
        let decided: Vec<_> = assets.par_iter().map_with(db.clone(), decide).collect();
        for (decision, record) in decided {
            if let Some(record) = record {
                diagnostics.extend(record.placed_diagnostics(decision.asset_id, true));
                records.insert(decision.asset_id, record);
            }
            decisions.push(decision);
        }
    };
    let db = &core.graph.db;
    decide_all(db, core.graph.assets_of(&snapshot.loaded));
    for batch in std::mem::take(&mut snapshot.batches) {
        operation.check_cancelled()?;
        let (db, _) = batch.open(db);
        decide_all(&db, db.workspace().assets(&db).clone());
    }
    decisions.sort_by_key(|decision| decision.asset_id);
    diagnostics.sort_by_key(|found| found.asset_id);
    let of_workspace = db.workspace().diagnostics(db).iter().chain(&ignoring(db, db.workspace()).fault).cloned();
    let mut all: Vec<_> = of_workspace.chain(diagnostics).collect();
    fix_registry(&mut all, fs, core);
    let is_reused = |decision: &Decision| decision.outcome == DecisionOutcome::Reused;
    if decisions.iter().all(is_reused) && !all.iter().any(Diagnostic::is_error) {
        report_budgets(operation, &core.state, |id| records.get(&id).cloned());
    }
    all.into_iter().for_each(|found| operation.report(found));
    // Whoever shows a diagnostic finds the text of the manifest again by its digest in the file index.
    for (path, read) in std::mem::take(&mut snapshot.reads) {
        core.state.file_index.remember(&path, read);
    }
    operation.check_cancelled()?;
    Ok(decisions)
}

/// Whether the map `asset`, which had the inputs `old`, has the same files, and the banks that it asks for have the same inputs.
fn has_same_banks(db: &Database, asset: Asset, old: &PayloadInputs, summary: &Summary) -> bool {
    let has_same_files = |asset: Asset, old: &PayloadInputs| {
        PayloadInputs::of_files(db, asset)
            .is_some_and(|inputs| inputs.files == old.files && inputs.format == old.format)
    };
    let root = &asset.entry(db).root;
    let is_same = |asked: &AskedTileset| {
        let bank = picture_path(root, &asked.picture).and_then(|place| owner(db, &place));
        let (Some(bank), Ok(place)) = (bank, asked.found) else { return false };
        let entry = bank.entry(db);
        let old = summary.assets.get(entry.asset_id).and_then(|bank| bank.record.inputs.as_ref());
        let is_same = bank.recorded(db).is_some() || old.is_some_and(|old| has_same_files(bank, old));
        entry.asset_id == place.asset_id && entry.included_in_build && is_same
    };
    has_same_files(asset, old) && old.tilesets().iter().all(is_same)
}

/// Decides what a pack would do for `asset`, which is in `db`. Also returns its record, unless it would be derived: then it
/// has none yet.
fn decide_asset(
    db: &Database,
    asset: Asset,
    summary: &Summary,
    store: &dyn OperationStore,
) -> (Decision, Option<Arc<Record>>) {
    let asset_id = asset.entry(db).asset_id;
    let inputs = PayloadInputs::of_files(db, asset);
    let asks = inputs.as_ref().is_some_and(|inputs| inputs.format.asks_for_tilesets());
    let old = summary.assets.get(asset_id);
    // What a map asks for is as it was where nothing of its banks is derived; else only a pack finds it out.
    let known =
        old.and_then(|old| old.record.inputs.as_ref()).filter(|old| asks && has_same_banks(db, asset, old, summary));
    let inputs = match known {
        Some(old) => inputs.map(|inputs| PayloadInputs { tilesets: old.tilesets.clone(), ..inputs }),
        None => inputs,
    };
    let is_doubtful = asks && known.is_none();
    let causes = if is_doubtful {
        Causes::of_asking(old, inputs.as_ref())
    } else {
        Causes::of(asset_id, old, inputs.as_ref(), store)
    };
    let runs_format = inputs.is_some_and(|inputs| is_doubtful || inputs.recall(db).is_none());
    let (outcome, reasons) = causes.decide(runs_format);
    let asset_name = manifest(db, asset).manifest.name.as_ref().map(|(name, _)| name.clone());
    let record = (!runs_format).then(|| Arc::clone(record(db, asset)));
    (Decision { asset_id, asset_name, outcome, reasons }, record)
}
