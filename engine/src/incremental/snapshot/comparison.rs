//! Which assets changed, and what is at the roots of all assets.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::formats::tilemap::{AskedTileset, TilesetFault, TilesetPlace};
use papack_queries::inputs::{IgnoreFile, ManifestState, RootState};
use papack_queries::record::Record;
use papack_queries::record::bank::{Bank, ancestors, picture_path, place_in};
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use papack_queries::unmanaged::{Unmanaged, absent, uuid_at_root};
use rayon::prelude::*;
use smol_str::SmolStr;
use uuid::Uuid;

use super::super::graph::Populated;
use super::frozen::ChangedAsset;
use super::reading::Reading;
use super::unchanged::is_unchanged;
use crate::workspace::{AssetSummary, BuildState, Filter, Text, WalkPolicy, file_count, find_unmanaged};

/// Compares the workspace with the build state, for the assets that a filter admits.
pub(super) struct Comparison<'o> {
    filter: Filter,
    state: &'o BuildState,
    pub(super) reading: &'o Reading<'o>,
    /// Assets in whose folders the names changed.
    restructured: BTreeSet<u32>,
    /// Assets with dirty files.
    dirty: BTreeSet<u32>,
    /// Whether all admitted assets are inputs of the database already.
    is_populated: bool,
    /// Whether these were compared under the present ignore file.
    is_ignoring_same: bool,
    /// Assets whose inputs were set by an operation that did not finish.
    unfinished: &'o BTreeSet<u32>,
    /// Whether the roots of all assets must be examined, and not only those of the changed ones.
    is_walk_due: bool,
}

/// What was found at the roots of assets.
pub(super) struct RootScan {
    /// The changed assets, by their ids.
    pub(super) changed: BTreeMap<u32, ChangedAsset>,
    /// The roots of the assets that the filter excludes; none where only inputs of the changed assets have to be set.
    pub(super) excluded_roots: Option<BTreeMap<u32, RootState>>,
    /// The manifests that a walk found and the registry does not name; none without a walk.
    pub(super) unregistered: Option<Unregistered>,
}

/// Manifests that the registry does not name.
pub(super) struct Unregistered {
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) texts: Vec<Text>,
    /// The diagnostics of these manifests, and of the walk.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether one of these manifests could not be read.
    pub(super) is_unread: bool,
}

impl<'o> Comparison<'o> {
    pub(super) fn new(
        policy: WalkPolicy,
        state: &'o BuildState,
        reading: &'o Reading<'o>,
        populated: Option<Populated>,
        unfinished: &'o BTreeSet<u32>,
    ) -> Self {
        let filter = policy.filter;
        let populated = populated.filter(|populated| populated.filter == filter);
        let is_populated = populated.is_some();
        let is_ignoring_same =
            populated.is_some_and(|populated| populated.ignore_revision == state.summary.ignore_revision);
        let pending = &state.pending;
        let (restructured, has_foreign_folder) = state.owners(pending.changed.iter().map(SmolStr::as_str));
        let (dirty, has_foreign_file) = state.owners(reading.dirty_files());
        let mut comparison = Self {
            filter,
            state,
            reading,
            restructured,
            dirty,
            is_populated,
            is_ignoring_same,
            unfinished,
            is_walk_due: false,
        };
        let is_excluded = |entry: &RegistryEntry| !filter.admits(entry);
        // The manifest at the root of an excluded asset may have the uuid of another asset, which was moved there.
        let may_be_excluded = |id: &u32| comparison.entry(*id).is_none_or(is_excluded);
        let is_due = policy.names_unregistered
            || pending.affects_other_assets
            || has_foreign_folder
            || has_foreign_file
            || state.summary.is_walk_due
            || comparison.restructured.iter().chain(&comparison.dirty).any(may_be_excluded);
        // The roots of excluded assets are inputs, too, and only a walk finds them.
        comparison.is_walk_due = is_due || (!is_populated && comparison.entries().iter().any(is_excluded));
        comparison
    }

