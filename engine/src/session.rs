//! A session: one workspace, its database, and what is worth remembering between operations.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::manifest_location;
use papack_queries::change::{AssetInput, Change, find};
use papack_queries::content::{ContentId, ContentStore};
use papack_queries::db::Database;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::inputs::{Asset, ManifestState};
use papack_queries::schema::REGISTRY_PATH;

use crate::batch::{Derived, noting};
use crate::cache::UserKey;
use crate::cache::index::{Conclusion, Opened};
use crate::cache::payloads::Payloads;
use crate::changes::Changes;
use crate::fs::{FileSystem, NodeKind, RealFs, Stamp};
use crate::known::Known;
use crate::output::staging::Staging;
use crate::output::traces::Traces;
use crate::probe::Probe;
use crate::projection::Filter;
use crate::published::{Generation, Published};
use crate::read::read_text;
use crate::store::Store;
use crate::timings::Timings;
use crate::walk::below_assets;

/// A document's path below the workspace, and its bytes.
pub(crate) type Text = (String, Arc<[u8]>);

/// How many assets stay live in a session: those that were edited last. The others are at rest.
const LIVE: usize = 64;

/// One workspace, open for operations. What one operation derived, the next one reuses; and so does the next process.
pub struct Session {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) db: Database,
    /// For which assets the format did its work since this was cleared.
    pub(crate) derived: Derived,
    /// What is known of the workspace.
    pub(crate) known: Known,
    /// Which assets the inputs of the database are; none until an operation drew its conclusions from them.
    pub(crate) populated: Option<Filter>,
    /// The assets that are live, those that were edited last at the end.
    live: Vec<u32>,
    /// What may have changed since.
    pub(crate) changes: Changes,
    /// How operations ended, where nothing changed since.
    pub(crate) conclusions: Vec<Conclusion>,
    /// What was published last.
    pub(crate) generation: Option<Generation>,
    /// The key by which the cache is known, once it was asked for.
    pub(crate) key: Option<UserKey>,
    /// The payloads of earlier operations.
    payloads: Option<Arc<Payloads>>,
    /// Whether the operation that runs believes nothing that earlier ones found.
    starts_over: bool,
    /// What is kept for the next process.
    pub(crate) cache: Cache,
    /// What was in the place of the index when this session read or wrote it last.
    pub(crate) index: Option<(NodeKind, Stamp)>,
    /// Whether that is not done by each operation.
    pub(crate) keeps_later: bool,
    /// The registry, if something is wrong with it, and manifests that it does not know, as the last operation read
    /// them.
    texts: HashMap<String, Arc<[u8]>>,
    /// The outputs that the last pack that succeeded left.
    pub(crate) left: Traces,
    /// The folder from which callers name roots and files, relative to the workspace; none where they are elsewhere.
    pub(crate) here: Option<String>,
    /// Where the time of its operations goes.
    pub(crate) timings: Timings,
}

