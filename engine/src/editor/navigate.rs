//! From a mention of an asset or file to where it is, and to all other mentions.

use papack_queries::asset::takes;
use papack_queries::glob::Effort;
use papack_queries::path;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::manifest::{self, ArtifactEntry, Selection};
use papack_queries::schema::shape::Schema;

use super::Editor;
use super::document::{Document, Here, Role};
use super::features::Place;
use super::globs::EFFORT;
use super::known::Known;
use crate::workspace::layout::{ASSETS, below_assets, manifest_path};

/// How many places are told of at most.
const MOST: usize = 1000;

impl Editor {
    /// Where that is what is named at byte `offset` of the document at `path`: from the manifest of an asset its place in
    /// the registry, from the registry the manifest, and from a path or pattern the files, at most 1,000.
    pub fn definition(&self, path: &str, offset: usize) -> Vec<Place> {
        let Some(document) = self.document(path) else { return Vec::new() };
        let Some(here) = document.at(offset).filter(|here| !here.spot.is_key) else { return Vec::new() };
        match here.role() {
            Role::File => here.string().and_then(|file| self.file_place(&document, &file)).into_iter().collect(),
            Role::Pattern => {
                let files = self.taken_at(&here).map(|taken| taken.files).unwrap_or_default().into_iter();
                files.take(MOST).map(|file| place_of(&document, &file)).collect()
            }
            _ => match document.schema {
                Schema::Manifest => self.own(&here).and_then(|known| self.registered(&known)).into_iter().collect(),
                Schema::Registry => self.manifest_of(&here).into_iter().collect(),
            },
        }
    }

    /// Everything that mentions what is named at byte `offset` of the document at `path`: of an asset the places in the
    /// registry and in its manifest, and of a file the entries that take it. If a file of an asset is at `path`, it is
    /// that file.
    pub fn references(&self, path: &str, offset: usize) -> Vec<Place> {
        let Some(document) = self.document(path) else { return self.takers(path) };
        let Some(here) = document.at(offset).filter(|here| !here.spot.is_key) else { return Vec::new() };
        match here.role() {
            Role::File => match here.string() {
                Some(file) => self.takers_in(&document, &file),
                None => Vec::new(),
            },
            _ => self.own(&here).map(|known| self.mentions(&known)).unwrap_or_default(),
        }
    }

    /// The registered asset that is named at `here`.
    fn own(&self, here: &Here<'_>) -> Option<Known<'_>> {
        match (here.document.schema, here.role()) {
            (Schema::Manifest, Role::Uuid) => {
                self.asset_of_uuid(&here.string()?).or_else(|| self.asset_at(&here.document.root))
            }
            (Schema::Manifest, Role::Name) => self.asset_at(&here.document.root),
            (Schema::Registry, Role::Uuid) => self.asset_of_uuid(&here.string()?),
            (Schema::Registry, Role::AssetId) => self.asset_with_id(here.asset_id()?),
            (Schema::Registry, Role::Root) => self.asset_at(&here.string()?),
            _ => None,
        }
    }

    /// The manifest of the entry of the registry that `here` is in.
    fn manifest_of(&self, here: &Here<'_>) -> Option<Place> {
        if !matches!(here.role(), Role::Uuid | Role::AssetId | Role::Root) {
            return None;
        }
        let root = here.sibling("root")?;
        path::check(&root).ok()?;
        let document = self.document(&manifest_path(&root))?;
        Some(member_place(&document, "name").unwrap_or(Place { path: document.path, range: 0..0 }))
    }

    /// Where the registry, as it is written now, has the asset.
    fn registered(&self, known: &Known<'_>) -> Option<Place> {
        let registry = self.document(REGISTRY_PATH)?;
        let uuid = known.entry.asset_uuid.to_string();
        let at = registry.text().find(&uuid)?;
        let range = registry.at(at)?.spot.typed;
        Some(Place { path: registry.path, range })
    }

    /// Where registry and manifest mention the asset.
    fn mentions(&self, known: &Known<'_>) -> Vec<Place> {
        let manifest = self.document(&known.manifest_path());
        let members = manifest
            .iter()
            .flat_map(|manifest| ["asset_uuid", "name"].into_iter().filter_map(|name| member_place(manifest, name)));
        self.registered(known).into_iter().chain(members).collect()
    }

    /// The file at `file` below the root of the manifest, if it is there.
    fn file_place(&self, document: &Document, file: &str) -> Option<Place> {
        self.tree_of(document).is_file(file).then(|| place_of(document, file))
    }

    /// The entries that take the file at `path` below the workspace.
    fn takers(&self, path: &str) -> Vec<Place> {
        let Some(below) = below_assets(path) else { return Vec::new() };
        let ends = below.match_indices('/').map(|(end, _)| end);
        let Some(end) = ends.into_iter().find(|end| self.asset_at(&below[..*end]).is_some()) else { return Vec::new() };
        let document = self.document(&manifest_path(&below[..end]));
        document.map(|document| self.takers_in(&document, &below[end + 1..])).unwrap_or_default()
    }

    /// The entries of the manifest that take the file at `file` below its root.
    fn takers_in(&self, document: &Document, file: &str) -> Vec<Place> {
        let (tree, rules, mut effort) = (self.tree_of(document), self.rules(), Effort::new(EFFORT));
        let mut is_taker = |entry: &ArtifactEntry| match &entry.selection {
            Selection::File(named) => named == file,
            Selection::Glob { pattern, except } => {
                takes(&tree, &document.root, &rules, pattern, except, file, &mut effort)
            }
        };
        let (manifest, _) = manifest::parse(&document.path, document.bytes());
        let entries = manifest.artifacts.map(|list| list.entries).unwrap_or_default().into_iter();
        let takers = entries.filter(|entry| is_taker(entry)).take(MOST);
        takers.map(|entry| Place { path: document.path.clone(), range: entry.place.range }).collect()
    }
}

fn place_of(document: &Document, file: &str) -> Place {
    Place { path: format!("{ASSETS}/{}/{file}", document.root), range: 0..0 }
}

/// Where the value of the outermost member `name` is.
fn member_place(document: &Document, name: &str) -> Option<Place> {
    let values = document.values();
    values.at(&[name]).map(|value| Place { path: document.path.clone(), range: values.range(value) })
}
