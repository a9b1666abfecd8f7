//! Manifests that the registry does not know: new, moved or copied assets, distinguished by their uuids.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::diagnostic::{Code, Data, Diagnostic, Edit, Fix, OtherAsset, RegistryFix, Related, Severity, command_word};
use crate::inputs::{ManifestState, NewPlace, Obstacle, RootState};
use crate::json::Place;
use crate::schema::MANIFEST_NAME;
use crate::schema::edit::identity_of_copy;
use crate::schema::manifest;
use crate::schema::registry::{RegistryEntry, check_root};
use crate::tree::{Resolution, Tree};

/// An `asset.json` in a folder that the registry does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmanaged {
    /// The folder, relative to `assets/`.
    pub root: String,
    /// How it relates to the registry.
    pub relation: Relation,
    /// Notices about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// How an unmanaged manifest relates to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "relation", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Relation {
    /// Its uuid is its own, or cannot be read.
    New,
    /// It is the manifest of a registered asset that is no longer at its root.
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

/// The registered assets, with which unmanaged manifests are compared.
pub struct Registered<'a> {
    entries: &'a [RegistryEntry],
    /// The uuid in the manifest at the root of each of them, where it could be read.
    manifest_uuids: &'a [Option<Uuid>],
    /// Whether each of them is not at its root.
    absent: Vec<bool>,
    /// Positions among the entries.
    by_uuid: HashMap<Uuid, usize>,
    by_root: HashMap<&'a str, usize>,
}

impl<'a> Registered<'a> {
    /// The assets of `entries`, given what is at the root of each, and the uuid in the manifest there, where it could
    /// be read.
    pub fn new(entries: &'a [RegistryEntry], roots: &[RootState], manifest_uuids: &'a [Option<Uuid>]) -> Self {
        let positions = || entries.iter().zip(0..);
        Self {
            entries,
            manifest_uuids,
            absent: absent(entries, roots, manifest_uuids),
            by_uuid: positions().map(|(entry, position)| (entry.asset_uuid, position)).collect(),
            by_root: positions().map(|(entry, position)| (&*entry.root, position)).collect(),
        }
    }

    /// Finds out how the manifest in the folder `root` below `assets/`, which is no root of these, relates to them.
    pub fn recognize(&self, root: String, manifest: &ManifestState) -> Unmanaged {
        let identity = Identity::read(&root, manifest);
        let owner = identity.uuid.and_then(|uuid| self.by_uuid.get(&uuid)).copied();
        match (owner, self.outer(&root)) {
            (Some(owner), _) if self.absent[owner] => {
                let relation = Relation::Moved { asset_id: self.entries[owner].asset_id };
                // The registered asset has the fault.
                Unmanaged { root, relation, diagnostics: Vec::new() }
            }
            (_, Some(outer)) => identity.nested(root, &outer.root),
            (Some(owner), None) => identity.copied(root, &self.entries[owner], |uuid| self.by_uuid.contains_key(uuid)),
            (None, None) => identity.unknown(root),
        }
    }

    /// Sets the `roots` of moved assets to where their manifests are now: in folders of `unmanaged`, or at the roots of
    /// each other.
    pub fn follow(&self, unmanaged: &[Unmanaged], roots: &mut [RootState]) {
        let mut moved = HashMap::<u32, Vec<&str>>::new();
        for found in unmanaged {
            if let Relation::Moved { asset_id } = found.relation {
                moved.entry(asset_id).or_default().push(&found.root);
            }
        }
        for (entry, manifest_uuid) in self.entries.iter().zip(self.manifest_uuids) {
            let owner = manifest_uuid.and_then(|uuid| self.by_uuid.get(&uuid)).filter(|owner| self.absent[**owner]);
            if let Some(owner) = owner.map(|owner| &self.entries[*owner]) {
                moved.entry(owner.asset_id).or_default().push(&entry.root);
            }
        }
        for (entry, root) in self.entries.iter().zip(roots) {
            if let Some(to) = moved.get(&entry.asset_id) {
                let place =
                    |root: &&str| NewPlace { obstacle: self.obstacle(entry, root, &moved), root: (*root).into() };
                let mut to: Vec<_> = to.iter().map(place).collect();
                to.sort_unstable();
                *root = RootState::Moved { to };
            }
        }
    }

