//! Contents in memory, for tests of formats.

use std::collections::HashMap;
use std::io;
use std::sync::Mutex;

use papack_queries::content::{ContentId, ContentStore};

/// Contents that are kept in memory.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<ContentId, Vec<u8>>>);

impl ContentStore for Memory {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let kept = self.0.lock().unwrap();
        let bytes = kept.get(&id).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(bytes.get(start..start + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.0.lock().unwrap().insert(id, bytes.to_vec());
        Ok(id)
    }
}
