//! A session: what is remembered of one workspace over several operations.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use papack_queries::content::ContentStore;
use papack_queries::diagnostic::Diagnostic;

use super::cache::{Owner, SessionCache};
use super::outputs::LastOutputs;
use crate::build::Core;
use crate::cache::UserKey;
use crate::content::{PackingStore, Published, RuntimeStore};
use crate::fs::{FileSystem, RealFs};
use crate::operation::{Cancel, Ended, Observer, Operation, Status, Stop, Timings};
use crate::publish::Staging;
use crate::workspace::Changes;

/// One workspace, open for operations. What one operation derived, the next one reuses; and so does the next process.
pub struct Session {
    pub(super) fs: Arc<dyn FileSystem>,
    /// Files, what follows from them, and the database.
    pub(super) core: Core,
    /// What is kept for the next process.
    pub(super) cache: SessionCache,
    /// What was published last.
    pub(super) outputs: LastOutputs,
    /// What may have changed since the last operation.
    pub(super) changes: Changes,
    /// The folder from which callers name roots and files, relative to the workspace; none where they are elsewhere.
    here: Option<String>,
    /// Where the time of its operations goes.
    timings: Timings,
}

impl Session {
    /// Opens the workspace in the folder `path`. Its cache is known by the key of the user who runs the process.
    ///
    /// # Errors
    ///
    /// When it is no folder, or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(Arc::new(RealFs::new(path)?), SessionCache::new(Owner::User)))
    }

    /// Opens the workspace that `fs` shows. Its cache is known by `key`.
    pub fn with_file_system(fs: Arc<dyn FileSystem>, key: UserKey) -> Self {
        Self::new(fs, SessionCache::new(Owner::Caller(key)))
    }

    /// A session over the workspace that `fs` shows which takes nothing from the cache and leaves nothing there. All its
    /// assets stay in memory.
    pub fn ephemeral(fs: Arc<dyn FileSystem>) -> Self {
        Self::new(fs, SessionCache::unused())
    }

    fn new(fs: Arc<dyn FileSystem>, cache: SessionCache) -> Self {
        Self {
            fs,
            core: Core::new(cache.is_unused()),
            cache,
            outputs: LastOutputs::default(),
            changes: Changes::default(),
            here: None,
            timings: Timings::default(),
        }
    }

    /// Another session over the same workspace, which knows what a new process would.
    pub(crate) fn beside(&self) -> Self {
        let beside = Self::new(Arc::clone(&self.fs), self.cache.beside());
        Self { timings: self.timings.clone(), ..beside }
    }

    /// Takes the time of what all operations from now on do.
    pub fn measure(&mut self, timings: Timings) {
        self.timings = timings;
    }

    /// Says from which folder, relative to the workspace and `/`-separated, callers may name roots and files too.
    pub fn stand_in(&mut self, folder: String) {
        self.here = Some(folder);
    }

    /// The texts of the documents that `diagnostics` point into, by their paths below the workspace, as they were when the
    /// diagnostics were made.
    pub fn texts<'d>(&self, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> HashMap<String, String> {
        self.core.texts(&*self.fs, diagnostics)
    }

    /// Runs `body` as an operation on this session. Whatever happens in it, it ends with a status.
    pub(crate) fn run<'o>(
        &mut self,
        cancel: &Cancel,
        observer: &'o Observer<'o>,
        body: impl FnOnce(&mut Self, &mut Operation<'o>) -> Result<(), Stop>,
    ) -> Ended<'o> {
        let mut operation = Operation::begin(cancel, &self.timings, observer);
        let _step = operation.step("operation");
        let status = operation.attempt(|operation| body(self, operation));
        if status == Status::ExecutionFailed {
            // What was published may be the cause.
            self.outputs.distrust();
        }
        self.core.graph.end();
        operation.end(status)
    }

    /// The files of the workspace.
    pub(crate) fn fs(&self) -> &Arc<dyn FileSystem> {
        &self.fs
    }

    /// What is remembered of the workspace.
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// What is remembered of the workspace, for a stage that adds to it.
    pub(crate) fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    /// The outputs as they were published last.
    pub(crate) fn outputs(&self) -> &LastOutputs {
        &self.outputs
    }

    /// The outputs as they were published last, for an operation that publishes.
    pub(crate) fn outputs_mut(&mut self) -> &mut LastOutputs {
        &mut self.outputs
    }

    /// From where callers name roots and files.
    pub(crate) fn here(&self) -> Option<&str> {
        self.here.as_deref()
    }

    /// Says what may have changed since the last operation ended, for the next one. Where nothing is said, anything may.
    pub(crate) fn set_changes(&mut self, changes: Changes) {
        self.changes = changes;
    }

    /// Begins an operation that keeps no content.
    pub(crate) fn open_probe(&mut self) -> Arc<RuntimeStore> {
        let probe = Arc::new(RuntimeStore::new(Arc::clone(&self.fs), self.cache.payloads()));
        self.core.graph.begin(Arc::clone(&probe) as Arc<dyn ContentStore>);
        probe
    }

    /// Begins an operation that writes outputs: a store for its contents, through which the database reads from now on.
    pub(crate) fn open_store(&mut self, staging: &Arc<Staging>) -> Arc<PackingStore> {
        let staging = Arc::clone(staging);
        let store = PackingStore::new(self.open_published(), self.cache.payloads(), move || staging.create_spool());
        self.begin_with(store)
    }

    /// Begins an operation that tells what one with a store would find there.
    pub(crate) fn open_forecast(&mut self) -> Arc<PackingStore> {
        let store = PackingStore::forecast(self.open_published(), self.cache.payloads());
        self.begin_with(store)
    }

    fn begin_with(&mut self, store: PackingStore) -> Arc<PackingStore> {
        let store = Arc::new(store);
        self.core.graph.begin(Arc::clone(&store) as Arc<dyn ContentStore>);
        store
    }

    /// What was published last, where payloads can be taken from it.
    fn open_published(&self) -> Option<Published> {
        Published::open(&*self.fs, self.outputs.generation.as_ref()?)
    }
}
