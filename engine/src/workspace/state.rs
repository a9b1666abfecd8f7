//! What a session knows of its workspace from the operations before, be they of this process or of an earlier one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::{Diagnostic, stored};
use papack_queries::record::{PayloadInputs, Record};
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::{Registry, RegistryEntry};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

use super::file_index::{FileIndex, ListingChanges, Read};

/// What is known of a workspace.
#[derive(Default)]
pub(crate) struct BuildState {
    /// Names, digests and stamps.
    pub(crate) seen: FileIndex,
    /// What follows from them.
    pub(crate) summary: Summary,
    /// Files, by their paths below `assets/`, that may have changed since they were read without another stamp to show for
    /// it. (Git calls such entries of its index racily clean.) The next operation reads them again, whatever is told to have
    /// changed.
    pub(crate) racy: BTreeSet<SmolStr>,
    /// Whether the registry is such a file. Every operation looks at it.
    pub(crate) is_registry_racy: bool,
    /// What was listed again, and not all consequences of which were drawn yet.
    pub(crate) pending: ListingChanges,
    /// The places of the registry's entries, in the order of their roots.
    by_root: Box<[u32]>,
}

/// What follows from what was seen.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// The registry's entries, in ascending `asset_id`. Stored as a sequence of their own.
    #[serde(skip)]
    pub(crate) entries: Box<[RegistryEntry]>,
    /// Whether nothing is wrong with the registry.
    pub(crate) is_sound: bool,
    /// What is to be told of the registry.
    #[serde(with = "stored")]
    pub(crate) registry_diagnostics: Vec<Diagnostic>,
    /// What is to be told of the walk and of manifests that the registry does not know.
    #[serde(with = "stored")]
    pub(crate) walk_diagnostics: Vec<Diagnostic>,
    /// Whether the next operation has to look everywhere: the registry says something new, or a manifest that it does not
    /// know could not be read, and no stamp tells when it can.
    pub(crate) is_walk_due: bool,
    /// Assets that were looked into. Stored as a sequence of their own.
    #[serde(skip)]
    pub(crate) assets: BTreeMap<u32, AssetSummary>,
}

/// An asset that was looked into.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AssetSummary {
    /// What came of it.
    pub(crate) record: Arc<Record>,
    /// The uuid that its manifest has, as far as it can be told.
    pub(crate) uuid: Option<Uuid>,
    /// Its inputs at the last pack, where other operations found others since: they let go of what they derive.
    pub(crate) packed: Option<Box<PayloadInputs>>,
}

impl AssetSummary {
    /// What is known once `record` came of the asset. `is_kept` tells whether the payload was kept.
    pub(crate) fn follow(old: Option<&Self>, record: Arc<Record>, uuid: Option<Uuid>, is_kept: bool) -> Self {
        let packed = old.filter(|_| !is_kept).and_then(|old| {
            let packed = old.packed.as_deref().or(old.record.inputs.as_ref())?;
            (record.inputs.as_ref() != Some(packed)).then(|| Box::new(packed.clone()))
        });
        Self { record, uuid, packed }
    }
}

impl BuildState {
    /// What an earlier process knew.
    pub(crate) fn restored(seen: FileIndex, summary: Summary) -> Self {
        let mut known = Self { seen, ..Self::default() };
        known.by_root = by_root(&summary.entries);
        known.summary = summary;
        known
    }

    /// Takes over the registry, as it is now. Where it says anything new, what is known of an asset that has another root or
    /// uuid is forgotten.
    pub(crate) fn set_registry(&mut self, registry: Registry) {
        let is_sound = !registry.diagnostics.iter().any(Diagnostic::is_error);
        let entries = registry.entries.into_boxed_slice();
        let summary = &mut self.summary;
        let is_new = (summary.is_sound, &summary.entries, &summary.registry_diagnostics)
            != (is_sound, &entries, &registry.diagnostics);
        if !is_new {
            return;
        }
        let old: HashMap<u32, &RegistryEntry> = summary.entries.iter().map(|entry| (entry.asset_id, entry)).collect();
        let is_another = |entry: &&RegistryEntry| {
            old.get(&entry.asset_id).is_none_or(|old| (&old.root, old.asset_uuid) != (&entry.root, entry.asset_uuid))
        };
        let same: HashSet<u32> =
            entries.iter().filter(|entry| !is_another(entry)).map(|entry| entry.asset_id).collect();
        summary.assets.retain(|id, _| same.contains(id));
        self.by_root = by_root(&entries);
        summary.entries = entries;
        summary.registry_diagnostics = registry.diagnostics;
        summary.is_sound = is_sound;
        summary.is_walk_due = true;
    }

    /// Whether anything may have changed that no stamp tells of.
    pub(crate) fn is_racy(&self) -> bool {
        self.is_registry_racy || !self.racy.is_empty()
    }

    /// Remembers what was read of the file at `path` below `assets/`, or that nothing is known of it.
    pub(crate) fn remember(&mut self, path: &SmolStr, read: Option<Read>) {
        if matches!(read, Some(Read { stamp: None, .. })) {
            self.racy.insert(path.clone());
        } else {
            self.racy.remove(path);
        }
        self.seen.remember(path, read);
    }

    /// Whether everything is known of which a change must be noticed.
    pub(crate) fn is_complete(&self) -> bool {
        let is_complete = |asset: &AssetSummary| asset.record.inputs.is_some();
        self.summary.is_sound && !self.summary.is_walk_due && self.summary.assets.values().all(is_complete)
    }

    /// The registered assets in whose roots `paths`, which are below `assets/`, lie, and whether one lies in none, or may be
    /// a manifest that is no root's.
    pub(crate) fn owners<'p>(&self, paths: impl Iterator<Item = &'p str>) -> (BTreeSet<u32>, bool) {
        let mut owners = BTreeSet::new();
        let mut is_foreign = false;
        for path in paths.map(Utf8Path::new) {
            let is_manifest = path.file_name() == Some(MANIFEST_NAME);
            is_foreign |= is_manifest && path.parent().is_none_or(|folder| self.owner(folder).is_none());
            match path.ancestors().find_map(|folder| self.owner(folder)) {
                Some(owner) => drop(owners.insert(owner)),
                None => is_foreign = true,
            }
        }
        (owners, is_foreign)
    }

    /// The registered asset whose root is `folder`.
    fn owner(&self, folder: &Utf8Path) -> Option<u32> {
        let entry = |place: &u32| &self.summary.entries[*place as usize];
        let found = self.by_root.binary_search_by(|place| (*entry(place).root).cmp(folder.as_str())).ok()?;
        Some(entry(&self.by_root[found]).asset_id)
    }
}

fn by_root(entries: &[RegistryEntry]) -> Box<[u32]> {
    let mut places: Box<[u32]> = (0..).zip(entries).map(|(place, _)| place).collect();
    places.sort_unstable_by_key(|place| &*entries[*place as usize].root);
    places
}
