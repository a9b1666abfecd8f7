//! What a session reads from the cache, and what it writes there.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::cache::Stage;
use super::state::Session;
use crate::cache::index::{CleanRun, IndexBody, IndexReader, IndexWriter, PublishedRun, Unusable};
use crate::cache::payloads::remove_all_but;
use crate::cache::{UserKey, index};
use crate::content::RuntimeStore;
use crate::incremental::{Snapshot, emit_unchanged, report_budgets, survey};
use crate::operation::{AssetOutcome, EventKind, Operation, OperationId, Stop};
use crate::workspace::layout::{BUILD, CACHE, SERVING, note_path};
use crate::workspace::{
    BuildState, Changes, DirtySet, FileIndex, Filter, ListingChanges, io_failure, lane, stat_outputs, walk_failure,
};

impl Session {
    /// Finds the dirty set: everything that may have changed since the last operation. Compares stamps, and reads no
    /// input. With `trusts_nothing`, the session forgets its build state, and everything is dirty.
    pub(crate) fn detect_changes(
        &mut self,
        operation: &mut Operation<'_>,
        trusts_nothing: bool,
    ) -> Result<DirtySet, Stop> {
        self.cache.unlock(&self.fs).into_iter().for_each(|diagnostic| operation.report(diagnostic));
        let dirty = if trusts_nothing {
            // The operation replaces the cache index, whatever it is.
            self.cache.index = index::stat(&*self.fs);
            self.start_over();
            self.core.state.file_index.everything()
        } else {
            self.cache.resume();
            self.survey(operation)?
        };
        if !dirty.is_empty() {
            self.cache.clean_runs.clear();
            self.cache.note_unsaved();
        }
        // Budgets are judged by the records, whatever else is remembered.
        Ok(if operation.budgets().is_empty() { dirty } else { self.read_cache(operation, dirty) })
    }

    /// Compares the stamps of all that may have changed since the last operation, of this process or of an earlier one.
    fn survey(&mut self, operation: &mut Operation<'_>) -> Result<DirtySet, Stop> {
        let changes = std::mem::take(&mut self.changes);
        if self.open_cache(operation)
            && let Stage::HeadRead(reader) = &self.cache.stage
        {
            let _step = operation.step("survey");
            match reader.survey(&*self.fs) {
                Some(dirty) => return dirty.map_err(|error| walk_failure(operation, &error)),
                None => self.drop_index(operation),
            }
        } else if !self.has_file_index() {
            self.drop_index(operation);
        }
        survey(operation, &*self.fs, &self.core.state, &changes)
    }

    /// Reads the file index from the cache, unless it is in memory. Returns whether it is there.
    fn has_file_index(&mut self) -> bool {
        if let Stage::HeadRead(reader) = &self.cache.stage
            && !self.core.state.file_index.has_top()
        {
            let Some(file_index) = reader.read_file_index() else { return false };
            self.core.state.file_index = file_index;
        }
        true
    }

    /// Uses nothing of the cache index, because it is damaged.
    fn drop_index(&mut self, operation: &mut Operation<'_>) {
        operation.report(dropped());
        self.core.state.file_index = FileIndex::default();
        self.cache.clean_runs.clear();
        self.cache.stage = Stage::Read { has_unsaved: false };
    }

    /// Forgets the build state and the outputs, and uses nothing of the cache: the results of this operation replace
    /// it.
    fn start_over(&mut self) {
        self.core.reset();
        self.cache.start_over();
        self.changes = Changes::default();
        self.outputs.generation = None;
    }

    /// The clean run on the assets that `filter` admits, if its result stands: nothing is `dirty`.
    pub(crate) fn clean_run(&mut self, filter: Filter, dirty: &DirtySet) -> Option<CleanRun> {
        let clean_run = self.cache.clean_run(filter).filter(|_| dirty.is_empty()).cloned()?;
        // The file index tells whether a text is the one that a diagnostic points into. Without it, no text is shown.
        let shows_texts = clean_run.diagnostics.iter().any(|found| found.span.is_some());
        (!shows_texts || self.has_file_index()).then_some(clean_run)
    }

    /// The clean run of a pack and what it published, if its result stands: nothing is `dirty`, and nobody touched the
    /// outputs.
    pub(crate) fn published_run(
        &mut self,
        operation: &mut Operation<'_>,
        dirty: &DirtySet,
    ) -> Result<Option<(CleanRun, PublishedRun)>, Stop> {
        let clean_run = self.clean_run(Filter::Included, dirty);
        clean_run.map_or(Ok(None), |clean_run| self.with_published(operation, clean_run))
    }

