//! The frozen snapshot: registry, manifests and artifact files, each read once, as salsa inputs.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::{self, derivation};
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::inputs::{Asset, AssetState, Change, FileFault, FileState, Found, ManifestState, RootState};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use papack_queries::unmanaged::{Registered, Unmanaged, absent, uuid_of};
use rayon::prelude::*;
use uuid::Uuid;

use crate::cancel::Cancel;
use crate::event::EventKind;
use crate::fs::FileSystem;
use crate::operation::{Operation, Status, Stop};
use crate::projection::Filter;
use crate::read::{ReadError, io_diagnostic, read_content, read_text};
use crate::session::Text;
use crate::store::Keeper;
use crate::walk::{ASSETS, walk};

/// What the snapshot tells beside the inputs that it set.
pub(crate) struct Snapshot {
    /// How many assets were looked into.
    pub(crate) asset_count: usize,
    /// The manifests that the registry does not know.
    pub(crate) unmanaged: Vec<Unmanaged>,
}

impl Operation<'_> {
    /// Reads everything that the assets which `filter` admits depend on, for `keeper`. Nothing is read from the live
    /// workspace afterwards, unless the keeper keeps no content.
    pub(crate) fn freeze(&mut self, filter: Filter, keeper: &dyn Keeper) -> Result<Snapshot, Stop> {
        let fs = Arc::clone(&self.session.fs);
        let walk = self.walk(&*fs)?;
        self.check_cancelled()?;
        let unmanaged = self.freeze_documents(&*fs, &walk, filter).map_err(|fault| self.failed(fault))?;
        drop(walk);
        self.check_cancelled()?;

        let assets = filter.assets(&self.session.db).to_vec();
        let wanted = wanted_files(&self.session.db, &assets, &self.cancel);
        self.check_cancelled()?;
        let file_count = wanted.len();
        let files = read_files(&*fs, wanted, keeper, &self.cancel);
        // A file that was not read to its end for that is no failure.
        self.check_cancelled()?;
        let files = files.map_err(|fault| self.failed(fault))?;
        Change { files, ..Change::default() }.apply(&mut self.session.db);
        self.stream.emit(EventKind::SnapshotFrozen { asset_count: assets.len(), file_count });
        self.check_cancelled()?;
        Ok(Snapshot { asset_count: assets.len(), unmanaged })
    }

    fn failed(&mut self, fault: Diagnostic) -> Stop {
        self.fail(Status::ExecutionFailed, fault)
    }

    pub(crate) fn walk(&mut self, fs: &dyn FileSystem) -> Result<Walk, Stop> {
        walk(fs).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => {
                let fault = Diagnostic::error(Code::FileForbidden, "the folder of assets may not be read").at(ASSETS);
                self.refuse(vec![fault.with_help("check its permissions")])
            }
            io::ErrorKind::NotADirectory => self.refuse(vec![FileFault::Link.diagnostic(ASSETS)]),
            _ => self.io_failure(ASSETS, &error),
        })
    }

    /// Reads registry and manifests, and sets the inputs that they are.
    fn freeze_documents(
        &mut self,
        fs: &dyn FileSystem,
        walk: &Walk,
        filter: Filter,
    ) -> Result<Vec<Unmanaged>, Diagnostic> {
        let (text, registry) = read_registry(fs)?;
        let mut roots = walk.roots(&registry.entries);
        let is_sound = !registry.diagnostics.iter().any(Diagnostic::is_error);
        let read = read_registered(fs, &registry.entries, &roots, |entry| filter.admits(entry))?;
        let (manifests, mut held): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        // A registry with faults does not know which manifests it does not know.
        let (unmanaged, mut texts) = if is_sound {
            complete(fs, &registry.entries, &roots, filter, &mut held)?;
            find_unmanaged(fs, walk, &registry.entries, &mut roots, &held)?
        } else {
            Default::default()
        };
        texts.push((REGISTRY_PATH.to_owned(), text));
        self.session.texts = texts;
        let mut diagnostics = registry.diagnostics;
        diagnostics.extend(walk.diagnostics());
        diagnostics.extend(unmanaged.iter().flat_map(|found| found.diagnostics.iter().cloned()));
        let all = registry.entries.into_iter().zip(roots).zip(manifests);
        let state = |((entry, root), manifest): ((RegistryEntry, RootState), ManifestState)| {
            // What is at the root of an asset that was moved is not its own.
            let is_moved = matches!(root, RootState::Moved { .. });
            let manifest = if is_moved { ManifestState::Unread } else { manifest };
            AssetState { entry, found: Found::Live { root, manifest } }
        };
        let assets = all.map(state).collect();
        let change = Change { assets: Some(assets), diagnostics: Some(diagnostics), ..Change::default() };
        change.apply(&mut self.session.db);
        Ok(unmanaged)
    }
}