    /// Why `root` cannot become the root of `entry` as things are.
    fn obstacle(&self, entry: &RegistryEntry, root: &str, moved: &HashMap<u32, Vec<&str>>) -> Option<Obstacle> {
        if let Some(other) = self.by_root.get(root).map(|position| &self.entries[*position]) {
            let asset_id = other.asset_id;
            return Some(Obstacle::Registered { asset_id, is_moved: moved.contains_key(&asset_id) });
        }
        if let Some(outer) = self.outer(root).filter(|outer| outer.asset_id != entry.asset_id) {
            return Some(Obstacle::Inside { outer: outer.root.to_string() });
        }
        check_root(root).err().map(Obstacle::Invalid)
    }

    /// The registered asset whose root `root` lies in.
    fn outer(&self, root: &str) -> Option<&'a RegistryEntry> {
        let mut ends = root.match_indices('/').map(|(end, _)| end);
        ends.find_map(|end| self.by_root.get(&root[..end])).map(|position| &self.entries[*position])
    }
}

/// Whether each asset of `entries` is not at its root, given what is there, and the uuid in the manifest there. Where
/// that uuid could not be read, the asset counts as in place.
pub fn absent(entries: &[RegistryEntry], roots: &[RootState], manifest_uuids: &[Option<Uuid>]) -> Vec<bool> {
    let is_other =
        |entry: &RegistryEntry, in_manifest: &Option<Uuid>| in_manifest.is_some_and(|uuid| uuid != entry.asset_uuid);
    let all = entries.iter().zip(roots).zip(manifest_uuids);
    all.map(|((entry, root), in_manifest)| is_gone(root) || is_other(entry, in_manifest)).collect()
}

/// The uuid in the manifest at the root of the asset that the registry has as `registered`. Where it is most probably that
/// one, nothing else of the manifest is looked at: a manifest with faults counts as that of the asset in any case.
pub fn uuid_at_root(manifest: &ManifestState, registered: Uuid) -> Option<Uuid> {
    match manifest.bytes() {
        Some(bytes) if has_only_uuid(bytes, registered) => Some(registered),
        _ => uuid_of(manifest),
    }
}

/// Whether `manifest`, if it is a JSON object with a uuid, has this one: the key occurs once in it, in no other spelling, and
/// `uuid` is its value.
fn has_only_uuid(manifest: &[u8], uuid: Uuid) -> bool {
    const KEY: &[u8] = b"\"asset_uuid\"";
    let find = |from: usize| Some(from + memchr::memmem::find(manifest.get(from..)?, KEY)? + KEY.len());
    let Some(behind) = find(0) else { return false };
    let value = manifest[behind..].trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    let text = value.and_then(|value| value.strip_prefix(b"\"")?.first_chunk::<{ Hyphenated::LENGTH }>());
    text.is_some_and(|text| *text == *uuid.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]).as_bytes())
        && find(behind).is_none()
        && memchr::memchr(b'\\', manifest).is_none()
}

/// The uuid in a manifest, where it can be read.
pub fn uuid_of(manifest: &ManifestState) -> Option<Uuid> {
    let ManifestState::Bytes(bytes) = manifest else { return None };
    manifest::identity(MANIFEST_NAME, bytes).0.map(|(uuid, _)| uuid)
}

