//! Contents for the benchmarks.

use std::collections::HashMap;
use std::io;
use std::sync::Mutex;

use papack_queries::content::{ContentId, ContentStore};

/// A content store in memory.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<ContentId, Vec<u8>>>);

impl ContentStore for Memory {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&self.0.lock().unwrap()[&id][start..start + buffer.len()]);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.0.lock().unwrap().entry(id).or_insert_with(|| bytes.to_vec());
        Ok(id)
    }
}
