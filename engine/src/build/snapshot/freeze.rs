//! Freezing: from what may have changed to salsa inputs.

use std::collections::BTreeMap;

use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::registry::RegistryEntry;

use super::super::batch::Batch;
use super::super::core::Core;
use super::comparison::{Comparison, RootScan};
use super::files;
use super::frozen::{Fresh, Snapshot};
use super::reading::Reading;
use crate::content::OperationStore;
use crate::fs::FileSystem;
use crate::operation::{EventKind, Operation, Stop};
use crate::workspace::{
    BuildState, Changes, DirtySet, Read, StampedRegistry, WalkPolicy, read_stamped_registry, walk_failure,
};

/// Looks at everything that may have changed since the last operation, as far as `changes` say, and reads nothing.
pub(crate) fn survey(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    known: &BuildState,
    changes: &Changes,
) -> Result<DirtySet, Stop> {
    let _step = operation.step("survey");
    let noticed = known.file_index.survey(fs, changes).map(|noticed| noticed.with_files(&known.racy));
    noticed.map_err(|error| walk_failure(operation, &error))
}

/// Reads everything that the assets which `policy` admits depend on, for `keeper`, where it is not known; `noticed` says where
/// it may have changed. Nothing is read from the live workspace afterwards, unless the keeper keeps no content.
pub(crate) fn freeze(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &mut Core,
    policy: WalkPolicy,
    noticed: DirtySet,
    keeper: &dyn OperationStore,
) -> Result<Snapshot, Stop> {
    let _step = operation.step("snapshot");
    if core.graph.populated.is_none() {
        // An operation that came to no end set inputs of which nothing is known.
        core.graph.reset();
    }
    let mut known = std::mem::take(&mut core.state);
    let frozen = Freezing { operation, fs, core, policy, keeper }.freeze_known(noticed, &mut known);
    core.state = known;
    let snapshot = frozen?;
    let Snapshot { asset_count, file_count, .. } = snapshot;
    operation.emit(EventKind::SnapshotFrozen { asset_count, file_count });
    operation.check_cancelled()?;
    Ok(snapshot)
}

/// What a walk has to tell, and whether a manifest that the registry does not know could not be read.
type WalkFindings = (Vec<Diagnostic>, bool);

/// A snapshot that is being frozen. What the core knows of files is lent out meanwhile.
struct Freezing<'f, 'o> {
    operation: &'f mut Operation<'o>,
    fs: &'f dyn FileSystem,
    core: &'f mut Core,
    policy: WalkPolicy,
    keeper: &'f dyn OperationStore,
}

impl Freezing<'_, '_> {
    fn freeze_known(&mut self, noticed: DirtySet, known: &mut BuildState) -> Result<Snapshot, Stop> {
        let (fs, keeper, filter) = (self.fs, self.keeper, self.policy.filter);
        let timings = self.operation.timings().clone();
        let list = || {
            let _step = timings.step("list folders");
            known.file_index.list(fs, noticed.folders, &mut known.pending)
        };
        let read = || {
            let _step = timings.step("read registry");
            read_stamped_registry(fs)
        };
        let (listed, registry) = rayon::join(list, || noticed.registry.then(read));
        listed.map_err(|error| walk_failure(self.operation, &error))?;
        self.operation.check_cancelled()?;
        if let Some(registry) = registry {
            let registry = registry.map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
            self.take_registry(registry, known);
        }
        // From here on what was seen is looked at, and what is read is told in the end.
        let seen = std::mem::take(&mut known.file_index);
        let cancel = self.operation.cancel().clone();
        let reading = Reading::new(fs, keeper, &cancel, &seen, &noticed.files);
        let is_populated = self.core.graph.populated.take() == Some(filter);
        let result = self.freeze_assets(&Comparison::new(filter, known, &reading, is_populated));
        let reads = reading.into_reads();
        known.file_index = seen;
        let (mut snapshot, around) = result?;
        if let Some((diagnostics, is_unread)) = around {
            known.summary.walk_diagnostics = diagnostics;
            snapshot.is_walk_due = Some(is_unread);
        }
        snapshot.reads = reads;
        Ok(snapshot)
    }

    /// Takes over what the registry says. What is new may concern any asset, until the consequences are drawn.
    fn take_registry(&mut self, (text, registry, stamp): StampedRegistry, known: &mut BuildState) {
        known.is_registry_racy = stamp.is_none() && !text.is_empty();
        known.set_registry(registry);
        known.file_index.registry = known.summary.is_sound.then(|| Read::of(&text, stamp));
        if known.summary.registry_diagnostics.is_empty() {
            self.core.drop_text(REGISTRY_PATH);
        } else {
            self.core.set_text(REGISTRY_PATH, text);
        }
    }