/// What a session does with what an earlier process left.
pub(crate) enum Cache {
    /// Nothing: all assets stay live, and nothing is left behind.
    Unused,
    /// Nothing either: there is no key to know it by, for this reason.
    Keyless(Box<Diagnostic>),
    /// It was not looked at yet.
    Unopened,
    /// Its head is known.
    Opened(Box<Opened>),
    /// All of it is known, or there is none to be believed.
    Read {
        /// Whether there is something new to keep.
        has_news: bool,
    },
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
        let derived = Derived::default();
        Self {
            fs,
            db: Database::new(Arc::new(NoContent), noting(&derived)),
            derived,
            known: Known::default(),
            populated: None,
            live: Vec::new(),
            changes: Changes::default(),
            conclusions: Vec::new(),
            generation: None,
            key: None,
            payloads: None,
            starts_over: false,
            cache: Cache::Unopened,
            index: None,
            keeps_later: false,
            texts: HashMap::new(),
            left: Traces::default(),
            here: None,
            timings: Timings::default(),
        }
    }

    /// A session over `fs` that takes nothing from the cache, leaves nothing there, and in which all assets stay live.
    pub(crate) fn aside(fs: Arc<dyn FileSystem>) -> Self {
        Self { cache: Cache::Unused, ..Self::with_file_system(fs) }
    }

    /// Another session over the same workspace, which knows what a new process would.
    pub(crate) fn beside(&self) -> Self {
        Self { timings: self.timings.clone(), ..Self::with_file_system(Arc::clone(&self.fs)) }
    }

    /// Takes the time of what all operations from now on do.
    pub fn measure(&mut self, timings: Timings) {
        self.timings = timings;
    }

    /// Lets go of the database, with all inputs that are no more in it. What is known stays, and is set anew.
    pub(crate) fn forget(&mut self) {
        self.db = self.db.sibling(noting(&self.derived));
        self.populated = None;
        self.live.clear();
    }

    /// Lets go of all that is known, and takes nothing from the cache: what follows takes its place.
    pub(crate) fn start_over(&mut self) {
        self.forget();
        self.known = Known::default();
        self.changes = Changes::default();
        self.conclusions.clear();
        self.generation = None;
        self.texts.clear();
        self.starts_over = true;
        if matches!(self.cache, Cache::Unopened | Cache::Opened(_)) {
            self.cache = Cache::Read { has_news: false };
        }
    }

    /// Goes on from what is known, in memory and in the cache.
    pub(crate) fn go_on(&mut self) {
        self.starts_over = false;
    }

    /// Takes the cache for that of the user with this key.
    pub(crate) fn set_key(&mut self, key: UserKey) {
        self.payloads = Some(Payloads::open(Arc::clone(&self.fs), key.clone()));
        self.key = Some(key);
    }

    /// Says what may have changed since the last operation ended, for the next one. Where nothing is said, anything may.
    pub(crate) fn changed(&mut self, changes: Changes) {
        self.changes = changes;
    }

    /// Says from which folder, relative to the workspace and `/`-separated, callers may name roots and files too.
    pub fn stand_in(&mut self, folder: String) {
        self.here = Some(folder);
    }

    /// The texts of the documents that `diagnostics` point into, by their paths below the workspace, as they were when the
    /// diagnostics were made.
    pub fn texts<'d>(&self, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> HashMap<String, String> {
        let shown =
            diagnostics.into_iter().filter(|shown| shown.span.is_some()).filter_map(|shown| shown.path.as_ref());
        let paths: HashSet<&String> = shown.collect();
        let text = |path: &String| Some((path.clone(), String::from_utf8(self.text(path)?.to_vec()).ok()?));
        paths.into_iter().filter_map(text).collect()
    }

    /// The text of the document at `path`: as it was read, or, where that is not in memory any more, as it is there yet.
    fn text(&self, path: &str) -> Option<Arc<[u8]>> {
        if let Some(text) = self.texts.get(path) {
            return Some(Arc::clone(text));
        }
        let known = match below_assets(path) {
            _ if path == REGISTRY_PATH => self.known.seen.registry,
            Some(path) => self.known.seen.read(path),
            None => None,
        };
        let live = || self.live_manifests().find(|(live, _)| live == path).map(|(_, text)| Arc::clone(text));
        live().or_else(|| {
            let content = known?.content;
            let text = read_text(&*self.fs, Utf8Path::new(path), usize::try_from(content.size).ok()?).ok()?;
            (ContentId::of(&text) == content).then_some(text)
        })
    }

    fn live_manifests(&self) -> impl Iterator<Item = (String, &Arc<[u8]>)> {
        self.db.workspace().assets(&self.db).iter().filter_map(|asset| match asset.manifest(&self.db) {
            ManifestState::Bytes(bytes) => Some((manifest_location(&self.db, *asset), bytes)),
            ManifestState::Unread | ManifestState::Refused(_) => None,
        })
    }

    /// The text of a document that is kept for those who show what is wrong with it.
    pub(crate) fn kept_text(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.texts.get(path)
    }

    /// Keeps the text of a document for those who show what is wrong with it.
    pub(crate) fn set_text(&mut self, path: &str, text: Arc<[u8]>) {
        self.texts.insert(path.to_owned(), text);
    }

    /// Lets go of the text of a document, which is read again if it is shown.
    pub(crate) fn drop_text(&mut self, path: &str) {
        self.texts.remove(path);
    }

    /// Lets go of the texts of all manifests.
    pub(crate) fn forget_texts(&mut self) {
        self.texts.retain(|path, _| path == REGISTRY_PATH);
    }

    /// Takes over the texts of `other`, for diagnostics that come from there.
    pub(crate) fn adopt_texts(&mut self, other: &Self) {
        self.texts.clone_from(&other.texts);
        self.texts.extend(other.live_manifests().map(|(path, text)| (path, Arc::clone(text))));
    }

    /// Ends an operation: its store, and the disk space of its spool, are given back.
    pub(crate) fn close_store(&mut self) {
        self.db.begin_operation(Arc::new(NoContent));
    }

    /// Begins an operation that keeps no content.
    pub(crate) fn open_probe(&mut self) -> Arc<Probe> {
        let probe = Arc::new(Probe::new(Arc::clone(&self.fs), self.payloads()));
        self.begin(Arc::clone(&probe) as Arc<dyn ContentStore>);
        probe
    }

    /// Begins an operation that writes outputs: a store for its contents, through which the database reads from now on.
    pub(crate) fn open_store(&mut self, staging: &Arc<Staging>) -> Arc<Store> {
        let staging = Arc::clone(staging);
        let store = Arc::new(Store::new(self.open_published(), self.payloads(), move || staging.create_spool()));
        self.begin(Arc::clone(&store) as Arc<dyn ContentStore>);
        store
    }

    /// Begins an operation that tells what one with a store would find there.
    pub(crate) fn open_forecast(&mut self) -> Arc<Store> {
        let store = Arc::new(Store::forecast(self.open_published(), self.payloads()));
        self.begin(Arc::clone(&store) as Arc<dyn ContentStore>);
        store
    }

    /// What was published last, where payloads can be taken from it.
    fn open_published(&self) -> Option<Published> {
        Published::open(&*self.fs, self.generation.as_ref()?)
    }

    /// The payloads of earlier operations, as they are now.
    fn payloads(&self) -> Option<Arc<Payloads>> {
        let payloads = self.payloads.as_ref()?;
        if self.starts_over {
            return Some(payloads.anew());
        }
        payloads.refresh();
        Some(Arc::clone(payloads))
    }

    fn begin(&mut self, content: Arc<dyn ContentStore>) {
        self.derived.clear();
        self.db.begin_operation(content);
    }

    /// Whether so many assets are not to be live in a session.
    pub(crate) fn is_too_many(&self, count: usize) -> bool {
        count > LIVE && !matches!(self.cache, Cache::Unused)
    }

    /// Whether the asset is live.
    pub(crate) fn is_live(&self, asset_id: u32) -> bool {
        matches!(self.cache, Cache::Unused) || self.live.contains(&asset_id)
    }

    /// Notes that these assets are live from now on.
    pub(crate) fn note_live(&mut self, ids: &[u32]) {
        if !matches!(self.cache, Cache::Unused) {
            self.live.retain(|id| !ids.contains(id));
            self.live.extend_from_slice(ids);
        }
    }

    /// Notes that nothing is seen of these assets from now on but what is at their roots.
    pub(crate) fn note_unwanted<'i>(&mut self, ids: impl Iterator<Item = &'i u32>) {
        let ids: HashSet<&u32> = ids.collect();
        self.live.retain(|id| !ids.contains(id));
    }

    /// The assets with these ids.
    pub(crate) fn assets_of(&self, ids: &[u32]) -> Vec<Asset> {
        ids.iter().filter_map(|id| find(&self.db, *id)).collect()
    }

    /// Lays assets to rest that were not edited for long.
    pub(crate) fn settle(&mut self) {
        let surplus = self.live.len().saturating_sub(LIVE);
        let ids: Vec<u32> = self.live.drain(..surplus).collect();
        let rest = |id: u32| Some((id, AssetInput::Recorded(Arc::clone(&self.known.facts.assets.get(&id)?.record))));
        let seen = ids.into_iter().filter_map(rest).collect();
        Change { updates: seen, ..Change::default() }.apply(&mut self.db);
    }
}

/// The content of a session between operations: none.
struct NoContent;

impl ContentStore for NoContent {
    fn read_at(&self, _: ContentId, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn put(&self, _: &[u8]) -> io::Result<ContentId> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
