//! The summaries of all assets, and what they add up to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use std::sync::Arc;

use papack_queries::content::ContentId;
use papack_queries::record::{PayloadInputs, Record};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What earlier operations derived from one asset.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AssetSummary {
    /// Its record.
    pub(crate) record: Arc<Record>,
    /// The uuid in its manifest, where it can be read.
    pub(crate) uuid: Option<Uuid>,
    /// The [revision](super::Summary::ignore_revision) of the ignore file under which its globs were expanded.
    pub(crate) ignore_revision: u32,
    /// Its inputs at the last pack, where later operations found other inputs. The payloads that those derived are in the
    /// cache at most.
    pub(crate) packed: Option<Box<PayloadInputs>>,
}

impl AssetSummary {
    /// The summary that replaces the `previous` one after an operation derived `record` from the asset. `is_packed`
    /// says whether that was a pack.
    pub(crate) fn after(
        previous: Option<&Self>,
        record: Arc<Record>,
        uuid: Option<Uuid>,
        ignore_revision: u32,
        is_packed: bool,
    ) -> Self {
        let packed = previous.filter(|_| !is_packed).and_then(|previous| {
            let packed = previous.packed.as_deref().or(previous.record.inputs.as_ref())?;
            (record.inputs.as_ref() != Some(packed)).then(|| Box::new(packed.clone()))
        });
        Self { record, uuid, ignore_revision, packed }
    }
}

/// The summaries of assets, by `asset_id`. What they add up to is kept up to date, so that an operation on few assets
/// need not look at all.
#[derive(Clone, Default)]
pub(crate) struct AssetSummaries {
    by_id: BTreeMap<u32, AssetSummary>,
    /// The assets whose records do not say what they were made of.
    incomplete: BTreeSet<u32>,
    /// The assets that ask for tilesets of others.
    asking: BTreeSet<u32>,
    /// How many artifact files the records name.
    file_count: usize,
}

impl AssetSummaries {
    /// The summary of the asset.
    pub(crate) fn get(&self, asset_id: u32) -> Option<&AssetSummary> {
        self.by_id.get(&asset_id)
    }

    /// All of them, in ascending `asset_id`.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&u32, &AssetSummary)> {
        self.by_id.iter()
    }

    /// The assets whose records do not say what they were made of, so that a change of that would go undetected.
    pub(crate) fn incomplete(&self) -> &BTreeSet<u32> {
        &self.incomplete
    }

    /// The assets that ask for tilesets of others, so that a change of those concerns them.
    pub(crate) fn asking(&self) -> &BTreeSet<u32> {
        &self.asking
    }

    /// How many artifact files all records name.
    pub(crate) fn file_count(&self) -> usize {
        self.file_count
    }

    /// The contents that make up the payloads of all assets.
    pub(crate) fn contents(&self) -> HashSet<ContentId> {
        let payloads = self.by_id.values().filter_map(|summary| summary.record.payload.as_ref());
        payloads.flat_map(|payload| payload.slices().iter().copied()).collect()
    }

    /// Puts `summary` in the place of the asset's present one.
    pub(crate) fn insert(&mut self, asset_id: u32, summary: AssetSummary) {
        self.remove(asset_id);
        self.file_count += file_count(&summary.record);
        if summary.record.inputs.is_none() {
            self.incomplete.insert(asset_id);
        }
        if asks(&summary) {
            self.asking.insert(asset_id);
        }
        self.by_id.insert(asset_id, summary);
    }

    /// Removes the summary of the asset.
    pub(crate) fn remove(&mut self, asset_id: u32) {
        if let Some(summary) = self.by_id.remove(&asset_id) {
            self.file_count -= file_count(&summary.record);
            self.incomplete.remove(&asset_id);
            self.asking.remove(&asset_id);
        }
    }

    /// Removes all but those of the assets that `is_kept` names.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(u32) -> bool) {
        let removed: Vec<u32> = self.by_id.keys().copied().filter(|id| !is_kept(*id)).collect();
        removed.into_iter().for_each(|id| self.remove(id));
    }

    /// Forgets what the asset was made of at the last pack, because it was packed now.
    pub(crate) fn note_packed(&mut self, asset_id: u32) {
        if let Some(summary) = self.by_id.get_mut(&asset_id) {
            summary.packed = None;
        }
    }
}

impl Extend<(u32, AssetSummary)> for AssetSummaries {
    fn extend<I: IntoIterator<Item = (u32, AssetSummary)>>(&mut self, summaries: I) {
        if self.by_id.is_empty() {
            // A map that is made at once takes half of the memory of one that grows.
            *self = summaries.into_iter().collect();
        } else {
            summaries.into_iter().for_each(|(id, summary)| self.insert(id, summary));
        }
    }
}

impl FromIterator<(u32, AssetSummary)> for AssetSummaries {
    fn from_iter<I: IntoIterator<Item = (u32, AssetSummary)>>(summaries: I) -> Self {
        let by_id: BTreeMap<u32, AssetSummary> = summaries.into_iter().collect();
        let is_incomplete = |(id, summary): (&u32, &AssetSummary)| summary.record.inputs.is_none().then_some(*id);
        Self {
            incomplete: by_id.iter().filter_map(is_incomplete).collect(),
            asking: by_id.iter().filter(|(_, summary)| asks(summary)).map(|(id, _)| *id).collect(),
            file_count: by_id.values().map(|summary| file_count(&summary.record)).sum(),
            by_id,
        }
    }
}

/// Whether the asset asks for tilesets of others.
fn asks(summary: &AssetSummary) -> bool {
    summary.record.inputs.as_ref().is_some_and(|inputs| inputs.tilesets.is_some())
}

/// How many artifact files `record` names; 0 where it does not say what it was made of.
pub(crate) fn file_count(record: &Record) -> usize {
    record.inputs.as_ref().map_or(0, |inputs| inputs.files.len())
}
