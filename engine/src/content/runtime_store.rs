//! The store of an operation that writes no outputs, such as `check` and `status`. It holds next to no bytes.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use dashmap::DashMap;
use papack_queries::content::{ContentId, ContentKey, ContentStore, Digest, Outcome, is_harmless};

use super::keeping::Keeping;
use super::operation_store::{OperationStore, recall_cached};
use super::recent_payloads::Recent;
use crate::cache::payloads::Payloads;
use crate::fs::{FileHandle, FileSystem, PIECE, Stamp, in_pieces};
use crate::operation::Cancel;
use crate::workspace::FoundFile;

/// Records which file each content was read from, and reads that file again when a format asks for bytes. Payloads are
/// digested, and go where the operation keeps them. Of files, it holds only the manifests that an asset takes as artifact files.
pub(crate) struct RuntimeStore {
    fs: Arc<dyn FileSystem>,
    sources: DashMap<ContentId, Source>,
    /// Contents that the caller read itself: manifests that are artifact files, too.
    texts: DashMap<ContentId, Arc<[u8]>>,
    /// Outcomes that earlier operations recorded.
    offered: DashMap<ContentKey, Outcome>,
    payloads: Option<Arc<Payloads>>,
    /// What other sessions of the process derived and kept in memory.
    recent: Arc<Recent>,
    keeping: Keeping,
    /// Ends the work of formats.
    cancel: Cancel,
}

/// The file that a content was read from.
#[derive(Clone)]
struct Source {
    path: Utf8PathBuf,
    stamp: Stamp,
    /// Whether the content was found harmless while it was digested.
    is_harmless: bool,
    /// The digests of the pieces of the file, if its stamp is not conclusive. Then the file may change under this
    /// stamp, and only the digests prove that the bytes are the same.
    pieces: Option<Arc<[Digest]>>,
}

impl Source {
    /// The error that the file does not have this content any more.
    fn changed(&self) -> io::Error {
        io::Error::other(format!("{} changed while it was looked at", self.path))
    }
}

thread_local! {
    /// The piece of a content that this thread checked last. Formats read sequentially, so the next read likely needs
    /// it.
    static CHECKED: RefCell<Option<Piece>> = const { RefCell::new(None) };
}

/// A piece of a content.
struct Piece {
    id: ContentId,
    number: usize,
    bytes: Vec<u8>,
}

impl RuntimeStore {
    /// A store over files in `fs` that has read nothing yet, knows nothing of earlier operations, and keeps nothing.
    pub(crate) fn new(fs: Arc<dyn FileSystem>) -> Self {
        Self {
            fs,
            sources: DashMap::new(),
            texts: DashMap::new(),
            offered: DashMap::new(),
            payloads: None,
            recent: Arc::default(),
            keeping: Keeping::Nothing,
            cancel: Cancel::new(),
        }
    }

    /// The same store, which finds outcomes of earlier operations in `payloads` and in `recent`, and has what it derives
    /// go to `keeping`.
    pub(crate) fn with_earlier(self, payloads: Option<Arc<Payloads>>, recent: Arc<Recent>, keeping: Keeping) -> Self {
        Self { payloads, recent, keeping, ..self }
    }

    /// The same store, over which formats work until `cancel` is set.
    pub(crate) fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Completes what goes to the cache, which is lost without this call. `is_complete` says that the operation derived
    /// everything, and `live_contents` gives the contents of all payloads that assets have. If the cache cannot be written, nothing is kept, and that is no failure.
    pub(crate) fn finish(&self, is_complete: bool, live_contents: &dyn Fn() -> HashSet<ContentId>) {
        if let Keeping::Cache(writer) = &self.keeping {
            drop(writer.finish(is_complete, live_contents));
        }
    }

