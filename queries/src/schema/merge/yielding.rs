//! Assets that get another id, so that both sides of a merge are right: no pack of their side has them.

use std::collections::HashMap;

use uuid::Uuid;

use super::conflict::{Conflict, Side};
use crate::schema::edit::RegistryEdit;
use crate::schema::registry::{MAX_NEXT_ASSET_ID, RegistryEntry};

/// The assets to which one side gave an id that the other gave to another one, and which their own side excludes from
/// the build. Each gets the next id.
pub(super) struct Yielding {
    next_asset_id: u32,
    /// In ascending old id, whichever side they are of.
    yields: Vec<Yield>,
    new_ids: HashMap<Uuid, u32>,
}

struct Yield {
    /// Whose asset yields.
    by: Side,
    /// The asset as that side has it.
    entry: RegistryEntry,
    /// The asset that keeps the id.
    keeper: RegistryEntry,
    new_id: u32,
}

impl Yielding {
    /// Finds them, and gives them ids from `next_asset_id` on. Where both of two assets are excluded, theirs yields.
    /// What is left when no id is left becomes a conflict.
    pub(super) fn find(base: &RegistryEdit, ours: &RegistryEdit, theirs: &RegistryEdit, next_asset_id: u32) -> Self {
        let mut found = Self { next_asset_id, yields: Vec::new(), new_ids: HashMap::new() };
        let is_added = |entry: &RegistryEntry, other: &RegistryEdit| {
            base.of_uuid(entry.asset_uuid).is_none() && other.of_uuid(entry.asset_uuid).is_none()
        };
        for their in theirs.entries().iter().filter(|their| is_added(their, ours)) {
            let Some(our) = ours.asset(their.asset_id).filter(|our| is_added(our, theirs)) else { continue };
            match (our.included_in_build, their.included_in_build) {
                (_, false) => found.add(Side::Theirs, their, our),
                (false, true) => found.add(Side::Ours, our, their),
                (true, true) => {}
            }
        }
        found
    }

    fn add(&mut self, by: Side, entry: &RegistryEntry, keeper: &RegistryEntry) {
        let new_id = self.next_asset_id;
        if i64::from(new_id) < MAX_NEXT_ASSET_ID {
            self.next_asset_id += 1;
            self.new_ids.insert(entry.asset_uuid, new_id);
            self.yields.push(Yield { by, entry: entry.clone(), keeper: keeper.clone(), new_id });
        }
    }

    /// The id after those that were given here.
    pub(super) fn next_asset_id(&self) -> u32 {
        self.next_asset_id
    }

    /// The id that the asset of `entry` gets in the merged registry.
    pub(super) fn id_of(&self, entry: &RegistryEntry) -> u32 {
        self.new_ids.get(&entry.asset_uuid).copied().unwrap_or(entry.asset_id)
    }

    /// What is to be told of those that are in the registry `merged`. One whose place is taken is not there.
    pub(super) fn conflicts(self, merged: &RegistryEdit) -> impl Iterator<Item = Conflict> {
        let is_there = |it: &Yield| merged.of_uuid(it.entry.asset_uuid).is_some();
        let yields = self.yields.into_iter().filter(is_there);
        yields.map(|Yield { by, entry, keeper, new_id }| Conflict::Yielded { by, entry, keeper, new_id })
    }
}
