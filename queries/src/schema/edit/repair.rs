//! A registry that breaks rules, and the steps that repair it.

use std::collections::HashSet;

use super::registry::{spent_fault, text_of};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::schema::REGISTRY_PATH;
use crate::schema::registry::{MAX_NEXT_ASSET_ID, RegistryEntry, parse_each};

/// The entries of a registry under repair: each is valid by itself, but together they may break rules.
#[derive(Debug, Clone)]
pub struct RegistryRepair {
    next_asset_id: u32,
    /// In ascending `asset_id`.
    entries: Vec<RegistryEntry>,
}

impl RegistryRepair {
    /// Reads the registry in `bytes`; `None` where a value is not valid by itself, so that the registry cannot be
    /// repaired.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (next_asset_id, mut entries) = parse_each(bytes)?;
        entries.sort_by_key(|entry| entry.asset_id);
        Some(Self { next_asset_id, entries })
    }

    /// The entries, in ascending `asset_id`.
    pub fn entries(&self) -> &[RegistryEntry] {
        &self.entries
    }

    /// The positions of the entries whose root or uuid is `asked`.
    pub fn find(&self, asked: &str) -> Vec<usize> {
        let is_meant = |entry: &RegistryEntry| *entry.root == *asked || entry.asset_uuid.to_string() == asked;
        (0..self.entries.len()).filter(|position| is_meant(&self.entries[*position])).collect()
    }

    /// Keeps one of several equal entries, and returns the others.
    pub fn drop_repeated(&mut self) -> Vec<RegistryEntry> {
        let mut seen = HashSet::new();
        let all = std::mem::take(&mut self.entries).into_iter();
        let (kept, dropped) = all.partition(|entry| seen.insert(entry.clone()));
        self.entries = kept;
        dropped
    }

    /// Raises a counter that is too low above every id, and returns what it was.
    pub fn raise_counter(&mut self) -> Option<u32> {
        let lowest = self.entries.last().map_or(1, |entry| entry.asset_id + 1);
        (self.next_asset_id < lowest).then(|| std::mem::replace(&mut self.next_asset_id, lowest))
    }

    /// The id that the next new asset gets.
    pub fn next_asset_id(&self) -> u32 {
        self.next_asset_id
    }

    /// Gives the entry at `position` the next id, which is above every other one, and returns it.
    ///
    /// # Errors
    ///
    /// When no id is left.
    pub fn renumber(&mut self, position: usize) -> Result<u32, Diagnostic> {
        self.raise_counter();
        let asset_id = self.next_asset_id;
        if i64::from(asset_id) >= MAX_NEXT_ASSET_ID {
            return Err(spent_fault());
        }
        self.next_asset_id += 1;
        let entry = self.entries.remove(position);
        // Every id is below the new one, so the order holds.
        self.entries.push(RegistryEntry { asset_id, ..entry });
        Ok(asset_id)
    }

    /// Gives the entry at `position` an id that no other one has.
    ///
    /// # Errors
    ///
    /// When another one has it.
    pub fn give(&mut self, position: usize, asset_id: u32) -> Result<(), Diagnostic> {
        let is_other = |(index, entry): (usize, &RegistryEntry)| index != position && entry.asset_id == asset_id;
        if self.entries.iter().enumerate().any(is_other) {
            let message = format!("asset_id {asset_id} is that of another asset, too");
            let help = "papack doctor tells which assets have one id: give a new id to each but one of them first";
            let fault = Diagnostic::error(Code::RegistryConflict, message).at(REGISTRY_PATH).with_help(help);
            return Err(fault.with_data(Data::conflict(asset_id, Vec::new())));
        }
        self.entries[position].asset_id = asset_id;
        self.entries.sort_by_key(|entry| entry.asset_id);
        Ok(())
    }

    /// The document in the registry's one form.
    pub fn to_text(&self) -> String {
        text_of(self.next_asset_id, &self.entries)
    }
}
