//! The content store, as queries use it.

use std::io;

use super::handle::{ContentId, ContentKey};
use super::outcome::Outcome;

/// Content-addressed bytes: the only way in which a query reads a file or keeps a payload.
///
/// An error is transient by definition (a disk that fails, a handle that the store no longer holds) and is never
/// memoized.
pub trait ContentStore: Send + Sync {
    /// Fills `buffer` with the bytes of `id` that begin at `offset`.
    ///
    /// # Errors
    ///
    /// When the bytes cannot be read. A range beyond `id.size` is a caller's mistake and an error too.
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Keeps `bytes` and returns their handle.
    ///
    /// # Errors
    ///
    /// When they cannot be kept, for example on a full disk.
    fn put(&self, bytes: &[u8]) -> io::Result<ContentId>;

    /// The outcome of an earlier derivation from the inputs that `key` names, if it is stored and its payload can be
    /// read.
    fn recall(&self, _key: ContentKey) -> Option<Outcome> {
        None
    }

    /// Whether the store knows that `id` [is harmless](super::is_harmless). Where it does not know, its first bytes tell.
    fn is_known_harmless(&self, _id: ContentId) -> bool {
        false
    }

    /// Whether nobody wants any more what is derived. Once that is so, it stays so. A format that works for long asks now and
    /// then, and stops; what it has made by then is dropped.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Fails where the work [is cancelled](Self::is_cancelled).
    ///
    /// # Errors
    ///
    /// Then only.
    fn check_cancelled(&self) -> io::Result<()> {
        if self.is_cancelled() { Err(io::Error::other("the operation was cancelled")) } else { Ok(()) }
    }

    /// All bytes of `id`.
    ///
    /// # Errors
    ///
    /// As [`read_at`](ContentStore::read_at).
    fn read(&self, id: ContentId) -> io::Result<Vec<u8>> {
        let size = usize::try_from(id.size).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // A sparse file can be huge at no cost to its author, so a failed allocation is an error, not an abort.
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size)?;
        bytes.resize(size, 0);
        self.read_at(id, 0, &mut bytes)?;
        Ok(bytes)
    }
}
