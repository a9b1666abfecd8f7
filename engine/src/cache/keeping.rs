//! What a session takes from the cache, and leaves there.

use std::io;

use papack_queries::diagnostic::{Code, Diagnostic};

use super::index::{self, Concluded, Conclusion, Draft, Opened, Rest, Unusable};
use super::service;
use crate::event::{EventKind, OperationId};
use crate::known::Known;
use crate::lane;
use crate::operation::{Operation, Stop};
use crate::projection::Filter;
use crate::published::look_at_outputs;
use crate::seen::{Listed, Noticed, Seen};
use crate::session::{Cache, Session};
use crate::snapshot::Snapshot;

impl Operation<'_> {
    /// Looks at everything that may have changed since the last operation, and reads no input. With `trusts_nothing`,
    /// nothing is known of any.
    pub(crate) fn notice(&mut self, trusts_nothing: bool) -> Result<Noticed, Stop> {
        self.find_key();
        let noticed = if trusts_nothing {
            // Whatever index is there is replaced.
            self.session.index = index::found(&*self.session.fs);
            self.session.start_over();
            self.session.known.seen.everything()
        } else {
            self.session.go_on();
            self.open_cache();
            self.survey()?
        };
        if !noticed.is_nothing() {
            self.session.conclusions.clear();
            self.session.note_news();
        }
        Ok(noticed)
    }

    /// How an operation on the assets that `filter` admits ended, where it would end so again: nothing was `noticed`.
    pub(crate) fn concluded(&self, filter: Filter, noticed: &Noticed) -> Option<Conclusion> {
        let conclusion = self.session.conclusions.iter().find(|conclusion| conclusion.filter == filter);
        conclusion.filter(|_| noticed.is_nothing()).cloned()
    }

    /// What a pack published, where that is so still, and nothing was `noticed`.
    pub(crate) fn concluded_pack(&mut self, noticed: &Noticed) -> Result<Option<(Conclusion, Concluded)>, Stop> {
        let Some(mut conclusion) = self.concluded(Filter::Included, noticed) else { return Ok(None) };
        let Some(published) = conclusion.published.take() else { return Ok(None) };
        let found =
            look_at_outputs(&*self.session.fs).map_err(|error| self.io_failure(crate::output::BUILD, &error))?;
        Ok(published.is_untouched(&found).then_some((conclusion, published)))
    }

    /// Tells of an operation that ends as `conclusion` says, up to its gate.
    pub(crate) fn repeat(&mut self, conclusion: Conclusion) {
        let Conclusion { asset_ids, file_count, diagnostics, .. } = conclusion;
        self.stream.emit(EventKind::SnapshotFrozen { asset_count: asset_ids.len(), file_count });
        asset_ids.into_iter().for_each(|id| self.tell_reused(id));
        self.end_gate(diagnostics);
    }

    /// Remembers that an operation found nothing wrong: it told `diagnostics` at its gate, and `published` this.
    pub(crate) fn conclude_as(&mut self, filter: Filter, snapshot: &Snapshot, published: Option<Concluded>) {
        if !self.session.known.is_sure() {
            return;
        }
        let entries = self.session.known.facts.entries.iter().filter(|entry| filter.admits(entry));
        let conclusion = Conclusion {
            filter,
            asset_ids: entries.map(|entry| entry.asset_id).collect(),
            file_count: snapshot.file_count,
            diagnostics: self.told_at_gate().to_vec(),
            published,
        };
        self.session.conclusions.retain(|other| other.filter != filter);
        self.session.conclusions.push(conclusion);
        self.session.note_news();
    }

    /// Finds the key by which the cache is known, unless that was done. Tells why there is none.
    fn find_key(&mut self) {
        if matches!(self.session.cache, Cache::Unopened) && self.session.key.is_none() {
            match self.session.fs.user_key() {
                Ok(key) => self.session.set_key(key),
                Err(notice) => self.session.cache = Cache::Keyless(Box::new(notice)),
            }
        }
        if let Cache::Keyless(notice) = &self.session.cache {
            let notice = Diagnostic::clone(notice);
            self.tell(notice);
        }
    }

    /// Opens the cache, unless that was done.
    fn open_cache(&mut self) {
        let (Cache::Unopened, Some(key)) = (&self.session.cache, &self.session.key) else { return };
        let _step = self.session.timings.step("open cache");
        self.session.index = index::found(&*self.session.fs);
        let opened = Opened::open(&*self.session.fs, key);
        self.session.cache = match opened {
            Ok((opened, head)) => {
                self.session.known.seen = head.seen;
                self.session.conclusions = head.conclusions;
                Cache::Opened(Box::new(opened))
            }
            Err(unusable) => {
                if matches!(unusable, Unusable::Foreign) {
                    self.tell(dropped());
                }
                Cache::Read { has_news: false }
            }
        };
    }

    /// Reads all of the cache, unless that was done. Returns what was `noticed`: where the cache is damaged, everything.
    pub(crate) fn read_cache(&mut self, noticed: Noticed) -> Noticed {
        let Cache::Opened(opened) = &mut self.session.cache else { return noticed };
        let _step = self.session.timings.step("read cache");
        let rest = opened.rest();
        self.session.cache = Cache::Read { has_news: !noticed.is_nothing() };
        let seen = std::mem::take(&mut self.session.known.seen);
        match rest {
            Some(Rest { facts, generation }) => {
                self.session.known = Known::restored(seen, facts);
                self.session.generation = generation;
                noticed
            }
            None => {
                self.tell(dropped());
                self.session.conclusions.clear();
                Seen::default().everything()
            }
        }
    }

    /// Forgets all that is known, here and in the cache: something of it is wrong. The lane is ours.
    pub(crate) fn discard_cache(&mut self) {
        self.session.start_over();
        // What cannot be removed is told of by whoever meets it again.
        drop(service::clear(&*self.session.fs));
    }

    /// Keeps what is known for the next process, unless the session does that later; in the index that was begun as `draft`,
    /// where one was. The lane is ours.
    pub(crate) fn keep(&mut self, draft: Option<Draft>) {
        if !self.session.keeps_later {
            let _step = self.session.timings.step("write cache");
            self.session.keep(self.stream.operation_id(), draft);
        }
    }

    /// As [`keep`](Self::keep), beside the lane.
    pub(crate) fn keep_aside(&mut self) {
        let _step = self.session.timings.step("write cache");
        _ = self.session.keep_aside(self.stream.operation_id());
    }
}

