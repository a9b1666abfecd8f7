//! The cache as a session knows it.

use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;

use crate::cache::index::{CleanRun, IndexReader};
use crate::cache::payloads::Payloads;
use crate::cache::{UserKey, find_user_key};
use crate::fs::{FileSystem, NodeKind, Stamp};
use crate::workspace::Filter;

/// The cache as a session knows it.
pub(crate) struct SessionCache {
    pub(super) stage: Stage,
    /// Whose key the cache is known by.
    owner: Owner,
    /// The key, once it was asked for.
    key: Option<UserKey>,
    /// The payloads of earlier operations.
    payloads: Option<Arc<Payloads>>,
    /// Whether the operation that runs believes nothing that earlier ones found.
    starts_over: bool,
    /// What was in the place of the index when this session read or wrote it last.
    pub(super) index: Option<(NodeKind, Stamp)>,
    /// Whether what is new is kept by somebody else than the operation that found it.
    pub(super) defers_saving: bool,
    /// How operations ended, where nothing changed since.
    pub(super) clean_runs: Vec<CleanRun>,
}

/// What a session did with what an earlier process left.
pub(super) enum Stage {
    /// Nothing, and it leaves nothing behind.
    Unused,
    /// Nothing either: there is no key to know it by, for this reason.
    Keyless(Box<Diagnostic>),
    /// It was not looked at yet.
    Unopened,
    /// Its head is known.
    IndexReader(Box<IndexReader>),
    /// All of it is known, or there is none to be believed.
    Read {
        /// Whether there is something new to keep.
        has_unsaved: bool,
    },
}

/// Whose key a cache is known by.
#[derive(Clone)]
pub(super) enum Owner {
    /// That of the user who runs the process, which is looked for when it is needed.
    User,
    /// A caller's, which is given.
    Caller(UserKey),
}

impl SessionCache {
    /// A cache that was not looked at yet.
    pub(super) fn new(owner: Owner) -> Self {
        Self {
            stage: Stage::Unopened,
            owner,
            key: None,
            payloads: None,
            starts_over: false,
            index: None,
            defers_saving: false,
            clean_runs: Vec::new(),
        }
    }

    /// No cache.
    pub(super) fn unused() -> Self {
        Self { stage: Stage::Unused, ..Self::new(Owner::User) }
    }

    /// The same cache, as a new process finds it.
    pub(super) fn beside(&self) -> Self {
        if self.is_unused() { Self::unused() } else { Self::new(self.owner.clone()) }
    }

    /// Whether it takes nothing from the cache, and leaves nothing there.
    pub(super) fn is_unused(&self) -> bool {
        matches!(self.stage, Stage::Unused)
    }

    /// The key by which the cache is known; or why there is none.
    pub(super) fn find_key(&self) -> Result<UserKey, Diagnostic> {
        match &self.owner {
            Owner::User => find_user_key(),
            Owner::Caller(key) => Ok(key.clone()),
        }
    }

    /// Finds the key, unless that was done. Returns why there is none.
    pub(super) fn unlock(&mut self, fs: &Arc<dyn FileSystem>) -> Option<Diagnostic> {
        if matches!(self.stage, Stage::Unopened) && self.key.is_none() {
            match self.find_key() {
                Ok(key) => {
                    self.payloads = Some(Payloads::open(Arc::clone(fs), key.clone()));
                    self.key = Some(key);
                }
                Err(detect_changes) => self.stage = Stage::Keyless(Box::new(detect_changes)),
            }
        }
        match &self.stage {
            Stage::Keyless(detect_changes) => Some(Diagnostic::clone(detect_changes)),
            _ => None,
        }
    }

    /// The key, where it was found.
    pub(super) fn key(&self) -> Option<&UserKey> {
        self.key.as_ref()
    }

    /// The payloads of earlier operations, as they are now.
    pub(super) fn payloads(&self) -> Option<Arc<Payloads>> {
        let payloads = self.payloads.as_ref()?;
        if self.starts_over {
            return Some(payloads.anew());
        }
        payloads.refresh();
        Some(Arc::clone(payloads))
    }

    /// Takes nothing from the cache from now on: what the operation finds takes its place.
    pub(super) fn start_over(&mut self) {
        self.clean_runs.clear();
        self.starts_over = true;
        if matches!(self.stage, Stage::Unopened | Stage::IndexReader(_)) {
            self.stage = Stage::Read { has_unsaved: false };
        }
    }

    /// Goes on from what is known, in memory and in the cache.
    pub(super) fn go_on(&mut self) {
        self.starts_over = false;
    }

    /// Whether there is something new to keep.
    pub(super) fn has_unsaved(&self) -> bool {
        matches!(self.stage, Stage::Read { has_unsaved: true })
    }

    /// Notes that there is something new to keep.
    pub(super) fn note_unsaved(&mut self) {
        if let Stage::Read { has_unsaved } = &mut self.stage {
            *has_unsaved = true;
        }
    }

    /// How an operation on the assets that `filter` admits ended, where nothing changed since.
    pub(super) fn conclusion(&self, filter: Filter) -> Option<&CleanRun> {
        self.clean_runs.iter().find(|conclusion| conclusion.filter == filter)
    }

    /// Remembers how an operation ended.
    pub(super) fn conclude(&mut self, conclusion: CleanRun) {
        self.clean_runs.retain(|other| other.filter != conclusion.filter);
        self.clean_runs.push(conclusion);
        self.note_unsaved();
    }
}
