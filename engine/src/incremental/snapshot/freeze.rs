//! Freezing: from the dirty set to salsa inputs.

use std::collections::BTreeMap;

use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::registry::RegistryEntry;
use rayon::prelude::*;

use super::super::batch::Batch;
use super::super::core::Core;
use super::comparison::{Comparison, RootScan};
use super::files::{self, AssetFiles};
use super::foretelling;
use super::frozen::{ChangedAsset, Snapshot};
use super::reading::Reading;
use crate::content::OperationStore;
use crate::fs::FileSystem;
use crate::operation::{EventKind, Operation, Stop};
use crate::workspace::{
    BuildState, Changes, DirtySet, Read, StampedRegistry, WalkPolicy, read_stamped_registry, walk_failure,
};

/// Finds the dirty set: compares the stamps of everything that may have changed since the last operation, as far as
/// `changes` say, and reads no content.
pub(crate) fn survey(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    state: &BuildState,
    changes: &Changes,
) -> Result<DirtySet, Stop> {
    let _step = operation.step("survey");
    let dirty = state.file_index.survey(fs, changes).map(|dirty| dirty.with_files(&state.racy));
    dirty.map_err(|error| walk_failure(operation, &error))
}

/// Reads into `store` what the assets that `policy` admits depend on, as far as it is `dirty` or not recorded, and sets
/// it as salsa inputs. Afterwards nothing is read from the workspace, unless the store keeps no content.
pub(crate) fn freeze(
    operation: &mut Operation<'_>,
    fs: &dyn FileSystem,
    core: &mut Core,
    policy: WalkPolicy,
    dirty: DirtySet,
    store: &dyn OperationStore,
) -> Result<Snapshot, Stop> {
    let _step = operation.step("snapshot");
    // An operation that did not finish has set inputs that the build state does not describe.
    if core.graph.populated.is_none() || core.has_many_former() {
        core.graph.reset();
    }
    let mut state = std::mem::take(&mut core.state);
    // A walk of which the policy alone is the reason finds nothing new then.
    let is_quiet = dirty.is_empty() && state.is_settled();
    let known = core.beside.manifests.take();
    let is_known = known.as_ref().is_some_and(|(filter, _)| *filter == policy.filter);
    let names_unregistered = policy.names_unregistered && !(is_quiet && is_known);
    let walking = WalkPolicy { names_unregistered, ..policy };
    let frozen = Freezing { operation, fs, core, policy: walking, store }.freeze(dirty, &mut state);
    core.state = state;
    let mut snapshot = frozen?;
    let has_walked = snapshot.is_walk_due.is_some();
    // Whatever concerns manifests that the registry does not name is a reason to walk.
    core.beside.manifests = if has_walked { Some((policy.filter, snapshot.unmanaged.clone())) } else { known };
    if let Some((_, manifests)) = core.beside.manifests.as_ref().filter(|_| policy.names_unregistered) {
        snapshot.unmanaged.clone_from(manifests);
    }
    core.has_found_changes |= !snapshot.changed.is_empty() || has_walked && !(names_unregistered && is_quiet);
    let Snapshot { asset_count, file_count, .. } = snapshot;
    operation.emit(EventKind::SnapshotFrozen { asset_count, file_count });
    operation.check_cancelled()?;
    Ok(snapshot)
}

/// The diagnostics of a walk, and whether a manifest that the registry does not name could not be read.
type WalkFindings = (Vec<Diagnostic>, bool);

/// The making of a snapshot. The build state of the core is taken out of it meanwhile, so that both can be borrowed.
struct Freezing<'f, 'o> {
    operation: &'f mut Operation<'o>,
    fs: &'f dyn FileSystem,
    core: &'f mut Core,
    policy: WalkPolicy,
    store: &'f dyn OperationStore,
}

