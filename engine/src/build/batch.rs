//! Assets that are looked into in databases of their own, since there are too many to be live all at once.

use std::sync::Arc;

use dashmap::DashSet;
use papack_queries::change::{AssetState, Change};
use papack_queries::db::{Database, Executed, Query};
use papack_queries::inputs::{FileState, Key};

/// For which assets the format did its work.
pub(crate) type Derived = Arc<DashSet<Key>>;

/// The hook of a database that notes in `derived` for which assets the format did its work.
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
    /// The database itself, and what it notes.
    Open(Database, Derived),
    /// What to make it of. What its queries gave takes several times the memory, and is found again.
    Closed {
        /// The assets.
        states: Vec<AssetState>,
        /// Their artifact files, by their paths below the workspace.
        files: Vec<(String, FileState)>,
    },
}

impl Batch {
    /// How many assets one holds.
    pub(crate) const SIZE: usize = 1024;

    /// How many of one operation stay open: so many that their memory does not matter, and most workspaces need no more.
    /// Tests have few assets, and want both kinds.
    pub(crate) const OPEN: usize = if cfg!(test) { 1 } else { 16 };

    /// How many bytes the manifests in those that stay open have at most: what is made of them takes several times as many.
    pub(crate) const OPEN_BYTES: usize = 4 * 1024 * 1024;

    /// Puts `states` into a database over the content of `db`, and adds to it what `read` reads for them. It stays open
    /// where `is_kept`.
    pub(crate) fn fill<E>(
        db: &Database,
        states: Vec<AssetState>,
        is_kept: bool,
        read: impl FnOnce(&Database) -> Result<Vec<(String, FileState)>, E>,
    ) -> Result<Self, E> {
        let kept = if is_kept { Vec::new() } else { states.clone() };
        let (mut db, derived) = open(db, states, Vec::new());
        let files = read(&db)?;
        if !is_kept {
            return Ok(Self::Closed { states: kept, files });
        }
        Change { files, ..Change::default() }.apply(&mut db);
        Ok(Self::Open(db, derived))
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