    /// `clean_run` and what it published, unless somebody touched the outputs.
    fn with_published(
        &self,
        operation: &mut Operation<'_>,
        mut clean_run: CleanRun,
    ) -> Result<Option<(CleanRun, PublishedRun)>, Stop> {
        let Some(published) = clean_run.published.take() else { return Ok(None) };
        let found = stat_outputs(&*self.fs).map_err(|error| io_failure(operation, BUILD, &error))?;
        Ok(published.is_untouched(&found).then_some((clean_run, published)))
    }

    /// The clean run of a pack and what it published, if this session has in memory all that it knows of the workspace,
    /// nothing changed since, and nobody touched the outputs. Changes nothing.
    pub(crate) fn standing_run(&self, operation: &mut Operation<'_>) -> Result<Option<(CleanRun, PublishedRun)>, Stop> {
        if !self.has_read_cache() {
            return Ok(None);
        }
        let dirty = survey(operation, &*self.fs, &self.core.state, &self.changes)?;
        let clean_run = self.cache.clean_run(Filter::Included).filter(|_| dirty.is_empty()).cloned();
        clean_run.map_or(Ok(None), |clean_run| self.with_published(operation, clean_run))
    }

    /// Whether this session has in memory all that it knows of the workspace, with nothing half done.
    pub(super) fn has_read_cache(&self) -> bool {
        matches!(self.cache.stage, Stage::Read { .. }) && self.is_consistent()
    }

    /// Records that an operation found nothing wrong, with what it found since the gate, whatever was told of that, and what
    /// it `published`.
    /// Nothing is recorded while the build state is incomplete: then a change could go undetected.
    pub(crate) fn record_clean_run(
        &mut self,
        operation: &Operation<'_>,
        filter: Filter,
        snapshot: &Snapshot,
        published: Option<PublishedRun>,
    ) {
        let state = &self.core.state;
        if !state.is_complete() {
            return;
        }
        let entries = state.summary.entries.iter().filter(|entry| filter.admits(entry));
        let asset_ids: Vec<u32> = entries.map(|entry| entry.asset_id).collect();
        self.cache.record_clean_run(CleanRun {
            filter,
            faulty_ids: asset_ids.iter().copied().filter(|id| state.summary.is_faulty(*id)).collect(),
            asset_ids,
            file_count: snapshot.file_count,
            diagnostics: operation.found_since_gate(),
            published,
        });
    }

    /// Opens the cache and reads the head of its index, unless that was done before. Returns whether it did.
    fn open_cache(&mut self, operation: &mut Operation<'_>) -> bool {
        let (Stage::Unopened, Some(key)) = (&self.cache.stage, self.cache.key()) else { return false };
        let _step = operation.step("open cache");
        let found = index::stat(&*self.fs);
        let opened = IndexReader::open(&*self.fs, key);
        self.cache.index = found;
        self.cache.stage = match opened {
            Ok((reader, head)) => {
                self.core.state.file_index.registry = head.registry;
                self.cache.clean_runs = head.clean_runs;
                Stage::HeadRead(Box::new(reader))
            }
            Err(unusable) => {
                if matches!(unusable, Unusable::Foreign) {
                    operation.report(dropped());
                }
                Stage::Read { has_unsaved: false }
            }
        };
        true
    }

    /// Reads the body of the cache index, unless that was done before. Returns the set that is dirty then: `dirty`, or
    /// everything where the cache index is damaged.
    pub(crate) fn read_cache(&mut self, operation: &mut Operation<'_>, dirty: DirtySet) -> DirtySet {
        let Stage::HeadRead(reader) = &mut self.cache.stage else { return dirty };
        let _step = operation.step("read cache");
        let body = reader.read_body();
        match body {
            Some(IndexBody { file_index, summary, generation }) => {
                self.core.state = BuildState::restored(file_index, summary);
                self.outputs.generation = generation;
                self.cache.stage = Stage::Read { has_unsaved: !dirty.is_empty() };
                dirty
            }
            None => {
                self.drop_index(operation);
                self.cache.note_unsaved();
                FileIndex::default().everything()
            }
        }
    }

    /// Forgets the build state and removes the cache, since something in them is wrong. The caller holds the lane.
    pub(crate) fn discard_cache(&mut self) {
        self.start_over();
        if self.cache.is_unused() {
            return;
        }
        // If something cannot be removed, the next operation that reads it reports that. What a session serves with is no part
        // of what is wrong.
        let is_kept = |path: &std::path::Path| path == note_path() || path.starts_with(SERVING);
        drop(remove_all_but(&*self.fs, Utf8Path::new(CACHE), |path, _| is_kept(path)));
    }

