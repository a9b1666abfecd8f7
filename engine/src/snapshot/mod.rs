//! The frozen snapshot: registry, manifests and artifact files, each read at most once, as salsa inputs.
//!
//! What is known of the operation before is looked at by stamps first. Only what may have changed is read; an asset of
//! which that turns out to be the same stays at rest, and only the others become live, or go into batches.

mod compare;
mod documents;
mod files;
mod reading;
mod view;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use papack_queries::change::{AssetInput, AssetState, Change};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::inputs::{FileFault, ManifestState, RootState};
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::unmanaged::Unmanaged;
use smol_str::SmolStr;
use uuid::Uuid;

use crate::batch::Batch;
use crate::event::EventKind;
use crate::fs::FileSystem;
use crate::known::Known;
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::seen::{Noticed, Read};
use crate::store::Keeper;
use crate::walk::{ASSETS, walk};

use documents::{StampedRegistry, read_stamped_registry};
pub(crate) use documents::{find_unmanaged, read_manifest, read_registry, read_uuids};
use reading::Reading;
use view::{Around, View};

/// What the snapshot tells beside the inputs that it set.
#[derive(Default)]
pub(crate) struct Snapshot {
    /// How many assets are in it.
    pub(crate) asset_count: usize,
    /// How many artifact files are in it.
    pub(crate) file_count: usize,
    /// The manifests that the registry does not know, where they were looked for.
    pub(crate) unmanaged: Vec<Unmanaged>,
    /// The assets that were looked into, with the uuids in their manifests; the others are as they were.
    pub(crate) fresh: BTreeMap<u32, Option<Uuid>>,
    /// Those of them that are live.
    pub(crate) live: Vec<u32>,
    /// The others, which are too many for that, in databases of their own.
    pub(crate) batches: Vec<Batch>,
    /// Assets that are not in it and may have changed.
    pub(crate) unwanted: Vec<u32>,
    /// After a walk, whether the next operation has to walk again.
    pub(crate) is_walk_due: Option<bool>,
    /// What was read.
    pub(crate) reads: Vec<(SmolStr, Option<Read>)>,
}

/// What a walk has to tell, and whether a manifest that the registry does not know could not be read.
type Told = (Vec<Diagnostic>, bool);

/// An asset that is to be looked into.
struct Fresh {
    root: RootState,
    manifest: ManifestState,
    /// The uuid in it.
    uuid: Option<Uuid>,
}

impl Fresh {
    fn found(self) -> AssetInput {
        // What is at the root of an asset that was moved is not its own.
        let is_moved = matches!(self.root, RootState::Moved { .. });
        let manifest = if is_moved { ManifestState::Unread } else { self.manifest };
        AssetInput::Loaded { root: self.root, manifest }
    }
}

