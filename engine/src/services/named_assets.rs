//! The names of the assets, for those who complete them while they are typed: a look at the registry and the manifests,
//! and no operation. It takes no lane, derives and writes nothing, and says nothing of what is wrong.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use papack_queries::asset::is_visible;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::{Bank, Format};
use papack_queries::inputs::{Ignoring, ManifestState};
use papack_queries::schema::registry::{self, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use papack_queries::tree::Kind;
use papack_queries::unmanaged_folders::{UnmanagedFolder, unmanaged_folders};
use rayon::prelude::*;

use crate::fs::{FileSystem, RealFs};
use crate::workspace::layout::ASSETS;
use crate::workspace::{read_ignore_file, read_manifest, read_text, walk};

/// The largest registry that is read here, in bytes: some 100,000 assets. A person waits for the answer.
const MAX_REGISTRY: usize = 16 * 1024 * 1024;

/// A registered asset as far as it could be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAsset {
    /// Its entry in the registry.
    pub entry: RegistryEntry,
    /// Its name, where the manifest says it.
    pub name: Option<String>,
    /// Its bank, where the manifest says its format.
    pub bank: Option<Bank>,
    /// The slot of the bank that it preloads into.
    pub preload_slot: Option<u8>,
}

/// The registered assets of the workspace in `folder`, in ascending id. Of a registry with faults these are the valid
/// entries, and none if it cannot be read at all. Manifests are read for as long as `time`, but for those that are
/// begun; of an asset whose manifest was not read, only the entry is known.
pub fn named_assets(folder: &Path, time: Duration) -> Vec<NamedAsset> {
    let started = Instant::now();
    let Ok(fs) = RealFs::new(folder) else { return Vec::new() };
    let Ok(text) = read_text(&fs, Utf8Path::new(REGISTRY_PATH), MAX_REGISTRY) else { return Vec::new() };
    let look = |entry| look(&fs, entry, started.elapsed() < time);
    registry::parse(&text).entries.into_par_iter().map(look).collect()
}

/// The folders below `assets/` that an asset can be put into or made of, relative to it, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedFolders {
    /// Those of pictures or sounds that can become an asset.
    pub waiting: Vec<String>,
    /// Those with a manifest that is not registered.
    pub unregistered: Vec<String>,
    /// Those that are outside of all assets.
    pub outside: Vec<String>,
}

/// The folders of the workspace in `folder`, as far as the names below `assets/` and the registry tell.
pub fn named_folders(folder: &Path) -> NamedFolders {
    let Ok(fs) = RealFs::new(folder) else { return NamedFolders::default() };
    let Ok(text) = read_text(&fs, Utf8Path::new(REGISTRY_PATH), MAX_REGISTRY) else { return NamedFolders::default() };
    let Ok(walk) = walk(&fs) else { return NamedFolders::default() };
    let entries = registry::parse(&text).entries;
    let Ignoring { rules, .. } = Ignoring::of(&read_ignore_file(&fs).map(|(file, _)| file).unwrap_or_default());
    let waiting = unmanaged_folders(&walk.tree, &entries, &rules).into_iter();
    let roots: HashSet<&str> = entries.iter().map(|entry| &*entry.root).collect();
    let is_inside = |path: &str| path.match_indices('/').any(|(end, _)| roots.contains(&path[..end]));
    let unregistered: Vec<_> = walk.unmanaged(&entries).into_iter().filter(|root| !is_inside(root)).collect();
    let manifests: HashSet<&str> = unregistered.iter().copied().collect();
    let is_outside = |path: &str| {
        let is_root = |path: &str| roots.contains(path) || manifests.contains(path);
        !is_root(path) && !path.match_indices('/').any(|(end, _)| is_root(&path[..end]))
    };
    let folders = walk.tree.entries().iter().filter(|entry| entry.kind == Kind::Folder && is_visible(&entry.path));
    NamedFolders {
        waiting: waiting.filter(|folder| folder.command.is_some()).map(|folder| folder.root).collect(),
        outside: folders.filter(|entry| is_outside(&entry.path)).map(|entry| entry.path.to_string()).collect(),
        unregistered: unregistered.into_iter().map(str::to_owned).collect(),
    }
}

/// The folders of pictures and sounds that no asset takes in, as far as the names below `assets/`, the registry and the
/// ignore file tell; `None` where one of these cannot be used.
pub(super) fn look_for_unmanaged(fs: &dyn FileSystem) -> Option<Vec<UnmanagedFolder>> {
    let registry = registry::parse(&read_text(fs, Utf8Path::new(REGISTRY_PATH), MAX_REGISTRY).ok()?);
    let (ignore_file, _) = read_ignore_file(fs).ok()?;
    let Ignoring { rules, fault } = Ignoring::of(&ignore_file);
    if fault.is_some() || registry.diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    Some(unmanaged_folders(&walk(fs).ok()?.tree, &registry.entries, &rules))
}

fn look(fs: &dyn FileSystem, entry: RegistryEntry, is_time_left: bool) -> NamedAsset {
    let read = is_time_left.then(|| read_manifest(fs, &entry.root));
    let Some(Ok(ManifestState::Bytes(bytes))) = read else {
        return NamedAsset { entry, name: None, bank: None, preload_slot: None };
    };
    let (manifest, _) = manifest::parse(&format!("{ASSETS}/{}/{MANIFEST_NAME}", entry.root), &bytes);
    NamedAsset {
        entry,
        name: manifest.name.map(|(name, _)| name),
        bank: manifest.format.map(Format::bank),
        preload_slot: manifest.preload_slot.map(|(slot, _)| slot),
    }
}
