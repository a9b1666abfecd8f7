//! Sums up the database for a status.

use std::collections::HashSet;

use papack_queries::asset::{self, manifest, payload};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Severity};
use papack_queries::formats::{Bank, Format};
use papack_queries::inputs::{Asset, RootState};
use papack_queries::schema::manifest::SLOTS;
use papack_queries::unmanaged::Unmanaged;

use super::result::{AssetState, AssetStatus, BankStatus, Counts, NextPack, Summary, UnmanagedStatus, UsedSlot};
use crate::incremental::{Core, Snapshot};
use crate::operation::Operation;

/// The summary of the workspace in `core`, of which `operation` reported all diagnostics.
pub(super) fn of(core: &Core, operation: &Operation<'_>, snapshot: Snapshot, next_pack: NextPack) -> Summary {
    let assets = assets(&core.graph.db, operation);
    Summary {
        next_pack,
        counts: counts(&assets),
        banks: Bank::ALL.into_iter().map(|bank| bank_status(bank, &assets)).collect(),
        assets,
        unmanaged: snapshot.unmanaged.into_iter().map(unmanaged_status).collect(),
        unmanaged_folders: core.unmanaged_folders().unwrap_or_default(),
        loose_files: core.loose_files(),
        needs_migration: needs_migration(operation),
    }
}

/// The status of every registered asset in `db`, of which `operation` reported all diagnostics.
pub(in crate::services) fn assets(db: &Database, operation: &Operation<'_>) -> Vec<AssetStatus> {
    let errors = operation.found().filter(|(_, told)| *told == Some(Severity::Error));
    let faulty: HashSet<u32> = errors.filter_map(|(found, _)| found.asset_id).collect();
    db.workspace().assets(db).iter().map(|&asset| asset_status(db, asset, &faulty)).collect()
}

/// The status of one asset. `faulty` has the ids of the assets with an error.
fn asset_status(db: &Database, asset: Asset, faulty: &HashSet<u32>) -> AssetStatus {
    let entry = asset.entry(db);
    let manifest = &manifest(db, asset).manifest;
    AssetStatus {
        asset_id: entry.asset_id,
        asset_name: manifest.name.as_ref().map(|(name, _)| name.clone()),
        root: entry.root.to_string(),
        included_in_build: entry.included_in_build,
        state: state(db, asset, faulty),
        format: manifest.format.map(Format::name),
        bank: manifest.format.map(Format::bank),
        payload_bytes: payload(db, asset).payload.as_ref().map(|payload| payload.id.size),
        preload_slot: manifest.preload_slot.as_ref().map(|(slot, _)| *slot),
        unused_files: asset::unused_files(db, asset).map(|files| files.into_iter().map(str::to_owned).collect()),
    }
}

fn state(db: &Database, asset: Asset, faulty: &HashSet<u32>) -> AssetState {
    match asset.root(db) {
        RootState::Moved { .. } => AssetState::Moved,
        _ if asset::is_missing(db, asset) => AssetState::Missing,
        _ if faulty.contains(&asset.entry(db).asset_id) || !asset::is_sound(db, asset) => AssetState::Faulty,
        _ => AssetState::Ready,
    }
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
