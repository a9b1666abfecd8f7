//! `assets/.prometeu/index.json`: which assets are managed, and their stable ids. Versions 1 and 2.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::hash::Hash;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

use super::{REGISTRY_PATH, uuid};
use crate::diagnostic::{Code, Data, Diagnostic, OtherAsset, RegistryFix, command_word};
use crate::json::{Document, Node, shortened};
use crate::path;

/// The versions that are read. The last one is current.
pub const VERSIONS: RangeInclusive<i64> = 1..=2;

/// Largest registry, in bytes.
pub const MAX_SIZE: usize = 256 * 1024 * 1024;

/// Largest `next_asset_id`; ids lie below it.
pub const MAX_NEXT_ASSET_ID: i64 = i32::MAX as i64;

/// The id that `text` is, as documents write it: in digits alone, without a zero before them.
pub fn asset_id(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
}

/// One registered asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegistryEntry {
    /// The stable id that the runtime sees, 1 to 2147483646.
    pub asset_id: u32,
    /// The identity that the manifest repeats.
    pub asset_uuid: Uuid,
    /// The asset root, relative to `assets/`.
    pub root: SmolStr,
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
        Err(fault) => return Registry { diagnostics: vec![of_registry(fault)], ..Registry::default() },
    };
    let registry = read_document(&document);
    let is_sound = document.is_sound();
    let mut diagnostics = document.into_faults();
    if is_sound && let Some(notice) = diagnostics.iter_mut().find(|found| found.code == Code::SchemaOlder) {
        notice.fixes.set_of_registry(RegistryFix::Migrate);
    }
    Registry { diagnostics, ..registry }
}

/// The registry that `document` is. What is wrong with it is reported there.
pub(super) fn read_document(document: &Document<'_>) -> Registry {
    let mut registry = Registry::default();
    if let Some(version) = document.schema_version("the registry", VERSIONS) {
        registry = read(document.root(), version);
    }
    registry.entries.sort_by_key(|entry| entry.asset_id);
    registry
}

/// The counter and the entries, in the document's order, of a registry in which each value is valid by itself, whatever
/// rules they break together.
pub(crate) fn parse_each(bytes: &[u8]) -> Option<(u32, Vec<RegistryEntry>)> {
    let document = Document::parse(REGISTRY_PATH, bytes, MAX_SIZE).ok()?;
    let version = document.schema_version("the registry", VERSIONS)?;
    let fields = document.root().object(&FIELDS)?;
    let next_asset_id = fields.required("next_asset_id").and_then(read_counter);
    let assets = fields.required("assets")?;
    let entries = assets.elements().filter_map(|node| read_entry(node, version, None)).collect();
    let is_valid = !document.into_faults().iter().any(Diagnostic::is_error);
    Some((next_asset_id?, entries)).filter(|_| is_valid)
}

const FIELDS: [&str; 3] = ["schema_version", "next_asset_id", "assets"];

/// A conflict in the registry need not be settled by hand.
fn of_registry(fault: Diagnostic) -> Diagnostic {
    if fault.code != Code::ConflictMarkers {
        return fault;
    }
    fault.with_help(format!(
        "let papack merge it: set git up as papack merge-registry --help says, then: git checkout -m {REGISTRY_PATH}"
    ))
}

fn read(root: Node<'_, '_>, version: i64) -> Registry {
    let Some(fields) = root.object(&FIELDS) else { return Registry::default() };
    let next_asset_id = fields.required("next_asset_id").and_then(read_counter);
    let entries = fields.required("assets").map(|assets| read_entries(assets, version, next_asset_id));
    Registry { entries: entries.unwrap_or_default(), next_asset_id, diagnostics: Vec::new() }
}

fn read_counter(node: Node<'_, '_>) -> Option<u32> {
    node.integer_within(1, MAX_NEXT_ASSET_ID).and_then(|id| u32::try_from(id).ok())
}

fn read_entries(assets: Node<'_, '_>, version: i64, next_asset_id: Option<u32>) -> Vec<RegistryEntry> {
    let read = |node| Some((read_entry(node, version, next_asset_id)?, node));
    let all: Vec<_> = assets.elements().filter_map(read).collect();
    let mut unique = Unique::default();
    let is_admitted: Vec<_> = (0..all.len()).map(|index| unique.admit(index, &all)).collect();
    let admitted = all.into_iter().zip(is_admitted).filter_map(|(read, is_admitted)| is_admitted.then_some(read));
    without_nested_roots(admitted.collect())
}

/// An entry, and where it is written.
type Placed<'d, 't> = (RegistryEntry, Node<'d, 't>);

fn read_entry(node: Node<'_, '_>, version: i64, next_asset_id: Option<u32>) -> Option<RegistryEntry> {
    // Version 1 registers only what is included.
    let allowed: &[&str] = match version {
        1 => &["asset_id", "asset_uuid", "root"],
        _ => &["asset_id", "asset_uuid", "root", "included_in_build"],
    };
    let fields = node.object(allowed)?;
    let asset_id = fields.required("asset_id").and_then(|node| read_id(node, next_asset_id));
    let asset_uuid = fields.required("asset_uuid").and_then(uuid);
    let root = fields.required("root").and_then(read_root);
    let included_in_build = match version {
        1 => Some(true),
        _ => fields.required("included_in_build").and_then(Node::boolean),
    };
    Some(RegistryEntry {
        asset_id: asset_id?,
        asset_uuid: asset_uuid?,
        root: root?.into(),
        included_in_build: included_in_build?,
    })
}

