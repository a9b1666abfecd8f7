//! The registry with assets added or moved, and the one form in which papack writes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Bound;

use smol_str::SmolStr;
use uuid::Uuid;

use crate::diagnostic::{Code, Data, Diagnostic, OtherAsset};
use crate::json::shortened;
use crate::schema::REGISTRY_PATH;
use crate::schema::registry::{MAX_NEXT_ASSET_ID, Registry, RegistryEntry, VERSIONS, check_root};

/// A registry that is being edited. Every rule of the registry holds after every step.
#[derive(Debug, Clone)]
pub struct RegistryEdit {
    next_asset_id: u32,
    /// In ascending `asset_id`.
    entries: Vec<RegistryEntry>,
    ids_by_root: BTreeMap<SmolStr, u32>,
    ids_by_uuid: HashMap<Uuid, u32>,
}

impl Default for RegistryEdit {
    /// A registry without assets, of which no id was ever given.
    fn default() -> Self {
        Self { next_asset_id: 1, entries: Vec::new(), ids_by_root: BTreeMap::new(), ids_by_uuid: HashMap::new() }
    }
}

impl RegistryEdit {
    /// Begins an edit. A registry with faults is not edited: what it means is unclear.
    pub fn new(registry: &Registry) -> Option<Self> {
        let next_asset_id = registry.next_asset_id?;
        let is_sound = !registry.diagnostics.iter().any(Diagnostic::is_error);
        is_sound.then(|| Self::of(next_asset_id, registry.entries.clone()))
    }

    /// The registry of `entries`, which are in ascending `asset_id` and keep every rule.
    pub(crate) fn of(next_asset_id: u32, entries: Vec<RegistryEntry>) -> Self {
        Self {
            next_asset_id,
            ids_by_root: entries.iter().map(|entry| (entry.root.clone(), entry.asset_id)).collect(),
            ids_by_uuid: entries.iter().map(|entry| (entry.asset_uuid, entry.asset_id)).collect(),
            entries,
        }
    }

    /// The id that the next new asset gets.
    pub fn next_asset_id(&self) -> u32 {
        self.next_asset_id
    }

    /// The registered assets, in ascending `asset_id`.
    pub fn entries(&self) -> &[RegistryEntry] {
        &self.entries
    }

    /// The asset whose root is `root`.
    pub fn at_root(&self, root: &str) -> Option<&RegistryEntry> {
        self.ids_by_root.get(root).and_then(|id| self.asset(*id))
    }

    /// The asset whose identity is `uuid`.
    pub fn of_uuid(&self, uuid: Uuid) -> Option<&RegistryEntry> {
        self.ids_by_uuid.get(&uuid).and_then(|id| self.asset(*id))
    }

    /// The asset with this id.
    pub fn asset(&self, asset_id: u32) -> Option<&RegistryEntry> {
        self.position(asset_id).and_then(|position| self.entries.get(position))
    }

    /// The asset whose root contains `root`.
    pub fn outer(&self, root: &str) -> Option<&RegistryEntry> {
        let id = root.match_indices('/').find_map(|(end, _)| self.ids_by_root.get(&root[..end]))?;
        self.asset(*id)
    }

    /// An asset whose root lies inside `root`.
    fn inner(&self, root: &str) -> Option<&RegistryEntry> {
        let inside = format!("{root}/");
        let (_, id) = self
            .ids_by_root
            .range::<str, _>((Bound::Included(&*inside), Bound::Unbounded))
            .next()
            .filter(|(root, _)| root.starts_with(&inside))?;
        self.asset(*id)
    }

