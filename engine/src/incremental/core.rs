//! The core of a session: what it keeps in memory between operations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::manifest_location;
use papack_queries::content::ContentId;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::ManifestState;
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::settings::SETTINGS_NAME;

use super::beside_assets::{BesideAssets, FilesBeside};
use super::graph::Graph;
use crate::fs::FileSystem;
use crate::workspace::layout::below_assets;
use crate::workspace::{BuildState, read_text};

/// How many files the database may hold beyond twice those that exist.
const MAX_FORMER_FILES: usize = 1_000;

/// What a session keeps of its workspace between operations: the build state, and the database with the assets that
/// were edited last.
pub(crate) struct Core {
    pub(crate) graph: Graph,
    pub(crate) state: BuildState,
    /// Texts as the last operation read them, by paths below the workspace: the registry, if something is wrong with
    /// it, and manifests that it does not name.
    texts: HashMap<String, Arc<[u8]>>,
    /// Texts of the last operation, if that read them for a core of its own, by paths below the workspace.
    apart: HashMap<String, String>,
    /// Whether a snapshot had something that had changed, since this was asked last.
    pub(super) has_found_changes: bool,
    /// What lies below `assets/` beside the assets.
    pub(super) beside: BesideAssets,
}

impl Core {
    /// An empty core. With `keeps_all_loaded` its database keeps all assets loaded; otherwise only those that were
    /// edited last.
    pub(crate) fn new(keeps_all_loaded: bool) -> Self {
        Self {
            graph: Graph::new(keeps_all_loaded),
            state: BuildState::default(),
            texts: HashMap::new(),
            apart: HashMap::new(),
            has_found_changes: false,
            beside: BesideAssets::default(),
        }
    }

    /// A core that knows `state`, and has nothing in its database yet.
    pub(crate) fn with_state(state: BuildState) -> Self {
        Self { state, ..Self::new(false) }
    }

    /// Whether a snapshot had something that had changed, since this was asked last. An operation on the session that is
    /// not a pack learns of changes, too, and then they are none any more to the next survey.
    pub(crate) fn take_found_changes(&mut self) -> bool {
        std::mem::take(&mut self.has_found_changes)
    }

    /// The pictures and sounds that no asset takes in, as the last operation found them.
    pub(crate) fn files_beside(&mut self) -> &FilesBeside {
        self.beside.files(&self.state, &self.graph.db)
    }

    /// Whether most of the files in the database do not exist any more: a session that lives for long would grow by every file
    /// that was there once.
    pub(super) fn has_many_former(&self) -> bool {
        self.graph.db.file_count() > 2 * self.state.summary.assets.file_count() + MAX_FORMER_FILES
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        self.graph.reset();
        self.state = BuildState::default();
        self.texts.clear();
        self.beside = BesideAssets::default();
    }

    /// The texts of the documents that `diagnostics` point into, by their paths below the workspace. They are the texts
    /// from which the diagnostics were made; a document that has changed since may be missing.
    pub(crate) fn texts<'d>(
        &self,
        fs: &dyn FileSystem,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    ) -> HashMap<String, String> {
        let shown =
            diagnostics.into_iter().filter(|shown| shown.span.is_some()).filter_map(|shown| shown.path.as_ref());
        let paths: HashSet<&String> = shown.collect();
        let own = |path: &String| String::from_utf8(self.text(fs, path)?.to_vec()).ok();
        let text = |path: &String| Some((path.clone(), self.apart.get(path).cloned().or_else(|| own(path))?));
        paths.into_iter().filter_map(text).collect()
    }

    /// The text of the document at `path` as it was read. Where it is not in memory any more, it is read again, if the
    /// file still has the recorded content.
    pub(crate) fn text(&self, fs: &dyn FileSystem, path: &str) -> Option<Arc<[u8]>> {
        let recorded = match below_assets(path) {
            _ if path == REGISTRY_PATH => self.state.file_index.registry,
            Some(path) => self.state.file_index.read(path),
            None => None,
        };
        // A service that changed documents may have kept a text that is of the past by now.
        let is_recorded = |text: &&Arc<[u8]>| recorded.is_none_or(|read| read.content == ContentId::of(text));
        if let Some(text) = self.texts.get(path).filter(is_recorded) {
            return Some(Arc::clone(text));
        }
        let loaded = || self.loaded_manifests().find(|(found, _)| found == path).map(|(_, text)| Arc::clone(text));
        loaded().or_else(|| {
            let content = recorded?.content;
            let text = read_text(fs, Utf8Path::new(path), usize::try_from(content.size).ok()?).ok()?;
            (ContentId::of(&text) == content).then_some(text)
        })
    }

    /// The manifests of the loaded assets, by their paths below the workspace.
    fn loaded_manifests(&self) -> impl Iterator<Item = (String, &Arc<[u8]>)> {
        let db = &self.graph.db;
        db.workspace().assets(db).iter().filter_map(|asset| match asset.manifest(db) {
            ManifestState::Bytes(bytes) => Some((manifest_location(db, *asset), bytes)),
            ManifestState::Unread | ManifestState::Refused(_) => None,
        })
    }

    /// The text of a document that is kept to show its diagnostics.
    pub(crate) fn kept_text(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.texts.get(path)
    }

    /// Keeps the text of a document to show its diagnostics.
    pub(crate) fn set_text(&mut self, path: &str, text: Arc<[u8]>) {
        self.texts.insert(path.to_owned(), text);
    }

    /// Drops the text of a document. It is read again if it must be shown.
    pub(crate) fn drop_text(&mut self, path: &str) {
        self.texts.remove(path);
    }

    /// Drops the texts of all manifests.
    pub(crate) fn forget_texts(&mut self) {
        self.texts.retain(|path, _| path == REGISTRY_PATH || path == SETTINGS_NAME);
    }

    /// Sets the texts of an operation that read them for a core of its own. They are those of the last operation only.
    pub(crate) fn set_texts_apart(&mut self, texts: HashMap<String, String>) {
        self.apart = texts;
    }

    /// Copies the texts of `other`, to show diagnostics that were made there.
    pub(crate) fn adopt_texts(&mut self, other: &Self) {
        self.texts.clone_from(&other.texts);
        self.texts.extend(other.loaded_manifests().map(|(path, text)| (path, Arc::clone(text))));
    }
}
