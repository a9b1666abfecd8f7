//! A session: one workspace, its database, and what is worth remembering between operations.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use dashmap::DashSet;
use papack_queries::asset::manifest_location;
use papack_queries::content::{Content, ContentId};
use papack_queries::db::{Database, Executed, Key, Query};
use papack_queries::inputs::ManifestState;
use papack_queries::schema::REGISTRY_PATH;

use crate::assemble::Assembly;
use crate::changes::Changes;
use crate::fs::{FileHandle, FileSystem, NodeKind, RealFs, Stamp};
use crate::lane::LANE;
use crate::output::staging::Staging;
use crate::output::traces::Traces;
use crate::output::{self, Placed};
use crate::probe::Probe;
use crate::store::Store;
use crate::walk::ASSETS;

/// A document's path below the workspace, and its bytes.
pub(crate) type Text = (String, Arc<[u8]>);

/// Makes the folder `path` for a workspace, unless it is there. The folder that holds it must be.
///
/// # Errors
///
/// The operating system's; of kind `InvalidInput` where the name is no UTF-8.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name().filter(|_| !path.is_dir()) else { return Ok(()) };
    let name = name.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    let around = path.parent().filter(|around| *around != Path::new("")).unwrap_or(Path::new("."));
    RealFs::new(around)?.create_folder(Utf8Path::new(name))
}

/// One workspace, open for operations. What one operation derived, the next one reuses.
pub struct Session {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) db: Database,
    /// For which assets the payload query ran since this was cleared.
    pub(crate) derived: Arc<DashSet<Key>>,
    pub(crate) published: Option<Published>,
    /// The registry, and manifests that it does not know, as the last operation read them.
    pub(crate) texts: Vec<Text>,
    /// The outputs that the last pack that succeeded left.
    pub(crate) left: Traces,
    /// What may have changed since the last operation ended.
    pub(crate) changes: Changes,
    /// The folder from which callers name roots and files, relative to the workspace; none where they are elsewhere.
    pub(crate) here: Option<String>,
}