    /// Registers an asset under the next id, which is spent thereby, and includes it in the build.
    ///
    /// # Errors
    ///
    /// What is in the way: a root that is none, is taken or nested, an identity that is taken, or no id that is left.
    pub fn register(&mut self, root: &str, asset_uuid: Uuid) -> Result<RegistryEntry, Diagnostic> {
        let entry = self.new_entry(root, asset_uuid)?;
        let asset_id = entry.asset_id;
        self.next_asset_id += 1;
        self.ids_by_root.insert(entry.root.clone(), asset_id);
        self.ids_by_uuid.insert(asset_uuid, asset_id);
        // Every id is below the next one, so the order holds.
        self.entries.push(entry.clone());
        Ok(entry)
    }

    /// The entry that [`register`](Self::register) would add.
    pub(super) fn new_entry(&self, root: &str, asset_uuid: Uuid) -> Result<RegistryEntry, Diagnostic> {
        self.admit_root(root)?;
        if let Some(other) = self.of_uuid(asset_uuid) {
            return Err(conflict(
                root,
                asset_uuid,
                other,
                format!("asset_uuid {asset_uuid} is taken by {}", named(other)),
            ));
        }
        let asset_id = self.next_asset_id;
        if i64::from(asset_id) >= MAX_NEXT_ASSET_ID {
            return Err(spent_fault());
        }
        Ok(RegistryEntry { asset_id, asset_uuid, root: root.into(), included_in_build: true })
    }

    /// Gives an asset another root.
    ///
    /// # Errors
    ///
    /// What is in the way: no such asset, or a root that is none, is taken or nested.
    pub fn relocate(&mut self, asset_id: u32, root: &str) -> Result<(), Diagnostic> {
        let Some(position) = self.position(asset_id) else {
            let fault = Diagnostic::error(Code::AssetUnknown, format!("there is no asset {asset_id}"));
            return Err(fault.with_data(Data::value(asset_id.to_string())));
        };
        let old = self.entries[position].root.clone();
        self.ids_by_root.remove(&old);
        if let Err(fault) = self.admit_root(root) {
            self.ids_by_root.insert(old, asset_id);
            return Err(fault);
        }
        self.place(asset_id, root.into());
        Ok(())
    }

    /// Gives assets other roots by their ids, all at once: any may go where another one was. One that cannot stays
    /// where it is. Returns the ids of the others.
    pub fn relocate_all(&mut self, moves: BTreeMap<u32, String>) -> BTreeSet<u32> {
        let homes: BTreeMap<_, _> = moves.keys().filter_map(|id| Some((*id, self.asset(*id)?.root.clone()))).collect();
        for home in homes.values() {
            self.ids_by_root.remove(home);
        }
        let mut moved = BTreeSet::new();
        let mut staying = Vec::new();
        for (id, root) in moves.into_iter().filter(|(id, _)| homes.contains_key(id)) {
            if self.admit_root(&root).is_ok() {
                self.place(id, root.into());
                moved.insert(id);
            } else {
                staying.push(id);
            }
        }
        // Whoever took the place of one that stays, stays too. No two old roots are in each other's way.
        while let Some((id, home)) = staying.pop().and_then(|id| homes.get_key_value(&id)) {
            while let Some(other) = self.in_the_way(home).map(|other| (other.asset_id, other.root.clone())) {
                self.ids_by_root.remove(&other.1);
                moved.remove(&other.0);
                staying.push(other.0);
            }
            self.place(*id, home.clone());
        }
        moved
    }

    fn place(&mut self, asset_id: u32, root: SmolStr) {
        if let Some(position) = self.position(asset_id) {
            self.ids_by_root.insert(root.clone(), asset_id);
            self.entries[position].root = root;
        }
    }

    /// An asset whose root is `root`, contains it, or lies inside it.
    fn in_the_way(&self, root: &str) -> Option<&RegistryEntry> {
        self.at_root(root).or_else(|| self.outer(root)).or_else(|| self.inner(root))
    }

    /// Includes an asset in the build, or excludes it. Returns whether that is a change.
    pub fn set_included(&mut self, asset_id: u32, included_in_build: bool) -> bool {
        let entry = self.position(asset_id).and_then(|position| self.entries.get_mut(position));
        entry.is_some_and(|entry| {
            std::mem::replace(&mut entry.included_in_build, included_in_build) != included_in_build
        })
    }

