//! Sums up the records for a status.

use std::collections::HashSet;

use papack_queries::asset::{self, ignoring};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::{Bank, Format};
use papack_queries::left_out::Rules;
use papack_queries::record::Record;
use papack_queries::schema::manifest::SLOTS;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::unmanaged::Unmanaged;
use rayon::prelude::*;

use super::result::{AssetState, AssetStatus, BankStatus, Counts, NextPack, Summary, UnmanagedStatus, UsedSlot};
use crate::incremental::{Core, FilesBeside, Snapshot};
use crate::operation::Operation;
use crate::workspace::BuildState;

/// The summary of the workspace in `core`, of which `operation` reported all diagnostics.
pub(super) fn of(core: &mut Core, operation: &Operation<'_>, snapshot: Snapshot, next_pack: NextPack) -> Summary {
    let assets = assets(core, operation);
    let FilesBeside { folders, loose } = core.files_beside().clone();
    Summary {
        next_pack,
        counts: counts(&assets),
        banks: Bank::ALL.into_iter().map(|bank| bank_status(bank, &assets)).collect(),
        assets,
        unmanaged: snapshot.unmanaged.into_iter().map(unmanaged_status).collect(),
        unmanaged_folders: folders.unwrap_or_default(),
        loose_files: loose,
        needs_migration: needs_migration(operation),
    }
}

/// The status of every registered asset in `core`, of which `operation` made the records and reported all diagnostics.
pub(in crate::services) fn assets(core: &Core, operation: &Operation<'_>) -> Vec<AssetStatus> {
    let errors = operation.found().filter(|(_, told)| *told == Some(Severity::Error));
    let faulty: HashSet<u32> = errors.filter_map(|(found, _)| found.asset_id).collect();
    let db = &core.graph.db;
    let (rules, state) = (&ignoring(db, db.workspace()).rules, &core.state);
    let status = |entry: &RegistryEntry| {
        let record = &state.summary.assets.get(entry.asset_id)?.record;
        let unused_files = unused_files(state, entry, record, rules);
        Some(asset_status(entry, record, unused_files, faulty.contains(&entry.asset_id)))
    };
    state.summary.entries.par_iter().filter_map(status).collect()
}

fn asset_status(
    entry: &RegistryEntry,
    record: &Record,
    unused_files: Option<Vec<String>>,
    is_faulty: bool,
) -> AssetStatus {
    let format = record.format();
    AssetStatus {
        asset_id: entry.asset_id,
        asset_name: record.name.as_ref().map(|claim| claim.key.to_string()),
        root: entry.root.to_string(),
        included_in_build: entry.included_in_build,
        state: state(record, is_faulty),
        format: format.map(Format::name),
        bank: format.map(Format::bank),
        payload_bytes: record.payload.as_ref().map(|payload| payload.id.size),
        preload_slot: record.preload_slot(),
        unused_files,
    }
}

fn state(record: &Record, is_faulty: bool) -> AssetState {
    let has = |code| record.diagnostics.iter().any(|found| found.code == code);
    match () {
        () if has(Code::AssetMoved) => AssetState::Moved,
        () if has(Code::AssetMissing) => AssetState::Missing,
        () if is_faulty || record.diagnostics.iter().any(Diagnostic::is_error) => AssetState::Faulty,
        () => AssetState::Ready,
    }
}

/// The files below the root of an asset that no artifact entry uses; none where it is not known which files these use.
fn unused_files(state: &BuildState, entry: &RegistryEntry, record: &Record, rules: &Rules) -> Option<Vec<String>> {
    let used = record.files()?;
    let tree = state.file_index.below(&entry.root)?;
    Some(asset::unused_files(&tree, &entry.root, &used, rules).into_iter().map(str::to_owned).collect())
}

fn counts(assets: &[AssetStatus]) -> Counts {
    let count = |admits: &dyn Fn(&AssetStatus) -> bool| assets.iter().filter(|asset| admits(asset)).count();
    Counts {
        registered: assets.len(),
        included: count(&|asset| asset.included_in_build),
        ready: count(&|asset| asset.state == AssetState::Ready),
        faulty: count(&|asset| asset.state == AssetState::Faulty),
        missing: count(&|asset| asset.state == AssetState::Missing),
        moved: count(&|asset| asset.state == AssetState::Moved),
        unused_files: assets.iter().filter_map(|asset| asset.unused_files.as_ref()).map(Vec::len).sum(),
    }
}

fn bank_status(bank: Bank, assets: &[AssetStatus]) -> BankStatus {
    let assets = || assets.iter().filter(|asset| asset.included_in_build && asset.bank == Some(bank));
    let mut used_slots: Vec<_> =
        assets().filter_map(|asset| Some(UsedSlot { slot: asset.preload_slot?, asset_id: asset.asset_id })).collect();
    used_slots.sort_by_key(|used| (used.slot, used.asset_id));
    let is_free = |slot: &u8| used_slots.iter().all(|used| used.slot != *slot);
    BankStatus {
        bank,
        asset_count: assets().count(),
        payload_bytes: assets().filter_map(|asset| asset.payload_bytes).fold(0, u64::saturating_add),
        free_slots: (0..SLOTS).filter(is_free).collect(),
        used_slots,
    }
}

fn unmanaged_status(Unmanaged { root, relation, .. }: Unmanaged) -> UnmanagedStatus {
    UnmanagedStatus { root, relation }
}

/// The documents of an older version, whether that is told or not.
fn needs_migration(operation: &Operation<'_>) -> Vec<String> {
    let older = operation.found().filter(|(found, _)| found.code == Code::SchemaOlder);
    older.filter_map(|(found, _)| found.path.clone()).collect()
}
