//! A session: one workspace over several operations.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

use papack_queries::content::ContentStore;
use papack_queries::diagnostic::Diagnostic;

use super::cache::{Owner, SessionCache};
use super::outputs::LastOutputs;
use crate::cache::UserKey;
use crate::cache::payloads::{PayloadWriter, Payloads};
use crate::content::{Keeping, PackingStore, Published, Recent, RecentPayloads, RuntimeStore};
use crate::fs::{FileSystem, RealFs};
use crate::incremental::Core;
use crate::operation::{Cancel, Ended, Observer, Operation, Status, Stop, Timings, Waker};
use crate::publish::Staging;
use crate::workspace::Changes;
use crate::workspace::layout::ASSETS_PA;

/// One workspace, open for operations. The next operation reuses what one derived, and so does the next process.
pub struct Session {
    pub(super) fs: Arc<dyn FileSystem>,
    /// Build state and database.
    pub(super) core: Core,
    /// The cache, which keeps results for the next process.
    pub(super) cache: SessionCache,
    /// The outputs that were published last.
    pub(super) outputs: LastOutputs,
    /// What may have changed since the last operation.
    pub(super) changes: Changes,
    /// The folder from which callers name roots and files, relative to the workspace; none where they are outside it.
    here: Option<String>,
    /// What sessions of this process that write nothing derived; none where there are no such sessions.
    recent: Option<Arc<RecentPayloads>>,
    /// Is called when an operation has ended, as long as somebody holds it.
    waker: Option<Weak<Waker>>,
    /// Cancels the operation that runs, or ran last, also where this session does a part of the work of another one.
    cancel: Cancel,
    /// Measures the time of its operations.
    timings: Timings,
}

