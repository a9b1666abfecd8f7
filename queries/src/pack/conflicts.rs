//! Names and slots that more than one asset of the build set claims.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::group::{NAME_PARTS, named, preloaded};
use crate::asset::{manifest_location, record};
use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Data, Diagnostic, Edit, Fix, OtherAsset, Related, Span};
use crate::formats::Bank;
use crate::inputs::{Asset, Workspace};
use crate::json::shortened;
use crate::schema::manifest::{NAME_POINTER, SLOT_POINTER, SLOTS};
use crate::schema::registry::RegistryEntry;

/// How many other claimants a fault names.
const NAMED_OTHERS: usize = 8;

/// A fault for every claim that another asset of the build set makes too: names first, then slots.
#[salsa::tracked(returns(ref))]
pub(super) fn conflicts(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    executing(db, Query::Conflicts, workspace);
    let mut faults: Vec<Diagnostic> =
        (0..NAME_PARTS).flat_map(|part| shared_names(db, workspace, part)).cloned().collect();
    faults.sort_by_key(|fault| fault.asset_id);
    faults.extend(shared_slots(db, workspace));
    faults
}

/// A fault for every name of this part of all names that another asset has too. A name that changes concerns two parts,
/// so an edit does not look at all names.
#[salsa::tracked(returns(ref))]
fn shared_names(db: &dyn Db, workspace: Workspace, part: u8) -> Vec<Diagnostic> {
    executing(db, Query::NameConflicts, workspace);
    let all = workspace.groups(db).iter().flat_map(|group| named(db, *group, part));
    let named = all.filter_map(|named| Some((named.asset, named.name()?)));
    let describe = |name| {
        let message = format!("the name {name:?} is used by more than one asset of the build set");
        Diagnostic::error(Code::AssetNameTaken, message).with_data(Data::conflict(name, Vec::new()))
    };
    let span = |asset| record(db, asset).name.as_ref().map(|claim| claim.span);
    let place = |asset: Asset, fault: Diagnostic| {
        let help = format!("rename one of them: papack rename {} NAME", asset.entry(db).asset_id);
        placed(db, asset, NAME_POINTER, span(asset), fault.with_help(help))
    };
    shared(db, named.collect(), describe, span, place)
}

fn shared_slots(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    let preloaded: Vec<_> = workspace.groups(db).iter().flat_map(|group| preloaded(db, *group)).copied().collect();
    let taken: HashSet<_> = preloaded.iter().map(|(_, key)| *key).collect();
    let describe = |(bank, slot): (Bank, u8)| {
        let message = format!("slot {slot} of bank {} is preloaded by more than one asset", bank.name());
        let free_slot = (0..SLOTS).find(|slot| !taken.contains(&(bank, *slot)));
        let help = match free_slot {
            Some(free) => format!("give one of them another slot; {free} is free"),
            None => format!("all {SLOTS} slots of the bank are taken: preload fewer assets"),
        };
        let data = Data::Conflict { found: slot.to_string(), assets: Vec::new(), free_slot };
        Diagnostic::error(Code::PreloadSlotTaken, message).with_help(help).with_data(data)
    };
    let span = |asset| record(db, asset).slot.as_ref().map(|claim| claim.span);
    let free = free_slots(&preloaded);
    let place = |asset: Asset, fault| {
        let fault = placed(db, asset, SLOT_POINTER, span(asset), fault);
        let fix = free.get(&asset).zip(fault.span).map(|(slot, Span { start, end, .. })| {
            let text = slot.to_string();
            let edit = Edit { path: manifest_location(db, asset).into(), start, end, text };
            // Whether this asset is the one that is to move is not known.
            Fix { title: format!("Preload it into slot {slot}"), is_safe: false, edits: [edit].into() }
        });
        fault.with_fix(fix)
    };
    shared(db, preloaded, describe, span, place)
}

/// For each of `claims` whose slot one before it has, a slot of its own that is free, as long as there are any. The claims
/// are in ascending `asset_id`, so of several the oldest asset keeps the slot.
fn free_slots(claims: &[(Asset, (Bank, u8))]) -> HashMap<Asset, u8> {
    let mut taken: HashSet<_> = claims.iter().map(|(_, key)| *key).collect();
    let mut seen = HashSet::new();
    let mut free = HashMap::new();
    for (asset, (bank, slot)) in claims {
        if !seen.insert((*bank, *slot))
            && let Some(other) = (0..SLOTS).find(|other| !taken.contains(&(*bank, *other)))
        {
            taken.insert((*bank, other));
            free.insert(*asset, other);
        }
    }
    free
}

/// A fault for each of `claims` whose key another one has too, naming the others. `span` is where an asset claims it.
fn shared<K: Eq + Hash + Copy>(
    db: &dyn Db,
    claims: Vec<(Asset, K)>,
    describe: impl Fn(K) -> Diagnostic,
    span: impl Fn(Asset) -> Option<Span>,
    place: impl Fn(Asset, Diagnostic) -> Diagnostic,
) -> Vec<Diagnostic> {
    let mut seen = HashSet::with_capacity(claims.len());
    let mut by_key: HashMap<K, Vec<Asset>> =
        claims.iter().filter(|(_, key)| !seen.insert(*key)).map(|(_, key)| (*key, Vec::new())).collect();
    for (asset, key) in &claims {
        if let Some(claimants) = by_key.get_mut(key) {
            claimants.push(*asset);
        }
    }
    let mut faults = Vec::new();
    for (asset, key) in claims {
        let Some(claimants) = by_key.get(&key) else { continue };
        let mut fault = place(asset, describe(key));
        for other in claimants.iter().filter(|other| **other != asset).take(NAMED_OTHERS) {
            let RegistryEntry { asset_id, root, .. } = other.entry(db);
            let message = format!("also claimed by {:?} (asset {asset_id})", shortened(root));
            let place = Related::new(message, Some(manifest_location(db, *other)));
            fault = fault.with_place(Related { span: span(*other), asset_id: Some(*asset_id), ..place });
            if let Some(Data::Conflict { assets, .. }) = fault.data.as_deref_mut() {
                assets.push(OtherAsset::registered(*asset_id, root.as_str()));
            }
        }
        faults.push(fault);
    }
    faults
}

/// `fault`, at `pointer` and `span` of the manifest of `asset`.
fn placed(db: &dyn Db, asset: Asset, pointer: &str, span: Option<Span>, fault: Diagnostic) -> Diagnostic {
    Diagnostic {
        path: Some(manifest_location(db, asset)),
        pointer: Some(pointer.to_owned()),
        span,
        asset_id: Some(asset.entry(db).asset_id),
        asset_name: record(db, asset).name.as_ref().map(|claim| claim.key.to_string()),
        ..fault
    }
}
