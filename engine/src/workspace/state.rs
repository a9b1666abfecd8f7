//! The build state: what a session has of its workspace from earlier operations, of this process or of an earlier one.

use std::collections::{BTreeSet, HashMap, HashSet};

use camino::Utf8Path;
use papack_queries::diagnostic::{Diagnostic, stored};
use papack_queries::inputs::IgnoreFile;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::{Registry, RegistryEntry};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::asset_summaries::{AssetSummaries, AssetSummary};
use super::file_index::{FileIndex, ListingChanges, Read};

/// The file index of a workspace, and what earlier operations derived from the files.
#[derive(Clone, Default)]
pub(crate) struct BuildState {
    /// The names below `assets/`, with stamps and digests.
    pub(crate) file_index: FileIndex,
    /// What earlier operations derived from the files.
    pub(crate) summary: Summary,
    /// The racy files, by their paths below `assets/`: they may have changed since they were read, and have the same
    /// stamp still. (Git calls such entries of its index racily clean.) The next operation reads them again, whatever
    /// else changed.
    pub(crate) racy: BTreeSet<SmolStr>,
    /// Whether the registry is racy. Every operation looks at it.
    pub(crate) is_registry_racy: bool,
    /// What changed in listings, and was not fully taken into account by an operation yet.
    pub(crate) pending: ListingChanges,
    /// How often names, the registry or the ignore file changed in this session.
    pub(crate) names_revision: u64,
    /// The indices of the registry's entries, in the order of their roots.
    by_root: Box<[u32]>,
}

/// What earlier operations derived from the files.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// The registry's entries, in ascending `asset_id`. The cache index stores them as a sequence of their own.
    #[serde(skip)]
    pub(crate) entries: Box<[RegistryEntry]>,
    /// Whether the registry has no errors.
    pub(crate) is_sound: bool,
    /// The diagnostics of the registry.
    #[serde(with = "stored")]
    pub(crate) registry_diagnostics: Vec<Diagnostic>,
    /// The diagnostics of the walk, and of manifests that the registry does not list.
    #[serde(with = "stored")]
    pub(crate) walk_diagnostics: Vec<Diagnostic>,
    /// Whether the next operation needs a walk: the registry changed, or a manifest that it does not list could not be
    /// read, and no stamp shows when it can be.
    pub(crate) is_walk_due: bool,
    /// The ignore file.
    pub(crate) ignore_file: IgnoreFile,
    /// How often the ignore file has changed.
    pub(crate) ignore_revision: u32,
    /// What was derived from each asset. The cache index stores it as a sequence of its own.
    #[serde(skip)]
    pub(crate) assets: AssetSummaries,
}

impl Summary {
    /// Whether the globs of the asset were expanded under another ignore file than the present one.
    pub(crate) fn is_ignoring_otherwise(&self, asset: &AssetSummary) -> bool {
        asset.ignore_revision != self.ignore_revision
    }

    /// Whether something is so wrong with the asset that it has no payload.
    pub(crate) fn is_faulty(&self, asset_id: u32) -> bool {
        self.assets.get(asset_id).is_some_and(|asset| asset.record.payload.is_none())
    }
}

impl BuildState {
    /// The build state that an earlier process kept.
    pub(crate) fn restored(file_index: FileIndex, summary: Summary) -> Self {
        let by_root = by_root(&summary.entries);
        Self { file_index, summary, by_root, ..Self::default() }
    }