impl Freezing<'_, '_> {
    fn freeze(&mut self, dirty: DirtySet, state: &mut BuildState) -> Result<Snapshot, Stop> {
        let (fs, store, policy) = (self.fs, self.store, self.policy);
        let timings = self.operation.timings().clone();
        let list = || {
            let _step = timings.step("list folders");
            state.file_index.list(fs, dirty.folders, &mut state.pending)
        };
        let read = || {
            let _step = timings.step("read registry");
            read_stamped_registry(fs)
        };
        let (listed, registry) = rayon::join(list, || dirty.registry.then(read));
        listed.map_err(|error| walk_failure(self.operation, &error))?;
        self.operation.check_cancelled()?;
        if let Some(registry) = registry {
            let registry = registry.map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
            self.take_registry(registry, state);
        }
        // From here on the file index is only read. What is read from files is added to it at the end of the operation.
        let file_index = std::mem::take(&mut state.file_index);
        let cancel = self.operation.cancel().clone();
        let reading = Reading::new(fs, store, &cancel, &file_index, &dirty.files);
        let (populated, unfinished) = (self.core.graph.populated, self.core.graph.unfinished.clone());
        let result = reading
            .ignore_file(&state.summary.ignore_file)
            .map_err(|fault| self.operation.fail_unless_cancelled(fault))
            .and_then(|ignore_file| {
                state.set_ignore_file(ignore_file);
                self.freeze_assets(&Comparison::new(policy, state, &reading, populated, &unfinished))
            });
        let reads = reading.into_reads();
        state.file_index = file_index;
        let (mut snapshot, findings) = result?;
        if let Some((diagnostics, is_unread)) = findings {
            state.summary.walk_diagnostics = diagnostics;
            snapshot.is_walk_due = Some(is_unread);
        }
        snapshot.reads = reads;
        Ok(snapshot)
    }

    /// Updates the build state with the registry. If the registry changed, any asset may be concerned: then a walk is
    /// due until an operation finishes.
    fn take_registry(&mut self, (text, registry, stamp): StampedRegistry, state: &mut BuildState) {
        state.is_registry_racy = stamp.is_none() && !text.is_empty();
        state.set_registry(registry);
        state.file_index.registry = state.summary.is_sound.then(|| Read::of(&text, stamp));
        if state.summary.registry_diagnostics.is_empty() {
            self.core.drop_text(REGISTRY_PATH);
        } else {
            self.core.set_text(REGISTRY_PATH, text);
        }
    }

    /// Finds the changed assets, and sets them as inputs.
    fn freeze_assets(&mut self, comparison: &Comparison<'_>) -> Result<(Snapshot, Option<WalkFindings>), Stop> {
        let step = self.operation.step("compare assets");
        let candidates = comparison.candidates();
        let changed = comparison.changed(candidates).map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        drop(step);
        self.operation.check_cancelled()?;
        let step = self.operation.step("look around");
        let scan = comparison.scan(&changed).map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        drop(step);
        self.operation.check_cancelled()?;
        let RootScan { changed, excluded_roots, unregistered } = scan;
        let uuids = changed.iter().map(|(id, asset)| (*id, asset.uuid)).collect();
        let dirty_excluded = comparison.dirty_excluded();
        let mut snapshot = Snapshot { dirty_excluded, changed: uuids, ..Snapshot::default() };
        let mut findings: Option<WalkFindings> = None;
        if let Some(unregistered) = unregistered {
            self.core.forget_texts();
            unregistered.texts.into_iter().for_each(|(path, text)| self.core.set_text(&path, text));
            snapshot.unmanaged = unregistered.unmanaged;
            findings = Some((unregistered.diagnostics, unregistered.is_unread));
        }
        let of_walk = findings.as_ref().map(|(diagnostics, _)| &**diagnostics);
        let diagnostics = excluded_roots.as_ref().map(|_| comparison.diagnostics(of_walk));
        let step = self.operation.step("read files");
        self.operation.begin_reading();
        let set = self.set_inputs(comparison, changed, excluded_roots, diagnostics, &mut snapshot);
        drop(step);
        set.map_err(|fault| self.operation.fail_unless_cancelled(fault))?;
        self.operation.check_cancelled()?;
        snapshot.asset_count = comparison.admitted_count();
        snapshot.file_count += comparison.unchanged_file_count(&snapshot.changed);
        Ok((snapshot, findings))
    }

