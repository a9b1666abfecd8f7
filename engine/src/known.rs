//! What a session knows of its workspace from the operations before, be they of this process or of an earlier one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::Record;
use papack_queries::diagnostic::{Diagnostic, stored};
use papack_queries::schema::registry::RegistryEntry;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::seen::{Listed, Seen};

/// What is known of a workspace.
#[derive(Default)]
pub(crate) struct Known {
    /// Names, digests and stamps.
    pub(crate) seen: Seen,
    /// What follows from them.
    pub(crate) facts: Facts,
    /// What was listed again, and not all consequences of which were drawn yet.
    pub(crate) pending: Listed,
    /// Assets to look into in any case, for the same reason.
    pub(crate) stale: BTreeSet<u32>,
    /// The ids of registered assets, by their roots.
    by_root: HashMap<String, u32>,
}

/// What follows from what was seen.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The registry's entries, in ascending `asset_id`, where it is sound.
    pub(crate) entries: Vec<RegistryEntry>,
    /// What is to be told of the registry.
    #[serde(with = "stored")]
    pub(crate) registry_diagnostics: Vec<Diagnostic>,
    /// What is to be told of the walk and of manifests that the registry does not know.
    #[serde(with = "stored")]
    pub(crate) walk_diagnostics: Vec<Diagnostic>,
    /// Assets that were looked into.
    pub(crate) assets: BTreeMap<u32, KnownAsset>,
}

/// An asset that was looked into.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KnownAsset {
    /// What came of it.
    pub(crate) record: Arc<Record>,
    /// The uuid that its manifest has, as far as it can be told.
    pub(crate) uuid: Option<Uuid>,
}

impl Known {
    /// What an earlier process knew.
    pub(crate) fn restored(seen: Seen, facts: Facts) -> Self {
        let mut known = Self { seen, ..Self::default() };
        known.by_root = by_root(&facts.entries);
        known.facts = facts;
        known
    }

    /// Takes over the registry, as it is now.
    pub(crate) fn set_entries(&mut self, entries: Vec<RegistryEntry>) {
        self.by_root = by_root(&entries);
        self.facts.entries = entries;
    }

    /// The registered asset in whose root `path`, which is below `assets/`, lies, or whose root it is.
    pub(crate) fn owner(&self, path: &str) -> Option<u32> {
        Utf8Path::new(path).ancestors().find_map(|folder| self.by_root.get(folder.as_str()).copied())
    }
}

fn by_root(entries: &[RegistryEntry]) -> HashMap<String, u32> {
    entries.iter().map(|entry| (entry.root.clone(), entry.asset_id)).collect()
}