    /// Takes over the registry as it is now. Where it changed, the summary of each asset that has another root or uuid
    /// is removed.
    pub(crate) fn set_registry(&mut self, registry: Registry) {
        let is_sound = !registry.diagnostics.iter().any(Diagnostic::is_error);
        let entries = registry.entries.into_boxed_slice();
        let summary = &mut self.summary;
        let has_changed = (summary.is_sound, &summary.entries, &summary.registry_diagnostics)
            != (is_sound, &entries, &registry.diagnostics);
        if !has_changed {
            return;
        }
        let previous: HashMap<u32, &RegistryEntry> =
            summary.entries.iter().map(|entry| (entry.asset_id, entry)).collect();
        let is_same_asset = |entry: &&RegistryEntry| {
            let previous = previous.get(&entry.asset_id);
            previous.is_some_and(|previous| (&previous.root, previous.asset_uuid) == (&entry.root, entry.asset_uuid))
        };
        let same: HashSet<u32> = entries.iter().filter(is_same_asset).map(|entry| entry.asset_id).collect();
        summary.assets.retain(|id| same.contains(&id));
        self.names_revision += 1;
        self.by_root = by_root(&entries);
        summary.entries = entries;
        summary.registry_diagnostics = registry.diagnostics;
        summary.is_sound = is_sound;
        summary.is_walk_due = true;
    }

    /// Takes over the ignore file as it is now.
    pub(crate) fn set_ignore_file(&mut self, ignore_file: IgnoreFile) {
        let summary = &mut self.summary;
        if summary.ignore_file != ignore_file {
            summary.ignore_file = ignore_file;
            summary.ignore_revision = summary.ignore_revision.wrapping_add(1);
            self.names_revision += 1;
        }
    }

    /// The changes of listings were taken into account.
    pub(crate) fn settle_names(&mut self) {
        if std::mem::take(&mut self.pending) != ListingChanges::default() {
            self.names_revision += 1;
        }
    }

    /// Whether all changes of names and of the registry were taken into account.
    pub(crate) fn is_settled(&self) -> bool {
        self.pending == ListingChanges::default() && !self.summary.is_walk_due
    }

    /// Whether any file is racy.
    pub(crate) fn is_racy(&self) -> bool {
        self.is_registry_racy || !self.racy.is_empty()
    }

    /// Remembers what was read of the file at `path` below `assets/`; with none, forgets what was.
    pub(crate) fn remember(&mut self, path: &SmolStr, read: Option<Read>) {
        if matches!(read, Some(Read { stamp: None, .. })) {
            self.racy.insert(path.clone());
        } else {
            self.racy.remove(path);
        }
        self.file_index.remember(path, read);
    }

    /// Whether the state covers all inputs, so that a later change of any of them is detected.
    pub(crate) fn is_complete(&self) -> bool {
        self.summary.is_sound && !self.summary.is_walk_due && self.summary.assets.incomplete().is_empty()
    }

    /// The registered assets in whose roots the `paths` below `assets/` lie. Also whether one of these lies in no root,
    /// or may be a manifest that is not at a root.
    pub(crate) fn owners<'p>(&self, paths: impl Iterator<Item = &'p str>) -> (BTreeSet<u32>, bool) {
        let mut owners = BTreeSet::new();
        let mut is_any_outside = false;
        for path in paths.map(Utf8Path::new) {
            let is_manifest = path.file_name() == Some(MANIFEST_NAME);
            is_any_outside |= is_manifest && path.parent().is_none_or(|folder| self.owner(folder).is_none());
            match path.ancestors().find_map(|folder| self.owner(folder)) {
                Some(owner) => drop(owners.insert(owner)),
                None => is_any_outside = true,
            }
        }
        (owners, is_any_outside)
    }

    /// The registered asset whose root is `folder`.
    fn owner(&self, folder: &Utf8Path) -> Option<u32> {
        self.entry_at(folder.as_str()).map(|entry| entry.asset_id)
    }

    /// The registered asset whose root is `root`.
    pub(crate) fn entry_at(&self, root: &str) -> Option<&RegistryEntry> {
        let entry = |index: &u32| &self.summary.entries[*index as usize];
        let position = self.by_root.binary_search_by(|index| (*entry(index).root).cmp(root)).ok()?;
        Some(entry(&self.by_root[position]))
    }
}

/// The indices of `entries`, in the order of their roots.
fn by_root(entries: &[RegistryEntry]) -> Box<[u32]> {
    let mut indices: Box<[u32]> = (0..).zip(entries).map(|(index, _)| index).collect();
    indices.sort_unstable_by_key(|index| &*entries[*index as usize].root);
    indices
}
