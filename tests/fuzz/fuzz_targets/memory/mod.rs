//! Formats over contents in memory.

use std::collections::HashMap;
use std::io;
use std::sync::Mutex;

use papack_queries::content::{ContentId, ContentStore, Outcome};
use papack_queries::formats::tilemap::AskedTileset;
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

/// Derives `file`, as [`derive_all`] does.
pub fn derive(format: Format, file: &[u8]) -> Outcome {
    derive_all(format, &[file])
}

/// Derives `files`, which must give a payload or an error, never both, and the same again.
pub fn derive_all(format: Format, files: &[&[u8]]) -> Outcome {
    derive_parts(format, files, None, &[])
}

/// The same, with what is known of the tilesets that the files ask for.
pub fn derive_asking(format: Format, files: &[&[u8]], asked: &[AskedTileset]) -> Outcome {
    derive_parts(format, files, None, asked)
}

/// The same for `part` of `file`.
pub fn derive_part(format: Format, file: &[u8], part: Option<&Part>) -> Outcome {
    derive_parts(format, &[file], part, &[])
}

fn derive_parts(format: Format, files: &[&[u8]], part: Option<&Part>, asked: &[AskedTileset]) -> Outcome {
    let memory = Memory::default();
    let source = |file: &&[u8]| Source { path: "f.x", content: memory.put(file).unwrap(), part };
    let sources: Vec<_> = files.iter().map(source).collect();
    format.tilesets(&sources, &memory).unwrap();
    let outcome = format.derive(&sources, asked, &memory).unwrap();
    assert_ne!(outcome.payload.is_some(), outcome.diagnostics.iter().any(|fault| fault.is_error()));
    assert_eq!(format.derive(&sources, asked, &memory).unwrap(), outcome);
    outcome
}
