//! The documents of a workspace: the registry, and manifests, known to it or not.

use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::discovery::Walk;
use papack_queries::inputs::{ManifestState, RootState};
use papack_queries::schema::registry::{self, Registry, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use papack_queries::unmanaged::{Registered, Unmanaged, uuid_of};
use rayon::prelude::*;
use uuid::Uuid;

use super::layout::ASSETS;
use super::read::{ReadError, read_stamped_text};
use crate::fs::{FileSystem, Stamp};

/// A document's path below the workspace, and its bytes.
pub(crate) type Text = (String, Arc<[u8]>);

/// The registry's text, what it says, and its stamp, where that tells a later change.
pub(crate) type StampedRegistry = (Arc<[u8]>, Registry, Option<Stamp>);

/// The registry's text, and what it says.
pub(crate) fn read_registry(fs: &dyn FileSystem) -> Result<(Arc<[u8]>, Registry), Diagnostic> {
    let (bytes, registry, _) = read_stamped_registry(fs)?;
    Ok((bytes, registry))
}

/// As [`read_registry`], with the stamp by which a later change can be told.
pub(crate) fn read_stamped_registry(fs: &dyn FileSystem) -> Result<StampedRegistry, Diagnostic> {
    match read_stamped_text(fs, Utf8Path::new(REGISTRY_PATH), registry::MAX_SIZE) {
        Ok((bytes, stamp)) => {
            let registry = registry::parse(&bytes);
            Ok((bytes, registry, stamp))
        }
        Err(ReadError::Refused(fault)) => {
            let diagnostics = vec![fault.diagnostic(REGISTRY_PATH)];
            Ok((Arc::default(), Registry { diagnostics, ..Registry::default() }, None))
        }
        Err(ReadError::Failed(fault)) => Err(fault),
    }
}

/// The manifests that the registry does not know, and the texts of those that a diagnostic points into. Given the uuids
/// in the manifests at the roots, as far as they are known, the roots of moved assets tell where those are now.
pub(crate) fn find_unmanaged(
    walk: &Walk,
    entries: &[RegistryEntry],
    roots: &mut [RootState],
    held: &[Option<Uuid>],
    read_manifest: impl Fn(&str) -> Result<ManifestState, Diagnostic> + Sync,
) -> Result<(Vec<Unmanaged>, Vec<Text>), Diagnostic> {
    let registered = Registered::new(entries, roots, held);
    let read = |folder: &str| {
        let manifest = read_manifest(folder)?;
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

/// The uuids in the manifests at the roots of all `entries`, as far as they can be told.
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

/// As [`read_manifest`], with the stamp by which a later change can be told.
pub(crate) fn read_stamped_manifest(
    fs: &dyn FileSystem,
    folder: &str,
) -> Result<(ManifestState, Option<Stamp>), Diagnostic> {
    let path = Utf8Path::new(ASSETS).join(folder).join(MANIFEST_NAME);
    match read_stamped_text(fs, &path, manifest::MAX_SIZE) {
        Ok((bytes, stamp)) => Ok((ManifestState::Bytes(bytes), stamp)),
        Err(ReadError::Refused(fault)) => Ok((ManifestState::Refused(fault), None)),
        Err(ReadError::Failed(fault)) => Err(fault),
    }
}
