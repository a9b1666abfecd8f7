//! Keeping what one operation derives, from several threads.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use papack_queries::content::ContentId;

use super::limits::{Key, MAX_BYTES, MAX_RESULT};
use super::segment::Segment;
use super::segment_writer::SegmentWriter;
use super::store::Payloads;
use super::upkeep;

/// Writes what one operation derives. All of it may fail without harm: then it is derived again next time.
pub(crate) struct PayloadWriter {
    payloads: Arc<Payloads>,
    state: Mutex<State>,
}

enum State {
    /// Nothing was written yet.
    Empty,
    Open(Box<SegmentWriter>),
    /// It cannot be written, or it ended.
    Closed,
}

impl PayloadWriter {
    /// Begins to write what an operation derives. Whoever writes holds the lane.
    pub(crate) fn new(payloads: Arc<Payloads>) -> Self {
        Self { payloads, state: Mutex::new(State::Empty) }
    }

    /// Keeps the payload `bytes`, once.
    ///
    /// # Errors
    ///
    /// When they cannot be kept: the disk is full, or the segment is.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.with_segment(|segment| segment.reserve(id))?.map_or(Ok(id), |(file, offset)| {
            // Not under the lock: other threads write meanwhile.
            let written = file.write_all_at(offset, bytes);
            self.with_segment(|segment| segment.add(id, offset, written)).map(|()| id)
        })
    }

    /// Whether the bytes of `id` were put, and are to be had until [`finish`](Self::finish).
    pub(crate) fn holds(&self, id: ContentId) -> bool {
        matches!(&*self.state(), State::Open(segment) if segment.has(id))
    }

    /// Fills `buffer` with the bytes of `id`, which were put, that begin at `offset`.
    pub(crate) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= id.size).ok_or(io::ErrorKind::InvalidInput)?;
        let found = match &*self.state() {
            State::Open(segment) => segment.place(id),
            State::Empty | State::Closed => None,
        };
        let (file, start) = found.ok_or(io::ErrorKind::NotFound)?;
        file.read_exact_at(start + offset, buffer)
    }

    /// Remembers `result` for `key`, together with `payloads`, which were put. What does not fit is not remembered.
    pub(crate) fn remember(&self, key: &Key, result: &[u8], payloads: &[ContentId]) {
        if result.len() as u64 <= MAX_RESULT
            && let Ok(result) = self.put(result)
        {
            let slices: Vec<_> = std::iter::once(result).chain(payloads.iter().copied()).collect();
            drop(self.with_segment(|segment| segment.remember(key, &slices)));
        }
    }

    /// Completes the segment, and sees to it that the cache stays within its bounds. Payloads that were to be made anew take
    /// the place of those before only where the operation `is_complete`.
    ///
    /// # Errors
    ///
    /// When the segment cannot be completed. Then nothing of it is there.
    pub(crate) fn finish(&self, is_complete: bool) -> io::Result<()> {
        let state = std::mem::replace(&mut *self.state(), State::Closed);
        if matches!(state, State::Empty) && !self.payloads.are_to_be_tended() {
            return Ok(());
        }
        let replaces = is_complete || !self.payloads.is_anew;
        let mut segments = self.payloads.segments().to_vec();
        let completed = match state {
            State::Open(segment) => segment.complete(),
            State::Empty | State::Closed => Ok(None),
        };
        if !replaces {
            return completed.map(drop);
        }
        if let Ok(Some(name)) = &completed
            && let Some(new) = Segment::open(&*self.payloads.fs, name, &self.payloads.key)
        {
            new.use_now();
            segments.insert(0, Arc::new(new));
        }
        drop(upkeep::keep_within(&self.payloads, segments, MAX_BYTES));
        completed.map(drop)
    }

    /// Calls `work` with the segment, which is begun when it is first needed.
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
