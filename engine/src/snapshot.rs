//! The frozen snapshot: registry, manifests and artifact files of the build set, each read once, as salsa inputs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use camino::Utf8Path;
use papack_queries::asset::{self, Derived, derivation, payload};
use papack_queries::content::Content as _;
use papack_queries::db::{Database, Key};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::inputs::{Asset, AssetState, Change, FileState, ManifestState, RootState};
use papack_queries::pack::{build_set, sidecar_entry, table_entry};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use rayon::prelude::*;

use crate::cancel::Cancel;
use crate::event::{AssetOutcome, EventKind};
use crate::fs::FileSystem;
use crate::pack::{Pack, Status, Stop};
use crate::read::{ReadError, io_diagnostic, read_content, read_text};
use crate::store::Store;
use crate::walk::{ASSETS, walk};

impl Pack<'_> {
    /// Reads everything that the pack depends on. Nothing is read from the live workspace afterwards.
    pub(crate) fn freeze(&mut self, store: &Store) -> Result<(), Stop> {
        let fs = Arc::clone(&self.session.fs);
        let walk = match walk(&*fs) {
            Ok(walk) => walk,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let fault = Diagnostic::error(Code::FileForbidden, "the folder of assets may not be read").at(ASSETS);
                return self.end_gate(vec![fault.with_help("check its permissions")]);
            }
            Err(error) => return Err(self.io_failure(ASSETS, &error)),
        };
        self.check_cancelled()?;
        let failed = |pack: &mut Self, fault| pack.fail(Status::ExecutionFailed, fault);
        let (text, registry) = read_registry(&*fs).map_err(|fault| failed(self, fault))?;
        self.session.registry = text;
        let assets = read_manifests(&*fs, &walk, &registry).map_err(|fault| failed(self, fault))?;
        let is_complete = !registry.diagnostics.iter().any(Diagnostic::is_error);
        let mut diagnostics = registry.diagnostics;
        diagnostics.extend(walk.diagnostics(is_complete.then_some(&registry.entries)));
        drop(walk);
        let change = Change { assets: Some(assets), diagnostics: Some(diagnostics), files: Vec::new() };
        change.apply(&mut self.session.db);
        self.check_cancelled()?;

        let wanted = wanted_files(&self.session.db, &self.cancel);
        self.check_cancelled()?;
        let file_count = wanted.len();
        let files = read_files(&*fs, wanted, store).map_err(|fault| failed(self, fault))?;
        Change { files, ..Change::default() }.apply(&mut self.session.db);
        let asset_count = build_set(&self.session.db, self.session.db.workspace()).len();
        self.stream.emit(EventKind::SnapshotFrozen { asset_count, file_count });
        self.check_cancelled()
    }

    /// Asks for the payload of every build-set asset, on all threads.
    pub(crate) fn derive(&mut self, store: &Store) -> Result<(), Stop> {
        let db = &self.session.db;
        let assets = build_set(db, db.workspace());
        let (stream, cancel, derived) = (&self.stream, &self.cancel, &*self.session.derived);
        let outcomes: Vec<Option<Result<AssetOutcome, Diagnostic>>> = assets
            .par_iter()
            .map_with(db.clone(), |db, &asset| {
                if cancel.load(Ordering::Relaxed) {
                    return None;
                }
                let asset_id = asset.entry(db).asset_id;
                stream.emit(EventKind::AssetStarted { asset_id });
                let outcome = derive_asset(db, asset, store, |key| derived.contains(&key));
                // Asked for here, on all threads, so that header and sidecar are only put together later.
                table_entry(db, asset);
                sidecar_entry(db, asset);
                if let Ok(outcome) = outcome {
                    stream.emit(EventKind::AssetFinished { asset_id, outcome });
                }
                Some(outcome)
            })
            .collect();
        self.check_cancelled()?;
        let count = |wanted| outcomes.iter().flatten().filter(|outcome| outcome.as_ref().ok() == Some(&wanted)).count();
        let (derived, reused) = (count(AssetOutcome::Derived), count(AssetOutcome::Reused));
        self.count_assets(derived, reused);
        match outcomes.into_iter().flatten().find_map(Result::err) {
            Some(fault) => Err(self.fail(Status::ExecutionFailed, fault)),
            None => Ok(()),
        }
    }
}

