//! Content that is looked at and not kept: what `check` and `status` read through.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use dashmap::DashMap;
use papack_queries::content::{ContentId, ContentKey, ContentStore, Digest, Outcome};

use super::operation_store::{OperationStore, recall_cached};
use crate::cache::payloads::Payloads;
use crate::fs::{FileHandle, FileSystem, PIECE, Stamp, in_pieces};
use crate::workspace::FoundFile;

/// Remembers where each content was seen, and reads it there again when a format asks. Payloads are only digested.
pub(crate) struct RuntimeStore {
    fs: Arc<dyn FileSystem>,
    seen: DashMap<ContentId, FileIndex>,
    reminded: DashMap<ContentKey, Outcome>,
    payloads: Option<Arc<Payloads>>,
}

/// Where a content was seen.
#[derive(Clone)]
struct FileIndex {
    path: Utf8PathBuf,
    stamp: Stamp,
    /// The digests of its [`pieces`], where the file may change under this stamp: then they tell what was seen.
    pieces: Option<Arc<[Digest]>>,
}

impl FileIndex {
    /// That it is not there any more.
    fn changed(&self) -> io::Error {
        io::Error::other(format!("{} changed while it was looked at", self.path))
    }
}

thread_local! {
    /// The piece of a content that was checked last: formats read on from where they were.
    static CHECKED: RefCell<Option<Piece>> = const { RefCell::new(None) };
}

/// A piece of a content.
struct Piece {
    id: ContentId,
    number: usize,
    bytes: Vec<u8>,
}

impl RuntimeStore {
    /// Nothing was seen yet in `fs`. What is remembered of earlier operations is among the `payloads`.
    pub(crate) fn new(fs: Arc<dyn FileSystem>, payloads: Option<Arc<Payloads>>) -> Self {
        Self { fs, seen: DashMap::new(), reminded: DashMap::new(), payloads }
    }

    /// Fills `buffer` from `offset` of what was `seen`.
    fn read_again(&self, seen: &FileIndex, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (file, found) = self.fs.open(&seen.path).map_err(|_| seen.changed())?;
        if found != seen.stamp {
            return Err(seen.changed());
        }
        file.read_exact_at(offset, buffer)?;
        if file.stamp()? == seen.stamp { Ok(()) } else { Err(seen.changed()) }
    }

    /// The same, of the content `id` that is known by the digests of its `pieces`.
    fn read_pieces(
        &self,
        id: ContentId,
        seen: &FileIndex,
        pieces: &[Digest],
        offset: u64,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset + filled as u64;
            let number = usize::try_from(at / PIECE as u64).map_err(io::Error::other)?;
            let expected = *pieces.get(number).ok_or(io::ErrorKind::InvalidInput)?;
            filled += self.with_piece(id, seen, number, expected, |piece| {
                let start = usize::try_from(at % PIECE as u64).map_err(io::Error::other)?;
                let rest = piece.get(start..).filter(|rest| !rest.is_empty()).ok_or(io::ErrorKind::InvalidInput)?;
                let length = rest.len().min(buffer.len() - filled);
                buffer[filled..filled + length].copy_from_slice(&rest[..length]);
                Ok(length)
            })?;
        }
        Ok(())
    }

    /// Calls `operate` with the piece `number` of the content `id`, which has the digest `expected`.
    fn with_piece<T>(
        &self,
        id: ContentId,
        seen: &FileIndex,
        number: usize,
        expected: Digest,
        operate: impl FnOnce(&[u8]) -> io::Result<T>,
    ) -> io::Result<T> {
        CHECKED.with_borrow_mut(|checked| {
            if let Some(piece) = checked.as_ref().filter(|piece| (piece.id, piece.number) == (id, number)) {
                return operate(&piece.bytes);
            }
            let start = number as u64 * PIECE as u64;
            let size = id.size.checked_sub(start).ok_or(io::ErrorKind::InvalidInput)?.min(PIECE as u64);
            let mut bytes = checked.take().map(|piece| piece.bytes).unwrap_or_default();
            bytes.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
            self.read_again(seen, start, &mut bytes)?;
            if Digest::of(&bytes) != expected {
                return Err(seen.changed());
            }
            operate(&checked.insert(Piece { id, number, bytes }).bytes)
        })
    }
}

impl OperationStore for RuntimeStore {
    fn take(&self, path: &Utf8Path, file: &dyn FileHandle, found: FoundFile) -> io::Result<ContentId> {
        let FoundFile { stamp, is_conclusive } = found;
        let mut whole = blake3::Hasher::new();
        let mut pieces = Vec::new();
        in_pieces(stamp.size, |offset, piece| {
            file.read_exact_at(offset, piece)?;
            whole.update(piece);
            if !is_conclusive {
                pieces.push(Digest::of(piece));
            }
            Ok(())
        })?;
        let id = ContentId { digest: Digest(*whole.finalize().as_bytes()), size: stamp.size };
        let pieces = (!is_conclusive).then(|| pieces.into());
        self.seen.insert(id, FileIndex { path: path.to_owned(), stamp, pieces });
        Ok(id)
    }

    fn ingest_bytes(&self, bytes: &[u8]) -> io::Result<ContentId> {
        Ok(ContentId::of(bytes))
    }

    /// Nothing is held.
    fn release(&self, _: ContentId) {}

    /// Nothing is held, and nobody misses it: there is no output to write.
    fn holds(&self, _: u32, _: ContentId, _: &[ContentId]) -> bool {
        true
    }

    fn offer_outcome(&self, key: ContentKey, outcome: Outcome) {
        self.reminded.insert(key, outcome);
    }
}

impl ContentStore for RuntimeStore {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let seen = self.seen.get(&id).map(|seen| seen.clone());
        let seen = seen.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        match &seen.pieces {
            None => self.read_again(&seen, offset, buffer),
            Some(pieces) => self.read_pieces(id, &seen, pieces, offset, buffer),
        }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        Ok(ContentId::of(bytes))
    }

    fn recall(&self, key: ContentKey) -> Option<Outcome> {
        let reminded = self.reminded.get(&key).map(|outcome| outcome.clone());
        reminded.or_else(|| recall_cached(self.payloads.as_ref()?, key))
    }
}
