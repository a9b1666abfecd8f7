//! Batches: changed assets in databases of their own, when there are too many to load all of them into that of the
//! session.

use std::sync::Arc;

use dashmap::DashSet;
use papack_queries::change::{AssetState, Change};
use papack_queries::db::{Database, Executed, Query};
use papack_queries::inputs::{FileState, Key};

/// The assets of which the format has run.
pub(crate) type Derived = Arc<DashSet<Key>>;

/// The hook of a database that adds to `derived` each asset of which the format runs.
pub(crate) fn derived_hook(derived: &Derived) -> impl Fn(Executed) + Send + Sync + 'static {
    let derived = Arc::clone(derived);
    move |executed| {
        if executed.query == Query::Format {
            derived.insert(executed.key);
        }
    }
}

/// Some assets in a database of their own, with what was read for them.
pub(crate) enum Batch {
    /// The database, and the assets of which its hook saw the format run.
    Open(Database, Derived),
    /// The inputs to make the database of again. The results of its queries would take several times the memory, and
    /// can be computed again.
    Closed {
        /// The assets.
        states: Vec<AssetState>,
        /// Their artifact files, by their paths below the workspace.
        files: Vec<(String, FileState)>,
    },
}

impl Batch {
    /// How many assets a batch holds.
    pub(crate) const SIZE: usize = 1024;

    /// How many batches of one operation stay open: few enough that their memory does not matter, and enough for most
    /// workspaces. Tests have few assets, and need both kinds.
    pub(crate) const OPEN: usize = if cfg!(test) { 1 } else { 16 };

    /// How many bytes the manifests in open batches may have together: the results of their queries take several times
    /// as many.
    pub(crate) const OPEN_BYTES: usize = 4 * 1024 * 1024;

    /// Puts `states` into a database over the content of `db`, and has `find` look into it. With `is_kept` the database
    /// stays open.
    pub(crate) fn fill<T>(
        db: &Database,
        states: Vec<AssetState>,
        is_kept: bool,
        find: impl FnOnce(&Database) -> T,
    ) -> (Self, T) {
        let states_to_keep = if is_kept { Vec::new() } else { states.clone() };
        let (own, derived) = open(db, states, Vec::new());
        let found = find(&own);
        let batch =
            if is_kept { Self::Open(own, derived) } else { Self::Closed { states: states_to_keep, files: Vec::new() } };
        (batch, found)
    }

    /// Adds the artifact files of its assets, by their paths below the workspace.
    pub(crate) fn add_files(&mut self, files: Vec<(String, FileState)>) {
        match self {
            Self::Open(db, _) => Change { files, ..Change::default() }.apply(db),
            Self::Closed { files: of_batch, .. } => *of_batch = files,
        }
    }

    /// The database, over the content of `db`.
    pub(crate) fn open(self, db: &Database) -> (Database, Derived) {
        match self {
            Self::Open(db, derived) => (db, derived),
            Self::Closed { states, files } => open(db, states, files),
        }
    }
}

fn open(db: &Database, states: Vec<AssetState>, files: Vec<(String, FileState)>) -> (Database, Derived) {
    let derived = Derived::default();
    let mut own = db.sibling(derived_hook(&derived));
    Change { assets: Some(states), files, ..Change::default() }.apply(&mut own);
    (own, derived)
}
