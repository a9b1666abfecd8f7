//! Writing a segment: slices first, from several threads, and the index when all is there.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;

use super::key::UserKey;
use super::payloads::{FOLDER, Key, MAX_BYTES, MAX_INDEX, MAX_RESULT, Payloads};
use super::segment::{FOOTER_SIZE, HEADER, HEADER_SIZE, Index, SLICE_SIZE, Segment, entry_size, path_of};
use super::{make_folder, upkeep};
use crate::event::OperationId;
use crate::fs::{FileHandle, FileSystem, NodeKind, create_locked, in_pieces};

/// What ends the name of a segment that is not complete. It is no name of a segment.
const SUFFIX: &str = ".new";

/// Writes what one operation derives. All of it may fail without harm: then it is derived again next time.
pub(crate) struct Writer {
    payloads: Arc<Payloads>,
    state: Mutex<State>,
}

enum State {
    /// Nothing was written yet.
    Empty,
    Open(Box<Draft>),
    /// It cannot be written, or it ended.
    Closed,
}

impl Writer {
    pub(super) fn new(payloads: Arc<Payloads>) -> Self {
        Self { payloads, state: Mutex::new(State::Empty) }
    }

    /// Keeps the payload `bytes`, once.
    ///
    /// # Errors
    ///
    /// When they cannot be kept: the disk is full, or the segment is.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.with_draft(|draft| draft.reserve(id))?.map_or(Ok(id), |(file, offset)| {
            // Not under the lock: other threads write meanwhile.
            let written = file.write_all_at(offset, bytes);
            self.with_draft(|draft| draft.add(id, offset, written)).map(|()| id)
        })
    }

    /// Whether the bytes of `id` were put, and are to be had until [`finish`](Self::finish).
    pub(crate) fn holds(&self, id: ContentId) -> bool {
        matches!(&*self.state(), State::Open(draft) if draft.numbers.contains_key(&id))
    }

    /// Fills `buffer` with the bytes of `id`, which were put, that begin at `offset`.
    pub(crate) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= id.size).ok_or(io::ErrorKind::InvalidInput)?;
        let found = match &*self.state() {
            State::Open(draft) => draft.place(id),
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
            drop(self.with_draft(|draft| draft.remember(key, &slices)));
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
            State::Open(draft) => draft.complete(),
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

    /// Calls `work` with the draft, which is begun when it is first needed.
    fn with_draft<T>(&self, work: impl FnOnce(&mut Draft) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        if matches!(*state, State::Empty) {
            *state = Draft::begin(&self.payloads.fs, &self.payloads.key)
                .map_or(State::Closed, |draft| State::Open(Box::new(draft)));
        }
        match &mut *state {
            State::Open(draft) => work(draft),
            State::Empty | State::Closed => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A segment that is being written. Its file goes when this is dropped before it is complete.
pub(super) struct Draft {
    fs: Arc<dyn FileSystem>,
    key: UserKey,
    file: Arc<dyn FileHandle>,
    name: String,
    /// Where the next slice begins.
    end: u64,
    index: Index,
    numbers: HashMap<ContentId, u32>,
    /// Bytes that the index takes, its footer left out.
    index_size: u64,
    /// Whether a slice could not be written. The disk is full, or worse: there will be no segment.
    failed: bool,
    completed: bool,
}

impl Draft {
    /// Creates the file, and the folders that it lies in.
    pub(super) fn begin(fs: &Arc<dyn FileSystem>, key: &UserKey) -> io::Result<Self> {
        make_folder(&**fs);
        if !matches!(fs.kind(Utf8Path::new(FOLDER)), Ok(Some(NodeKind::Folder))) {
            // A link or file in its place is no folder of the cache.
            drop(fs.remove_file(Utf8Path::new(FOLDER)));
            fs.create_folder(Utf8Path::new(FOLDER))?;
        }
        let name = OperationId::random().map_err(io::Error::other)?.as_str().to_owned();
        let file: Arc<dyn FileHandle> = create_locked(&**fs, &unfinished(&name))?.into();
        let draft = Self {
            fs: Arc::clone(fs),
            key: key.clone(),
            file,
            name,
            end: HEADER_SIZE,
            index: Index::default(),
            numbers: HashMap::new(),
            index_size: 0,
            failed: false,
            completed: false,
        };
        draft.file.write_all_at(0, &HEADER)?;
        Ok(draft)
    }

    /// Takes all of the entry `key` of `segment` over; nothing where it is not sound.
    pub(super) fn adopt(&mut self, key: &Key, segment: &Segment) -> io::Result<()> {
        let Some(ids) = segment.entry(key) else { return Ok(()) };
        for id in &ids {
            if let Some((file, offset)) = self.reserve(*id)? {
                let copied = in_pieces(id.size, |within, piece| {
                    segment.read_at(*id, within, piece)?;
                    file.write_all_at(offset + within, piece)
                });
                self.add(*id, offset, copied)?;
            }
        }
        self.remember(key, &ids)
    }

    /// Where `id` was written.
    fn place(&self, id: ContentId) -> Option<(Arc<dyn FileHandle>, u64)> {
        let number = usize::try_from(*self.numbers.get(&id)?).ok()?;
        self.index.slices.get(number).map(|(_, offset)| (Arc::clone(&self.file), *offset))
    }

    /// Where `id` is to be written; `None` where it is already.
    fn reserve(&mut self, id: ContentId) -> io::Result<Option<(Arc<dyn FileHandle>, u64)>> {
        if self.numbers.contains_key(&id) {
            return Ok(None);
        }
        self.expect_room(id.size, SLICE_SIZE)?;
        let offset = self.end;
        self.end += id.size;
        Ok(Some((Arc::clone(&self.file), offset)))
    }

    /// Takes `id` to be at `offset`, if it could be `written`.
    fn add(&mut self, id: ContentId, offset: u64, written: io::Result<()>) -> io::Result<()> {
        self.failed |= written.is_err();
        written?;
        // Another thread may have put the same meanwhile.
        if !self.numbers.contains_key(&id) {
            self.expect_room(0, SLICE_SIZE)?;
            let number = u32::try_from(self.index.slices.len()).map_err(io::Error::other)?;
            self.index.slices.push((id, offset));
            self.numbers.insert(id, number);
            self.index_size += SLICE_SIZE;
        }
        Ok(())
    }

    /// Adds the entry `key` with these slices, the result first.
    fn remember(&mut self, key: &Key, slices: &[ContentId]) -> io::Result<()> {
        let numbers: Option<Box<[u32]>> = slices.iter().map(|id| self.numbers.get(id).copied()).collect();
        let numbers = numbers.ok_or(io::ErrorKind::NotFound)?;
        let size = entry_size(numbers.len());
        self.expect_room(0, size)?;
        if self.index.entries.insert(*key, numbers).is_none() {
            self.index_size += size;
        }
        Ok(())
    }

    /// Makes sure that there is room for a slice of `size` bytes and `index_size` more bytes of index.
    fn expect_room(&self, size: u64, index_size: u64) -> io::Result<()> {
        let index_size = self.index_size + index_size;
        let total = self.end.checked_add(size).and_then(|end| end.checked_add(index_size + FOOTER_SIZE as u64));
        let fits = !self.failed && index_size <= MAX_INDEX && total.is_some_and(|total| total <= MAX_BYTES);
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    /// Gives the file its index and its name, which is returned. A segment without entries is none.
    pub(super) fn complete(mut self) -> io::Result<Option<String>> {
        if self.failed || self.index.entries.is_empty() {
            return Ok(None);
        }
        self.file.write_all_at(self.end, &self.index.to_bytes(&self.key))?;
        self.fs.rename(&unfinished(&self.name), &path_of(&self.name))?;
        self.completed = true;
        Ok(Some(self.name.clone()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.completed {
            drop(self.fs.remove_file(&unfinished(&self.name)));
        }
    }
}

/// Where the segment `name` is before it is complete.
fn unfinished(name: &str) -> Utf8PathBuf {
    path_of(&format!("{name}{SUFFIX}"))
}