impl Session {
    /// Opens the workspace in the folder `path`. The key of the user who runs the process authenticates its cache.
    ///
    /// # Errors
    ///
    /// When `path` is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(Arc::new(RealFs::new(path)?), SessionCache::new(Owner::User)))
    }

    /// Opens the workspace in `fs`. The `key` authenticates its cache.
    pub fn with_file_system(fs: Arc<dyn FileSystem>, key: UserKey) -> Self {
        Self::new(fs, SessionCache::new(Owner::Caller(key)))
    }

    /// Opens the workspace in `fs`, without a cache. All its assets stay in memory.
    pub fn ephemeral(fs: Arc<dyn FileSystem>) -> Self {
        Self::new(fs, SessionCache::unused())
    }

    /// Opens the workspace in `fs` to look at it only: what earlier operations left in the cache is used, and nothing is
    /// written there. What it derives is kept in memory.
    pub(crate) fn looking(fs: Arc<dyn FileSystem>) -> Self {
        let core = Core::new(false);
        Self { core, recent: Some(Arc::default()), ..Self::new(fs, SessionCache::read_only()) }
    }

    fn new(fs: Arc<dyn FileSystem>, cache: SessionCache) -> Self {
        Self {
            fs,
            core: Core::new(cache.is_unused()),
            cache,
            outputs: LastOutputs::default(),
            changes: Changes::default(),
            here: None,
            recent: None,
            waker: None,
            cancel: Cancel::new(),
            timings: Timings::default(),
        }
    }

    /// Another session over the same workspace. It starts like a new process: from the cache, if there is one.
    pub(crate) fn sibling(&self) -> Self {
        let sibling = Self::new(Arc::clone(&self.fs), self.cache.sibling());
        let (recent, cancel, timings) = (self.recent.clone(), self.cancel.clone(), self.timings.clone());
        Self { recent, cancel, timings, ..sibling }
    }

    /// From now on takes what the sessions that share `recent` derived.
    pub fn share(&mut self, recent: Arc<RecentPayloads>) {
        self.recent = Some(recent);
    }

    /// Has each operation call `wake` when it has ended, as long as that is held.
    pub(crate) fn wake(&mut self, wake: &Arc<Waker>) {
        self.waker = Some(Arc::downgrade(wake));
    }

    /// Another session over the same workspace that starts with what this one knows, as a process does after one that has
    /// saved that; or like a new process, if this one knows nothing yet. It writes nothing.
    pub(crate) fn successor(&self) -> Self {
        if !self.has_read_cache() {
            return self.sibling();
        }
        let core = Core::with_state(self.core.state.clone());
        let outputs = LastOutputs { generation: self.outputs.generation.clone(), ..LastOutputs::default() };
        let (changes, recent, timings) = (self.changes.clone(), self.recent.clone(), self.timings.clone());
        let cancel = self.cancel.clone();
        Self {
            core,
            outputs,
            changes,
            recent,
            cancel,
            timings,
            ..Self::new(Arc::clone(&self.fs), self.cache.successor())
        }
    }

    /// Measures the time of all later operations with `timings`.
    pub fn measure(&mut self, timings: Timings) {
        self.timings = timings;
    }

    /// Sets a folder from which callers may name roots and files, too: a path relative to the workspace, `/`-separated.
    pub fn stand_in(&mut self, folder: String) {
        self.here = Some(folder);
    }

    /// The texts of the documents that `diagnostics` point into, by their paths below the workspace. They are the texts
    /// from which the diagnostics were made; a document that has changed since may be missing.
    pub fn texts<'d>(&self, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> HashMap<String, String> {
        self.core.texts(&*self.fs, diagnostics)
    }

    /// Keeps the texts that `diagnostics` of an operation on `self` point into, which `separate` has read for it.
    pub(crate) fn keep_texts_of(&mut self, separate: &Self, diagnostics: &[Diagnostic]) {
        self.core.set_texts_apart(separate.texts(diagnostics));
    }

    /// Runs `body` as an operation on this session. Whatever `body` does, the operation ends with a status.
    pub(crate) fn run<'o>(
        &mut self,
        cancel: &Cancel,
        observer: &'o Observer<'o>,
        body: impl FnOnce(&mut Self, &mut Operation<'o>) -> Result<(), Stop>,
    ) -> Ended<'o> {
        let mut operation = Operation::begin(cancel, &self.timings, observer);
        self.cancel = cancel.clone();
        self.core.set_texts_apart(HashMap::new());
        let _step = operation.step("operation");
        let status = operation.attempt(|operation| body(self, operation));
        if status == Status::ExecutionFailed {
            // The published outputs may be the cause, so their stamps are not trusted any more.
            self.outputs.distrust();
            // Nor is what a panic left half done in the database.
            self.core.graph.distrust();
        }
        self.core.graph.end();
        // An operation that ended before it looked at them must not leave them to the next one: then more may have changed.
        self.changes = Changes::default();
        if let Some(wake) = self.waker.as_ref().and_then(Weak::upgrade) {
            wake();
        }
        operation.end(status)
    }

    /// The files of the workspace.
    pub(crate) fn fs(&self) -> &Arc<dyn FileSystem> {
        &self.fs
    }

    /// Build state and database.
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Build state and database, for a stage that changes them.
    pub(crate) fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    /// The outputs that were published last.
    pub(crate) fn outputs(&self) -> &LastOutputs {
        &self.outputs
    }

    /// The outputs that were published last, for an operation that publishes.
    pub(crate) fn outputs_mut(&mut self) -> &mut LastOutputs {
        &mut self.outputs
    }

    /// The folder from which callers name roots and files, relative to the workspace.
    pub(crate) fn here(&self) -> Option<&str> {
        self.here.as_deref()
    }

    /// Sets what may have changed since the last operation ended. Without this call, the next operation takes anything
    /// as possibly changed.
    pub(crate) fn set_changes(&mut self, changes: Changes) {
        self.changes = changes;
    }

    /// Begins an operation that writes no outputs. The database reads through the returned store from now on. What is
    /// derived is kept in memory where the session only looks, and nowhere otherwise.
    pub(crate) fn open_runtime_store(&mut self) -> Arc<RuntimeStore> {
        let keeping = match &self.recent {
            Some(recent) if self.cache.is_read_only() => Keeping::Memory(Arc::clone(recent)),
            _ => Keeping::Nothing,
        };
        self.open_store_keeping(self.cache.payloads(), keeping)
    }

    /// As [`open_runtime_store`](Self::open_runtime_store), for an operation that keeps what it derives in the cache, as
    /// far as there is one. It calls [`keep_payloads`](Self::keep_payloads) in the end.
    pub(crate) fn open_keeping_store(&mut self) -> Arc<RuntimeStore> {
        let payloads = self.cache.payloads();
        let writable = payloads.clone().filter(|_| !self.cache.is_read_only());
        let keeping = writable.map_or(Keeping::Nothing, |payloads| Keeping::Cache(PayloadWriter::new(payloads)));
        self.open_store_keeping(payloads, keeping)
    }

    fn open_store_keeping(&mut self, payloads: Option<Arc<Payloads>>, keeping: Keeping) -> Arc<RuntimeStore> {
        let store = RuntimeStore::new(Arc::clone(&self.fs)).with_earlier(payloads, self.recent(), keeping);
        let store = Arc::new(store.with_cancel(self.cancel.clone()));
        self.core.graph.begin(Arc::clone(&store) as Arc<dyn ContentStore>);
        store
    }

    /// Begins an operation that writes outputs. The database reads through the returned store from now on.
    pub(crate) fn open_packing_store(&mut self, staging: &Arc<Staging>) -> Arc<PackingStore> {
        let drafting = Arc::clone(staging);
        let store = self.spooling_store(staging).with_draft(move || drafting.create_output(ASSETS_PA));
        self.begin_with(store)
    }

    /// Begins an operation that puts outputs together and does not write them. The database reads through the returned
    /// store from now on.
    pub(crate) fn open_comparing_store(&mut self, staging: &Arc<Staging>) -> Arc<PackingStore> {
        let store = self.spooling_store(staging);
        self.begin_with(store)
    }

    fn spooling_store(&self, staging: &Arc<Staging>) -> PackingStore {
        let staging = Arc::clone(staging);
        PackingStore::new(self.open_published(), self.cache.payloads(), move || staging.create_spool())
    }

    /// Begins an operation that finds out what one that writes outputs would do. The store keeps no bytes.
    pub(crate) fn open_forecast(&mut self) -> Arc<PackingStore> {
        let store = PackingStore::forecast(self.open_published(), self.cache.payloads());
        self.begin_with(store)
    }

    fn begin_with(&mut self, store: PackingStore) -> Arc<PackingStore> {
        let store = Arc::new(store.with_recent(self.recent()).with_cancel(self.cancel.clone()));
        self.core.graph.begin(Arc::clone(&store) as Arc<dyn ContentStore>);
        store
    }

    /// What sessions of this process derived and kept in memory, as far as the operation that runs may use it.
    fn recent(&self) -> Arc<Recent> {
        self.recent.as_ref().filter(|_| !self.cache.starts_over()).map_or_else(Arc::default, |recent| recent.now())
    }

    /// The published `assets.pa`, if payloads can be read from it.
    fn open_published(&self) -> Option<Published> {
        Published::open(&*self.fs, self.outputs.generation.as_ref()?)
    }
}