/// Makes sure that the payload of `asset` is known and that its bytes are held.
fn derive_asset(
    db: &Database,
    asset: Asset,
    store: &Store,
    was_executed: impl Fn(Key) -> bool,
) -> Result<AssetOutcome, Diagnostic> {
    let is_held =
        |derived: &Derived| derived.payload.iter().flat_map(|payload| &payload.slices).all(|slice| store.holds(*slice));
    let failed = |derived: &Derived| {
        let reason = derived.failure.as_ref()?;
        let location = asset::root_location(db, asset);
        Some(Diagnostic::error(Code::Io, reason.clone()).at(location))
    };
    let derived = payload(db, asset);
    if let Some(fault) = failed(derived) {
        return Err(fault);
    }
    if was_executed(asset.key()) {
        return Ok(AssetOutcome::Derived);
    }
    if is_held(derived) {
        return Ok(AssetOutcome::Reused);
    }
    // The memo stands, but the bytes it speaks of are gone: `assets.pa` was touched since.
    match failed(&asset::derive(db, asset)) {
        Some(fault) => Err(fault),
        None => Ok(AssetOutcome::Derived),
    }
}

/// The registry's text, and what it says.
fn read_registry(fs: &dyn FileSystem) -> Result<(Arc<[u8]>, Registry), Diagnostic> {
    match read_text(fs, Utf8Path::new(REGISTRY_PATH), registry::MAX_SIZE) {
        Ok(bytes) => {
            let registry = registry::parse(&bytes);
            Ok((bytes, registry))
        }
        Err(ReadError::Refused(fault)) => {
            let diagnostics = vec![fault.diagnostic(REGISTRY_PATH)];
            Ok((Arc::default(), Registry { diagnostics, ..Registry::default() }))
        }
        Err(ReadError::Failed(fault)) => Err(fault),
    }
}

fn read_manifests(fs: &dyn FileSystem, walk: &Walk, registry: &Registry) -> Result<Vec<AssetState>, Diagnostic> {
    let states = registry.entries.par_iter().zip(walk.roots(&registry.entries));
    states
        .map(|(entry, root)| {
            let manifest = match root {
                RootState::Folder(_) if entry.included_in_build => read_manifest(fs, entry)?,
                _ => ManifestState::Unread,
            };
            Ok(AssetState { entry: entry.clone(), root, manifest })
        })
        .collect()
}

fn read_manifest(fs: &dyn FileSystem, entry: &RegistryEntry) -> Result<ManifestState, Diagnostic> {
    let path = Utf8Path::new(ASSETS).join(&entry.root).join(MANIFEST_NAME);
    match read_text(fs, &path, manifest::MAX_SIZE) {
        Ok(bytes) => Ok(ManifestState::Bytes(bytes)),
        Err(ReadError::Refused(fault)) => Ok(ManifestState::Refused(fault)),
        Err(ReadError::Failed(fault)) => Err(fault),
    }
}

/// An artifact file to read.
struct Wanted {
    /// Its path below the workspace.
    path: String,
    /// Its bytes, where it is the manifest itself, which was read already.
    known: Option<Arc<[u8]>>,
}

/// The artifact files of the build set.
fn wanted_files(db: &Database, cancel: &Cancel) -> Vec<Wanted> {
    let assets = build_set(db, db.workspace());
    assets
        .par_iter()
        .map_with(db.clone(), |db, &asset| {
            if cancel.load(Ordering::Relaxed) {
                return Vec::new();
            }
            let files = derivation(db, asset).map_or(&[][..], |derivation| &derivation.files);
            files.iter().map(|file| wanted_file(db, asset, file.path(db))).collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect()
}

fn wanted_file(db: &Database, asset: Asset, path: &str) -> Wanted {
    let known = match asset.manifest(db) {
        ManifestState::Bytes(bytes) if path == asset::manifest_location(db, asset) => Some(Arc::clone(bytes)),
        _ => None,
    };
    Wanted { path: path.to_owned(), known }
}

fn read_files(fs: &dyn FileSystem, wanted: Vec<Wanted>, store: &Store) -> Result<Vec<(String, FileState)>, Diagnostic> {
    let read = |Wanted { path, known }: Wanted| {
        let content = match known {
            Some(bytes) => {
                store.put(&bytes).map_err(|error| ReadError::Failed(io_diagnostic(Utf8Path::new(&path), &error)))
            }
            None => read_content(fs, Utf8Path::new(&path), store),
        };
        match content {
            Ok(content) => Ok((path, FileState::Content(content))),
            Err(ReadError::Refused(fault)) => Ok((path, FileState::Refused(fault))),
            Err(ReadError::Failed(fault)) => Err(fault),
        }
    };
    wanted.into_par_iter().map(read).collect()
}