    /// Fills `buffer` from `offset` of the file `source`.
    ///
    /// # Errors
    ///
    /// The operating system's, and when the file has another stamp before or after.
    fn read_again(&self, source: &Source, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (file, found) = self.fs.open(&source.path).map_err(|_| source.changed())?;
        if found != source.stamp {
            return Err(source.changed());
        }
        file.read_exact_at(offset, buffer)?;
        if file.stamp()? == source.stamp { Ok(()) } else { Err(source.changed()) }
    }

    /// As [`read_again`](Self::read_again), for the content `id`, and checks each piece against its digest in `pieces`.
    fn read_pieces(
        &self,
        id: ContentId,
        source: &Source,
        pieces: &[Digest],
        offset: u64,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset + filled as u64;
            let number = usize::try_from(at / PIECE as u64).map_err(io::Error::other)?;
            let expected = *pieces.get(number).ok_or(io::ErrorKind::InvalidInput)?;
            filled += self.with_piece(id, source, number, expected, |piece| {
                let start = usize::try_from(at % PIECE as u64).map_err(io::Error::other)?;
                let rest = piece.get(start..).filter(|rest| !rest.is_empty()).ok_or(io::ErrorKind::InvalidInput)?;
                let length = rest.len().min(buffer.len() - filled);
                buffer[filled..filled + length].copy_from_slice(&rest[..length]);
                Ok(length)
            })?;
        }
        Ok(())
    }

    /// Calls `operate` with the piece `number` of the content `id`. Fails if the piece has not the digest `expected`.
    fn with_piece<T>(
        &self,
        id: ContentId,
        source: &Source,
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
            self.read_again(source, start, &mut bytes)?;
            if Digest::of(&bytes) != expected {
                return Err(source.changed());
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
        let mut is_known_harmless = true;
        in_pieces(stamp.size, |offset, piece| {
            file.read_exact_at(offset, piece)?;
            if offset == 0 {
                is_known_harmless = is_harmless(piece);
            }
            whole.update(piece);
            if !is_conclusive {
                pieces.push(Digest::of(piece));
            }
            Ok(())
        })?;
        let id = ContentId { digest: Digest(*whole.finalize().as_bytes()), size: stamp.size };
        let pieces = (!is_conclusive).then(|| pieces.into());
        self.sources.insert(id, Source { path: path.to_owned(), stamp, is_harmless: is_known_harmless, pieces });
        Ok(id)
    }

    fn ingest_bytes(&self, bytes: &Arc<[u8]>) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.texts.insert(id, Arc::clone(bytes));
        Ok(id)
    }

    /// Does nothing: next to no bytes are held.
    fn release(&self, _: ContentId) {}

    /// Always true: no output is written, so nobody needs the bytes.
    fn holds(&self, _: u32, _: ContentId, _: &[ContentId]) -> bool {
        true
    }

    fn holds_all_records(&self) -> bool {
        true
    }

    fn offer_outcome(&self, key: ContentKey, outcome: Outcome) {
        self.offered.insert(key, outcome);
    }

    fn remember(&self, key: ContentKey, outcome: &Outcome) {
        self.keeping.remember(key, outcome);
    }
}

impl ContentStore for RuntimeStore {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if let Some(text) = self.texts.get(&id) {
            let start = usize::try_from(offset).map_err(io::Error::other)?;
            let bytes =
                text.get(start..).and_then(|rest| rest.get(..buffer.len())).ok_or(io::ErrorKind::InvalidInput)?;
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        let source = self.sources.get(&id).map(|source| source.clone());
        let source = source.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        match &source.pieces {
            None => self.read_again(&source, offset, buffer),
            Some(pieces) => self.read_pieces(id, &source, pieces, offset, buffer),
        }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.keeping.put(id, bytes);
        Ok(id)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn is_known_harmless(&self, id: ContentId) -> bool {
        self.sources.get(&id).is_some_and(|source| source.is_harmless)
    }

    fn recall(&self, key: ContentKey) -> Option<Outcome> {
        let offered = self.offered.get(&key).map(|outcome| outcome.clone());
        offered.or_else(|| recall_cached(self.payloads.as_ref()?, key)).or_else(|| self.recent.recall(key))
    }
}
