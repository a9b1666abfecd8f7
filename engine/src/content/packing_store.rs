//! The store of an operation that writes outputs.
//!
//! Inputs are read once and payloads are derived once. Both are needed again when the outputs are written, which must
//! wait for the header. Contents whose place in the pack was foretold are written to it at once, into the draft. Small
//! ones among the others stay in memory up to a budget. Everything else goes to a spool file, which is neither flushed
//! nor published. A payload that did not change since the last publication is read from `assets.pa`
//! itself, and one that an earlier operation derived is read from the cache.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use camino::Utf8Path;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use dashmap::mapref::one::RefMut;
use papack_queries::content::{ContentId, ContentKey, ContentStore, Digest, Outcome, is_harmless};

use self::cached::Cached;
use super::draft::Draft;
use super::operation_store::{OperationStore, Placing, recall_cached, remember_in};
use super::published::Published;
use super::recent_payloads::Recent;
use super::spool::{Open, Spool};
use crate::cache::payloads::Payloads;
use crate::fs::{FileHandle, digest_at, in_pieces, with_buffer};
use crate::operation::Cancel;
use crate::workspace::FoundFile;

mod cached;
mod placing;

/// Bytes that stay in memory, at most.
const MEMORY_BUDGET: u64 = 32 * 1024 * 1024;

/// Bytes of the largest content that the store holds in memory as a whole.
const LARGEST_IN_MEMORY: u64 = 1024 * 1024;

/// Content-addressed bytes of one operation.
pub(crate) struct PackingStore {
    slots: DashMap<ContentId, Slot>,
    /// Bytes of all contents in memory.
    in_memory: AtomicU64,
    spool: Spool,
    /// Creates the file of the draft; none where the store makes no pack.
    open_draft: Option<Box<Open>>,
    draft: OnceLock<Draft>,
    published: Option<Published>,
    /// Outcomes that earlier operations recorded.
    offered: DashMap<ContentKey, Outcome>,
    cached: Option<Cached>,
    /// What other sessions of the process derived and kept in memory.
    recent: Arc<Recent>,
    /// Ends the work of formats.
    cancel: Cancel,
    /// Whether it only answers what it would hold, and keeps no bytes.
    is_forecast: bool,
}

/// A content of the operation.
struct Slot {
    place: Place,
    /// Holders that have not released it.
    holders: usize,
    /// Whether it was taken, and not only derived.
    is_input: bool,
    /// Whether it was found harmless when it was taken.
    is_harmless: bool,
}

/// Where the bytes of a content are.
#[derive(Clone)]
enum Place {
    Memory(Arc<[u8]>),
    Spool {
        offset: u64,
    },
    Draft {
        offset: u64,
    },
    Published {
        offset: u64,
    },
    Cache,
    /// Nowhere: nobody reads from a forecast.
    Forecast,
}

