//! The spool: the file with the bytes that one operation needs again and does not hold in memory.

use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::fs::{FileHandle, PIECE};

/// Bytes of the largest content that is gathered with others before it is written.
const LARGEST_GATHERED: usize = 64 * 1024;

/// Creates a file when it is first needed.
pub(super) type Open = dyn Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync;

/// Bytes on the disk. They are neither flushed nor published.
pub(crate) struct Spool {
    open: Box<Open>,
    file: OnceLock<Box<dyn FileHandle>>,
    tail: Mutex<Tail>,
}

/// The bytes that were put last and are not written yet. One large write takes the kernel much less time than many
/// small ones.
#[derive(Default)]
struct Tail {
    /// The offset of the first byte in the file.
    start: u64,
    bytes: Vec<u8>,
    /// How many bytes of the file are reserved for the tail.
    size: usize,
    /// The offset from which on nothing of the file is reserved.
    room: u64,
}

impl Tail {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Reserves `size` bytes of the file, and returns their offset.
    fn reserve(&mut self, size: u64) -> u64 {
        let start = self.room;
        self.room += size;
        start
    }
}

impl Spool {
    /// An empty spool. It calls `open` once, when it first needs the file.
    pub(crate) fn new(open: impl Fn() -> io::Result<Box<dyn FileHandle>> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), file: OnceLock::new(), tail: Mutex::default() }
    }

    /// Appends `bytes`, and returns their offset.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        if bytes.len() > LARGEST_GATHERED {
            // Other threads need not wait for this write.
            let (file, start) = self.place(bytes.len() as u64)?;
            file.write_all_at(start, bytes)?;
            return Ok(start);
        }
        let mut tail = self.tail();
        if tail.bytes.len() + bytes.len() > tail.size {
            self.flush(&tail)?;
            tail.start = tail.reserve(PIECE as u64);
            tail.bytes = Vec::with_capacity(PIECE);
            tail.size = PIECE;
        }
        let start = tail.end();
        tail.bytes.extend_from_slice(bytes);
        Ok(start)
    }

    /// Reserves `size` bytes that the caller writes itself. Returns the file and their offset.
    pub(crate) fn place(&self, size: u64) -> io::Result<(&dyn FileHandle, u64)> {
        let mut tail = self.tail();
        Ok((self.file()?, tail.reserve(size)))
    }

    /// Fills `buffer` with the bytes at `offset`, which were put or written before.
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

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file. The caller must hold the lock of the tail, so that the file is opened only once.
    fn file(&self) -> io::Result<&dyn FileHandle> {
        if let Some(file) = self.file.get() {
            return Ok(&**file);
        }
        let opened = (self.open)()?;
        Ok(&**self.file.get_or_init(|| opened))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rayon::prelude::*;

    use super::*;

    /// Whatever several threads put or write can be read afterwards, be it in the file already or still in the tail.
    #[test]
    fn every_byte_is_where_it_was_put() {
        let opened = Box::leak(Box::new(AtomicUsize::new(0)));
        let open = |count: &'static AtomicUsize| {
            move || {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(Box::new(tempfile::tempfile()?) as Box<dyn FileHandle>)
            }
        };
        let spool = Spool::new(open(opened));
        let sizes = [1, 3, 16_384, 70_000, PIECE - 1, PIECE, PIECE + 1, 5, 400_000];
        let content = |index: usize| vec![index as u8; sizes[index % sizes.len()]];
        let put = |index: usize| {
            let bytes = content(index);
            if !index.is_multiple_of(5) {
                return (index, spool.put(&bytes).unwrap());
            }
            let (file, start) = spool.place(bytes.len() as u64).unwrap();
            file.write_all_at(start, &bytes).unwrap();
            (index, start)
        };
        let places: Vec<_> = (1..100).into_par_iter().map(put).collect();
        for (index, start) in places {
            let mut found = content(index);
            found.fill(0);
            spool.read_at(start, &mut found).unwrap();
            assert!(found == content(index), "{index} at {start}");
        }
        assert_eq!(opened.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn little_needs_no_file() {
        let spool = Spool::new(|| Err(io::ErrorKind::StorageFull.into()));
        let start = spool.put(b"little").unwrap();
        let mut found = [0; 3];
        spool.read_at(start + 2, &mut found).unwrap();
        assert_eq!(found, *b"ttl");
        assert_eq!(spool.read_at(start + 4, &mut found).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        // More than the tail holds needs a file. The earlier bytes can still be read.
        assert_eq!(spool.put(&vec![0; PIECE]).unwrap_err().kind(), io::ErrorKind::StorageFull);
        spool.read_at(start, &mut found).unwrap();
        assert_eq!(found, *b"lit");
    }
}
