//! Which assets have to be looked into, and what is around them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::record::Record;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use papack_queries::unmanaged::{Unmanaged, absent, uuid_of};
use rayon::prelude::*;
use smol_str::SmolStr;
use uuid::Uuid;

use super::compare;
use super::frozen::Fresh;
use super::reading::Reading;
use crate::workspace::{BuildState, Filter, Text, find_unmanaged};

/// What is known, what was noticed, and what is wanted.
pub(super) struct Comparison<'o> {
    filter: Filter,
    known: &'o BuildState,
    pub(super) reading: &'o Reading<'o>,
    /// Assets in whose folders other names are now.
    restructured: BTreeSet<u32>,
    /// Assets with files that may have changed.
    noticed: BTreeSet<u32>,
    /// Whether the database knows of all assets.
    is_populated: bool,
    /// Whether more than single assets may have changed.
    is_walk_due: bool,
}

/// What was found at and around the assets to look into.
pub(super) struct RootScan {
    pub(super) fresh: BTreeMap<u32, Fresh>,
    /// The roots of the assets that are not wanted; none where the database has to know no more than the assets to look into.
    pub(super) others: Option<BTreeMap<u32, RootState>>,
    /// After a walk, what else it found.
    pub(super) found: Option<Unregistered>,
}

/// Manifests that the registry does not know.
pub(super) struct Unregistered {
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) texts: Vec<Text>,
    /// What is to be told of them, and of the walk.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether one of them could not be read.
    pub(super) is_unread: bool,
}

impl<'o> Comparison<'o> {
    pub(super) fn new(filter: Filter, known: &'o BuildState, reading: &'o Reading<'o>, is_populated: bool) -> Self {
        let pending = &known.pending;
        let (restructured, is_odd) = known.owners(pending.changed.iter().map(SmolStr::as_str));
        let (noticed, is_foreign) = known.owners(reading.noticed());
        let mut view = Self { filter, known, reading, restructured, noticed, is_populated, is_walk_due: false };
        // The uuid in the manifest of an asset that is not wanted may tell where another one is.
        let mut changed = view.restructured.iter().chain(&view.noticed);
        let is_unwanted = |id: &u32| view.entry(*id).is_none_or(|entry| !filter.admits(entry));
        let is_due = pending.affects_other_assets
            || is_odd
            || is_foreign
            || known.summary.is_walk_due
            || changed.any(is_unwanted);
        // Only a walk tells what is at the roots of assets that are not wanted.
        let is_unknown = |entry: &RegistryEntry| !filter.admits(entry);
        view.is_walk_due = is_due || (!is_populated && view.entries().iter().any(is_unknown));
        view
    }