/// Whether no manifest is at the root.
fn is_gone(root: &RootState) -> bool {
    let has_manifest =
        |tree: &Tree| tree.is_file(MANIFEST_NAME) || tree.index().resolve(MANIFEST_NAME) != Resolution::Missing;
    match root {
        RootState::Folder(tree) => !has_manifest(tree),
        RootState::Unusable(Resolution::Missing | Resolution::Misspelled { .. }) => true,
        RootState::Unusable(_) | RootState::Moved { .. } => false,
    }
}

/// The part of an unmanaged manifest that is read: its uuid.
struct Identity {
    location: String,
    text: String,
    uuid: Option<Uuid>,
    place: Option<Place>,
    faults: Vec<Diagnostic>,
    /// Whether the whole manifest is without errors, so that it could be registered.
    is_sound: bool,
}

impl Identity {
    fn read(root: &str, state: &ManifestState) -> Self {
        let location = format!("assets/{root}/{MANIFEST_NAME}");
        let (text, identity, mut faults, is_sound) = match state {
            ManifestState::Bytes(bytes) => {
                let (uuid, mut faults) = manifest::identity(&location, bytes);
                let (_, found) = manifest::parse_new(&location, bytes);
                let is_sound = !found.iter().any(Diagnostic::is_error);
                if is_sound {
                    // The notice of an older version, with its fix. A sound manifest has no other.
                    faults = found;
                }
                (String::from_utf8_lossy(bytes).into_owned(), uuid, faults, is_sound)
            }
            ManifestState::Refused(fault) => (String::new(), None, vec![fault.diagnostic(&location)], false),
            ManifestState::Unread => (String::new(), None, Vec::new(), false),
        };
        // An unregistered manifest is not packed, so its faults block nothing.
        for fault in &mut faults {
            fault.severity = Severity::Info;
        }
        let (uuid, place) = identity.unzip();
        Self { location, text, uuid, place, faults, is_sound }
    }

    fn unknown(mut self, root: String) -> Unmanaged {
        let message = "this asset is not registered, so it is not packed";
        let help = addition_help(&root, "register it with");
        let mut notice = Diagnostic::info(Code::AssetUnregistered, message).with_help(help).at(self.location);
        if let Some(asset_uuid) = self.uuid.filter(|_| self.is_sound) {
            notice = notice.with_registry_fix(RegistryFix::Register { root: root.as_str().into(), asset_uuid });
        }
        self.faults.insert(0, notice);
        Unmanaged { root, relation: Relation::New, diagnostics: self.faults }
    }

    fn nested(mut self, root: String, outer: &str) -> Unmanaged {
        let outer = outer.to_owned();
        // No command reads a nested manifest, so no command could migrate it.
        self.faults.retain(|fault| fault.code != Code::SchemaOlder);
        let message = format!("this manifest is not registered, and cannot be: it lies inside the asset {outer:?}");
        let help = "move its folder out of that asset, or delete the manifest if it is not meant to be an asset";
        let notice = Diagnostic::info(Code::AssetUnregistered, message)
            .with_help(help)
            .with_data(Data::conflict(&root, vec![OtherAsset { asset_id: None, root: Some(outer.clone()) }]))
            .at(self.location);
        self.faults.insert(0, notice);
        Unmanaged { root, relation: Relation::Nested { outer }, diagnostics: self.faults }
    }

    fn copied(mut self, root: String, owner: &RegistryEntry, is_taken: impl Fn(&Uuid) -> bool) -> Unmanaged {
        let RegistryEntry { asset_id, root: original, .. } = owner;
        let message = format!("this asset is a copy: {original:?} (asset {asset_id}) has the same asset_uuid");
        let help = addition_help(&root, "give it a name of its own in its asset.json, and register it");
        let place = Some(format!("assets/{original}/{MANIFEST_NAME}"));
        let warning = Diagnostic::warning(Code::AssetCopied, message)
            .with_help(help)
            .with_data(Data::conflict(owner.asset_uuid, vec![OtherAsset::registered(*asset_id, original.as_str())]))
            .with_place(Related { asset_id: Some(*asset_id), ..Related::new("the asset that it is a copy of", place) });
        let warning = match &self.place {
            Some(place) => {
                let uuid = identity_of_copy(owner.asset_uuid, &root, is_taken);
                place.of(&self.text, warning).with_fix(new_identity(&self.location, place, uuid))
            }
            None => warning,
        };
        self.faults.insert(0, warning.at(self.location));
        Unmanaged { root, relation: Relation::Copied { asset_id: *asset_id }, diagnostics: self.faults }
    }
}