    fn freeze_assets(&mut self, view: &Comparison<'_>) -> Result<(Snapshot, Option<WalkFindings>), Stop> {
        let step = self.operation.step("compare assets");
        let touched = view.touched();
        let fresh = view.changed(touched).map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        drop(step);
        self.operation.check_cancelled()?;
        let step = self.operation.step("look around");
        let around = view.scan_roots(&fresh).map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        drop(step);
        self.operation.check_cancelled()?;
        let RootScan { fresh, others, found } = around;
        let uuids = fresh.iter().map(|(id, fresh)| (*id, fresh.uuid)).collect();
        let mut snapshot = Snapshot { unwanted: view.unwanted(), fresh: uuids, ..Snapshot::default() };
        let mut told = None;
        if let Some(found) = found {
            self.core.forget_texts();
            found.texts.into_iter().for_each(|(path, text)| self.core.set_text(&path, text));
            snapshot.unmanaged = found.unmanaged;
            told = Some((found.diagnostics, found.is_unread));
        }
        let all = others.as_ref().map(|_| view.diagnostics(told.as_ref().map(|(diagnostics, _)| &**diagnostics)));
        let step = self.operation.step("read files");
        self.operation.begin_reading();
        let set = self.set_inputs(view, fresh, others, all, &mut snapshot);
        drop(step);
        set.map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        self.operation.check_cancelled()?;
        snapshot.asset_count = view.admitted().count();
        let reused_decisions = view.admitted().filter(|entry| !snapshot.fresh.contains_key(&entry.asset_id));
        snapshot.file_count += reused_decisions.map(|entry| view.file_count(entry.asset_id)).sum::<usize>();
        Ok((snapshot, told))
    }

    /// Sets what was found as inputs, and reads the artifact files of the `fresh` assets. `others` are the roots of assets
    /// that are not wanted; where there are none, nothing but the `fresh` assets changed.
    fn set_inputs(
        &mut self,
        view: &Comparison<'_>,
        fresh: BTreeMap<u32, Fresh>,
        others: Option<BTreeMap<u32, RootState>>,
        diagnostics: Option<Vec<Diagnostic>>,
        snapshot: &mut Snapshot,
    ) -> Result<(), Diagnostic> {
        self.core.graph.note_excluded(others.iter().flat_map(BTreeMap::keys));
        let is_many = self.core.graph.is_too_many(fresh.len());
        let (mut live, settled) = if is_many { (BTreeMap::new(), fresh) } else { (fresh, BTreeMap::new()) };
        let live_ids: Vec<u32> = live.keys().copied().collect();
        let mut change = Change { diagnostics, ..Change::default() };
        match others {
            Some(mut others) => {
                let state = |entry: &RegistryEntry| {
                    let id = entry.asset_id;
                    let found = match (live.remove(&id), others.remove(&id)) {
                        (Some(fresh), _) => fresh.found(),
                        (None, Some(root)) => AssetInput::Loaded { root, manifest: ManifestState::Unread },
                        (None, None) if settled.contains_key(&id) || self.core.graph.is_loaded(id) => {
                            AssetInput::Unchanged
                        }
                        (None, None) => view.record(id).map_or(AssetInput::Unchanged, AssetInput::Recorded),
                    };
                    AssetState { entry: entry.clone(), input: found }
                };
                change.assets = Some(view.entries().iter().map(state).collect());
            }
            None => change.updates = live.into_iter().map(|(id, fresh)| (id, fresh.found())).collect(),
        }
        change.apply(&mut self.core.graph.db);
        self.core.graph.note_loaded(&live_ids);
        let assets = self.core.graph.assets_of(&live_ids);
        let files = files::read(&self.core.graph.db, &assets, view.reading)?;
        snapshot.file_count = files.len();
        snapshot.live = live_ids;
        Change { files, ..Change::default() }.apply(&mut self.core.graph.db);
        self.freeze_batches(view, settled, snapshot)
    }

    /// Puts assets into databases that are dropped as soon as their payloads are derived.
    fn freeze_batches(
        &mut self,
        view: &Comparison<'_>,
        fresh: BTreeMap<u32, Fresh>,
        snapshot: &mut Snapshot,
    ) -> Result<(), Diagnostic> {
        let mut fresh = fresh.into_iter().peekable();
        let mut manifest_bytes = 0;
        while fresh.peek().is_some() {
            let state =
                |(id, fresh): (u32, Fresh)| Some(AssetState { entry: view.entry(id)?.clone(), input: fresh.found() });
            let of_batch: Vec<_> = fresh.by_ref().take(Batch::SIZE).collect();
            manifest_bytes += of_batch.iter().map(|(_, fresh)| fresh.manifest.size()).sum::<usize>();
            let states = of_batch.into_iter().filter_map(state).collect();
            let read = |db: &Database| {
                let files = files::read(db, db.workspace().assets(db), view.reading)?;
                snapshot.file_count += files.len();
                Ok(files)
            };
            let is_kept = snapshot.batches.len() < Batch::OPEN && manifest_bytes <= Batch::OPEN_BYTES;
            snapshot.batches.push(Batch::fill(&self.core.graph.db, states, is_kept, read)?);
        }
        Ok(())
    }
}
