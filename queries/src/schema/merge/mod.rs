//! The registry of two branches made one, as version control asks for it: from their common base, ours and theirs.
//!
//! Assets are the same where their uuids are. What one side changed is taken, field by field; where the sides
//! contradict each other ours is kept, and the conflict is reported. The result keeps every rule of a registry.
//!
//! An id that both sides gave is always a conflict: a pack with it may be out in the world, from either side, also where
//! the asset is excluded from the build by now. No file tells.

mod conflict;
mod placement;

use super::edit::RegistryEdit;
use super::registry::RegistryEntry;
pub use conflict::{Conflict, ConflictOutcome, Field, Side};
use placement::Placement;

/// Two registries made one.
#[derive(Debug, Clone)]
pub struct Merged {
    /// What it is now.
    pub registry: RegistryEdit,
    /// Where the sides contradict each other.
    pub conflicts: Vec<Conflict>,
}

/// Merges what `ours` and `theirs` made of `base`.
pub fn merge(base: &RegistryEdit, ours: &RegistryEdit, theirs: &RegistryEdit) -> Merged {
    let mut conflicts = Vec::new();
    let mut changed = Vec::new();
    let highest = base.next_asset_id().max(ours.next_asset_id()).max(theirs.next_asset_id());
    let mut placement = Placement::new(highest);
    for our in ours.entries() {
        let (before, their) = (base.of_uuid(our.asset_uuid), theirs.of_uuid(our.asset_uuid));
        match merge_entry(before, our, their, &mut conflicts) {
            Some(merged) if merged == *our => placement.keep(merged),
            Some(merged) => changed.push((merged, our.clone())),
            None => {}
        }
    }
    for (merged, our) in changed {
        placement.change(merged, our, &mut conflicts);
    }
    for their in theirs.entries().iter().filter(|their| ours.of_uuid(their.asset_uuid).is_none()) {
        match base.of_uuid(their.asset_uuid) {
            None => placement.add(their.clone(), &mut conflicts),
            Some(before) if is_at_most_excluded(before, their) => {}
            Some(_) => conflicts.push(Conflict::Removed { by: Side::Ours, changed: their.clone() }),
        }
    }
    let registry = placement.finish();
    conflicts.extend(perhaps_spent(&registry, base, ours, (theirs, Side::Theirs)));
    conflicts.extend(perhaps_spent(&registry, base, theirs, (ours, Side::Ours)));
    Merged { registry, conflicts }
}

/// What becomes of an asset that we have; `None` when it is removed.
fn merge_entry(
    before: Option<&RegistryEntry>,
    our: &RegistryEntry,
    their: Option<&RegistryEntry>,
    conflicts: &mut Vec<Conflict>,
) -> Option<RegistryEntry> {
    let Some(their) = their else {
        if before.is_some_and(|before| is_at_most_excluded(before, our)) {
            return None;
        }
        if before.is_some() {
            conflicts.push(Conflict::Removed { by: Side::Theirs, changed: our.clone() });
        }
        return Some(our.clone());
    };
    let mut merged = our.clone();
    let mut settle = |field, takes_theirs: Option<bool>| match takes_theirs {
        Some(takes_theirs) => takes_theirs,
        None => {
            conflicts.push(Conflict::Changed { field, ours: our.clone(), theirs: their.clone() });
            false
        }
    };
    if settle(Field::AssetId, takes_theirs(before.map(|it| &it.asset_id), &our.asset_id, &their.asset_id)) {
        merged.asset_id = their.asset_id;
    }
    if settle(Field::Root, takes_theirs(before.map(|it| &it.root), &our.root, &their.root)) {
        merged.root.clone_from(&their.root);
    }
    // An asset is included when it is added, so of two switches that differ, one is as it was.
    let was_included = before.is_none_or(|before| before.included_in_build);
    if our.included_in_build == was_included {
        merged.included_in_build = their.included_in_build;
    }
    Some(merged)
}

/// Whether an asset is as it was, or only excluded from the build since. Then a side that removed it is not contradicted.
fn is_at_most_excluded(before: &RegistryEntry, now: &RegistryEntry) -> bool {
    before == now || *now == RegistryEntry { included_in_build: false, ..before.clone() }
}

/// Whether theirs of two values is taken; `None` where they contradict each other.
fn takes_theirs<T: PartialEq>(before: Option<&T>, our: &T, their: &T) -> Option<bool> {
    if our == their || before == Some(their) {
        Some(false)
    } else if before == Some(our) {
        Some(true)
    } else {
        None
    }
}

/// The assets that `adding` added under ids for which `other` has no asset, but which it may have given to one that it
/// removed since: its counter went past them.
fn perhaps_spent(
    merged: &RegistryEdit,
    base: &RegistryEdit,
    adding: &RegistryEdit,
    (other, by): (&RegistryEdit, Side),
) -> Vec<Conflict> {
    let added = adding.entries().iter().filter(|entry| base.of_uuid(entry.asset_uuid).is_none());
    let doubtful = added.filter(|entry| {
        let was_counted = (base.next_asset_id()..other.next_asset_id()).contains(&entry.asset_id);
        let is_there = merged.asset(entry.asset_id) == Some(entry);
        was_counted && is_there && other.asset(entry.asset_id).is_none() && other.of_uuid(entry.asset_uuid).is_none()
    });
    doubtful.map(|entry| Conflict::PerhapsSpent { by, entry: entry.clone() }).collect()
}
