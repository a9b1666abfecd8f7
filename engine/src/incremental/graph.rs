//! The database of a session, and which assets are loaded into it.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::Arc;

use papack_queries::change::{AssetInput, Change, find};
use papack_queries::content::{ContentId, ContentStore};
use papack_queries::db::Database;
use papack_queries::inputs::Asset;

use super::batch::{Derived, derived_hook};
use crate::workspace::{BuildState, Filter};

/// How many assets stay loaded in a session: those that were edited last. Of the others only the records are inputs.
const MAX_LOADED: usize = 64;

/// The database of a session, and which assets are loaded into it.
pub(crate) struct Graph {
    pub(crate) db: Database,
    /// The assets of which the format has run in this operation.
    pub(super) derived: Derived,
    /// Which assets are inputs of the database; none until an operation has set all of them and finished.
    pub(super) populated: Option<Populated>,
    /// The loaded assets whose inputs were set by an operation that did not finish: their records are of other inputs.
    pub(super) unfinished: BTreeSet<u32>,
    /// The loaded assets. Those that were edited last are at the end.
    loaded: Vec<u32>,
    /// Whether all assets stay loaded.
    keeps_all_loaded: bool,
}

/// Which assets are inputs of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Populated {
    /// The filter that admits them.
    pub(super) filter: Filter,
    /// The revision of the ignore file under which they were last compared with the workspace.
    pub(super) ignore_revision: u32,
}

impl Graph {
    /// An empty database. It keeps all assets loaded, or only those that were edited last.
    pub(super) fn new(keeps_all_loaded: bool) -> Self {
        let derived = Derived::default();
        let db = Database::new(Arc::new(NoContent), derived_hook(&derived));
        Self { db, derived, populated: None, unfinished: BTreeSet::new(), loaded: Vec::new(), keeps_all_loaded }
    }

    /// Begins an operation. From now on the database reads through `content`.
    pub(crate) fn begin(&mut self, content: Arc<dyn ContentStore>) {
        self.derived.clear();
        self.db.begin_operation(content);
    }

    /// Ends an operation: drops its store, which frees the disk space of its spool.
    pub(crate) fn end(&mut self) {
        self.db.begin_operation(Arc::new(NoContent));
    }

    /// Has the next operation set all inputs anew.
    pub(crate) fn distrust(&mut self) {
        self.populated = None;
    }

    /// Replaces the database by an empty one.
    pub(crate) fn reset(&mut self) {
        self.db = self.db.sibling(derived_hook(&self.derived));
        self.populated = None;
        self.unfinished.clear();
        self.loaded.clear();
    }

    /// Whether `count` assets are too many to load.
    pub(super) fn is_too_many(&self, count: usize) -> bool {
        count > MAX_LOADED && !self.keeps_all_loaded
    }

    /// Whether the asset is loaded.
    pub(super) fn is_loaded(&self, asset_id: u32) -> bool {
        self.keeps_all_loaded || self.loaded.contains(&asset_id)
    }

    /// Notes that these assets are loaded from now on.
    pub(super) fn note_loaded(&mut self, ids: &[u32]) {
        if !self.keeps_all_loaded {
            self.loaded.retain(|id| !ids.contains(id));
            self.loaded.extend_from_slice(ids);
        }
    }

    /// Notes that these assets are not loaded: from now on only the states of their roots are inputs.
    pub(super) fn note_excluded<'i>(&mut self, ids: impl Iterator<Item = &'i u32>) {
        let ids: HashSet<&u32> = ids.collect();
        self.loaded.retain(|id| !ids.contains(id));
    }

    /// The assets with these ids.
    pub(crate) fn assets_of(&self, ids: &[u32]) -> Vec<Asset> {
        ids.iter().filter_map(|id| find(&self.db, *id)).collect()
    }

    /// Unloads the assets that were not edited for longest, so that at most [`MAX_LOADED`] stay: their records in
    /// `state` become inputs instead.
    pub(super) fn unload_oldest(&mut self, state: &BuildState) {
        let surplus = self.loaded.len().saturating_sub(MAX_LOADED);
        let ids: Vec<u32> = self.loaded.drain(..surplus).collect();
        let recorded = |id: u32| Some((id, AssetInput::Recorded(Arc::clone(&state.summary.assets.get(id)?.record))));
        let updates = ids.into_iter().filter_map(recorded).collect();
        Change { updates, ..Change::default() }.apply(&mut self.db);
    }
}

/// The store between operations. It holds nothing.
struct NoContent;

impl ContentStore for NoContent {
    fn read_at(&self, _: ContentId, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn put(&self, _: &[u8]) -> io::Result<ContentId> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
