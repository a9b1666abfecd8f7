//! The file to which one operation puts bytes that it needs again and does not hold in memory.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::fs::{FileHandle, PIECE};

/// Opens the file, when it is first needed.
type Open = dyn Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync;

/// Bytes on the disk, which are neither flushed nor published.
pub(crate) struct Spool {
    open: Box<Open>,
    file: OnceLock<Box<dyn FileHandle>>,
    /// Where nothing was put yet.
    end: AtomicU64,
    tail: Mutex<Tail>,
}

/// What was put last, and is not written yet: at once, that takes the kernel much less time than many small pieces.
#[derive(Default)]
struct Tail {
    /// Where it begins in the file.
    start: u64,
    bytes: Vec<u8>,
}

impl Tail {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Spool {
    /// An empty one, which calls `open` once something is put there.
    pub(crate) fn new(open: impl Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), file: OnceLock::new(), end: AtomicU64::new(0), tail: Mutex::default() }
    }

    /// Puts `bytes` there, and tells where they begin.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut tail = self.tail();
        if tail.bytes.len() + bytes.len() > tail.bytes.capacity() {
            self.flush(&tail)?;
            let room = PIECE.max(bytes.len());
            *tail = Tail { start: self.reserve(room as u64), bytes: Vec::with_capacity(room) };
        }
        let start = tail.end();
        tail.bytes.extend_from_slice(bytes);
        Ok(start)
    }

    /// Gives a place to `size` bytes that the caller writes: the file, and where they begin.
    pub(crate) fn place(&self, size: u64) -> io::Result<(&dyn FileHandle, u64)> {
        // One opens it at a time.
        let _tail = self.tail();
        Ok((self.file()?, self.reserve(size)))
    }

    /// Fills `buffer` with what was put or written at `offset`.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let tail = self.tail();
        if (tail.start..tail.end()).contains(&offset) {
            let start = usize::try_from(offset - tail.start).map_err(io::Error::other)?;
            let bytes = tail.bytes[start..].get(..buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        let file = self.file()?;
        drop(tail);
        file.read_exact_at(offset, buffer)
    }

    fn flush(&self, tail: &Tail) -> io::Result<()> {
        if tail.bytes.is_empty() { Ok(()) } else { self.file()?.write_all_at(tail.start, &tail.bytes) }
    }

    fn reserve(&self, size: u64) -> u64 {
        self.end.fetch_add(size, Ordering::Relaxed)
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file. Only who holds the tail asks for it.
    fn file(&self) -> io::Result<&dyn FileHandle> {
        if let Some(file) = self.file.get() {
            return Ok(&**file);
        }
        let opened = (self.open)()?;
        Ok(&**self.file.get_or_init(|| opened))
    }
}