    pub(super) fn entries(&self) -> &'o [RegistryEntry] {
        &self.state.summary.entries
    }

    pub(super) fn admitted(&self) -> impl Iterator<Item = &'o RegistryEntry> {
        let filter = self.filter;
        self.entries().iter().filter(move |entry| filter.admits(entry))
    }

    pub(super) fn entry(&self, asset_id: u32) -> Option<&'o RegistryEntry> {
        let index = self.entries().binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()?;
        self.entries().get(index)
    }

    /// The ignore file.
    pub(super) fn ignore_file(&self) -> IgnoreFile {
        self.state.summary.ignore_file.clone()
    }

    pub(super) fn record(&self, asset_id: u32) -> Option<Arc<Record>> {
        self.state.summary.assets.get(asset_id).map(|asset| Arc::clone(&asset.record))
    }

    /// How many assets are admitted.
    pub(super) fn admitted_count(&self) -> usize {
        match self.filter {
            Filter::Registered => self.entries().len(),
            Filter::Included => self.admitted().count(),
        }
    }

    /// How many artifact files the admitted assets have by their records, without those of the `changed` ones.
    pub(super) fn unchanged_file_count(&self, changed: &BTreeMap<u32, Option<Uuid>>) -> usize {
        let summaries = &self.state.summary.assets;
        let count = |id: u32| summaries.get(id).map_or(0, |asset| file_count(&asset.record));
        match self.filter {
            Filter::Registered => summaries.file_count() - changed.keys().map(|id| count(*id)).sum::<usize>(),
            Filter::Included => {
                let unchanged = self.admitted().filter(|entry| !changed.contains_key(&entry.asset_id));
                unchanged.map(|entry| count(entry.asset_id)).sum()
            }
        }
    }

    /// All diagnostics that concern no single asset: those of the registry, and those of the new `walk`, if there was
    /// one, or else of the last one.
    pub(super) fn diagnostics(&self, walk: Option<&[Diagnostic]>) -> Vec<Diagnostic> {
        let summary = &self.state.summary;
        summary.registry_diagnostics.iter().chain(walk.unwrap_or(&summary.walk_diagnostics)).cloned().collect()
    }

    /// Excluded assets that may have changed: their summaries are not valid any more.
    pub(super) fn dirty_excluded(&self) -> Vec<u32> {
        let dirty = self.restructured.union(&self.dirty).copied();
        dirty.filter(|id| self.entry(*id).is_none_or(|entry| !self.filter.admits(entry))).collect()
    }

    /// The admitted assets that may have changed, that have no usable record, or of which the store lacks bytes.
    pub(super) fn candidates(&self) -> Vec<&'o RegistryEntry> {
        // A walk is due, too, where the registry has changed since the records were made.
        let is_only_what_changed = self.is_ignoring_same && !self.is_walk_due && self.reading.store.holds_all_records();
        if is_only_what_changed { self.changed_candidates() } else { self.all_candidates() }
    }

    /// The candidates, where only changes and unusable records make one. It takes no look at the others.
    fn changed_candidates(&self) -> Vec<&'o RegistryEntry> {
        let incomplete = self.state.summary.assets.incomplete();
        let ids: BTreeSet<u32> =
            [&self.restructured, &self.dirty, incomplete, self.unfinished].into_iter().flatten().copied().collect();
        ids.into_iter().filter_map(|id| self.entry(id)).filter(|entry| self.filter.admits(entry)).collect()
    }

    fn all_candidates(&self) -> Vec<&'o RegistryEntry> {
        // Both are in ascending order of the id.
        let mut assets = self.state.summary.assets.iter().peekable();
        let is_candidate = |entry: &&RegistryEntry| {
            let id = entry.asset_id;
            while assets.next_if(|(other, _)| **other < id).is_some() {}
            match assets.next_if(|(other, _)| **other == id) {
                Some((_, asset)) => {
                    asset.record.inputs.is_none()
                        || self.state.summary.is_ignoring_otherwise(asset)
                        || self.restructured.contains(&id)
                        || self.dirty.contains(&id)
                        || self.unfinished.contains(&id)
                        || !self.reading.store.holds_record(id, &asset.record)
                }
                None => true,
            }
        };
        self.admitted().filter(is_candidate).collect()
    }

    /// Those of the `candidates` that did change. The others stay as they are recorded.
    pub(super) fn changed(&self, candidates: Vec<&'o RegistryEntry>) -> Result<BTreeSet<u32>, Diagnostic> {
        let changed = |entry: &'o RegistryEntry| {
            let old = self.state.summary.assets.get(entry.asset_id);
            // Where names changed, or the ignore file did, globs may take other files.
            let is_as_expanded = |asset: &&AssetSummary| {
                !self.restructured.contains(&entry.asset_id)
                    && !self.unfinished.contains(&entry.asset_id)
                    && !self.state.summary.is_ignoring_otherwise(asset)
            };
            let is_same = match old.filter(is_as_expanded) {
                Some(asset) => is_unchanged(self.reading, entry, &asset.record)?,
                None => false,
            };
            if is_same {
                return Ok(None);
            }
            if let Some((key, outcome)) = old.and_then(|asset| asset.record.outcome()) {
                self.reading.store.offer_outcome(key, outcome);
            }
            Ok(Some(entry.asset_id))
        };
        let mut changed: BTreeSet<u32> =
            candidates.into_par_iter().map(changed).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        self.add_asking(&mut changed);
        Ok(changed)
    }

    /// Adds those of the other assets to `changed` that ask for tilesets of which something else is to be told now, or may be.
    fn add_asking(&self, changed: &mut BTreeSet<u32>) {
        let mut banks = HashMap::new();
        let is_other = |id: &u32| {
            let entry = self.entry(*id).filter(|entry| self.filter.admits(entry) && !changed.contains(id))?;
            let asset = self.state.summary.assets.get(*id)?;
            let inputs = asset.record.inputs.as_ref()?;
            let is_other = inputs
                .tilesets()
                .iter()
                .any(|asked| self.tileset(&entry.root, asked, changed, &mut banks) != Some(asked.found));
            is_other.then_some((*id, asset))
        };
        let other: Vec<_> = self.state.summary.assets.asking().iter().filter_map(is_other).collect();
        for (id, asset) in other {
            if let Some((key, outcome)) = asset.record.outcome() {
                self.reading.store.offer_outcome(key, outcome);
            }
            changed.insert(id);
        }
    }

    /// Where the tiles of a picture are that the asset at `root` asks for; none where they are in one of the `changed` assets. What is
    /// known of each bank is put into `banks`.
    fn tileset(
        &self,
        root: &str,
        asked: &AskedTileset,
        changed: &BTreeSet<u32>,
        banks: &mut HashMap<u32, Result<Bank, TilesetFault>>,
    ) -> Option<Result<TilesetPlace, TilesetFault>> {
        let Some(place) = picture_path(root, &asked.picture) else {
            return Some(Err(TilesetFault::Outside));
        };
        let Some(owner) = ancestors(&place).find_map(|root| self.state.entry_at(root)) else {
            return Some(Err(TilesetFault::Unowned));
        };
        if changed.contains(&owner.asset_id) {
            return None;
        }
        let bank = banks.entry(owner.asset_id).or_insert_with(|| match self.state.summary.assets.get(owner.asset_id) {
            Some(asset) => Bank::of(owner.asset_id, &asset.record),
            None => Err(TilesetFault::Faulty(owner.asset_id)),
        });
        Some(place_in(owner, bank.as_ref().map_err(|fault| *fault), &place))
    }

    /// Finds what is at the roots of the `changed` assets, and of those that ask for tilesets of assets of which only this shows that
    /// they changed.
    pub(super) fn scan(&self, changed: &BTreeSet<u32>) -> Result<RootScan, Diagnostic> {
        let scan = self.scan_roots(changed)?;
        let found: BTreeSet<u32> = scan.changed.keys().copied().collect();
        let mut with_asking = found.clone();
        self.add_asking(&mut with_asking);
        if with_asking == found { Ok(scan) } else { self.scan_roots(&with_asking) }
    }

    /// Finds what is at the roots of the `changed` assets and, where a change may concern other assets, at all roots.
    fn scan_roots(&self, changed: &BTreeSet<u32>) -> Result<RootScan, Diagnostic> {
        if !self.is_walk_due
            && let Some(changed) = self.scan_changed_roots(changed)?
        {
            let excluded_roots = (!self.is_populated).then(BTreeMap::new);
            return Ok(RootScan { changed, excluded_roots, unregistered: None });
        }
        self.scan_all_roots(changed)
    }

    /// Finds what is at the roots of the `changed` assets; none where one of the changes may concern other assets.
    fn scan_changed_roots(&self, changed: &BTreeSet<u32>) -> Result<Option<BTreeMap<u32, ChangedAsset>>, Diagnostic> {
        let scan = |id: &u32| {
            let Some(entry) = self.entry(*id) else { return Ok(None) };
            let Some(tree) = self.reading.file_index.below(&entry.root) else { return Ok(None) };
            let manifest = self.reading.manifest(&entry.root)?;
            // Manifest missing: the asset may have moved. Other uuid: another asset may have moved here. One that cannot be
            // read concerns nobody else: the asset counts as in place.
            let uuid = uuid_at_root(&manifest, entry.asset_uuid);
            let is_own = |uuid: Option<Uuid>| uuid.is_none_or(|uuid| uuid == entry.asset_uuid);
            let is_in_place = matches!(manifest, ManifestState::Bytes(_)) && is_own(uuid);
            let was_in_place = self.state.summary.assets.get(*id).is_some_and(|asset| is_own(asset.uuid));
            let root = RootState::Folder(Arc::new(tree));
            Ok((is_in_place && was_in_place).then_some((*id, ChangedAsset { root, manifest, uuid })))
        };
        let scanned: Vec<_> = changed.into_par_iter().map(scan).collect::<Result<_, _>>()?;
        Ok(scanned.into_iter().collect())
    }

    /// Walks, and finds what is at the roots of all assets. An unchanged asset whose root is no folder any more, or has
    /// an ambiguous name now, counts as changed, too.
    fn scan_all_roots(&self, changed: &BTreeSet<u32>) -> Result<RootScan, Diagnostic> {
        let walk = self.reading.file_index.walk();
        let entries = self.entries();
        // An unchanged asset stays recorded, so its tree is not used. Any tree will do; this one has only a manifest.
        let unchanged_tree = Arc::new(Tree::new(vec![TreeEntry { path: MANIFEST_NAME.into(), kind: Kind::File }]));
        let is_unchanged = |entry: &RegistryEntry| self.filter.admits(entry) && !changed.contains(&entry.asset_id);
        let finder = walk.root_finder();
        let root =
            |entry: &RegistryEntry| finder.find(entry, || is_unchanged(entry).then(|| Arc::clone(&unchanged_tree)));
        let mut roots: Vec<RootState> = entries.par_iter().map(root).collect();
        let is_changed = |entry: &RegistryEntry, root: &RootState| {
            self.filter.admits(entry) && !(is_unchanged(entry) && matches!(root, RootState::Folder(_)))
        };
        let read = |(entry, root): (&RegistryEntry, &RootState)| match root {
            RootState::Folder(_) if is_changed(entry, root) => {
                let manifest = self.reading.manifest(&entry.root)?;
                let uuid = uuid_at_root(&manifest, entry.asset_uuid);
                Ok((manifest, uuid))
            }
            _ => Ok((ManifestState::Unread, None)),
        };
        let manifests: Vec<(ManifestState, Option<Uuid>)> =
            entries.par_iter().zip(&roots).map(read).collect::<Result<_, _>>()?;
        let uuid = |(entry, (_, uuid)): (&RegistryEntry, &(_, Option<Uuid>))| {
            let recorded = self.state.summary.assets.get(entry.asset_id).filter(|_| is_unchanged(entry));
            recorded.map_or(*uuid, |asset| asset.uuid)
        };
        let mut uuids: Vec<Option<Uuid>> = entries.iter().zip(&manifests).map(uuid).collect();
        let unregistered = self.find_unregistered(&walk, &mut roots, &mut uuids)?;
        let (mut changed, mut excluded_roots) = (BTreeMap::new(), BTreeMap::new());
        for ((entry, root), (manifest, uuid)) in entries.iter().zip(roots).zip(manifests) {
            if is_changed(entry, &root) {
                changed.insert(entry.asset_id, ChangedAsset { root, manifest, uuid });
            } else if !self.filter.admits(entry) {
                excluded_roots.insert(entry.asset_id, root);
            }
        }
        Ok(RootScan { changed, excluded_roots: Some(excluded_roots), unregistered: Some(unregistered) })
    }

    /// Finds the manifests that the registry does not name. `roots` and `uuids` are those of all assets; the roots of
    /// assets that were moved are updated.
    fn find_unregistered(
        &self,
        walk: &Walk,
        roots: &mut [RootState],
        uuids: &mut [Option<Uuid>],
    ) -> Result<Unregistered, Diagnostic> {
        let mut unregistered = Unregistered {
            unmanaged: Vec::new(),
            texts: Vec::new(),
            diagnostics: walk.diagnostics(),
            is_unread: false,
        };
        // A registry with faults may lack entries, so it does not show which manifests are unregistered.
        if self.state.summary.is_sound {
            self.add_excluded_uuids(roots, uuids)?;
            let is_unread = AtomicBool::new(false);
            let read = |folder: &str| {
                let manifest = self.reading.manifest(folder)?;
                is_unread.fetch_or(matches!(manifest, ManifestState::Refused(_)), Ordering::Relaxed);
                Ok(manifest)
            };
            (unregistered.unmanaged, unregistered.texts) = find_unmanaged(walk, self.entries(), roots, uuids, read)?;
            unregistered.is_unread = is_unread.into_inner();
        }
        let of_manifests = unregistered.unmanaged.iter().flat_map(|found| found.diagnostics.iter().cloned());
        unregistered.diagnostics.extend(of_manifests);
        Ok(unregistered)
    }

    /// Reads the uuids at the roots of excluded assets, if an admitted asset is not in place: its manifest may be
    /// there.
    fn add_excluded_uuids(&self, roots: &[RootState], uuids: &mut [Option<Uuid>]) -> Result<(), Diagnostic> {
        let absent = absent(self.entries(), roots, uuids);
        if !self.entries().iter().zip(absent).any(|(entry, is_absent)| is_absent && self.filter.admits(entry)) {
            return Ok(());
        }
        let read = |((entry, root), uuid): ((&RegistryEntry, &RootState), &mut Option<Uuid>)| {
            if matches!(root, RootState::Folder(_)) && !self.filter.admits(entry) {
                *uuid = uuid_at_root(&self.reading.manifest(&entry.root)?, entry.asset_uuid);
            }
            Ok(())
        };
        self.entries().par_iter().zip(roots).zip(uuids).try_for_each(read)
    }
}
