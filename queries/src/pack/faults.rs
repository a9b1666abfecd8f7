//! Everything that is wrong with a workspace, for the gate.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{build_set, header, layout};
use crate::asset::{self, manifest, manifest_location};
use crate::db::Db;
use crate::diagnostic::{Code, Diagnostic};
use crate::inputs::{Asset, ManifestState, Workspace};
use crate::json::{MAX_INTEGER, Place};
use crate::schema::manifest::SLOTS;

pub(super) fn all(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    let mut all = workspace.diagnostics(db).clone();
    for asset in workspace.assets(db) {
        all.extend(asset::diagnostics(db, *asset));
    }
    let assets = build_set(db, workspace);
    refuse_shared_names(db, assets, &mut all);
    refuse_shared_slots(db, assets, &mut all);
    if !all.iter().any(Diagnostic::is_error) {
        all.extend(refuse_size(db, workspace));
    }
    all
}

fn refuse_shared_names(db: &dyn Db, assets: &[Asset], all: &mut Vec<Diagnostic>) {
    let named = assets.iter().filter_map(|&asset| {
        let (name, place) = manifest(db, asset).manifest.name.as_ref()?;
        Some(Claim { asset, key: name.as_str(), place })
    });
    refuse_shared(db, named, all, |name| {
        let message = format!("the name {name:?} is used by more than one asset of the build set");
        Diagnostic::error(Code::AssetNameTaken, message).with_help("rename one of them")
    });
}

fn refuse_shared_slots(db: &dyn Db, assets: &[Asset], all: &mut Vec<Diagnostic>) {
    let preloaded = assets.iter().filter_map(|&asset| {
        let manifest = &manifest(db, asset).manifest;
        let (slot, place) = manifest.preload_slot.as_ref()?;
        Some(Claim { asset, key: (manifest.format?.bank(), *slot), place })
    });
    let taken: HashSet<_> = preloaded.clone().map(|claim| claim.key).collect();
    refuse_shared(db, preloaded, all, |(bank, slot)| {
        let message = format!("slot {slot} of bank {} is preloaded by more than one asset", bank.name());
        let help = match (0..SLOTS).find(|slot| !taken.contains(&(bank, *slot))) {
            Some(free) => format!("give one of them another slot; {free} is free"),
            None => format!("all {SLOTS} slots of the bank are taken: preload fewer assets"),
        };
        Diagnostic::error(Code::PreloadSlotTaken, message).with_help(help)
    });
}

/// Something that only one asset may have.
struct Claim<'db, K> {
    asset: Asset,
    key: K,
    place: &'db Place,
}

/// How many other claimants a fault names.
const NAMED_OTHERS: usize = 8;

/// Reports every claim whose key another asset claims too, naming the others.
fn refuse_shared<'db, K: Eq + Hash + Copy>(
    db: &'db dyn Db,
    claims: impl Iterator<Item = Claim<'db, K>>,
    all: &mut Vec<Diagnostic>,
    describe: impl Fn(K) -> Diagnostic,
) {
    let claims: Vec<_> = claims.collect();
    let mut by_key = HashMap::<K, Vec<&Claim<'db, K>>>::new();
    for claim in &claims {
        by_key.entry(claim.key).or_default().push(claim);
    }
    for claim in &claims {
        let claimants = &by_key[&claim.key];
        if claimants.len() < 2 {
            continue;
        }
        let entry = claim.asset.entry(db);
        let mut fault = claim.place.of(manifest_text(db, claim.asset), describe(claim.key));
        fault.path = Some(manifest_location(db, claim.asset));
        fault.asset_id = Some(entry.asset_id);
        fault.asset_name = manifest(db, claim.asset).manifest.name.as_ref().map(|(name, _)| name.clone());
        for other in claimants.iter().filter(|other| other.asset != claim.asset).take(NAMED_OTHERS) {
            let message = format!("also claimed by asset {}", other.asset.entry(db).asset_id);
            fault = fault.with_related(message, Some(manifest_location(db, other.asset)));
        }
        all.push(fault);
    }
}

fn manifest_text(db: &dyn Db, asset: Asset) -> &str {
    match asset.manifest(db) {
        ManifestState::Bytes(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        _ => "",
    }
}

/// What the envelope can hold: a header length of 32 bits, and offsets that a JSON integer holds exactly.
fn refuse_size(db: &dyn Db, workspace: Workspace) -> Option<Diagnostic> {
    let refuse = |message| Some(Diagnostic::error(Code::OutputTooLarge, message));
    let Some(layout) = layout(db, workspace) else { return refuse("the payloads are too large to be added up".into()) };
    if layout.payload_size > MAX_INTEGER.unsigned_abs() {
        return refuse(format!("the payloads have {} bytes, at most {MAX_INTEGER} are allowed", layout.payload_size));
    }
    let header = header(db, workspace)?;
    if u32::try_from(header.bytes().len()).is_err() {
        return refuse(format!("the header has {} bytes, at most {} are allowed", header.bytes().len(), u32::MAX));
    }
    None
}