    /// Takes an asset out of the registry. Its id stays spent.
    pub fn unregister(&mut self, asset_id: u32) -> Option<RegistryEntry> {
        let entry = self.position(asset_id).map(|position| self.entries.remove(position))?;
        self.ids_by_root.remove(&entry.root);
        self.ids_by_uuid.remove(&entry.asset_uuid);
        Some(entry)
    }

    /// The document: sorted by `asset_id`, one asset a line, with LF and a final newline.
    pub fn to_text(&self) -> String {
        text_of(self.next_asset_id, &self.entries)
    }

    fn position(&self, asset_id: u32) -> Option<usize> {
        self.entries.binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()
    }

    fn admit_root(&self, root: &str) -> Result<(), Diagnostic> {
        let invalid = |fault| Diagnostic::error(Code::PathInvalid, fault).with_data(Data::value(shortened(root)));
        check_root(root).map_err(invalid)?;
        if let Some(other) = self.at_root(root) {
            let message = format!("the root {:?} is taken by asset {}", shortened(root), other.asset_id);
            return Err(conflict(root, root, other, message).with_help("choose another root"));
        }
        let shown = shortened(root);
        if let Some(outer) = self.outer(root) {
            let message = format!("the root {shown:?} lies inside the root of {}", named(outer));
            return Err(conflict(root, root, outer, message)
                .with_help("no asset can be inside another one: choose a root outside it"));
        }
        if let Some(inner) = self.inner(root) {
            let message = format!("the root of {} lies inside the root {shown:?}", named(inner));
            return Err(conflict(root, root, inner, message)
                .with_help("no asset can be inside another one: choose a root of its own"));
        }
        Ok(())
    }
}

/// That there is no id for another asset.
pub(super) fn spent_fault() -> Diagnostic {
    let message = format!("the last asset_id, {}, is spent: no asset can be registered", MAX_NEXT_ASSET_ID - 1);
    let data = Data::range(MAX_NEXT_ASSET_ID, 1, MAX_NEXT_ASSET_ID - 1);
    let mut fault = Diagnostic::error(Code::FieldInvalid, message).with_data(data).at(REGISTRY_PATH);
    fault.pointer = Some("/next_asset_id".into());
    fault
}

/// The registry of `entries`, which are in ascending `asset_id`, in its one form.
pub(super) fn text_of(next_asset_id: u32, entries: &[RegistryEntry]) -> String {
    let mut text = format!("{{\n  \"schema_version\": {},\n  \"next_asset_id\": {next_asset_id},\n", VERSIONS.end());
    text += "  \"assets\": [";
    let mut separator = "\n";
    for entry in entries {
        // A String takes whatever it is given.
        _ = write!(text, "{separator}    {}", entry.line());
        separator = ",\n";
    }
    text + if entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" }
}

impl RegistryEntry {
    /// The asset as the registry's one form has it.
    pub(crate) fn line(&self) -> String {
        let Self { asset_id, asset_uuid, root, included_in_build } = self;
        // A root has no character that JSON escapes.
        format!(
            "{{ \"asset_id\": {asset_id}, \"asset_uuid\": \"{asset_uuid}\", \"root\": \"{root}\", \
             \"included_in_build\": {included_in_build} }}"
        )
    }
}

fn named(entry: &RegistryEntry) -> String {
    format!("{:?} (asset {})", shortened(&entry.root), entry.asset_id)
}

/// The fault of an asset at `root` whose `claim` is that of `other`, or in its way.
fn conflict(root: &str, claim: impl ToString, other: &RegistryEntry, message: String) -> Diagnostic {
    let other = OtherAsset::registered(other.asset_id, other.root.as_str());
    let fault = Diagnostic::error(Code::RegistryConflict, message).with_data(Data::conflict(claim, vec![other]));
    fault.at(format!("assets/{root}"))
}
