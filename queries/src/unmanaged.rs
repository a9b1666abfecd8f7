//! Manifests that the registry does not know: new, moved or copied assets, told apart by their uuids.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use uuid::Uuid;

use crate::diagnostic::{Code, Diagnostic, Severity, command_word};
use crate::inputs::{ManifestState, RootState};
use crate::json::Place;
use crate::schema::MANIFEST_NAME;
use crate::schema::manifest;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Resolution, Tree};

/// An `asset.json` in a folder that the registry does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmanaged {
    /// The folder, relative to `assets/`.
    pub root: String,
    /// What it is to the registry.
    pub relation: Relation,
    /// What is to be told about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// What an unmanaged manifest is to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "relation", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Relation {
    /// Its uuid is its own, or cannot be told.
    New,
    /// It is the manifest of a registered asset whose root is gone.
    Moved {
        /// That asset.
        asset_id: u32,
    },
    /// It has the uuid of a registered asset that is still in place.
    Copied {
        /// That asset.
        asset_id: u32,
    },
    /// It lies inside the root of a registered asset, where no asset can be.
    Nested {
        /// That root.
        outer: String,
    },
}

/// The registered assets, as unmanaged manifests are held against them.
pub struct Registered<'a> {
    by_uuid: HashMap<Uuid, (&'a RegistryEntry, &'a RootState)>,
    roots: HashSet<&'a str>,
}

impl<'a> Registered<'a> {
    /// The assets of `entries`, given what is at the root of each.
    pub fn new(entries: &'a [RegistryEntry], roots: &'a [RootState]) -> Self {
        let owner = |(entry, root): (&'a RegistryEntry, &'a RootState)| (entry.asset_uuid, (entry, root));
        Self {
            by_uuid: entries.iter().zip(roots).map(owner).collect(),
            roots: entries.iter().map(|entry| entry.root.as_str()).collect(),
        }
    }

    /// Tells what the manifest in the folder `root` below `assets/`, no root of these, is to them.
    pub fn recognize(&self, root: String, manifest: &ManifestState) -> Unmanaged {
        let identity = Identity::read(&root, manifest);
        if let Some(outer) = self.outer(&root) {
            return identity.nested(root, outer);
        }
        match identity.uuid.and_then(|uuid| self.by_uuid.get(&uuid)) {
            None => identity.unknown(root),
            Some((owner, state)) if is_gone(state) => {
                let relation = Relation::Moved { asset_id: owner.asset_id };
                // The registered asset has the fault.
                Unmanaged { root, relation, diagnostics: Vec::new() }
            }
            Some((owner, _)) => identity.copied(root, owner),
        }
    }

    /// The registered root that `root` lies in.
    fn outer(&self, root: &str) -> Option<&'a str> {
        let mut ends = root.match_indices('/').map(|(end, _)| end);
        ends.find_map(|end| self.roots.get(&root[..end]).copied())
    }
}

/// Makes the roots that are gone say where their manifests are now.
pub fn follow(unmanaged: &[Unmanaged], entries: &[RegistryEntry], roots: &mut [RootState]) {
    let mut moved = HashMap::<u32, Vec<String>>::new();
    for found in unmanaged {
        if let Relation::Moved { asset_id } = found.relation {
            moved.entry(asset_id).or_default().push(found.root.clone());
        }
    }
    for (entry, root) in entries.iter().zip(roots) {
        if let Some(to) = moved.remove(&entry.asset_id) {
            *root = RootState::Moved { to };
        }
    }
}

/// Whether the asset is no longer at its root.
pub fn is_gone(root: &RootState) -> bool {
    let has_manifest = |tree: &Tree| tree.index().resolve(MANIFEST_NAME) != Resolution::Missing;
    match root {
        RootState::Folder(tree) => !has_manifest(tree),
        RootState::Unusable(Resolution::Missing | Resolution::Misspelled { .. }) => true,
        RootState::Unusable(_) | RootState::Moved { .. } => false,
    }
}

/// An unmanaged manifest, as far as it is read: for its uuid.
struct Identity {
    location: String,
    text: String,
    uuid: Option<Uuid>,
    place: Option<Place>,
    faults: Vec<Diagnostic>,
}

impl Identity {
    fn read(root: &str, state: &ManifestState) -> Self {
        let location = format!("assets/{root}/{MANIFEST_NAME}");
        let (text, known, mut faults) = match state {
            ManifestState::Bytes(bytes) => {
                let (uuid, faults) = manifest::identity(&location, bytes);
                (String::from_utf8_lossy(bytes).into_owned(), uuid, faults)
            }
            ManifestState::Refused(fault) => (String::new(), None, vec![fault.diagnostic(&location)]),
            ManifestState::Unread => (String::new(), None, Vec::new()),
        };
        // It takes no part in anything yet, so nothing is wrong.
        for fault in &mut faults {
            fault.severity = Severity::Info;
        }
        let (uuid, place) = known.unzip();
        Self { location, text, uuid, place, faults }
    }

    fn unknown(mut self, root: String) -> Unmanaged {
        let message = "this asset is not registered, so it is not packed";
        let help = format!("register it with: papack add {}", command_word(&root));
        let notice = Diagnostic::info(Code::AssetUnregistered, message).with_help(help).at(self.location);
        self.faults.insert(0, notice);
        Unmanaged { root, relation: Relation::New, diagnostics: self.faults }
    }

    fn nested(mut self, root: String, outer: &str) -> Unmanaged {
        let outer = outer.to_owned();
        let message = format!("this manifest is not registered, and cannot be: it lies inside the asset {outer:?}");
        let help = "move its folder out of that asset, or delete the manifest if it is not meant to be an asset";
        let notice = Diagnostic::info(Code::AssetUnregistered, message).with_help(help).at(self.location);
        self.faults.insert(0, notice);
        Unmanaged { root, relation: Relation::Nested { outer }, diagnostics: self.faults }
    }

    fn copied(mut self, root: String, owner: &RegistryEntry) -> Unmanaged {
        let RegistryEntry { asset_id, root: original, .. } = owner;
        let message = format!("this asset is a copy: asset {asset_id} in {original:?} has the same asset_uuid");
        let help = format!("register it with an identity of its own: papack add {}", command_word(&root));
        let warning = Diagnostic::warning(Code::AssetCopied, message)
            .with_help(help)
            .with_related("the asset that it is a copy of", Some(format!("assets/{original}/{MANIFEST_NAME}")));
        let warning = match &self.place {
            Some(place) => place.of(&self.text, warning),
            None => warning,
        };
        self.faults.insert(0, warning.at(self.location));
        Unmanaged { root, relation: Relation::Copied { asset_id: *asset_id }, diagnostics: self.faults }
    }
}

/// The fault of a registered asset in the folder `from` whose manifest is now in the folders `to`, all below
/// `assets/`.
pub fn moved_fault(from: &str, to: &[String]) -> Diagnostic {
    let Some((first, others)) = to.split_first() else {
        return Diagnostic::error(Code::AssetMissing, "the folder of a registered asset is not there");
    };
    let message = format!("the asset was moved: the registry has it in {from:?}, its manifest is in {first:?}");
    let help = format!("tell the registry: papack mv {} {}", command_word(from), command_word(first));
    let mut fault = Diagnostic::error(Code::AssetMoved, message)
        .with_help(help)
        .with_related("where the registry has it", Some(format!("assets/{from}")))
        .at(format!("assets/{first}/{MANIFEST_NAME}"));
    for other in others {
        let place = format!("assets/{other}/{MANIFEST_NAME}");
        fault = fault.with_related("a manifest with the same asset_uuid", Some(place));
    }
    fault
}