/// The fix that makes `uuid` the identity of the manifest at `location`, which has another one at `place`.
fn new_identity(location: &str, place: &Place, uuid: Uuid) -> Fix {
    let Range { start, end } = place.range;
    let edit = Edit { path: location.into(), start, end, text: format!("\"{}\"", uuid.hyphenated()) };
    // Where the copy is what is to stay of a move, it must keep its identity.
    Fix { title: "Give the copy an identity of its own".to_owned(), is_safe: false, edits: [edit].into() }
}

/// Help that begins with `purpose` and names the command that registers the manifest in the folder `root`.
fn addition_help(root: &str, purpose: &str) -> String {
    match check_root(root) {
        Ok(()) => format!("{purpose}: papack add {}", command_word(root)),
        Err(fault) => format!("rename the folder, then {purpose} papack add: {fault}"),
    }
}

/// The fault of a registered asset whose manifest is now in the folders `to`.
pub fn moved_fault(entry: &RegistryEntry, to: &[NewPlace]) -> Diagnostic {
    let from = &entry.root;
    let Some((first, others)) = to.split_first() else {
        return Diagnostic::error(Code::AssetMissing, "the folder of a registered asset is not there");
    };
    let NewPlace { root, .. } = first;
    let message = format!("the asset was moved: the registry has it in {from:?}, its manifest is in {root:?}");
    let paths = to.iter().map(|NewPlace { root, .. }| format!("assets/{root}")).collect();
    let mut fault = Diagnostic::error(Code::AssetMoved, message)
        .with_data(Data::Paths { count: to.len() as u64, paths })
        .with_help(way_out(entry, first))
        .with_related("where the registry has it", Some(format!("assets/{from}")))
        .at(format!("assets/{root}/{MANIFEST_NAME}"));
    if let (None, []) = (&first.obstacle, others) {
        let (asset_id, root) = (entry.asset_id, root.as_str().into());
        fault = fault.with_registry_fix(RegistryFix::Relocate { asset_id, root });
    }
    for NewPlace { root, .. } in others {
        let place = format!("assets/{root}/{MANIFEST_NAME}");
        fault = fault.with_related("a manifest with the same asset_uuid", Some(place));
    }
    fault
}

/// What to do about the asset of `entry`, which was moved to `place`.
fn way_out(entry: &RegistryEntry, place: &NewPlace) -> String {
    let RegistryEntry { asset_id, root: from, .. } = entry;
    let root = &place.root;
    // The command takes an id before a root, and a root may look like an id.
    let command = format!("papack mv {asset_id} {}", command_word(root));
    match &place.obstacle {
        None => format!("tell the registry: {command}"),
        Some(Obstacle::Registered { asset_id: other, is_moved: true }) => {
            format!("asset {other}, which the registry has there, was moved too: papack doctor --fix follows both")
        }
        Some(Obstacle::Registered { asset_id: other, is_moved: false }) => format!(
            "asset {other}, which the registry has there, is nowhere: put it elsewhere from a backup, or give it up with \
             papack rm {other} and then {command}"
        ),
        Some(Obstacle::Inside { outer }) => format!(
            "no asset can be inside another one: move the folder assets/{root} back to assets/{from}, or out of \
             assets/{outer}"
        ),
        Some(Obstacle::Invalid(fault)) => {
            format!("rename the folder, then tell the registry with papack mv {asset_id}: {fault}")
        }
    }
}
