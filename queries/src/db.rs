//! The database: salsa's storage, the content store behind the handles, and the event hook.
//!
//! It holds the inputs and knows no query. Queries see it as [`Db`].

use std::sync::Arc;

use dashmap::{DashMap, DashSet};
use salsa::plumbing::AsId;
use salsa::{Database as _, Durability, Setter};

use crate::content::ContentStore;
use crate::inputs::{Asset, File, FileState, IgnoreFile, Ignoring, Key, Workspace};

/// A tracked query, as the event hook names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    /// `ignoring`: the rules of the ignore file.
    Ignoring,
    /// `manifest`: strict parse of a manifest.
    Manifest,
    /// `checked_asset`: a manifest against the registry and the files that are there.
    CheckedAsset,
    /// `derivation`: what the payload depends on, and nothing else.
    Derivation,
    /// `payload`: the payload, recalled or derived.
    Payload,
    /// The pictures that a map asks for.
    Pictures,
    /// `tilesets`: where the tiles of these pictures are.
    Tilesets,
    /// What a map may know of a bank.
    Bank,
    /// A format ran. This is no query of its own: it happens in `payload`, and where the bytes of a payload were
    /// evicted.
    Format,
    /// `record` of a loaded asset: all that a pack takes from it.
    Record,
    /// Which assets of a group are packed.
    GroupIncluded,
    /// The records of a group.
    GroupRecords,
    /// What is wrong with each asset of a group.
    GroupFaults,
    /// The names of one part of all names that a group claims.
    GroupNames,
    /// The slots that a group claims.
    GroupSlots,
    /// What a group adds up to.
    GroupSum,
    /// The sizes of a group's payloads.
    GroupSizes,
    /// The rows of a group in the table of the header.
    GroupRows,
    /// `build_set`: which assets are packed.
    BuildSet,
    /// The names of one part of all names that more than one asset has.
    NameConflicts,
    /// `conflicts`: what more than one asset claims.
    Conflicts,
    /// `gate`: everything that is wrong.
    Gate,
    /// `layout`: offsets and sizes.
    Layout,
    /// `header`: the canonical header.
    Header,
    /// `pack_plan`: everything that is staged.
    PackPlan,
}

/// A tracked query ran: its memo was missing or could not be reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Executed {
    /// Which query.
    pub query: Query,
    /// The input it ran for.
    pub key: Key,
}

/// What queries see of the database.
#[salsa::db]
pub trait Db: salsa::Database {
    /// The bytes behind content handles.
    fn content(&self) -> &dyn ContentStore;

    /// The input of the artifact file at `path` below the workspace. It is created when it is first asked for.
    fn file(&self, path: &str) -> File;

    /// Has the content of `asset` read again in the next operation, because it could not be read in this one.
    fn retry(&self, asset: Asset);

    /// Reports to the event hook that `query` runs for `key`. Each tracked query begins with this.
    fn executing(&self, query: Query, key: Key);
}

type Hook = dyn Fn(Executed) + Send + Sync;

/// The database. Clones share everything and are for other threads. Inputs can be set only while there is one clone.
#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    content: Arc<dyn ContentStore>,
    files: Arc<DashMap<String, File>>,
    failed: Arc<DashSet<Asset>>,
    hook: Arc<Hook>,
}

impl Database {
    /// An empty database over `content`. `hook` is called, on the thread that runs it, for every query executed.
    pub fn new(content: Arc<dyn ContentStore>, hook: impl Fn(Executed) + Send + Sync + 'static) -> Self {
        Self::under(IgnoreFile::Absent, Ignoring::default(), content, hook)
    }

    /// An empty database over the same content, under the same ignore file.
    pub fn sibling(&self, hook: impl Fn(Executed) + Send + Sync + 'static) -> Self {
        let workspace = self.workspace();
        let (ignore_file, ignoring) = (workspace.ignore_file(self).clone(), workspace.ignoring(self).clone());
        Self::under(ignore_file, ignoring, Arc::clone(&self.content), hook)
    }

    fn under(
        ignore_file: IgnoreFile,
        ignoring: Ignoring,
        content: Arc<dyn ContentStore>,
        hook: impl Fn(Executed) + Send + Sync + 'static,
    ) -> Self {
        let db = Self {
            storage: salsa::Storage::new(None),
            content,
            files: Arc::default(),
            failed: Arc::default(),
            hook: Arc::new(hook),
        };
        let _ = Workspace::builder(Vec::new(), Vec::new(), Vec::new(), ignore_file, ignoring)
            .assets_durability(Durability::HIGH)
            .groups_durability(Durability::HIGH)
            .new(&db);
        db
    }

    /// The root of all inputs.
    pub fn workspace(&self) -> Workspace {
        Workspace::get(self)
    }

    /// How many artifact files it has inputs for. A file that was deleted keeps its input.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Begins an operation over the store `content`, which must hold every handle that the operation will set or read.
    ///
    /// A new revision begins, in which queries that failed to read the old store run again. For that an input of their
    /// assets is set: an untracked read would run the failed query again, but not the queries that depend on it.
    ///
    /// To end an operation and release its store, begin the next one over a store that holds nothing.
    pub fn begin_operation(&mut self, content: Arc<dyn ContentStore>) {
        self.content = content;
        self.synthetic_write(Durability::LOW);
        let failed: Vec<_> = self.failed.iter().map(|asset| *asset).collect();
        self.failed.clear();
        for asset in failed {
            let failures = asset.failures(self).wrapping_add(1);
            asset.set_failures(self).to(failures);
        }
    }
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {
    fn content(&self) -> &dyn ContentStore {
        &*self.content
    }

    fn file(&self, path: &str) -> File {
        if let Some(file) = self.files.get(path) {
            return *file;
        }
        let new = || File::new(self, path.to_owned(), FileState::Unread);
        *self.files.entry(path.to_owned()).or_insert_with(new)
    }

    fn retry(&self, asset: Asset) {
        self.failed.insert(asset);
    }

    fn executing(&self, query: Query, key: Key) {
        (self.hook)(Executed { query, key });
    }
}

/// Reports to the hook of `db` that `query` runs for `input`.
pub(crate) fn executing(db: &dyn Db, query: Query, input: impl AsId) {
    db.executing(query, input.as_id());
}
