//! What a session takes from the cache, and leaves there.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::cache::Stage;
use super::state::Session;
use crate::build::{Snapshot, emit_reused, survey};
use crate::cache::index::{CleanRun, IndexBody, IndexReader, IndexWriter, PublishedRun, Unusable};
use crate::cache::payloads::remove_all_but;
use crate::cache::{UserKey, index};
use crate::operation::{EventKind, Operation, OperationId, Stop};
use crate::workspace::layout::{BUILD, CACHE, note_path};
use crate::workspace::{
    BuildState, Changes, DirtySet, FileIndex, Filter, ListingChanges, io_failure, lane, stat_outputs,
};

impl Session {
    /// Looks at everything that may have changed since the last operation, and reads no input. With `trusts_nothing`,
    /// nothing is known of any.
    pub(crate) fn detect_changes(
        &mut self,
        operation: &mut Operation<'_>,
        trusts_nothing: bool,
    ) -> Result<DirtySet, Stop> {
        self.cache.unlock(&self.fs).into_iter().for_each(|detect_changes| operation.report(detect_changes));
        let noticed = if trusts_nothing {
            // Whatever index is there is replaced.
            self.cache.index = index::found(&*self.fs);
            self.start_over();
            self.core.state.file_index.everything()
        } else {
            self.cache.go_on();
            self.open_cache(operation);
            let changes = std::mem::take(&mut self.changes);
            survey(operation, &*self.fs, &self.core.state, &changes)?
        };
        if !noticed.is_empty() {
            self.cache.clean_runs.clear();
            self.cache.note_unsaved();
        }
        Ok(noticed)
    }

    /// Lets go of all that is known, and takes nothing from the cache: what follows takes its place.
    fn start_over(&mut self) {
        self.core.reset();
        self.cache.start_over();
        self.changes = Changes::default();
        self.outputs.generation = None;
    }

    /// How an operation on the assets that `filter` admits ended, where it would end so again: nothing was `noticed`.
    pub(crate) fn clean_run(&self, filter: Filter, noticed: &DirtySet) -> Option<CleanRun> {
        self.cache.conclusion(filter).filter(|_| noticed.is_empty()).cloned()
    }

    /// What a pack published, where that is so still, and nothing was `noticed`.
    pub(crate) fn published_run(
        &self,
        operation: &mut Operation<'_>,
        noticed: &DirtySet,
    ) -> Result<Option<(CleanRun, PublishedRun)>, Stop> {
        let Some(mut conclusion) = self.clean_run(Filter::Included, noticed) else { return Ok(None) };
        let Some(published) = conclusion.published.take() else { return Ok(None) };
        let found = stat_outputs(&*self.fs).map_err(|error| io_failure(operation, BUILD, &error))?;
        Ok(published.is_untouched(&found).then_some((conclusion, published)))
    }

    /// Remembers that an operation found nothing wrong: its diagnostics since the gate, and what it `published`.
    pub(crate) fn conclude(
        &mut self,
        operation: &Operation<'_>,
        filter: Filter,
        snapshot: &Snapshot,
        published: Option<PublishedRun>,
    ) {
        let known = &self.core.state;
        if !known.is_complete() {
            return;
        }
        let entries = known.summary.entries.iter().filter(|entry| filter.admits(entry));
        self.cache.conclude(CleanRun {
            filter,
            asset_ids: entries.map(|entry| entry.asset_id).collect(),
            file_count: snapshot.file_count,
            diagnostics: operation.diagnostics_since_gate().to_vec(),
            published,
        });
    }

    /// Opens the cache, unless that was done.
    fn open_cache(&mut self, operation: &mut Operation<'_>) {
        let (Stage::Unopened, Some(key)) = (&self.cache.stage, self.cache.key()) else { return };
        let _step = operation.step("open cache");
        let found = index::found(&*self.fs);
        let opened = IndexReader::open(&*self.fs, key);
        self.cache.index = found;
        self.cache.stage = match opened {
            Ok((opened, head)) => {
                self.core.state.file_index = head.seen;
                self.cache.clean_runs = head.clean_runs;
                Stage::IndexReader(Box::new(opened))
            }
            Err(unusable) => {
                if matches!(unusable, Unusable::Foreign) {
                    operation.report(dropped());
                }
                Stage::Read { has_unsaved: false }
            }
        };
    }

    /// Reads all of the cache, unless that was done. Returns what was `noticed`: where the cache is damaged, everything.
    pub(crate) fn read_cache(&mut self, operation: &mut Operation<'_>, noticed: DirtySet) -> DirtySet {
        let Stage::IndexReader(opened) = &mut self.cache.stage else { return noticed };
        let _step = operation.step("read cache");
        let rest = opened.rest();
        self.cache.stage = Stage::Read { has_unsaved: !noticed.is_empty() };
        let seen = std::mem::take(&mut self.core.state.file_index);
        match rest {
            Some(IndexBody { summary, generation }) => {
                self.core.state = BuildState::restored(seen, summary);
                self.outputs.generation = generation;
                noticed
            }
            None => {
                operation.report(dropped());
                self.cache.clean_runs.clear();
                FileIndex::default().everything()
            }
        }
    }

