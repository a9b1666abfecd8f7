//! Assets of both sides put into one registry, so that every rule of it holds after every step.

use std::collections::BTreeMap;
use std::ops::Bound;

use smol_str::SmolStr;

use super::conflict::{Conflict, ConflictOutcome};
use crate::schema::edit::RegistryEdit;
use crate::schema::registry::{MAX_NEXT_ASSET_ID, RegistryEntry};

/// The registry that is being made. First comes what is kept as ours has it, then what theirs changed, and at last what
/// theirs added: what comes later gives way.
pub(super) struct Placement {
    next_asset_id: u32,
    placed: BTreeMap<u32, Placed>,
    ids_by_root: BTreeMap<SmolStr, u32>,
}

struct Placed {
    entry: RegistryEntry,
    /// As ours has the asset, where theirs changed it.
    our: Option<RegistryEntry>,
}

impl Placement {
    pub(super) fn new(next_asset_id: u32) -> Self {
        Self { next_asset_id, placed: BTreeMap::new(), ids_by_root: BTreeMap::new() }
    }

    /// Puts in an asset as ours has it. Ours is sound, so nothing is in its way.
    pub(super) fn keep(&mut self, entry: RegistryEntry) {
        self.insert(Placed { entry, our: None });
    }

    /// Puts in an asset that theirs changed, or, where that cannot be, as `our`. An asset that theirs changed and that
    /// is in the way of the latter becomes as ours has it too, and so on.
    pub(super) fn change(&mut self, merged: RegistryEntry, our: RegistryEntry, conflicts: &mut Vec<Conflict>) {
        if let Some(rival) = self.rivals(&merged).first().and_then(|id| self.placed.get(id)) {
            let ours = rival.entry.clone();
            conflicts.push(Conflict::Taken { theirs: merged, ours, outcome: ConflictOutcome::AsOurs(our.clone()) });
        } else {
            self.insert(Placed { entry: merged, our: Some(our) });
            return;
        }
        let mut returning = vec![our];
        while let Some(entry) = returning.pop() {
            for rival in self.rivals(&entry) {
                // Only what theirs changed can be in the way of what ours has.
                let Some(Placed { entry: theirs, our: Some(our) }) = self.remove(rival) else { continue };
                let outcome = ConflictOutcome::AsOurs(our.clone());
                conflicts.push(Conflict::Taken { theirs, ours: entry.clone(), outcome });
                returning.push(our);
            }
            self.keep(entry);
        }
    }

    /// Puts in an asset that theirs added. If only its id is taken it gets the next one; if its place is, it stays out.
    pub(super) fn add(&mut self, entry: RegistryEntry, conflicts: &mut Vec<Conflict>) {
        let Some(rival) = self.rivals(&entry).first().and_then(|id| self.placed.get(id)) else {
            return self.insert(Placed { entry, our: None });
        };
        let ours = rival.entry.clone();
        let asset_id = self.next_asset_id;
        if self.rivals_for_root(&entry.root).is_empty() && i64::from(asset_id) < MAX_NEXT_ASSET_ID {
            self.next_asset_id += 1;
            self.insert(Placed { entry: RegistryEntry { asset_id, ..entry.clone() }, our: None });
            conflicts.push(Conflict::Taken { theirs: entry, ours, outcome: ConflictOutcome::Renumbered(asset_id) });
        } else {
            conflicts.push(Conflict::Taken { theirs: entry, ours, outcome: ConflictOutcome::LeftOut });
        }
    }

    pub(super) fn finish(self) -> RegistryEdit {
        RegistryEdit::of(self.next_asset_id, self.placed.into_values().map(|placed| placed.entry).collect())
    }

    /// The assets with which `entry` cannot be in one registry: by its place first, then by its id.
    fn rivals(&self, entry: &RegistryEntry) -> Vec<u32> {
        let mut rivals = self.rivals_for_root(&entry.root);
        if self.placed.contains_key(&entry.asset_id) && !rivals.contains(&entry.asset_id) {
            rivals.push(entry.asset_id);
        }
        rivals
    }

    /// The assets whose roots are `root`, contain it, or lie inside it.
    fn rivals_for_root(&self, root: &str) -> Vec<u32> {
        let ends = root.match_indices('/').map(|(end, _)| end).chain([root.len()]);
        let outer = ends.filter_map(|end| self.ids_by_root.get(&root[..end]));
        let inside = format!("{root}/");
        let within = self
            .ids_by_root
            .range::<str, _>((Bound::Included(&*inside), Bound::Unbounded))
            .take_while(|(root, _)| root.starts_with(&inside));
        outer.chain(within.map(|(_, id)| id)).copied().collect()
    }

    fn insert(&mut self, placed: Placed) {
        self.ids_by_root.insert(placed.entry.root.clone(), placed.entry.asset_id);
        self.placed.insert(placed.entry.asset_id, placed);
    }

    fn remove(&mut self, asset_id: u32) -> Option<Placed> {
        let placed = self.placed.remove(&asset_id)?;
        self.ids_by_root.remove(&placed.entry.root);
        Some(placed)
    }
}
