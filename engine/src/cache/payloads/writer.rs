//! Writing the payloads that one operation derives, from several threads.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use papack_queries::content::ContentId;

use super::limits::{Key, MAX_BYTES, MAX_RESULT};
use super::segment::Segment;
use super::segment_writer::SegmentWriter;
use super::store::Payloads;
use super::upkeep;

/// Writes the payloads that one operation derives. If that fails, the next operation only has to derive them again.
pub(crate) struct PayloadWriter {
    payloads: Arc<Payloads>,
    state: Mutex<State>,
}

enum State {
    /// Nothing was written yet.
    Empty,
    Open(Box<SegmentWriter>),
    /// The segment could not be created, or the writer has finished.
    Closed,
}

impl PayloadWriter {
    /// A writer that adds to `payloads`.
    pub(crate) fn new(payloads: Arc<Payloads>) -> Self {
        Self { payloads, state: Mutex::new(State::Empty) }
    }

    /// Writes the payload `bytes`, unless they were put before. Small ones are written with others.
    ///
    /// # Errors
    ///
    /// When the bytes cannot be written, as when the disk or the segment is full.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.with_segment(|segment| segment.put(id, bytes))?.map_or(Ok(id), |(file, offset)| {
            // The lock is not held here, so that other threads can write meanwhile.
            let written = file.write_all_at(offset, bytes);
            self.with_segment(|segment| segment.add(id, offset, written)).map(|()| id)
        })
    }

    /// Whether the bytes of `id` were put. They can be read until [`finish`](Self::finish).
    pub(crate) fn holds(&self, id: ContentId) -> bool {
        matches!(&*self.state(), State::Open(segment) if segment.has(id))
    }

    /// Fills `buffer` from `offset` of `id`, which was put before.
    pub(crate) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= id.size).ok_or(io::ErrorKind::InvalidInput)?;
        let (file, at) = {
            let state = self.state();
            let State::Open(segment) = &*state else { return Err(io::ErrorKind::NotFound.into()) };
            let (file, start) = segment.place(id).ok_or(io::ErrorKind::NotFound)?;
            if let Some(bytes) = segment.unwritten(start + offset, buffer.len()) {
                buffer.copy_from_slice(bytes);
                return Ok(());
            }
            (file, start + offset)
        };
        file.read_exact_at(at, buffer)
    }

    /// Adds the entry `key` with `result` and its `payloads`, which must have been put. An entry that does not fit is
    /// not kept.
    pub(crate) fn remember(&self, key: &Key, result: &[u8], payloads: &[ContentId]) {
        if result.len() as u64 <= MAX_RESULT
            && let Ok(result) = self.put(result)
        {
            let slices: Vec<_> = std::iter::once(result).chain(payloads.iter().copied()).collect();
            drop(self.with_segment(|segment| segment.remember(key, &slices)));
        }
    }

    /// Completes the segment, and keeps the cache within its bounds. The caller holds the lane, or knows that nobody does:
    /// what two writers do here at the same time may cost a segment, which is derived again. `live_contents` gives the
    /// contents of all payloads that assets have. `is_complete` says that the operation derived
    /// everything: only then are dead entries dropped, and does a [replacement](Payloads::replacement) replace the earlier
    /// payloads.
    ///
    /// # Errors
    ///
    /// When the segment cannot be completed. Then nothing of it is kept.
    pub(crate) fn finish(&self, is_complete: bool, live_contents: &dyn Fn() -> HashSet<ContentId>) -> io::Result<()> {
        let state = std::mem::replace(&mut *self.state(), State::Closed);
        if matches!(state, State::Empty) && !self.payloads.need_upkeep() {
            return Ok(());
        }
        if !self.payloads.replaces_earlier {
            // Others may have completed segments meanwhile, which are not to be removed.
            self.payloads.refresh();
        }
        let mut segments = self.payloads.segments().to_vec();
        let completed = match state {
            State::Open(segment) => segment.complete(),
            State::Empty | State::Closed => Ok(None),
        };
        if self.payloads.replaces_earlier && !is_complete {
            // An incomplete replacement removes nothing: its segment stays beside the earlier ones.
            return completed.map(drop);
        }
        if let Ok(Some(name)) = &completed
            && let Some(new) = Segment::open(&*self.payloads.fs, name, &self.payloads.key)
        {
            new.note_use();
            segments.insert(0, Arc::new(new));
        }
        // What is live is only known where all assets were looked at.
        let live_contents = is_complete.then_some(live_contents);
        drop(upkeep::keep_within(&self.payloads, segments, MAX_BYTES, live_contents));
        completed.map(drop)
    }

    /// Calls `work` with the segment. Creates the segment when it is first needed.
    fn with_segment<T>(&self, work: impl FnOnce(&mut SegmentWriter) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        if matches!(*state, State::Empty) {
            *state = SegmentWriter::begin(&self.payloads.fs, &self.payloads.key)
                .map_or(State::Closed, |segment| State::Open(Box::new(segment)));
        }
        match &mut *state {
            State::Open(segment) => work(segment),
            State::Empty | State::Closed => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
