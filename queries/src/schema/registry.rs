//! `assets/.prometeu/index.json`: which assets are managed, and their stable ids. Versions 1 and 2.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::hash::Hash;
use std::ops::RangeInclusive;

use uuid::Uuid;

use super::{REGISTRY_PATH, uuid};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Document, Node, shortened};
use crate::path;

/// The versions that are read. The last one is current.
pub const VERSIONS: RangeInclusive<i64> = 1..=2;

/// Largest registry, in bytes.
pub const MAX_SIZE: usize = 256 * 1024 * 1024;

/// Largest `next_asset_id`; ids lie below it.
pub const MAX_NEXT_ASSET_ID: i64 = i32::MAX as i64;

/// One registered asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistryEntry {
    /// The stable id that the runtime sees, 1 to 2147483646.
    pub asset_id: u32,
    /// The identity that the manifest repeats.
    pub asset_uuid: Uuid,
    /// The asset root, relative to `assets/`.
    pub root: String,
    /// Whether the asset is part of the build set.
    pub included_in_build: bool,
}

/// The registered assets, in ascending `asset_id`, and what is wrong with the registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// The entries that are valid by themselves.
    pub entries: Vec<RegistryEntry>,
    /// The id that the next new asset gets, 1 to 2147483647, where it can be read.
    pub next_asset_id: Option<u32>,
    /// Every fault found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a registry.
pub fn parse(bytes: &[u8]) -> Registry {
    let document = match Document::parse(REGISTRY_PATH, bytes, MAX_SIZE) {
        Ok(document) => document,
        Err(fault) => return Registry { diagnostics: vec![fault], ..Registry::default() },
    };
    let mut registry = Registry::default();
    if let Some(version) = document.schema_version("the registry", VERSIONS) {
        registry = read(document.root(), version);
    }
    registry.entries.sort_by_key(|entry| entry.asset_id);
    Registry { diagnostics: document.into_faults(), ..registry }
}

fn read(root: Node<'_, '_>, version: i64) -> Registry {
    let Some(fields) = root.object(&["schema_version", "next_asset_id", "assets"]) else { return Registry::default() };
    let next_asset_id = fields.required("next_asset_id").and_then(|node| node.integer_within(1, MAX_NEXT_ASSET_ID));
    let entries = fields.required("assets").map(|assets| read_entries(assets, version, next_asset_id));
    Registry {
        entries: entries.unwrap_or_default(),
        next_asset_id: next_asset_id.and_then(|id| u32::try_from(id).ok()),
        diagnostics: Vec::new(),
    }
}

fn read_entries(assets: Node<'_, '_>, version: i64, next_asset_id: Option<i64>) -> Vec<RegistryEntry> {
    let mut unique = Unique::default();
    let mut entries = Vec::new();
    let mut places = Vec::new();
    for node in assets.elements() {
        let Some(entry) = read_entry(node, version, next_asset_id) else { continue };
        if unique.admit(node, &entry) {
            entries.push(entry);
            places.push(node);
        }
    }
    without_nested_roots(entries, &places)
}

fn read_entry(node: Node<'_, '_>, version: i64, next_asset_id: Option<i64>) -> Option<RegistryEntry> {
    // Version 1 registers only what is included.
    let known: &[&str] = match version {
        1 => &["asset_id", "asset_uuid", "root"],
        _ => &["asset_id", "asset_uuid", "root", "included_in_build"],
    };
    let fields = node.object(known)?;
    let asset_id = fields.required("asset_id").and_then(|node| read_id(node, next_asset_id));
    let asset_uuid = fields.required("asset_uuid").and_then(uuid);
    let root = fields.required("root").and_then(read_root);
    let included_in_build = match version {
        1 => Some(true),
        _ => fields.required("included_in_build").and_then(Node::boolean),
    };
    Some(RegistryEntry {
        asset_id: u32::try_from(asset_id?).ok()?,
        asset_uuid: asset_uuid?,
        root: root?,
        included_in_build: included_in_build?,
    })
}