fn dropped() -> Diagnostic {
    let message = "the cache is damaged, or was written by another version of papack, or with another key than yours; it \
                   is not used, and a pack that may write there builds it anew";
    Diagnostic::info(Code::CacheDropped, message).at(index::path().as_str())
}

impl Session {
    /// Writes what is known into the cache, where there is something new, and all of it fits together. Not being able to
    /// is no failure. `operation` is the one that found it, and may have begun the index as `draft`. The lane is ours.
    pub(crate) fn keep(&mut self, operation: &OperationId, draft: Option<Draft>) {
        if !self.has_news() {
            return;
        }
        if draft.is_none_or(|draft| self.finish_index(draft).is_err()) {
            drop(self.begin_index(operation).and_then(|draft| self.finish_index(draft)));
        }
        self.note_kept();
    }

    /// As [`keep`](Self::keep), by an operation that is not in the lane: only while no other one is, and in place of no index
    /// but the one that is known here. What another one wrote meanwhile is as good, and newer. Tells whether nothing is left
    /// to be kept.
    pub(crate) fn keep_aside(&mut self, operation: &OperationId) -> bool {
        if !self.has_news() {
            return true;
        }
        if !self.may_replace_index() {
            return false;
        }
        let Ok(draft) = self.begin_index(operation) else { return true };
        let is_kept = self.may_replace_index();
        if is_kept {
            drop(self.finish_index(draft));
            self.note_kept();
        }
        is_kept
    }

    fn begin_index(&self, operation: &OperationId) -> io::Result<Draft> {
        let payloads = self.generation.as_ref().map_or(&[][..], |generation| &generation.payloads);
        Draft::begin(&self.fs, operation, &self.known, payloads)
    }

    fn finish_index(&self, draft: Draft) -> io::Result<()> {
        let key = self.key.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        draft.finish(key, &self.known, &self.conclusions, self.generation.as_ref())
    }

    fn note_kept(&mut self) {
        self.index = index::found(&*self.fs);
        self.cache = Cache::Read { has_news: false };
    }

    /// Whether there is something new to keep, and all that is known fits together.
    fn has_news(&self) -> bool {
        matches!(self.cache, Cache::Read { has_news: true }) && self.is_settled()
    }

    /// Whether nobody is in the lane, and the index is the one that is known here. If it is another one, that is known now.
    fn may_replace_index(&mut self) -> bool {
        let found = index::found(&*self.fs);
        let is_known = std::mem::replace(&mut self.index, found) == found;
        is_known && !lane::is_held(&*self.fs)
    }

    /// Whether the operation that runs is to keep what is known, where there is something new.
    pub(crate) fn keeps_now(&self) -> bool {
        !self.keeps_later && matches!(self.cache, Cache::Read { .. }) && self.is_settled()
    }

    /// Whether all that is known fits together.
    fn is_settled(&self) -> bool {
        self.known.pending == Listed::default()
    }

    /// Notes that there is something new to keep.
    fn note_news(&mut self) {
        if let Cache::Read { has_news } = &mut self.cache {
            *has_news = true;
        }
    }

    /// Looks into the outputs themselves from now on.
    pub(crate) fn distrust_outputs(&mut self) {
        self.generation
            .iter_mut()
            .flat_map(|generation| &mut generation.outputs)
            .for_each(|output| output.stamp = None);
    }
}