    /// Writes the cache index for the next process, unless the session [defers](Self::set_defers_saving) that.
    /// Completes the file that was `begun`, if there is one. The caller holds the lane. If it cannot be written, that
    /// is no failure.
    pub(crate) fn save_cache(&mut self, operation: &Operation<'_>, begun: Option<IndexWriter>) {
        if self.cache.defers_saving {
            return;
        }
        let _step = operation.step("write cache");
        if !self.needs_saving() {
            return;
        }
        if begun.is_none_or(|index| self.finish_index(index).is_err()) {
            drop(self.begin_index(operation.id()).and_then(|index| self.finish_index(index)));
        }
        self.note_saved();
    }

    /// As [`save_outside_lane`](Self::save_outside_lane), at the end of an operation that is not in the lane, unless the session
    /// [defers](Self::set_defers_saving) that.
    pub(crate) fn save_after_look(&mut self, operation: &Operation<'_>) {
        if !self.cache.defers_saving {
            let _step = operation.step("write cache");
            self.save_outside_lane(operation.id());
        }
    }

    /// As [`save_cache`](Self::save_cache), by a caller that does not hold the lane. It writes only while nobody holds
    /// the lane, and only over the cache index that this session read or wrote last: if another process replaced it,
    /// its index is newer and as good, and is kept this time. Returns false if the caller should try again later.
    pub(crate) fn save_outside_lane(&mut self, operation: &OperationId) -> bool {
        if !self.needs_saving() {
            return true;
        }
        if !self.may_replace_index() {
            return false;
        }
        let Ok(index) = self.begin_index(operation) else { return true };
        let may_finish = self.may_replace_index();
        if may_finish {
            drop(self.finish_index(index));
            self.note_saved();
        }
        may_finish
    }

    /// Completes what `store` keeps in the cache, for a caller that does not hold the lane: nothing is kept while somebody
    /// holds it. `is_complete` says that the operation derived everything.
    pub(crate) fn keep_payloads(&self, operation: &Operation<'_>, store: &RuntimeStore, is_complete: bool) {
        let _step = operation.step("keep payloads");
        if !lane::is_held(&*self.fs) {
            store.finish(is_complete, &|| self.core.state.summary.assets.contents());
        }
    }

    /// Sets whether the cache index is written later, by [`save_outside_lane`](Self::save_outside_lane).
    pub(crate) fn set_defers_saving(&mut self, defers_saving: bool) {
        self.cache.defers_saving = defers_saving;
    }

    /// The key that authenticates the cache.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none.
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
        self.cache.index = index::stat(&*self.fs);
        self.cache.stage = Stage::Read { has_unsaved: false };
    }

    /// Whether there is something new to write to the cache index, and the build state is consistent.
    fn needs_saving(&self) -> bool {
        self.cache.has_unsaved() && self.is_consistent()
    }

    /// Whether nobody holds the lane, and the cache index is the one that this session read or wrote last. If it is
    /// another one, it counts as that from now on.
    fn may_replace_index(&mut self) -> bool {
        let found = index::stat(&*self.fs);
        let is_same = std::mem::replace(&mut self.cache.index, found) == found;
        is_same && !lane::is_held(&*self.fs)
    }

    /// Whether the operation that runs may write the cache index at its end.
    pub(crate) fn saves_now(&self) -> bool {
        !self.cache.defers_saving && matches!(self.cache.stage, Stage::Read { .. }) && self.is_consistent()
    }

    /// Whether the build state is consistent: every listing was followed by an update of the summary.
    fn is_consistent(&self) -> bool {
        self.core.state.pending == ListingChanges::default()
    }
}

/// The diagnostic that the cache index is not used.
fn dropped() -> Diagnostic {
    let message = "the cache is damaged, or was written by another version of papack, or with another key than yours; \
                   it is not used, and a pack that may write there builds it anew";
    Diagnostic::info(Code::CacheDropped, message).at(index::path().as_str())
}

/// Emits the events of an operation with the result of `clean_run`, up to its gate, which judges budgets by the build `state`.
/// Returns how many errors were told: there may be some by the levels and budgets of this operation.
pub(crate) fn replay(operation: &mut Operation<'_>, state: &BuildState, clean_run: CleanRun) -> usize {
    let CleanRun { asset_ids, faulty_ids, file_count, diagnostics, .. } = clean_run;
    operation.emit(EventKind::SnapshotFrozen { asset_count: asset_ids.len(), file_count });
    for id in asset_ids {
        let is_faulty = faulty_ids.binary_search(&id).is_ok();
        emit_unchanged(operation, id, if is_faulty { AssetOutcome::Faulty } else { AssetOutcome::Reused });
    }
    report_budgets(operation, state, |_| None);
    operation.finish_gate(diagnostics)
}
