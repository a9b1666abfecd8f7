//! The names of the assets, for those who complete them while they are typed: a look at the registry and the manifests,
//! and no operation. It takes no lane, derives and writes nothing, and says nothing of what is wrong.

use std::path::Path;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use papack_queries::formats::{Bank, Format};
use papack_queries::inputs::ManifestState;
use papack_queries::schema::registry::{self, RegistryEntry};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest};
use rayon::prelude::*;

use crate::fs::{FileSystem, RealFs};
use crate::workspace::layout::ASSETS;
use crate::workspace::{read_manifest, read_text};

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