    /// Sets inputs, and reads the artifact files of the `changed` assets. With `excluded_roots`, the roots of the
    /// assets that the filter excludes, the inputs of all assets are set; without, only those of the `changed` ones.
    fn set_inputs(
        &mut self,
        comparison: &Comparison<'_>,
        changed: BTreeMap<u32, ChangedAsset>,
        excluded_roots: Option<BTreeMap<u32, RootState>>,
        diagnostics: Option<Vec<Diagnostic>>,
        snapshot: &mut Snapshot,
    ) -> Result<(), Diagnostic> {
        self.core.graph.note_excluded(excluded_roots.iter().flat_map(BTreeMap::keys));
        let is_many = self.core.graph.is_too_many(changed.len());
        let (mut to_load, batched): (BTreeMap<_, _>, BTreeMap<_, _>) =
            changed.into_iter().partition(|(_, asset)| !is_many || asset.may_ask());
        let loaded_ids: Vec<u32> = to_load.keys().copied().collect();
        let ignore_file = Some(comparison.ignore_file());
        let populated = self.core.graph.populated.take();
        let is_update = excluded_roots.is_none() && batched.is_empty();
        let mut change = Change { diagnostics, ignore_file, ..Change::default() };
        match excluded_roots {
            Some(mut excluded_roots) => {
                let state = |entry: &RegistryEntry| {
                    let id = entry.asset_id;
                    let input = match (to_load.remove(&id), excluded_roots.remove(&id)) {
                        (Some(asset), _) => asset.into_input(),
                        (None, Some(root)) => AssetInput::Loaded { root, manifest: ManifestState::Unread },
                        (None, None) if batched.contains_key(&id) || self.core.graph.is_loaded(id) => {
                            AssetInput::Unchanged
                        }
                        (None, None) => comparison.record(id).map_or(AssetInput::Unchanged, AssetInput::Recorded),
                    };
                    AssetState { entry: entry.clone(), input }
                };
                change.assets = Some(comparison.entries().iter().map(state).collect());
            }
            None => change.updates = to_load.into_iter().map(|(id, asset)| (id, asset.into_input())).collect(),
        }
        change.apply(&mut self.core.graph.db);
        self.core.graph.note_loaded(&loaded_ids);
        if is_update {
            // If this operation does not finish, only these assets have to be looked at again.
            self.core.graph.populated = populated;
            self.core.graph.unfinished.extend(&loaded_ids);
        }
        let assets = self.core.graph.assets_of(&loaded_ids);
        let mut files = files::find(&self.core.graph.db, &assets, false, comparison.reading);
        files::read(files.par_iter_mut(), comparison.reading)?;
        let files: Vec<_> = files.into_iter().flat_map(AssetFiles::into_states).collect();
        snapshot.file_count = files.len();
        snapshot.loaded = loaded_ids;
        Change { files, ..Change::default() }.apply(&mut self.core.graph.db);
        self.freeze_batches(comparison, batched, snapshot)
    }

    /// Puts changed assets into batches, which are dropped as soon as their payloads are derived.
    fn freeze_batches(
        &mut self,
        comparison: &Comparison<'_>,
        changed: BTreeMap<u32, ChangedAsset>,
        snapshot: &mut Snapshot,
    ) -> Result<(), Diagnostic> {
        let state = |(id, asset): (u32, ChangedAsset)| {
            Some(AssetState { entry: comparison.entry(id)?.clone(), input: asset.into_input() })
        };
        let mut changed = changed.into_iter().peekable();
        let (mut batches, mut manifest_bytes) = (Vec::new(), 0);
        while changed.peek().is_some() {
            let of_batch: Vec<_> = changed.by_ref().take(Batch::SIZE).collect();
            manifest_bytes += of_batch.iter().map(|(_, asset)| asset.manifest.size()).sum::<usize>();
            let is_kept = batches.len() < Batch::OPEN && manifest_bytes <= Batch::OPEN_BYTES;
            batches.push((of_batch.into_iter().filter_map(state).collect::<Vec<_>>(), is_kept));
        }
        let find = |db: &Database| files::find(db, db.workspace().assets(db), true, comparison.reading);
        let fill = |db: &mut Database, (states, is_kept)| Batch::fill(db, states, is_kept, find);
        // Setting inputs keeps one thread busy. So others fill the next batches meanwhile.
        let filled = batches.into_par_iter().map_with(self.core.graph.db.clone(), fill);
        let (batches, found): (Vec<Batch>, Vec<Vec<AssetFiles>>) = filled.unzip();
        let counts: Vec<usize> = found.iter().map(Vec::len).collect();
        let mut found: Vec<AssetFiles> = found.into_iter().flatten().collect();
        foretelling::read(&mut found, comparison)?;
        let mut found = found.into_iter();
        let files = |count| found.by_ref().take(count).flat_map(AssetFiles::into_states).collect();
        let files: Vec<Vec<_>> = counts.into_iter().map(files).collect();
        snapshot.file_count += files.iter().map(Vec::len).sum::<usize>();
        snapshot.batches = batches;
        snapshot.batches.par_iter_mut().zip(files).for_each(|(batch, files)| batch.add_files(files));
        Ok(())
    }
}
