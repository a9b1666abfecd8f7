//! The bytes behind content handles, for the time of one operation.
//!
//! Inputs are read once and payloads are derived once, but both are needed again when the outputs are written,
//! which must wait for the header. Small contents stay in memory up to a budget; everything else goes to a spool
//! file, which is neither flushed nor published. A payload that is unchanged since the last publication is read
//! from `assets.pa` itself.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use camino::Utf8Path;
use dashmap::DashMap;
use papack_queries::content::{Content, ContentId, Digest};

use crate::fs::{FileHandle, Stamp, in_pieces};

/// Where one operation keeps the contents that it reads and derives.
pub(crate) trait Keeper: Content {
    /// Takes the content of `file`, which is at `path` and has this stamp.
    fn take(&self, path: &Utf8Path, file: &dyn FileHandle, stamp: Stamp) -> io::Result<ContentId>;

    /// Whether the bytes of `id` are there for whatever the operation will do with them.
    fn holds(&self, id: ContentId) -> bool;
}

/// Bytes that stay in memory.
const MEMORY_BUDGET: u64 = 64 * 1024 * 1024;

/// Largest content that is ever held in memory as a whole by the store.
const LARGEST_IN_MEMORY: u64 = 1024 * 1024;

/// Opens the spool, when it is first needed.
type OpenSpool = dyn Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync;

/// Content-addressed bytes of one operation.
pub(crate) struct Store {
    slots: DashMap<ContentId, Slot>,
    in_memory: AtomicU64,
    spool: Mutex<Option<Arc<dyn FileHandle>>>,
    spool_end: AtomicU64,
    open_spool: Box<OpenSpool>,
}

#[derive(Clone)]
enum Slot {
    Memory(Arc<[u8]>),
    File { file: Arc<dyn FileHandle>, offset: u64 },
}

impl Store {
    /// An empty store, which calls `open_spool` once if it outgrows its memory.
    pub(crate) fn new(open_spool: impl Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync + 'static) -> Self {
        Self {
            slots: DashMap::new(),
            in_memory: AtomicU64::new(0),
            spool: Mutex::new(None),
            spool_end: AtomicU64::new(0),
            open_spool: Box::new(open_spool),
        }
    }

    /// Takes `id` to be at `offset` of `file`. The caller vouches for it.
    pub(crate) fn adopt(&self, id: ContentId, file: Arc<dyn FileHandle>, offset: u64) {
        self.slots.entry(id).or_insert(Slot::File { file, offset });
    }

    fn slot(&self, id: ContentId) -> io::Result<Slot> {
        let slot = self.slots.get(&id).map(|slot| slot.clone());
        slot.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("content {} is not held", id.digest)))
    }

    fn fits_in_memory(&self, size: u64) -> bool {
        if size > LARGEST_IN_MEMORY {
            return false;
        }
        let fits = self.in_memory.fetch_add(size, Ordering::Relaxed) + size <= MEMORY_BUDGET;
        if !fits {
            self.in_memory.fetch_sub(size, Ordering::Relaxed);
        }
        fits
    }

    fn reserve(&self, size: u64) -> u64 {
        self.spool_end.fetch_add(size, Ordering::Relaxed)
    }

    fn spool(&self) -> io::Result<Arc<dyn FileHandle>> {
        let mut spool = self.spool.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(spool) = &*spool {
            return Ok(Arc::clone(spool));
        }
        let opened: Arc<dyn FileHandle> = (self.open_spool)()?.into();
        Ok(Arc::clone(spool.insert(opened)))
    }
}

impl Keeper for Store {
    fn take(&self, _: &Utf8Path, file: &dyn FileHandle, Stamp { size, .. }: Stamp) -> io::Result<ContentId> {
        if size <= LARGEST_IN_MEMORY {
            let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)?];
            file.read_exact_at(0, &mut bytes)?;
            return self.put(&bytes);
        }
        let spool = self.spool()?;
        let start = self.reserve(size);
        let mut hasher = blake3::Hasher::new();
        in_pieces(size, |offset, piece| {
            file.read_exact_at(offset, piece)?;
            hasher.update(piece);
            spool.write_all_at(start + offset, piece)
        })?;
        let id = ContentId { digest: Digest(*hasher.finalize().as_bytes()), size };
        self.adopt(id, spool, start);
        Ok(id)
    }

    fn holds(&self, id: ContentId) -> bool {
        id.size == 0 || self.slots.contains_key(&id)
    }
}

impl Content for Store {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= id.size);
        let end = end.ok_or(io::ErrorKind::InvalidInput)?;
        if buffer.is_empty() {
            return Ok(());
        }
        match self.slot(id)? {
            Slot::Memory(bytes) => {
                let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
                let range = range.and_then(|(start, end)| bytes.get(start..end)).ok_or(io::ErrorKind::InvalidInput)?;
                buffer.copy_from_slice(range);
                Ok(())
            }
            Slot::File { file, offset: start } => file.read_exact_at(start + offset, buffer),
        }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        if self.holds(id) {
            return Ok(id);
        }
        if self.fits_in_memory(id.size) {
            self.slots.insert(id, Slot::Memory(bytes.into()));
            return Ok(id);
        }
        let spool = self.spool()?;
        let offset = self.reserve(id.size);
        spool.write_all_at(offset, bytes)?;
        self.adopt(id, spool, offset);
        Ok(id)
    }
}