/// The registry's text, and what it says.
pub(crate) fn read_registry(fs: &dyn FileSystem) -> Result<(Arc<[u8]>, Registry), Diagnostic> {
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

/// The manifests that the registry does not know, and the texts of those that a diagnostic points into. Given the uuids
/// in the manifests at the roots, as far as they are known, the roots of moved assets tell where those are now.
pub(crate) fn find_unmanaged(
    fs: &dyn FileSystem,
    walk: &Walk,
    entries: &[RegistryEntry],
    roots: &mut [RootState],
    held: &[Option<Uuid>],
) -> Result<(Vec<Unmanaged>, Vec<Text>), Diagnostic> {
    let registered = Registered::new(entries, roots, held);
    let read = |folder: &str| {
        let manifest = read_manifest(fs, folder)?;
        let found = registered.recognize(folder.to_owned(), &manifest);
        let is_shown = found.diagnostics.iter().any(|shown| shown.span.is_some());
        let text = match manifest {
            ManifestState::Bytes(bytes) if is_shown => Some((format!("{ASSETS}/{folder}/{MANIFEST_NAME}"), bytes)),
            _ => None,
        };
        Ok((found, text))
    };
    let found: Vec<_> = walk.unmanaged(entries).into_par_iter().map(read).collect::<Result<_, _>>()?;
    let (unmanaged, texts): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    registered.follow(&unmanaged, roots);
    Ok((unmanaged, texts.into_iter().flatten().collect()))
}

/// Adds the uuids at the roots that `filter` does not admit, where an asset that it admits is not in place: its manifest
/// may be there.
fn complete(
    fs: &dyn FileSystem,
    entries: &[RegistryEntry],
    roots: &[RootState],
    filter: Filter,
    held: &mut [Option<Uuid>],
) -> Result<(), Diagnostic> {
    let absent = absent(entries, roots, held);
    if entries.iter().zip(absent).any(|(entry, is_absent)| is_absent && filter.admits(entry)) {
        let others = read_registered(fs, entries, roots, |entry| !filter.admits(entry))?;
        for (held, (_, other)) in held.iter_mut().zip(others) {
            *held = held.or(other);
        }
    }
    Ok(())
}

/// The uuids in the manifests at the roots of all `entries`, as far as they can be told.
pub(crate) fn read_uuids(
    fs: &dyn FileSystem,
    entries: &[RegistryEntry],
    roots: &[RootState],
) -> Result<Vec<Option<Uuid>>, Diagnostic> {
    Ok(read_registered(fs, entries, roots, |_| true)?.into_iter().map(|(_, uuid)| uuid).collect())
}

/// The manifests at the roots of those of `entries` that `is_wanted` admits, each with its uuid, as far as it can be told.
fn read_registered(
    fs: &dyn FileSystem,
    entries: &[RegistryEntry],
    roots: &[RootState],
    is_wanted: impl Fn(&RegistryEntry) -> bool + Sync,
) -> Result<Vec<(ManifestState, Option<Uuid>)>, Diagnostic> {
    let read = |(entry, root): (&RegistryEntry, &RootState)| {
        let manifest = match root {
            RootState::Folder(_) if is_wanted(entry) => read_manifest(fs, &entry.root)?,
            _ => ManifestState::Unread,
        };
        let uuid = uuid_of(&manifest);
        Ok((manifest, uuid))
    };
    entries.par_iter().zip(roots).map(read).collect()
}

/// Reads the manifest in `folder`, which is below `assets/`.
pub(crate) fn read_manifest(fs: &dyn FileSystem, folder: &str) -> Result<ManifestState, Diagnostic> {
    let path = Utf8Path::new(ASSETS).join(folder).join(MANIFEST_NAME);
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

/// The artifact files of `assets`.
fn wanted_files(db: &Database, assets: &[Asset], cancel: &Cancel) -> Vec<Wanted> {
    assets
        .par_iter()
        .map_with(db.clone(), |db, &asset| {
            if cancel.is_cancelled() {
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

fn read_files(
    fs: &dyn FileSystem,
    wanted: Vec<Wanted>,
    keeper: &dyn Keeper,
    cancel: &Cancel,
) -> Result<Vec<(String, FileState)>, Diagnostic> {
    let read = |Wanted { path, known }: Wanted| {
        let content = match known {
            Some(bytes) => {
                keeper.put(&bytes).map_err(|error| ReadError::Failed(io_diagnostic(Utf8Path::new(&path), &error)))
            }
            None => read_content(fs, Utf8Path::new(&path), keeper, cancel),
        };
        match content {
            Ok(content) => Ok((path, FileState::Content(content))),
            Err(ReadError::Refused(fault)) => Ok((path, FileState::Refused(fault))),
            Err(ReadError::Failed(fault)) => Err(fault),
        }
    };
    wanted.into_par_iter().map(read).collect()
}
