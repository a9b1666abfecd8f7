//! The database of a session, and which assets are live in it.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use papack_queries::content::{Content, ContentId};
use papack_queries::db::Database;
use papack_queries::inputs::{Asset, Change, Found, find};

use super::batch::{Derived, noting};
use crate::workspace::{Filter, Known};

/// How many assets stay live in a session: those that were edited last. The others are at rest.
const LIVE: usize = 64;

/// The database of a session, and which assets are live in it.
pub(crate) struct Graph {
    pub(crate) db: Database,
    /// For which assets the format did its work in this operation.
    pub(super) derived: Derived,
    /// Which assets the inputs of the database are; none until an operation came to its end with them.
    pub(super) populated: Option<Filter>,
    /// The assets that are live, those that were edited last at the end.
    live: Vec<u32>,
    /// Whether all assets are live.
    keeps_all_live: bool,
}

impl Graph {
    /// An empty database. In it all assets are live, or only those that were edited last.
    pub(super) fn new(keeps_all_live: bool) -> Self {
        let derived = Derived::default();
        let db = Database::new(Arc::new(NoContent), noting(&derived));
        Self { db, derived, populated: None, live: Vec::new(), keeps_all_live }
    }

    /// Begins an operation, whose contents are behind `content`.
    pub(crate) fn begin(&mut self, content: Arc<dyn Content>) {
        self.derived.clear();
        self.db.begin_operation(content);
    }

    /// Ends an operation: its store, and the disk space of its spool, are given back.
    pub(crate) fn end(&mut self) {
        self.db.begin_operation(Arc::new(NoContent));
    }

    /// Lets go of the database, with all inputs that are no more in it.
    pub(crate) fn reset(&mut self) {
        self.db = self.db.sibling(noting(&self.derived));
        self.populated = None;
        self.live.clear();
    }

    /// Whether so many assets are not to be live.
    pub(super) fn is_too_many(&self, count: usize) -> bool {
        count > LIVE && !self.keeps_all_live
    }

    /// Whether the asset is live.
    pub(super) fn is_live(&self, asset_id: u32) -> bool {
        self.keeps_all_live || self.live.contains(&asset_id)
    }

    /// Notes that these assets are live from now on.
    pub(super) fn note_live(&mut self, ids: &[u32]) {
        if !self.keeps_all_live {
            self.live.retain(|id| !ids.contains(id));
            self.live.extend_from_slice(ids);
        }
    }

    /// Notes that these assets are not: from now on nothing of them is an input but what is at their roots.
    pub(super) fn note_unwanted<'i>(&mut self, ids: impl Iterator<Item = &'i u32>) {
        let ids: HashSet<&u32> = ids.collect();
        self.live.retain(|id| !ids.contains(id));
    }

    /// The assets with these ids.
    pub(crate) fn assets_of(&self, ids: &[u32]) -> Vec<Asset> {
        ids.iter().filter_map(|id| find(&self.db, *id)).collect()
    }

    /// Lays assets to rest that were not edited for long.
    pub(super) fn settle(&mut self, known: &Known) {
        let surplus = self.live.len().saturating_sub(LIVE);
        let ids: Vec<u32> = self.live.drain(..surplus).collect();
        let rest = |id: u32| Some((id, Found::AtRest(Arc::clone(&known.facts.assets.get(&id)?.record))));
        let seen = ids.into_iter().filter_map(rest).collect();
        Change { seen, ..Change::default() }.apply(&mut self.db);
    }
}

/// The content of a session between operations: none.
struct NoContent;

impl Content for NoContent {
    fn read_at(&self, _: ContentId, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn put(&self, _: &[u8]) -> io::Result<ContentId> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
