//! The cache of a session: how much of it was read, and what is to be written.

use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;

use crate::cache::index::{CleanRun, IndexReader};
use crate::cache::payloads::Payloads;
use crate::cache::{UserKey, find_user_key, present_user_key};
use crate::fs::{FileSystem, NodeKind, Stamp};
use crate::workspace::Filter;

/// The cache of a session.
pub(crate) struct SessionCache {
    pub(super) stage: Stage,
    /// Whose key authenticates the cache.
    owner: Owner,
    /// The key, after it was found.
    key: Option<UserKey>,
    /// The payloads of earlier operations.
    payloads: Option<Arc<Payloads>>,
    /// Whether the operation that runs uses nothing of earlier ones.
    starts_over: bool,
    /// What was in the place of the cache index when this session last read or wrote it.
    pub(super) index: Option<(NodeKind, Stamp)>,
    /// Whether the cache is only read.
    is_read_only: bool,
    /// Whether an operation does not write the cache index itself: the session does it later.
    pub(super) defers_saving: bool,
    /// The operations that found nothing wrong, as long as nothing changed since. At most one for each filter.
    pub(super) clean_runs: Vec<CleanRun>,
}

/// How much of the cache index a session has read.
pub(super) enum Stage {
    /// None: this session neither reads nor writes the cache.
    Unused,
    /// None: there is no key to authenticate it with, for this reason.
    Keyless(Box<Diagnostic>),
    /// None yet.
    Unopened,
    /// Its head.
    HeadRead(Box<IndexReader>),
    /// All of it, or there is none that can be used.
    Read {
        /// Whether there is something new to write to the cache index.
        has_unsaved: bool,
    },
}

/// Whose key authenticates a cache.
#[derive(Clone)]
pub(super) enum Owner {
    /// The key of the user who runs the process. It is looked for when it is first needed.
    User,
    /// The key that a caller has given.
    Caller(UserKey),
}

impl SessionCache {
    /// A cache of which nothing was read yet.
    pub(super) fn new(owner: Owner) -> Self {
        Self {
            stage: Stage::Unopened,
            owner,
            key: None,
            payloads: None,
            starts_over: false,
            index: None,
            is_read_only: false,
            defers_saving: false,
            clean_runs: Vec::new(),
        }
    }

    /// The cache of a session that neither reads nor writes one.
    pub(super) fn unused() -> Self {
        Self { stage: Stage::Unused, ..Self::new(Owner::User) }
    }

    /// A cache that is only read, with the key of the user who runs the process; one that is not even read where the user has
    /// no key that can be used.
    pub(super) fn read_only() -> Self {
        let cache = present_user_key().map_or_else(Self::unused, |key| Self::new(Owner::Caller(key)));
        Self { is_read_only: true, ..cache }
    }

    /// The same cache for another session, of which nothing was read yet.
    pub(super) fn sibling(&self) -> Self {
        if self.is_unused() { Self::unused() } else { Self::new(self.owner.clone()) }
    }

    /// The same cache for another session, which knows all that was read of it, and writes nothing.
    pub(super) fn successor(&self) -> Self {
        Self {
            stage: Stage::Read { has_unsaved: false },
            key: self.key.clone(),
            payloads: self.payloads.clone(),
            index: self.index,
            is_read_only: true,
            clean_runs: self.clean_runs.clone(),
            ..Self::new(self.owner.clone())
        }
    }

    /// Whether the session neither reads nor writes the cache.
    pub(super) fn is_unused(&self) -> bool {
        matches!(self.stage, Stage::Unused)
    }

    /// Whether the session writes nothing to the cache.
    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Whether the operation that runs uses nothing of earlier ones.
    pub(super) fn starts_over(&self) -> bool {
        self.starts_over
    }

    /// The key that authenticates the cache.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none.
    pub(super) fn find_key(&self) -> Result<UserKey, Diagnostic> {
        match &self.owner {
            Owner::User => find_user_key(),
            Owner::Caller(key) => Ok(key.clone()),
        }
    }

    /// Finds the key, unless that was done before. Returns why there is none, if so.
    pub(super) fn unlock(&mut self, fs: &Arc<dyn FileSystem>) -> Option<Diagnostic> {
        if matches!(self.stage, Stage::Unopened) && self.key.is_none() {
            match self.find_key() {
                Ok(key) => {
                    self.payloads = Some(Payloads::open(Arc::clone(fs), key.clone()));
                    self.key = Some(key);
                }
                Err(diagnostic) => self.stage = Stage::Keyless(Box::new(diagnostic)),
            }
        }
        match &self.stage {
            Stage::Keyless(diagnostic) => Some(Diagnostic::clone(diagnostic)),
            _ => None,
        }
    }

    /// The key, if it was found.
    pub(super) fn key(&self) -> Option<&UserKey> {
        self.key.as_ref()
    }

    /// The payloads of earlier operations, as they are on the disk now; none of them where this operation starts over.
    pub(super) fn payloads(&self) -> Option<Arc<Payloads>> {
        let payloads = self.payloads.as_ref()?;
        if self.starts_over {
            return Some(payloads.replacement());
        }
        payloads.refresh();
        Some(Arc::clone(payloads))
    }

    /// From now on uses nothing of the cache: the results of this operation replace it.
    pub(super) fn start_over(&mut self) {
        self.clean_runs.clear();
        self.starts_over = true;
        if matches!(self.stage, Stage::Unopened | Stage::HeadRead(_)) {
            self.stage = Stage::Read { has_unsaved: false };
        }
    }

    /// From now on uses what earlier operations kept, in memory and in the cache.
    pub(super) fn resume(&mut self) {
        self.starts_over = false;
    }

    /// Whether there is something new to write to the cache index.
    pub(super) fn has_unsaved(&self) -> bool {
        !self.is_read_only && matches!(self.stage, Stage::Read { has_unsaved: true })
    }

    /// Notes that there is something new to write to the cache index.
    pub(super) fn note_unsaved(&mut self) {
        if let Stage::Read { has_unsaved } = &mut self.stage {
            *has_unsaved = true;
        }
    }

    /// The clean run on the assets that `filter` admits, if there is one.
    pub(super) fn clean_run(&self, filter: Filter) -> Option<&CleanRun> {
        self.clean_runs.iter().find(|clean_run| clean_run.filter == filter)
    }

    /// Records a clean run, in place of the previous one with the same filter.
    pub(super) fn record_clean_run(&mut self, clean_run: CleanRun) {
        // A status comes here even if nothing changed; then there is nothing to write.
        if self.clean_run(clean_run.filter) == Some(&clean_run) {
            return;
        }
        self.clean_runs.retain(|other| other.filter != clean_run.filter);
        self.clean_runs.push(clean_run);
        self.note_unsaved();
    }
}
