//! Where an editor shows what is wrong: in a document that it can open.

use std::collections::HashMap;
use std::ops::Range;

use camino::Utf8Path;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::manifest::{self, ArtifactList};
use papack_queries::schema::settings::SETTINGS_NAME;
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH};

use crate::session::Session;
use crate::workspace::layout::{ASSETS, manifest_path};
use crate::workspace::read_manifest;

/// Finds the places of the diagnostics of one look.
pub(super) struct Places<'s> {
    session: &'s Session,
    /// What the look before found.
    former: Lists,
    lists: Lists,
}

/// The lists of artifacts of manifests that were asked for, by the roots of their assets.
#[derive(Default)]
pub(super) struct Lists(HashMap<String, List>);

/// The list of artifacts of one manifest.
struct List {
    /// The text of the manifest.
    content: ContentId,
    /// The list; none where it cannot be read.
    artifacts: Option<ArtifactList>,
    /// Where it names each file that was asked for. To find that takes as long as the list is.
    places: HashMap<String, Range<usize>>,
}

impl<'s> Places<'s> {
    /// The places of a look after one that read the lists `former`.
    pub(super) fn new(session: &'s Session, former: Lists) -> Self {
        Self { session, former, lists: Lists::default() }
    }

    /// The document in which `diagnostic` is shown, by its path below the workspace, and where in it, in bytes.
    pub(super) fn of(&mut self, diagnostic: &Diagnostic) -> (String, Range<usize>) {
        let path = diagnostic.path.as_deref().unwrap_or_default();
        if is_document(path) {
            return (path.to_owned(), diagnostic.span.map_or(0..0, |span| span.start..span.end));
        }
        let Some(root) = diagnostic.asset_id.and_then(|id| self.root_of(id)) else {
            return (REGISTRY_PATH.to_owned(), 0..0);
        };
        let below_root = path.strip_prefix(&format!("{ASSETS}/{root}/"));
        let range = below_root.and_then(|file| Some(self.list_of(&root)?.place_of(file)));
        (manifest_path(&root), range.unwrap_or(0..0))
    }

    /// The lists that were asked for, for the next look.
    pub(super) fn into_lists(self) -> Lists {
        self.lists
    }

    /// The root of the registered asset with this id.
    fn root_of(&self, asset_id: u32) -> Option<String> {
        let entries = &self.session.core().state.summary.entries;
        let position = entries.binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()?;
        Some(entries.get(position)?.root.to_string())
    }

    /// The list of the manifest at `root`, as the look read it; none where the file is another one by now.
    fn list_of(&mut self, root: &str) -> Option<&mut List> {
        if !self.lists.0.contains_key(root) {
            let read = self.session.core().state.file_index.read(&format!("{root}/{MANIFEST_NAME}"))?;
            let former = self.former.0.remove(root).filter(|list| list.content == read.content);
            let list = former.or_else(|| List::read(self.session, root, read.content))?;
            self.lists.0.insert(root.to_owned(), list);
        }
        self.lists.0.get_mut(root)
    }
}

impl List {
    fn read(session: &Session, root: &str, content: ContentId) -> Option<Self> {
        let manifest = read_manifest(&**session.fs(), root).ok()?;
        let bytes = manifest.bytes().filter(|bytes| ContentId::of(bytes) == content)?;
        let artifacts = manifest::parse(MANIFEST_NAME, bytes).0.artifacts;
        Some(Self { content, artifacts, places: HashMap::new() })
    }

    /// Where the list names the file at `file` below the asset root; the start of the document, where it does not.
    fn place_of(&mut self, file: &str) -> Range<usize> {
        if let Some(place) = self.places.get(file) {
            return place.clone();
        }
        let entry = self.artifacts.as_ref().and_then(|artifacts| artifacts.entry_of(file));
        let place = entry.map_or(0..0, |entry| entry.place.range.clone());
        self.places.insert(file.to_owned(), place.clone());
        place
    }
}

/// Whether the file at `path` below the workspace is a document that people write: an editor can show it.
pub fn is_document(path: &str) -> bool {
    let name = Utf8Path::new(path).file_name();
    path == REGISTRY_PATH
        || path == SETTINGS_NAME
        || path == papack_queries::left_out::IGNORE_PATH
        || (path.starts_with("assets/") && name == Some(MANIFEST_NAME))
}