impl Session {
    /// Opens the workspace in the folder `path`.
    ///
    /// # Errors
    ///
    /// When it is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::with_file_system(Arc::new(RealFs::new(path)?)))
    }

    /// Opens the workspace that `fs` shows.
    pub fn with_file_system(fs: Arc<dyn FileSystem>) -> Self {
        let derived = Arc::new(DashSet::new());
        let hook = {
            let derived = Arc::clone(&derived);
            move |executed: Executed| {
                if executed.query == Query::Payload {
                    derived.insert(executed.key);
                }
            }
        };
        Self {
            fs,
            db: Database::new(Arc::new(NoContent), hook),
            derived,
            published: None,
            texts: Vec::new(),
            left: Traces::default(),
            changes: Changes::default(),
            here: None,
        }
    }

    /// Forgets what was found of inputs, of those too that are no more. The next operation finds them all anew.
    pub(crate) fn forget(&mut self) {
        let fresh = Self::with_file_system(Arc::clone(&self.fs));
        let Self { left, here, .. } = std::mem::replace(self, fresh);
        self.left = left;
        self.here = here;
    }

    /// Says what may have changed since the last operation ended, for the next one. Where nothing is said, anything may.
    pub(crate) fn changed(&mut self, changes: Changes) {
        self.changes = changes;
    }

    /// Says from which folder, relative to the workspace and `/`-separated, callers may name roots and files too.
    pub fn stand_in(&mut self, folder: String) {
        self.here = Some(folder);
    }

    /// The texts of the registry and of the manifests, by their paths below the workspace, as the last operation read
    /// them: what the spans of its diagnostics refer to.
    pub fn texts(&self) -> HashMap<String, &str> {
        self.documents().filter_map(|(path, bytes)| Some((path, std::str::from_utf8(bytes).ok()?))).collect()
    }

    fn documents(&self) -> impl Iterator<Item = (String, &Arc<[u8]>)> {
        let manifests =
            self.db.workspace().assets(&self.db).iter().filter_map(|asset| match asset.manifest(&self.db) {
                ManifestState::Bytes(bytes) => Some((manifest_location(&self.db, *asset), bytes)),
                ManifestState::Unread | ManifestState::Refused(_) => None,
            });
        manifests.chain(self.texts.iter().map(|(path, bytes)| (path.clone(), bytes)))
    }

    /// Takes over the texts of `other`, for diagnostics that come from there.
    pub(crate) fn adopt_texts(&mut self, other: &Self) {
        self.texts = other.documents().map(|(path, bytes)| (path, Arc::clone(bytes))).collect();
    }

    /// Ends an operation: its store, and the disk space of its spool, are given back. After a failure nothing is taken
    /// from the published file any more, since it may be the cause.
    pub(crate) fn close_store(&mut self, failed: bool) {
        self.db.begin_operation(Arc::new(NoContent));
        if failed {
            self.published = None;
        }
    }

    /// Begins an operation that keeps no content.
    pub(crate) fn open_probe(&mut self) -> Arc<Probe> {
        let probe = Arc::new(Probe::new(Arc::clone(&self.fs)));
        self.begin(Arc::clone(&probe) as Arc<dyn Content>);
        probe
    }

    fn begin(&mut self, content: Arc<dyn Content>) {
        self.derived.clear();
        self.db.begin_operation(content);
    }

    /// Remembers what was just published or found up to date.
    pub(crate) fn remember_published(&mut self, assembly: &Assembly<'_>) {
        self.published = Published::open(&*self.fs, assembly.contents(), assembly.front_size());
    }

    /// Begins an operation that writes outputs: a store for its contents, through which the database reads from now on.
    pub(crate) fn open_store(&mut self, staging: &Arc<Staging>) -> Arc<Store> {
        let staging = Arc::clone(staging);
        let store = Arc::new(Store::new(move || staging.create_spool()));
        self.published = self.published.take().filter(Published::is_untouched);
        if let Some(published) = &self.published {
            published.adopt_into(&store);
        }
        self.begin(Arc::clone(&store) as Arc<dyn Content>);
        store
    }
}

/// Finds the workspace of `folder`: itself or the nearest folder above it that holds a registry.
pub fn find_workspace(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_workspace(folder))
}

/// Whether `folder` holds a registry, of whatever kind: what is wrong with it is the gate's to say.
pub fn is_workspace(folder: &Path) -> bool {
    let Ok(fs) = RealFs::new(folder) else { return false };
    let is_link = |path: &str| matches!(fs.kind(Utf8Path::new(path)), Ok(Some(NodeKind::Link)));
    match fs.kind(Utf8Path::new(REGISTRY_PATH)) {
        Ok(kind) => kind.is_some(),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => true,
        Err(_) => is_link(ASSETS) || is_link(LANE),
    }
}

/// The `assets.pa` of the last operation: it holds the payloads that did not change since.
pub(crate) struct Published {
    file: Arc<dyn FileHandle>,
    stamp: Stamp,
    front_size: u64,
    contents: Vec<Placed>,
}

impl Published {
    /// Remembers the file that was just published or verified. Not being able to is no failure, only slower.
    pub(crate) fn open(fs: &dyn FileSystem, contents: &[Placed], front_size: u64) -> Option<Self> {
        let (file, stamp) = fs.open(&output::published_path(output::ASSETS_PA)).ok()?;
        Some(Self { file: file.into(), stamp, front_size, contents: contents.to_vec() })
    }

    /// Whether the file is the one that was published, as far as its stamp tells.
    fn is_untouched(&self) -> bool {
        self.file.stamp().is_ok_and(|stamp| stamp == self.stamp)
    }

    /// Gives the contents to `store`.
    fn adopt_into(&self, store: &Store) {
        for &Placed { id, offset } in &self.contents {
            store.adopt(id, Arc::clone(&self.file), self.front_size + offset);
        }
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
