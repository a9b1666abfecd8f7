//! A few contents in memory.

use std::io;
use std::sync::{Mutex, PoisonError};

use papack_queries::content::{ContentId, ContentStore};

/// Contents of a look at few files that are small enough, and of what becomes of them.
#[derive(Default)]
pub(crate) struct MemoryStore(Mutex<Vec<(ContentId, Vec<u8>)>>);

impl ContentStore for MemoryStore {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, bytes) = kept.iter().find(|(kept, _)| *kept == id).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let part = bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((id, bytes.to_vec()));
        Ok(id)
    }
}