fn read_id(node: Node<'_, '_>, next_asset_id: Option<i64>) -> Option<i64> {
    let id = node.integer_within(1, MAX_NEXT_ASSET_ID - 1)?;
    match next_asset_id {
        Some(next) if id >= next => {
            let message = format!("asset_id {id} is not below \"next_asset_id\", which is {next}");
            let help = format!("set \"next_asset_id\" to {} or more: it is the id of the next new asset", id + 1);
            node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help));
            None
        }
        _ => Some(id),
    }
}

pub(crate) fn read_root(node: Node<'_, '_>) -> Option<String> {
    let root = node.string()?;
    match check_root(&root) {
        Ok(()) => Some(root),
        Err(fault) => {
            node.error(Code::PathInvalid, fault);
            None
        }
    }
}

/// Checks an asset root, given relative to `assets/`.
///
/// # Errors
///
/// The first rule that the root breaks, in words.
pub fn check_root(root: &str) -> Result<(), String> {
    let fault = match path::check(root) {
        Err(fault) => fault,
        Ok(()) if root.split('/').any(|component| component.starts_with('.')) => {
            "a component begins with \".\"".to_owned()
        }
        Ok(()) => return Ok(()),
    };
    Err(format!("{:?} is no valid root: {fault}", shortened(root)))
}

/// What each entry must have for itself.
#[derive(Default)]
struct Unique {
    ids: HashMap<u32, String>,
    uuids: HashMap<Uuid, String>,
    roots: HashMap<String, String>,
}

impl Unique {
    /// Whether `entry` shares nothing with the entries before it; what it shares is reported.
    fn admit(&mut self, node: Node<'_, '_>, entry: &RegistryEntry) -> bool {
        let owner = || format!("{:?} (asset {})", entry.root, entry.asset_id);
        let ids = claim(&mut self.ids, node, "asset_id", entry.asset_id, owner());
        let uuids = claim(&mut self.uuids, node, "asset_uuid", entry.asset_uuid, owner());
        let roots = claim(&mut self.roots, node, "root", entry.root.clone(), format!("asset {}", entry.asset_id));
        ids && uuids && roots
    }
}

fn claim<K: Eq + Hash + Display>(
    taken: &mut HashMap<K, String>,
    entry: Node<'_, '_>,
    field: &str,
    key: K,
    owner: String,
) -> bool {
    let Some(other) = taken.get(&key) else {
        taken.insert(key, owner);
        return true;
    };
    let place = entry.member(field).unwrap_or(entry);
    let help = match field {
        "asset_id" => "give the newer of the two the id that \"next_asset_id\" says, and raise that by one",
        "asset_uuid" => "give the newer of the two another uuid, in its manifest too",
        _ => "take one of the two entries out, or correct its root",
    };
    let message = format!("{field} {key} is already taken by {other}");
    place.report(Diagnostic::error(Code::RegistryConflict, message).with_help(help));
    false
}

/// The entries whose root lies in no other; the others are reported.
fn without_nested_roots(entries: Vec<RegistryEntry>, places: &[Node<'_, '_>]) -> Vec<RegistryEntry> {
    let roots: BTreeSet<String> = entries.iter().map(|entry| entry.root.clone()).collect();
    let is_outermost = |(entry, node): &(RegistryEntry, &Node<'_, '_>)| {
        let mut slashes = entry.root.match_indices('/');
        let Some(outer) = slashes.find_map(|(end, _)| roots.get(&entry.root[..end])) else { return true };
        let message = format!("the root {:?} lies inside the root {outer:?} of another asset", entry.root);
        node.member("root").unwrap_or(**node).error(Code::RegistryConflict, message);
        false
    };
    entries.into_iter().zip(places).filter(is_outermost).map(|(entry, _)| entry).collect()
}
