//! Where an editor shows what is wrong: in a document that it can open.

use std::collections::HashMap;
use std::ops::Range;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::manifest::{self, ArtifactList};
use papack_queries::schema::settings::SETTINGS_NAME;
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH};

use crate::session::Session;
use crate::workspace::layout::ASSETS;
use crate::workspace::read_manifest;

/// Finds the places of the diagnostics of one look.
pub(super) struct Places<'s> {
    session: &'s Session,
    /// The lists of artifacts of manifests that were asked for, by the roots of their assets.
    lists: HashMap<String, Option<ArtifactList>>,
}

impl<'s> Places<'s> {
    pub(super) fn new(session: &'s Session) -> Self {
        Self { session, lists: HashMap::new() }
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
        let range = below_root.and_then(|file| Some(self.list_of(&root)?.entry_of(file)?.place.range.clone()));
        (format!("{ASSETS}/{root}/{MANIFEST_NAME}"), range.unwrap_or(0..0))
    }

    /// The root of the registered asset with this id.
    fn root_of(&self, asset_id: u32) -> Option<String> {
        let entries = &self.session.core().state.summary.entries;
        let position = entries.binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()?;
        Some(entries.get(position)?.root.to_string())
    }

    fn list_of(&mut self, root: &str) -> Option<&ArtifactList> {
        let fs = self.session.fs();
        let read = || manifest::parse(MANIFEST_NAME, read_manifest(&**fs, root).ok()?.bytes()?).0.artifacts;
        self.lists.entry(root.to_owned()).or_insert_with(read).as_ref()
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
