//! Budgets, judged by the records of the assets.

use std::sync::Arc;

use papack_queries::budget::{SizedAsset, Sizes, judge};
use papack_queries::pack::ForetoldPack;
use papack_queries::record::Record;

use crate::operation::Operation;
use crate::workspace::BuildState;

/// Reports what is wrong by the budgets of `operation` with the pack that would be made of `state`, which has no errors. `newer`
/// gives the records of assets that are newer than those in `state`.
///
/// Comes before the end of the gate: what it reports is no part of what is remembered of the workspace.
pub(crate) fn report_budgets(
    operation: &mut Operation<'_>,
    state: &BuildState,
    newer: impl Fn(u32) -> Option<Arc<Record>>,
) {
    if operation.budgets().is_empty() {
        return;
    }
    let _step = operation.step("budgets");
    if let Some(sizes) = sizes(state, newer) {
        judge(operation.budgets(), &sizes).into_iter().for_each(|found| operation.report(found));
    }
}

/// How large a pack of `state` would be; none where an asset of the build set has no payload. `newer` is as above.
pub(crate) fn sizes(state: &BuildState, newer: impl Fn(u32) -> Option<Arc<Record>>) -> Option<Sizes> {
    let (mut foretold, mut payload_bytes, mut assets) = (ForetoldPack::default(), 0_u64, Vec::new());
    for entry in state.summary.entries.iter().filter(|entry| entry.included_in_build) {
        let asset_id = entry.asset_id;
        let newer = newer(asset_id);
        let record = match &newer {
            Some(record) => record,
            None => &state.summary.assets.get(asset_id)?.record,
        };
        let (row, size) = (record.row()?, record.payload.as_ref()?.id.size);
        foretold.add(asset_id, row, size)?;
        payload_bytes = payload_bytes.checked_add(size)?;
        let (bank, slot) = (row.bank, row.preload_slot);
        assets.push(SizedAsset { asset_id, name: row.name.into(), root: Some(entry.root.clone()), bank, slot, size });
    }
    Some(Sizes { pack: foretold.front_size()?.checked_add(payload_bytes)?, assets })
}
