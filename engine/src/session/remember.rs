//! What a session takes from the cache, and leaves there.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::cache::Stage;
use super::state::Session;
use crate::build::{Snapshot, emit_reused, survey};
use crate::cache::index::{Concluded, Conclusion, IndexWriter, Opened, Rest, Unusable};
use crate::cache::payloads::remove_all_but;
use crate::cache::{UserKey, index};
use crate::operation::{EventKind, Operation, OperationId, Stop};
use crate::workspace::layout::{BUILD, CACHE, note_path};
use crate::workspace::{Changes, Filter, Known, Listed, Noticed, Seen, io_failure, lane, look_at_outputs};

impl Session {
    /// Looks at everything that may have changed since the last operation, and reads no input. With `trusts_nothing`,
    /// nothing is known of any.
    pub(crate) fn notice(&mut self, operation: &mut Operation<'_>, trusts_nothing: bool) -> Result<Noticed, Stop> {
        self.cache.unlock(&self.fs).into_iter().for_each(|notice| operation.report(notice));
        let noticed = if trusts_nothing {
            // Whatever index is there is replaced.
            self.cache.index = index::found(&*self.fs);
            self.start_over();
            self.core.known.seen.everything()
        } else {
            self.cache.go_on();
            self.open_cache(operation);
            let changes = std::mem::take(&mut self.changes);
            survey(operation, &*self.fs, &self.core.known, &changes)?
        };
        if !noticed.is_nothing() {
            self.cache.conclusions.clear();
            self.cache.note_news();
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
    pub(crate) fn concluded(&self, filter: Filter, noticed: &Noticed) -> Option<Conclusion> {
        self.cache.conclusion(filter).filter(|_| noticed.is_nothing()).cloned()
    }

    /// What a pack published, where that is so still, and nothing was `noticed`.
    pub(crate) fn concluded_pack(
        &self,
        operation: &mut Operation<'_>,
        noticed: &Noticed,
    ) -> Result<Option<(Conclusion, Concluded)>, Stop> {
        let Some(mut conclusion) = self.concluded(Filter::Included, noticed) else { return Ok(None) };
        let Some(published) = conclusion.published.take() else { return Ok(None) };
        let found = look_at_outputs(&*self.fs).map_err(|error| io_failure(operation, BUILD, &error))?;
        Ok(published.is_untouched(&found).then_some((conclusion, published)))
    }

    /// Remembers that an operation found nothing wrong: its diagnostics since the gate, and what it `published`.
    pub(crate) fn conclude(
        &mut self,
        operation: &Operation<'_>,
        filter: Filter,
        snapshot: &Snapshot,
        published: Option<Concluded>,
    ) {
        let known = &self.core.known;
        if !known.is_sure() {
            return;
        }
        let entries = known.facts.entries.iter().filter(|entry| filter.admits(entry));
        self.cache.conclude(Conclusion {
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
        let opened = Opened::open(&*self.fs, key);
        self.cache.index = found;
        self.cache.stage = match opened {
            Ok((opened, head)) => {
                self.core.known.seen = head.seen;
                self.cache.conclusions = head.conclusions;
                Stage::Opened(Box::new(opened))
            }
            Err(unusable) => {
                if matches!(unusable, Unusable::Foreign) {
                    operation.report(dropped());
                }
                Stage::Read { has_news: false }
            }
        };
    }

    /// Reads all of the cache, unless that was done. Returns what was `noticed`: where the cache is damaged, everything.
    pub(crate) fn read_cache(&mut self, operation: &mut Operation<'_>, noticed: Noticed) -> Noticed {
        let Stage::Opened(opened) = &mut self.cache.stage else { return noticed };
        let _step = operation.step("read cache");
        let rest = opened.rest();
        self.cache.stage = Stage::Read { has_news: !noticed.is_nothing() };
        let seen = std::mem::take(&mut self.core.known.seen);
        match rest {
            Some(Rest { facts, generation }) => {
                self.core.known = Known::restored(seen, facts);
                self.outputs.generation = generation;
                noticed
            }
            None => {
                operation.report(dropped());
                self.cache.conclusions.clear();
                Seen::default().everything()
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
        if self.cache.keeps_later {
            return;
        }
        let _step = operation.step("write cache");
        if !self.is_to_be_kept() {
            return;
        }
        if begun.is_none_or(|index| self.finish_index(index).is_err()) {
            drop(self.begin_index(operation.id()).and_then(|index| self.finish_index(index)));
        }
        self.note_kept();
    }

    /// As [`keep`](Self::keep), by an operation that is not in the lane: only while no other one is, and in place of no index
    /// but the one that is known here. What another one wrote meanwhile is as good, and newer. Tells whether nothing is left
    /// to be kept.
    pub(crate) fn keep_aside(&mut self, operation: &OperationId) -> bool {
        if !self.is_to_be_kept() {
            return true;
        }
        if !self.may_replace_index() {
            return false;
        }
        let Ok(index) = self.begin_index(operation) else { return true };
        let is_kept = self.may_replace_index();
        if is_kept {
            drop(self.finish_index(index));
            self.note_kept();
        }
        is_kept
    }

    /// Says whether what is new is kept later, by [`keep_aside`](Self::keep_aside).
    pub(crate) fn set_keeps_later(&mut self, keeps_later: bool) {
        self.cache.keeps_later = keeps_later;
    }

    /// The key by which the cache is known; or why there is none.
    pub(crate) fn find_key(&self) -> Result<UserKey, Diagnostic> {
        self.cache.find_key()
    }

    fn begin_index(&self, operation: &OperationId) -> io::Result<IndexWriter> {
        let payloads = self.outputs.generation.as_ref().map_or(&[][..], |generation| &generation.payloads);
        IndexWriter::begin(&self.fs, operation, &self.core.known, payloads)
    }

    fn finish_index(&self, index: IndexWriter) -> io::Result<()> {
        let key = self.cache.key().ok_or(io::ErrorKind::Unsupported)?;
        index.finish(key, &self.core.known, &self.cache.conclusions, self.outputs.generation.as_ref())
    }

    fn note_kept(&mut self) {
        self.cache.index = index::found(&*self.fs);
        self.cache.stage = Stage::Read { has_news: false };
    }

    /// Whether there is something new to keep, and all that is known fits together.
    fn is_to_be_kept(&self) -> bool {
        self.cache.has_news() && self.is_settled()
    }

    /// Whether nobody is in the lane, and the index is the one that is known here. If it is another one, that is known now.
    fn may_replace_index(&mut self) -> bool {
        let found = index::found(&*self.fs);
        let is_known = std::mem::replace(&mut self.cache.index, found) == found;
        is_known && !lane::is_held(&*self.fs)
    }

    /// Whether the operation that runs is to keep what is known, where there is something new.
    pub(crate) fn keeps_now(&self) -> bool {
        !self.cache.keeps_later && matches!(self.cache.stage, Stage::Read { .. }) && self.is_settled()
    }

    /// Whether all that is known fits together.
    fn is_settled(&self) -> bool {
        self.core.known.pending == Listed::default()
    }
}

fn dropped() -> Diagnostic {
    let message = "the cache is damaged, or was written by another version of papack, or with another key than yours; it \
                   is not used, and a pack that may write there builds it anew";
    Diagnostic::info(Code::CacheDropped, message).at(index::path().as_str())
}

/// Emits the events of an operation that ends as `conclusion` says, up to its gate.
pub(crate) fn repeat(operation: &mut Operation<'_>, conclusion: Conclusion) {
    let Conclusion { asset_ids, file_count, diagnostics, .. } = conclusion;
    operation.emit(EventKind::SnapshotFrozen { asset_count: asset_ids.len(), file_count });
    asset_ids.into_iter().for_each(|id| emit_reused(operation, id));
    operation.finish_gate(diagnostics);
}
