//! The documents of a workspace: the registry, manifests, registered or not, and the ignore file.

use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::inputs::{FileFault, IgnoreFile, ManifestState, RootState};
use papack_queries::left_out::{self, IGNORE_PATH};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use papack_queries::unmanaged::{Registered, Unmanaged, absent, uuid_of};
use rayon::prelude::*;
use uuid::Uuid;

use super::layout::ASSETS;
use super::read::{ReadError, read_stamped_text};
use crate::fs::{FileSystem, Stamp};

/// A document's path below the workspace, and its bytes.
pub(crate) type Text = (String, Arc<[u8]>);

/// The registry's text, its content, and its conclusive stamp, where it has one.
pub(crate) type StampedRegistry = (Arc<[u8]>, Registry, Option<Stamp>);

/// Reads the registry. Returns its text and its content.
pub(crate) fn read_registry(fs: &dyn FileSystem) -> Result<(Arc<[u8]>, Registry), Diagnostic> {
    let (bytes, registry, _) = read_stamped_registry(fs)?;
    Ok((bytes, registry))
}

/// As [`read_registry`], with the conclusive stamp of the file, where it has one.
pub(crate) fn read_stamped_registry(fs: &dyn FileSystem) -> Result<StampedRegistry, Diagnostic> {
    match read_stamped_text(fs, Utf8Path::new(REGISTRY_PATH), registry::MAX_SIZE) {
        Ok((bytes, stamp)) => {
            let registry = registry::parse(&bytes);
            Ok((bytes, registry, stamp))
        }
        Err(ReadError::Refused(fault)) => {
            let diagnostic = fault.diagnostic(REGISTRY_PATH);
            let help =
                "restore the registry from version control; if there never was one, papack init makes an empty one";
            let diagnostic = if fault == FileFault::Missing { diagnostic.with_help(help) } else { diagnostic };
            let diagnostics = vec![diagnostic];
            Ok((Arc::default(), Registry { diagnostics, ..Registry::default() }, None))
        }
        Err(ReadError::Failed(fault)) => Err(*fault),
    }
}

/// Finds the manifests that the registry does not list. Returns them, and the texts of those that a diagnostic points
/// into.
///
/// `manifest_uuids` has the uuid in the manifest at each of the `roots`, where it could be read. The `roots` of assets
/// that were moved are set to where these are now.
pub(crate) fn find_unmanaged(
    walk: &Walk,
    entries: &[RegistryEntry],
    roots: &mut [RootState],
    manifest_uuids: &[Option<Uuid>],
    read_manifest: impl Fn(&str) -> Result<ManifestState, Diagnostic> + Sync,
) -> Result<(Vec<Unmanaged>, Vec<Text>), Diagnostic> {
    let folders = walk.unmanaged(entries);
    if folders.is_empty() && !absent(entries, roots, manifest_uuids).contains(&true) {
        return Ok((Vec::new(), Vec::new()));
    }
    let registered = Registered::new(entries, roots, manifest_uuids);
    let read = |folder: &str| {
        let manifest = read_manifest(folder)?;
        let unmanaged = registered.recognize(folder.to_owned(), &manifest);
        let needs_text = unmanaged.diagnostics.iter().any(|diagnostic| diagnostic.span.is_some());
        let text = match manifest {
            ManifestState::Bytes(bytes) if needs_text => Some((format!("{ASSETS}/{folder}/{MANIFEST_NAME}"), bytes)),
            _ => None,
        };
        Ok((unmanaged, text))
    };
    let found: Vec<_> = folders.into_par_iter().map(read).collect::<Result<_, _>>()?;
    let (unmanaged, texts): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    registered.follow(&unmanaged, roots);
    Ok((unmanaged, texts.into_iter().flatten().collect()))
}

/// The uuids in the manifests at the roots of all `entries`, where they can be read.
pub(crate) fn read_uuids(
    fs: &dyn FileSystem,
    entries: &[RegistryEntry],
    roots: &[RootState],
) -> Result<Vec<Option<Uuid>>, Diagnostic> {
    let read = |(entry, root): (&RegistryEntry, &RootState)| match root {
        RootState::Folder(_) => Ok(uuid_of(&read_manifest(fs, &entry.root)?)),
        _ => Ok(None),
    };
    entries.par_iter().zip(roots).map(read).collect()
}

/// Reads the manifest in `folder`, which is below `assets/`.
pub(crate) fn read_manifest(fs: &dyn FileSystem, folder: &str) -> Result<ManifestState, Diagnostic> {
    Ok(read_stamped_manifest(fs, folder)?.0)
}

/// As [`read_manifest`], with the conclusive stamp of the file, where it has one.
pub(crate) fn read_stamped_manifest(
    fs: &dyn FileSystem,
    folder: &str,
) -> Result<(ManifestState, Option<Stamp>), Diagnostic> {
    let path = Utf8Path::new(ASSETS).join(folder).join(MANIFEST_NAME);
    match read_stamped_text(fs, &path, manifest::MAX_SIZE) {
        Ok((bytes, stamp)) => Ok((ManifestState::Bytes(bytes), stamp)),
        Err(ReadError::Refused(fault)) => Ok((ManifestState::Refused(fault), None)),
        Err(ReadError::Failed(fault)) => Err(*fault),
    }
}

/// Reads the ignore file, with its conclusive stamp, where it has one.
pub(crate) fn read_ignore_file(fs: &dyn FileSystem) -> Result<(IgnoreFile, Option<Stamp>), Diagnostic> {
    match read_stamped_text(fs, Utf8Path::new(IGNORE_PATH), left_out::MAX_SIZE) {
        Ok((bytes, stamp)) => Ok((IgnoreFile::Bytes(bytes), stamp)),
        Err(ReadError::Refused(FileFault::Missing)) => Ok((IgnoreFile::Absent, None)),
        Err(ReadError::Refused(fault)) => Ok((IgnoreFile::Refused(fault), None)),
        Err(ReadError::Failed(fault)) => Err(*fault),
    }
}