fn read_id(node: Node<'_, '_>, next_asset_id: Option<u32>) -> Option<u32> {
    let id = node.integer_within(1, MAX_NEXT_ASSET_ID - 1).and_then(|id| u32::try_from(id).ok())?;
    match next_asset_id {
        Some(next) if id >= next => {
            let message = format!("asset_id {id} is not below \"next_asset_id\", which is {next}");
            let help = "raise \"next_asset_id\", the id of the next new asset, above every id: papack doctor --fix";
            let data = Data::range(id.into(), 1, i64::from(next) - 1);
            node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help).with_data(data));
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
            node.report(Diagnostic::error(Code::PathInvalid, fault).with_data(Data::value(shortened(&root))));
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

/// What each entry must have for itself: whose it is, by the position among the entries.
#[derive(Default)]
struct Unique {
    ids: HashMap<u32, usize>,
    uuids: HashMap<Uuid, usize>,
    roots: HashMap<SmolStr, usize>,
}

impl Unique {
    /// Whether the entry at `index` shares nothing with those before it; what it shares is reported.
    fn admit(&mut self, index: usize, all: &[Placed<'_, '_>]) -> bool {
        let (entry, node) = &all[index];
        let owner = |claimed: Option<usize>| claimed.map(|owner| &all[owner].0);
        let ids = owner(claim(&mut self.ids, entry.asset_id, index));
        if ids == Some(entry) {
            let message = format!("{:?} (asset {}) is listed twice", shortened(&entry.root), entry.asset_id);
            let help = "delete one of the two lines: papack doctor --fix";
            let data = Data::conflict(entry.asset_id, vec![other(entry)]);
            node.report(Diagnostic::error(Code::RegistryConflict, message).with_help(help).with_data(data));
            return false;
        }
        let uuids = owner(claim(&mut self.uuids, entry.asset_uuid, index));
        let roots = owner(claim(&mut self.roots, entry.root.clone(), index));
        let refuse = |field: &str, key: &dyn Display, owner: &RegistryEntry, help: String| {
            let message = format!("{field} {key} is already taken by {:?} (asset {})", owner.root, owner.asset_id);
            let data = Data::conflict(key, vec![other(owner)]);
            let fault = Diagnostic::error(Code::RegistryConflict, message).with_help(help).with_data(data);
            node.member(field).unwrap_or(*node).report(fault);
        };
        if let Some(owner) = ids {
            let (this, other) = (command_word(&entry.root), command_word(&owner.root));
            let help = format!("give one a new id: papack doctor --renumber {this}, or --renumber {other}");
            refuse("asset_id", &entry.asset_id, owner, help);
        }
        if let Some(owner) = uuids {
            let help = "delete the line of the one that is a copy, then papack add gives it an identity of its own";
            refuse("asset_uuid", &entry.asset_uuid, owner, help.to_owned());
        }
        if let Some(owner) = roots {
            let help = "delete the line of the one that is not there: the manifest's asset_uuid tells which one is";
            refuse("root", &entry.root, owner, help.to_owned());
        }
        ids.is_none() && uuids.is_none() && roots.is_none()
    }
}

/// The asset of `entry`, as another one meets it.
fn other(entry: &RegistryEntry) -> OtherAsset {
    OtherAsset::registered(entry.asset_id, entry.root.as_str())
}

/// Makes `key` that of the entry at `index`, unless it is taken: then by whom.
fn claim<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: K, index: usize) -> Option<usize> {
    match taken.entry(key) {
        Entry::Occupied(owner) => Some(*owner.get()),
        Entry::Vacant(place) => {
            place.insert(index);
            None
        }
    }
}

/// The entries whose root lies in no other; the others are reported.
fn without_nested_roots(entries: Vec<Placed<'_, '_>>) -> Vec<RegistryEntry> {
    let roots: BTreeSet<SmolStr> = entries.iter().map(|(entry, _)| entry.root.clone()).collect();
    let is_outermost = |(entry, node): &Placed<'_, '_>| {
        let mut slashes = entry.root.match_indices('/');
        let Some(outer) = slashes.find_map(|(end, _)| roots.get(&entry.root[..end])) else { return true };
        let message = format!("the root {:?} lies inside the root {outer:?} of another asset", entry.root);
        let other = OtherAsset { asset_id: None, root: Some(outer.as_str().to_owned()) };
        let fault = Diagnostic::error(Code::RegistryConflict, message);
        let fault = fault.with_data(Data::conflict(&entry.root, vec![other]));
        node.member("root").unwrap_or(*node).report(fault);
        false
    };
    let mut outermost: Vec<_> = entries.into_iter().filter(is_outermost).map(|(entry, _)| entry).collect();
    // They are where there was room for more.
    outermost.shrink_to_fit();
    outermost
}
