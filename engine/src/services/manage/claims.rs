//! What only one asset of the build set may have: a name, and a preload slot of a bank.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use papack_queries::diagnostic::{Code, Data, Diagnostic, OtherAsset};
use papack_queries::formats::{Bank, Format};
use papack_queries::json::Place;
use papack_queries::schema::manifest::{Manifest, SLOTS};
use papack_queries::schema::registry::RegistryEntry;

use super::documents::{Documents, manifest_path};
use super::edit::claimed_by;
use crate::fs::FileSystem;

/// An asset that is to be registered.
pub(super) struct Added {
    /// Its id.
    pub(super) asset_id: u32,
    /// What its manifest says.
    pub(super) manifest: Manifest,
    /// The text of that.
    pub(super) text: Arc<[u8]>,
}

/// Who has which name and which slot.
#[derive(Default)]
pub(super) struct Claims<'r> {
    names: HashMap<String, &'r RegistryEntry>,
    slots: HashMap<(Bank, u8), &'r RegistryEntry>,
    /// The ids of the assets that are to be registered. None is given before all can be.
    added: HashSet<u32>,
}

impl<'r> Claims<'r> {
    /// The claims of the assets of the build set of `documents`, but for `added`. The error is one of the system.
    pub(super) fn of(documents: &'r Documents, fs: &dyn FileSystem, added: &[Added]) -> Result<Self, Diagnostic> {
        let mut claims = Self { added: added.iter().map(|asset| asset.asset_id).collect(), ..Self::default() };
        for (entry, manifest) in documents.registry.entries().iter().zip(documents.read_manifests(fs)?) {
            if entry.included_in_build && !claims.added.contains(&entry.asset_id) {
                claims.add(entry, &manifest);
            }
        }
        Ok(claims)
    }

    /// Adds the claims of an asset. What another one has stays with that.
    fn add(&mut self, entry: &'r RegistryEntry, manifest: &Manifest) {
        if let Some((name, _)) = &manifest.name {
            self.names.entry(name.clone()).or_insert(entry);
        }
        if let Some(slot) = slot_of(manifest) {
            self.slots.entry(slot).or_insert(entry);
        }
    }

    /// Gives the name `name` to the asset `entry`, or returns the one that has it.
    pub(super) fn take_name(&mut self, name: &str, entry: &'r RegistryEntry) -> Option<&'r RegistryEntry> {
        match self.names.entry(name.to_owned()) {
            Entry::Occupied(owner) => Some(owner.get()),
            Entry::Vacant(place) => {
                place.insert(entry);
                None
            }
        }
    }

    /// Adds the claims of `added`, whose entry is to be `entry`. Returns a fault for each that another asset has.
    pub(super) fn take(&mut self, entry: &'r RegistryEntry, added: &Added) -> Vec<Diagnostic> {
        let Added { manifest, text, .. } = added;
        let path = manifest_path(&entry.root);
        let text = std::str::from_utf8(text).unwrap_or_default();
        let fault = |owner: &RegistryEntry, place: &Place, fault: Diagnostic, advice: String, other: String| {
            let fault = place.of(text, fault.at(path.as_str()));
            if self.added.contains(&owner.asset_id) {
                let place = manifest_path(&owner.root).into_string();
                let mut fault = fault.with_related(format!("claimed by {:?}", owner.root), Some(place));
                // Its id is what it would get.
                if let Some(Data::Conflict { assets, .. }) = fault.data.as_deref_mut() {
                    assets.push(OtherAsset { asset_id: None, root: Some(owner.root.to_string()) });
                }
                return fault.with_help(advice);
            }
            claimed_by(owner, fault).with_help(format!("{advice}, or {other}"))
        };
        let mut faults = Vec::new();
        if let Some((name, place)) = &manifest.name
            && let Some(owner) = self.names.get(name)
        {
            let taken = Diagnostic::error(Code::AssetNameTaken, format!("the name {name:?} is taken"));
            let taken = taken.with_data(Data::conflict(name, Vec::new()));
            let advice = format!("give the asset another name in {path}");
            let other = format!("the other one: papack rename {} NAME", owner.asset_id);
            faults.push(fault(owner, place, taken, advice, other));
        }
        if let (Some((_, place)), Some((bank, slot))) = (&manifest.preload_slot, slot_of(manifest))
            && let Some(owner) = self.slots.get(&(bank, slot))
        {
            let free = (0..SLOTS).find(|slot| !self.slots.contains_key(&(bank, *slot)));
            let data = Data::Conflict { found: slot.to_string(), assets: Vec::new(), free_slot: free };
            let free = free.map(|free| format!(" ({free} is free)")).unwrap_or_default();
            let taken = Diagnostic::error(Code::PreloadSlotTaken, format!("slot {slot} of the asset's bank is taken"));
            let taken = taken.with_data(data);
            let advice = format!("give the asset another slot in {path}{free}");
            let other = format!("free this one: papack preload {} --off", owner.asset_id);
            faults.push(fault(owner, place, taken, advice, other));
        }
        self.add(entry, manifest);
        faults
    }
}

/// The slot that an asset with `manifest` is preloaded into.
fn slot_of(manifest: &Manifest) -> Option<(Bank, u8)> {
    let (slot, _) = manifest.preload_slot.as_ref()?;
    Some((manifest.format.map(Format::bank)?, *slot))
}