impl PackingStore {
    /// An empty store. It finds payloads in what is `published` and, where there is a cache, in the `payloads` of
    /// earlier operations. It calls `open_spool` once, when its contents exceed the budget of memory.
    pub(crate) fn new(
        published: Option<Published>,
        payloads: Option<Arc<Payloads>>,
        open_spool: impl Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            slots: DashMap::new(),
            in_memory: AtomicU64::new(0),
            spool: Spool::new(open_spool),
            open_draft: None,
            draft: OnceLock::new(),
            published,
            offered: DashMap::new(),
            cached: payloads.map(Cached::new),
            recent: Arc::default(),
            cancel: Cancel::new(),
            is_forecast: false,
        }
    }

    /// The store with a draft of the next pack, in the file that `open` creates when the draft is begun.
    pub(crate) fn with_draft(self, open: impl Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync + 'static) -> Self {
        Self { open_draft: Some(Box::new(open)), ..self }
    }

    /// A store that answers what it would hold, and keeps nothing: it writes neither a spool nor to the cache, and what
    /// it takes cannot be read.
    pub(crate) fn forecast(published: Option<Published>, payloads: Option<Arc<Payloads>>) -> Self {
        Self { is_forecast: true, ..Self::new(published, payloads, || Err(io::ErrorKind::Unsupported.into())) }
    }

    /// The same store, which also finds payloads in `recent`.
    pub(crate) fn with_recent(self, recent: Arc<Recent>) -> Self {
        Self { recent, ..self }
    }

    /// The same store, over which formats work until `cancel` is set.
    pub(crate) fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Keeps derived payloads in the cache for later operations. `is_complete` says that the operation derived all of
    /// them, and `live_contents` gives the contents of all payloads that assets have. If the cache cannot be written, nothing is kept, and that is no failure.
    pub(crate) fn finish(&self, is_complete: bool, live_contents: &dyn Fn() -> HashSet<ContentId>) {
        if let Some(cached) = &self.cached {
            drop(cached.writer.finish(is_complete, live_contents));
        }
    }

    /// Whether all of `slices` are inputs of this operation, or kept by earlier ones in the cache or in memory. What this operation
    /// derives does not count: the answer would depend on the order in which threads derive.
    fn holds_all(&self, slices: &[ContentId]) -> bool {
        let is_taken = |id: &ContentId| self.slots.get(id).is_some_and(|slot| slot.is_input);
        let is_cached = |id: ContentId| self.cached.as_ref().is_some_and(|cached| cached.payloads.holds(id));
        let is_kept = |id: ContentId| is_cached(id) || self.recent.content(id).is_some();
        slices.iter().all(|slice| slice.size == 0 || is_taken(slice) || is_kept(*slice))
    }

    /// The published `assets.pa`, if payloads can be read from it.
    pub(crate) fn published(&self) -> Option<&Published> {
        self.published.as_ref()
    }

    /// The draft, if it was begun.
    pub(crate) fn draft(&self) -> Option<&Draft> {
        self.draft.get()
    }

    fn place(&self, id: ContentId) -> io::Result<Place> {
        if let Some(slot) = self.slots.get(&id) {
            return Ok(slot.place.clone());
        }
        if let Some(published) = &self.published
            && let Some(offset) = published.find_content(id)
        {
            return Ok(Place::Published { offset });
        }
        if self.cached.as_ref().is_some_and(|cached| cached.payloads.holds(id)) {
            return Ok(Place::Cache);
        }
        if let Some(bytes) = self.recent.content(id) {
            return Ok(Place::Memory(Arc::clone(bytes)));
        }
        Err(io::Error::new(io::ErrorKind::NotFound, format!("content {} is not held", id.digest)))
    }

    /// The outcome that is kept in memory for inputs with this key. It is written to the cache, for later processes.
    fn recall_recent(&self, key: ContentKey) -> Option<Outcome> {
        let outcome = self.recent.recall(key)?;
        if let Some(cached) = self.cached.as_ref().filter(|_| !self.is_forecast) {
            for slice in outcome.payload.iter().flat_map(|payload| &payload.slices) {
                self.recent.content(*slice).and_then(|bytes| cached.put(bytes));
            }
            remember_in(&cached.writer, key, &outcome);
        }
        Some(outcome)
    }

    /// Counts one more holder of `id`. Returns whether the store holds it.
    fn hold(&self, id: ContentId, is_input: bool) -> bool {
        let add_holder = |mut slot: RefMut<'_, _, Slot>| {
            slot.holders += 1;
            slot.is_input |= is_input;
        };
        self.slots.get_mut(&id).map(add_holder).is_some()
    }

    /// Adds `slot`, that of the content `id`.
    fn insert(&self, id: ContentId, slot: Slot) {
        match self.slots.entry(id) {
            Entry::Vacant(vacant) => drop(vacant.insert(slot)),
            // Another thread put the same content meanwhile.
            Entry::Occupied(mut occupied) => {
                occupied.get_mut().holders += 1;
                occupied.get_mut().is_input |= slot.is_input;
                self.give_back(&slot.place, id.size);
            }
        }
    }

    /// Returns the bytes of a content to the budget of memory, if it is there.
    fn give_back(&self, place: &Place, size: u64) {
        if matches!(place, Place::Memory(_)) {
            self.in_memory.fetch_sub(size, Ordering::Relaxed);
        }
    }

    /// Takes `size` bytes from the budget of memory, if a content of that size fits.
    fn reserve_memory(&self, size: u64) -> bool {
        if size > LARGEST_IN_MEMORY {
            return false;
        }
        let fits = self.in_memory.fetch_add(size, Ordering::Relaxed) + size <= MEMORY_BUDGET;
        if !fits {
            self.in_memory.fetch_sub(size, Ordering::Relaxed);
        }
        fits
    }

    /// Keeps a copy of `bytes`.
    fn keep(&self, bytes: &[u8], is_input: bool) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        if id.size == 0 || self.hold(id, is_input) {
            return Ok(id);
        }
        let place = if self.is_forecast {
            Place::Forecast
        } else if self.reserve_memory(id.size) {
            Place::Memory(bytes.into())
        } else {
            Place::Spool { offset: self.spool.put(bytes)? }
        };
        self.insert(id, Slot { place, holders: 1, is_input, is_harmless: is_input && is_harmless(bytes) });
        Ok(id)
    }
}