    /// Forgets all that is known, here and in the cache: something of it is wrong. The lane is ours.
    pub(crate) fn discard_cache(&mut self) {
        self.start_over();
        // What cannot be removed is told of by whoever meets it again.
        drop(remove_all_but(&*self.fs, Utf8Path::new(CACHE), |path, _| path == note_path()));
    }

    /// Keeps what is known for the next process, unless the session does that later; in the index that was `begun`, where one
    /// was. The lane is ours. Not being able to is no failure.
    pub(crate) fn keep(&mut self, operation: &Operation<'_>, begun: Option<IndexWriter>) {
        if self.cache.defers_saving {
            return;
        }
        let _step = operation.step("write cache");
        if !self.is_to_be_saved() {
            return;
        }
        if begun.is_none_or(|index| self.finish_index(index).is_err()) {
            drop(self.begin_index(operation.id()).and_then(|index| self.finish_index(index)));
        }
        self.note_saved();
    }

    /// As [`keep`](Self::keep), by an operation that is not in the lane: only while no other one is, and in place of no index
    /// but the one that is known here. What another one wrote meanwhile is as good, and newer. Tells whether nothing is left
    /// to be kept.
    pub(crate) fn save_outside_lane(&mut self, operation: &OperationId) -> bool {
        if !self.is_to_be_saved() {
            return true;
        }
        if !self.may_replace_index() {
            return false;
        }
        let Ok(index) = self.begin_index(operation) else { return true };
        let is_kept = self.may_replace_index();
        if is_kept {
            drop(self.finish_index(index));
            self.note_saved();
        }
        is_kept
    }

    /// Says whether what is new is kept later, by [`save_outside_lane`](Self::save_outside_lane).
    pub(crate) fn set_defers_saving(&mut self, defers_saving: bool) {
        self.cache.defers_saving = defers_saving;
    }

    /// The key by which the cache is known; or why there is none.
    pub(crate) fn find_key(&self) -> Result<UserKey, Diagnostic> {
        self.cache.find_key()
    }

    fn begin_index(&self, operation: &OperationId) -> io::Result<IndexWriter> {
        let payloads = self.outputs.generation.as_ref().map_or(&[][..], |generation| &generation.payloads);
        IndexWriter::begin(&self.fs, operation, &self.core.state, payloads)
    }

    fn finish_index(&self, index: IndexWriter) -> io::Result<()> {
        let key = self.cache.key().ok_or(io::ErrorKind::Unsupported)?;
        index.finish(key, &self.core.state, &self.cache.clean_runs, self.outputs.generation.as_ref())
    }

    fn note_saved(&mut self) {
        self.cache.index = index::found(&*self.fs);
        self.cache.stage = Stage::Read { has_unsaved: false };
    }

    /// Whether there is something new to keep, and all that is known fits together.
    fn is_to_be_saved(&self) -> bool {
        self.cache.has_unsaved() && self.is_consistent()
    }

    /// Whether nobody is in the lane, and the index is the one that is known here. If it is another one, that is known now.
    fn may_replace_index(&mut self) -> bool {
        let found = index::found(&*self.fs);
        let is_known = std::mem::replace(&mut self.cache.index, found) == found;
        is_known && !lane::is_held(&*self.fs)
    }

    /// Whether the operation that runs is to keep what is known, where there is something new.
    pub(crate) fn saves_now(&self) -> bool {
        !self.cache.defers_saving && matches!(self.cache.stage, Stage::Read { .. }) && self.is_consistent()
    }

    /// Whether all that is known fits together.
    fn is_consistent(&self) -> bool {
        self.core.state.pending == ListingChanges::default()
    }
}

fn dropped() -> Diagnostic {
    let message = "the cache is damaged, or was written by another version of papack, or with another key than yours; it \
                   is not used, and a pack that may write there builds it anew";
    Diagnostic::info(Code::CacheDropped, message).at(index::path().as_str())
}

/// Emits the events of an operation that ends as `conclusion` says, up to its gate.
pub(crate) fn replay(operation: &mut Operation<'_>, conclusion: CleanRun) {
    let CleanRun { asset_ids, file_count, diagnostics, .. } = conclusion;
    operation.emit(EventKind::SnapshotFrozen { asset_count: asset_ids.len(), file_count });
    asset_ids.into_iter().for_each(|id| emit_reused(operation, id));
    operation.finish_gate(diagnostics);
}