    pub(super) fn entries(&self) -> &'o [RegistryEntry] {
        &self.known.summary.entries
    }

    pub(super) fn admitted(&self) -> impl Iterator<Item = &'o RegistryEntry> {
        let filter = self.filter;
        self.entries().iter().filter(move |entry| filter.admits(entry))
    }

    pub(super) fn entry(&self, asset_id: u32) -> Option<&'o RegistryEntry> {
        let index = self.entries().binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()?;
        self.entries().get(index)
    }

    pub(super) fn record(&self, asset_id: u32) -> Option<Arc<Record>> {
        self.known.summary.assets.get(&asset_id).map(|asset| Arc::clone(&asset.record))
    }

    /// How many artifact files a known asset has.
    pub(super) fn file_count(&self, asset_id: u32) -> usize {
        let inputs = self.known.summary.assets.get(&asset_id).and_then(|asset| asset.record.inputs.as_ref());
        inputs.map_or(0, |inputs| inputs.files.len())
    }

    /// All that is wrong beside the assets, given what a new `walk` tells.
    pub(super) fn diagnostics(&self, walk: Option<&[Diagnostic]>) -> Vec<Diagnostic> {
        let summary = &self.known.summary;
        summary.registry_diagnostics.iter().chain(walk.unwrap_or(&summary.walk_diagnostics)).cloned().collect()
    }

    /// Assets that are not wanted and may have changed: what is known of them is not to be relied on.
    pub(super) fn unwanted(&self) -> Vec<u32> {
        let changed = self.restructured.union(&self.noticed).copied();
        changed.filter(|id| self.entry(*id).is_none_or(|entry| !self.filter.admits(entry))).collect()
    }

    /// The wanted assets that are not known, may have changed, or whose bytes are not at hand.
    pub(super) fn touched(&self) -> Vec<&'o RegistryEntry> {
        let mut known = self.known.summary.assets.iter().peekable();
        let is_touched = |entry: &&RegistryEntry| {
            let id = entry.asset_id;
            while known.next_if(|(known, _)| **known < id).is_some() {}
            match known.next_if(|(known, _)| **known == id) {
                Some((_, asset)) => {
                    asset.record.inputs.is_none()
                        || self.restructured.contains(&id)
                        || self.noticed.contains(&id)
                        || !self.reading.keeper.holds_record(id, &asset.record)
                }
                None => true,
            }
        };
        self.admitted().filter(is_touched).collect()
    }

    /// Those of the `touched` assets in which something did change. The others are at rest as they were.
    pub(super) fn changed(&self, touched: Vec<&'o RegistryEntry>) -> Result<BTreeSet<u32>, Diagnostic> {
        let changed = |entry: &'o RegistryEntry| {
            let known = self.known.summary.assets.get(&entry.asset_id);
            let is_same = match known.filter(|_| !self.restructured.contains(&entry.asset_id)) {
                Some(asset) => compare::is_same(self.reading, entry, &asset.record)?,
                None => false,
            };
            if is_same {
                return Ok(None);
            }
            if let Some((key, outcome)) = known.and_then(|asset| asset.record.outcome()) {
                self.reading.keeper.offer_outcome(key, outcome);
            }
            Ok(Some(entry.asset_id))
        };
        touched.into_par_iter().map(changed).filter_map(Result::transpose).collect()
    }

    /// What is at the roots of the `fresh` assets, and, where more than they may have changed, at all others.
    pub(super) fn scan_roots(&self, fresh: &BTreeSet<u32>) -> Result<RootScan, Diagnostic> {
        if !self.is_walk_due
            && let Some(fresh) = self.look_at(fresh)?
        {
            return Ok(RootScan { fresh, others: (!self.is_populated).then(BTreeMap::new), found: None });
        }
        self.scan_all_roots(fresh)
    }

    /// What is at the roots of the `fresh` assets; none where that concerns others, too.
    fn look_at(&self, fresh: &BTreeSet<u32>) -> Result<Option<BTreeMap<u32, Fresh>>, Diagnostic> {
        let look = |id: &u32| {
            let Some(entry) = self.entry(*id) else { return Ok(None) };
            let Some(tree) = self.reading.seen.below(&entry.root) else { return Ok(None) };
            let manifest = self.reading.manifest(&entry.root)?;
            // Without a manifest, or with another uuid, it may be the manifest of another asset, or that of this one may
            // be elsewhere.
            let uuid = uuid_of(&manifest);
            let is_in_place =
                matches!(manifest, ManifestState::Bytes(_)) && uuid.is_none_or(|uuid| uuid == entry.asset_uuid);
            let is_the_same = self.known.summary.assets.get(id).is_some_and(|asset| asset.uuid == uuid);
            let root = RootState::Folder(Arc::new(tree));
            Ok((is_in_place && is_the_same).then_some((*id, Fresh { root, manifest, uuid })))
        };
        let fresh: Vec<_> = fresh.into_par_iter().map(look).collect::<Result<_, _>>()?;
        Ok(fresh.into_iter().collect())
    }

    fn scan_all_roots(&self, fresh: &BTreeSet<u32>) -> Result<RootScan, Diagnostic> {
        let walk = self.reading.seen.walk();
        let entries = self.entries();
        let reused_decisions = Arc::new(Tree::new(vec![TreeEntry { path: MANIFEST_NAME.into(), kind: Kind::File }]));
        let is_at_rest = |entry: &RegistryEntry| self.filter.admits(entry) && !fresh.contains(&entry.asset_id);
        let mut roots = walk.roots(entries, |entry| is_at_rest(entry).then(|| Arc::clone(&reused_decisions)));
        // An asset at rest whose folder is no folder any more, or has a twin, is at rest no more.
        let is_fresh = |entry: &RegistryEntry, root: &RootState| {
            self.filter.admits(entry) && !(is_at_rest(entry) && matches!(root, RootState::Folder(_)))
        };
        let read = |(entry, root): (&RegistryEntry, &RootState)| match root {
            RootState::Folder(_) if is_fresh(entry, root) => {
                let manifest = self.reading.manifest(&entry.root)?;
                let uuid = uuid_of(&manifest);
                Ok((manifest, uuid))
            }
            _ => Ok((ManifestState::Unread, None)),
        };
        let manifests: Vec<(ManifestState, Option<Uuid>)> =
            entries.par_iter().zip(&roots).map(read).collect::<Result<_, _>>()?;
        let uuid = |(entry, (_, uuid)): (&RegistryEntry, &(_, Option<Uuid>))| {
            let known = self.known.summary.assets.get(&entry.asset_id).filter(|_| is_at_rest(entry));
            known.map_or(*uuid, |asset| asset.uuid)
        };
        let mut held: Vec<Option<Uuid>> = entries.iter().zip(&manifests).map(uuid).collect();
        let mut found = Unregistered {
            unmanaged: Vec::new(),
            texts: Vec::new(),
            diagnostics: walk.diagnostics(),
            is_unread: false,
        };
        // A registry with faults does not know which manifests it does not know.
        if self.known.summary.is_sound {
            self.complete(&roots, &mut held)?;
            let is_unread = AtomicBool::new(false);
            let read = |folder: &str| {
                let manifest = self.reading.manifest(folder)?;
                is_unread.fetch_or(matches!(manifest, ManifestState::Refused(_)), Ordering::Relaxed);
                Ok(manifest)
            };
            (found.unmanaged, found.texts) = find_unmanaged(&walk, entries, &mut roots, &held, read)?;
            found.is_unread = is_unread.into_inner();
        }
        found.diagnostics.extend(found.unmanaged.iter().flat_map(|found| found.diagnostics.iter().cloned()));
        let mut around = RootScan { fresh: BTreeMap::new(), others: None, found: Some(found) };
        let mut others = BTreeMap::new();
        for ((entry, root), (manifest, uuid)) in entries.iter().zip(roots).zip(manifests) {
            if is_fresh(entry, &root) {
                around.fresh.insert(entry.asset_id, Fresh { root, manifest, uuid });
            } else if !self.filter.admits(entry) {
                others.insert(entry.asset_id, root);
            }
        }
        around.others = Some(others);
        Ok(around)
    }

    /// Adds the uuids at the roots that are not wanted, where an asset that is wanted is not in place: its manifest may be
    /// there.
    fn complete(&self, roots: &[RootState], held: &mut [Option<Uuid>]) -> Result<(), Diagnostic> {
        let absent = absent(self.entries(), roots, held);
        if !self.entries().iter().zip(absent).any(|(entry, is_absent)| is_absent && self.filter.admits(entry)) {
            return Ok(());
        }
        let read = |((entry, root), held): ((&RegistryEntry, &RootState), &mut Option<Uuid>)| {
            if matches!(root, RootState::Folder(_)) && !self.filter.admits(entry) {
                *held = uuid_of(&self.reading.manifest(&entry.root)?);
            }
            Ok(())
        };
        self.entries().par_iter().zip(roots).zip(held).try_for_each(read)
    }
}
