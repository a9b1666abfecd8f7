//! Formats over contents in memory.

use std::collections::HashMap;
use std::io;
use std::sync::Mutex;

use papack_queries::content::{ContentId, ContentStore, Outcome};
use papack_queries::formats::{Format, Part, Source};

#[derive(Default)]
struct Memory(Mutex<HashMap<ContentId, Vec<u8>>>);

impl ContentStore for Memory {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let contents = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&contents[&id][start..start + buffer.len()]);
        Ok(())
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        let id = ContentId::of(bytes);
        self.0.lock().unwrap().insert(id, bytes.to_vec());
        Ok(id)
    }
}

/// Derives `file`, which must give a payload or an error, never both, and the same again.
pub fn derive(format: Format, file: &[u8]) -> Outcome {
    derive_part(format, file, None)
}

/// The same for `part` of `file`.
pub fn derive_part(format: Format, file: &[u8], part: Option<&Part>) -> Outcome {
    let memory = Memory::default();
    let content = memory.put(file).unwrap();
    let sources = [Source { path: "f.x", content, part }];
    let outcome = format.derive(&sources, &memory).unwrap();
    assert_ne!(outcome.payload.is_some(), outcome.diagnostics.iter().any(|fault| fault.is_error()));
    assert_eq!(format.derive(&sources, &memory).unwrap(), outcome);
    outcome
}