/// Reads `file`, an input of `size` bytes, piece by piece, and has `write` write each with its offset. The content, and
/// whether it is known to be harmless.
fn copy_input(
    file: &dyn FileHandle,
    size: u64,
    write: impl Fn(u64, &[u8]) -> io::Result<()>,
) -> io::Result<(ContentId, bool)> {
    let mut hasher = blake3::Hasher::new();
    let mut is_known_harmless = false;
    in_pieces(size, |offset, piece| {
        file.read_exact_at(offset, piece)?;
        if offset == 0 {
            is_known_harmless = is_harmless(piece);
        }
        hasher.update(piece);
        write(offset, piece)
    })?;
    Ok((ContentId { digest: Digest(*hasher.finalize().as_bytes()), size }, is_known_harmless))
}

impl OperationStore for PackingStore {
    fn placing(&self) -> Option<&dyn Placing> {
        self.open_draft.is_some().then_some(self)
    }

    fn take(&self, _: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId> {
        let size = found.stamp.size;
        if self.is_forecast {
            let id = ContentId { digest: digest_at(file, 0, size)?, size };
            if size > 0 {
                self.insert(id, Slot { place: Place::Forecast, holders: 1, is_input: true, is_harmless: false });
            }
            return Ok(id);
        }
        if size <= LARGEST_IN_MEMORY {
            let size = usize::try_from(size).map_err(io::Error::other)?;
            return with_buffer(size, |bytes| {
                file.read_exact_at(0, bytes)?;
                self.keep(bytes, true)
            });
        }
        let (spool, start) = self.spool.place(size)?;
        let (id, is_harmless) = copy_input(file, size, |offset, piece| spool.write_all_at(start + offset, piece))?;
        self.insert(id, Slot { place: Place::Spool { offset: start }, holders: 1, is_input: true, is_harmless });
        Ok(id)
    }

    fn ingest_bytes(&self, bytes: &Arc<[u8]>) -> io::Result<ContentId> {
        self.keep(bytes, true)
    }

    fn release(&self, id: ContentId) {
        let is_last = |_: &ContentId, slot: &Slot| slot.holders <= 1;
        match self.slots.remove_if(&id, is_last) {
            Some((_, slot)) => self.give_back(&slot.place, id.size),
            None => {
                if let Some(mut slot) = self.slots.get_mut(&id) {
                    slot.holders -= 1;
                }
            }
        }
    }

    fn holds(&self, asset_id: u32, id: ContentId, slices: &[ContentId]) -> bool {
        let is_published = || self.published.as_ref().is_some_and(|published| published.find(asset_id, id).is_some());
        id.size == 0 || is_published() || self.holds_all(slices)
    }

    fn offer_outcome(&self, key: ContentKey, outcome: Outcome) {
        self.offered.insert(key, outcome);
    }

    fn remember(&self, key: ContentKey, outcome: &Outcome) {
        if let Some(cached) = &self.cached {
            remember_in(&cached.writer, key, outcome);
        }
    }
}

impl ContentStore for PackingStore {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= id.size);
        let end = end.ok_or(io::ErrorKind::InvalidInput)?;
        if buffer.is_empty() {
            return Ok(());
        }
        match self.place(id)? {
            Place::Memory(bytes) => {
                let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
                let range = range.and_then(|(start, end)| bytes.get(start..end)).ok_or(io::ErrorKind::InvalidInput)?;
                buffer.copy_from_slice(range);
                Ok(())
            }
            Place::Spool { offset: start } => self.spool.read_at(start + offset, buffer),
            Place::Draft { offset: start } => match self.draft() {
                Some(draft) => draft.file().read_exact_at(start + offset, buffer),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            Place::Published { offset: start } => match &self.published {
                Some(published) => published.file().read_exact_at(start + offset, buffer),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            Place::Cache => match &self.cached {
                Some(cached) => cached.read_at(id, offset, buffer),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            Place::Forecast => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        match self.cached.as_ref().filter(|_| !self.is_forecast).and_then(|cached| cached.put(bytes)) {
            Some(id) => {
                self.insert(id, Slot { place: Place::Cache, holders: 1, is_input: false, is_harmless: false });
                Ok(id)
            }
            None => self.keep(bytes, false),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn is_known_harmless(&self, id: ContentId) -> bool {
        self.slots.get(&id).is_some_and(|slot| slot.is_harmless)
    }

    fn recall(&self, key: ContentKey) -> Option<Outcome> {
        let is_held = |outcome: &Outcome| {
            let Some(payload) = &outcome.payload else { return false };
            payload.id.size == 0
                || self.published.as_ref().is_some_and(|published| published.find_content(payload.id).is_some())
                || self.holds_all(&payload.slices)
        };
        let offered = self.offered.get(&key).map(|outcome| outcome.clone()).filter(is_held);
        let cached = || recall_cached(&self.cached.as_ref()?.payloads, key).filter(is_held);
        offered.or_else(cached).or_else(|| self.recall_recent(key))
    }
}
