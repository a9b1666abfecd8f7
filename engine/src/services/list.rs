//! `list`: the registered assets, or some of them. It tells of each what `status` tells.

use std::collections::{BTreeSet, HashMap};

use papack_queries::diagnostic::Diagnostic;
use papack_queries::diagnostic::levels::Levels;
use papack_queries::formats::Bank;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::registry::asset_id;
use serde::Serialize;

use super::examine::survey_all;
use super::manage::{naming, select};
use super::status::{AssetState, AssetStatus, assets};
use crate::operation::{Cancel, Observer, OperationId, Status, Stop, operation_result};
use crate::session::Session;

/// The options of a list.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Which assets: ids, roots, names or patterns over roots, tried in this order; if empty, all.
    pub assets: Vec<String>,
    /// Only those of this bank.
    pub bank: Option<Bank>,
    /// Only those in this state.
    pub state: Option<AssetState>,
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// The registered assets, or some of them.
#[derive(Debug, Clone, Serialize)]
pub struct ListResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if the assets could be examined, whatever is wrong with them; `GATE_FAILED` if a text means no asset, or
    /// no entry of the registry can be read, or a link is in the place of `assets/`, or it may not be read.
    pub status: Status,
    /// The assets that were asked for, in ascending `asset_id`; null unless `SUCCESS`.
    pub assets: Option<Vec<AssetStatus>>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics of the workspace.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

operation_result!(ListResult);

impl Session {
    /// Examines the whole workspace as [`status`](Self::status) does, and lists the assets that are asked for. Does not
    /// take the lane, keeps no contents, and writes nothing.
    pub fn list(&mut self, request: &ListRequest, observer: &Observer<'_>) -> ListResult {
        let here = self.here().map(str::to_owned);
        let mut listed = None;
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            survey_all(session, operation)?;
            let mut assets = assets(session.core(), operation);
            // Without the registry, it is not known which assets there are: an empty list would not be true.
            let is_of_registry = |found: &Diagnostic| found.is_error() && found.path.as_deref() == Some(REGISTRY_PATH);
            if assets.is_empty() && operation.found().any(|(found, _)| is_of_registry(found)) {
                return Err(Stop(Status::GateFailed));
            }
            let selected = select(&assets, here.as_deref(), &request.assets);
            let selected = selected.map_err(|faults| {
                faults.into_iter().for_each(|fault| operation.report(fault));
                Stop(Status::GateFailed)
            })?;
            assets.retain(|asset| {
                selected.as_ref().is_none_or(|ids| ids.contains(&asset.asset_id))
                    && request.bank.is_none_or(|bank| asset.bank == Some(bank))
                    && request.state.is_none_or(|state| asset.state == state)
            });
            listed = Some(assets);
            Ok(())
        });
        let result = ListResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            assets: listed,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        };
        ended.finish(result)
    }
}

/// The ids of the assets that the texts `asked` mean; none where all are meant. Roots may be named from the folder
/// `here`, too.
///
/// # Errors
///
/// A fault for each text that means no asset.
fn select(
    assets: &[AssetStatus],
    here: Option<&str>,
    asked: &[String],
) -> Result<Option<BTreeSet<u32>>, Vec<Diagnostic>> {
    let mut names: select::Names = HashMap::new();
    for asset in assets {
        if let Some(name) = &asset.asset_name {
            names.entry(name.clone()).or_default().push(asset.asset_id);
        }
    }
    let roots: HashMap<&str, u32> = assets.iter().map(|asset| (asset.root.as_str(), asset.asset_id)).collect();
    let is_listed = |id: &u32| assets.binary_search_by_key(id, |asset| asset.asset_id).is_ok();
    let (mut ids, mut faults) = (BTreeSet::new(), Vec::new());
    for asked in asked.iter().map(|asked| naming::trimmed(asked)) {
        let by_id = asset_id(asked).filter(is_listed);
        let by_root = || naming::candidates(here, asked).iter().find_map(|root| roots.get(root.as_str()).copied());
        if let Some(id) = by_id.or_else(by_root) {
            ids.insert(id);
            continue;
        }
        let entries = assets.iter().map(|asset| (asset.asset_id, asset.root.as_str()));
        match select::by_name_or_pattern(&names, entries, asked) {
            Ok(found) => ids.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok((!asked.is_empty()).then_some(ids)) } else { Err(faults) }
}