impl Operation<'_> {
    /// Looks at everything that may have changed since the last operation, and reads nothing.
    pub(crate) fn survey(&mut self) -> Result<Noticed, Stop> {
        let _step = self.session.timings.step("survey");
        let fs = Arc::clone(&self.session.fs);
        let changes = std::mem::take(&mut self.session.changes);
        let Known { seen, racy, .. } = &self.session.known;
        let noticed = seen.survey(&*fs, &changes).map(|noticed| noticed.with_files(racy));
        noticed.map_err(|error| self.walk_failure(&error))
    }

    /// Reads everything that the assets which `filter` admits depend on, for `keeper`, where it is not known; `noticed`
    /// says where it may have changed. Nothing is read from the live workspace afterwards, unless the keeper keeps no
    /// content.
    pub(crate) fn freeze(&mut self, filter: Filter, noticed: Noticed, keeper: &dyn Keeper) -> Result<Snapshot, Stop> {
        let _step = self.session.timings.step("snapshot");
        let fs = Arc::clone(&self.session.fs);
        let noticed = self.read_cache(noticed);
        if self.session.populated.is_none() {
            // An operation that came to no end set inputs of which nothing is known.
            self.session.forget();
        }
        let mut known = std::mem::take(&mut self.session.known);
        let frozen = self.freeze_known(&*fs, filter, noticed, keeper, &mut known);
        self.session.known = known;
        let snapshot = frozen?;
        let Snapshot { asset_count, file_count, .. } = snapshot;
        self.stream.emit(EventKind::SnapshotFrozen { asset_count, file_count });
        self.check_cancelled()?;
        Ok(snapshot)
    }

    fn freeze_known(
        &mut self,
        fs: &dyn FileSystem,
        filter: Filter,
        noticed: Noticed,
        keeper: &dyn Keeper,
        known: &mut Known,
    ) -> Result<Snapshot, Stop> {
        let timings = &self.session.timings;
        let list = || {
            let _step = timings.step("list folders");
            known.seen.list(fs, noticed.folders, &mut known.pending)
        };
        let read = || {
            let _step = timings.step("read registry");
            read_stamped_registry(fs)
        };
        let (listed, registry) = rayon::join(list, || noticed.registry.then(read));
        listed.map_err(|error| self.walk_failure(&error))?;
        self.check_cancelled()?;
        if let Some(registry) = registry {
            let registry = registry.map_err(|fault| self.failed(fault))?;
            self.take_registry(registry, known);
        }
        // From here on what was seen is looked at, and what is read is told in the end.
        let seen = std::mem::take(&mut known.seen);
        let cancel = self.cancel.clone();
        let reading = Reading::new(fs, keeper, &cancel, &seen, &noticed.files);
        let is_populated = self.session.populated.take() == Some(filter);
        let result = self.freeze_assets(&View::new(filter, known, &reading, is_populated));
        let reads = reading.into_reads();
        known.seen = seen;
        let (mut snapshot, around) = result?;
        if let Some((diagnostics, is_unread)) = around {
            known.facts.walk_diagnostics = diagnostics;
            snapshot.is_walk_due = Some(is_unread);
        }
        snapshot.reads = reads;
        Ok(snapshot)
    }

    /// Takes over what the registry says. What is new may concern any asset, until the consequences are drawn.
    fn take_registry(&mut self, (text, registry, stamp): StampedRegistry, known: &mut Known) {
        known.is_registry_racy = stamp.is_none() && !text.is_empty();
        known.set_registry(registry);
        known.seen.registry = known.facts.is_sound.then(|| Read::of(&text, stamp));
        if known.facts.registry_diagnostics.is_empty() {
            self.session.drop_text(REGISTRY_PATH);
        } else {
            self.session.set_text(REGISTRY_PATH, text);
        }
    }

    fn freeze_assets(&mut self, view: &View<'_>) -> Result<(Snapshot, Option<Told>), Stop> {
        let step = self.session.timings.step("compare assets");
        let touched = view.touched();
        let fresh = view.changed(touched).map_err(|fault| self.failed(fault))?;
        drop(step);
        self.check_cancelled()?;
        let step = self.session.timings.step("look around");
        let around = view.look_around(&fresh).map_err(|fault| self.failed(fault))?;
        drop(step);
        self.check_cancelled()?;
        let Around { fresh, others, found } = around;
        let uuids = fresh.iter().map(|(id, fresh)| (*id, fresh.uuid)).collect();
        let mut snapshot = Snapshot { unwanted: view.unwanted(), fresh: uuids, ..Snapshot::default() };
        let mut told = None;
        if let Some(found) = found {
            self.session.forget_texts();
            found.texts.into_iter().for_each(|(path, text)| self.session.set_text(&path, text));
            snapshot.unmanaged = found.unmanaged;
            told = Some((found.diagnostics, found.is_unread));
        }
        let all = others.as_ref().map(|_| view.diagnostics(told.as_ref().map(|(diagnostics, _)| &**diagnostics)));
        let step = self.session.timings.step("read files");
        self.reads_inputs = true;
        let set = self.set_inputs(view, fresh, others, all, &mut snapshot);
        drop(step);
        set.map_err(|fault| self.failed(fault))?;
        self.check_cancelled()?;
        snapshot.asset_count = view.admitted().count();
        let at_rest = view.admitted().filter(|entry| !snapshot.fresh.contains_key(&entry.asset_id));
        snapshot.file_count += at_rest.map(|entry| view.file_count(entry.asset_id)).sum::<usize>();
        Ok((snapshot, told))
    }

    /// Sets what was found as inputs, and reads the artifact files of the `fresh` assets. `others` are the roots of assets
    /// that are not wanted; where there are none, nothing but the `fresh` assets changed.
    fn set_inputs(
        &mut self,
        view: &View<'_>,
        fresh: BTreeMap<u32, Fresh>,
        others: Option<BTreeMap<u32, RootState>>,
        diagnostics: Option<Vec<Diagnostic>>,
        snapshot: &mut Snapshot,
    ) -> Result<(), Diagnostic> {
        self.session.note_unwanted(others.iter().flat_map(BTreeMap::keys));
        let is_many = self.session.is_too_many(fresh.len());
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
                        (None, None) if settled.contains_key(&id) || self.session.is_live(id) => AssetInput::Unchanged,
                        (None, None) => view.record(id).map_or(AssetInput::Unchanged, AssetInput::Recorded),
                    };
                    AssetState { entry: entry.clone(), input: found }
                };
                change.assets = Some(view.entries().iter().map(state).collect());
            }
            None => change.updates = live.into_iter().map(|(id, fresh)| (id, fresh.found())).collect(),
        }
        change.apply(&mut self.session.db);
        self.session.note_live(&live_ids);
        let assets = self.session.assets_of(&live_ids);
        let files = files::read(&self.session.db, &assets, view.reading)?;
        snapshot.file_count = files.len();
        snapshot.live = live_ids;
        Change { files, ..Change::default() }.apply(&mut self.session.db);
        self.freeze_batches(view, settled, snapshot)
    }

    /// Puts assets into databases that are dropped as soon as their payloads are derived.
    fn freeze_batches(
        &mut self,
        view: &View<'_>,
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
            snapshot.batches.push(Batch::fill(&self.session.db, states, is_kept, read)?);
        }
        Ok(())
    }

    fn failed(&mut self, fault: Diagnostic) -> Stop {
        // A file that was not read to its end for that is no failure.
        match self.check_cancelled() {
            Err(cancelled) => cancelled,
            Ok(()) => self.fail(Status::ExecutionFailed, fault),
        }
    }

    pub(crate) fn walk(&mut self, fs: &dyn FileSystem) -> Result<Walk, Stop> {
        walk(fs).map_err(|error| self.walk_failure(&error))
    }

    fn walk_failure(&mut self, error: &io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::PermissionDenied => {
                let fault = Diagnostic::error(Code::FileForbidden, "the folder of assets may not be read").at(ASSETS);
                self.refuse(vec![fault.with_help("check its permissions")])
            }
            io::ErrorKind::NotADirectory => self.refuse(vec![FileFault::Link.diagnostic(ASSETS)]),
            _ => self.io_failure(ASSETS, error),
        }
    }
}
