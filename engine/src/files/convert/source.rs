//! The files that are converted, and what becomes of them.

use std::io;

use papack_queries::content::{ContentId, ContentStore, Digest};

use crate::content::MemoryStore;
use crate::fs::{OpenFile, in_pieces};

/// A file that was digested.
pub(super) struct SourceFile {
    pub(super) id: ContentId,
    file: OpenFile,
}

impl SourceFile {
    /// Digests `file`.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn new(file: OpenFile) -> io::Result<Self> {
        let size = file.handle().stamp()?.size;
        let mut hasher = blake3::Hasher::new();
        in_pieces(size, |offset, piece| {
            file.handle().read_exact_at(offset, piece)?;
            hasher.update(piece);
            Ok(())
        })?;
        Ok(Self { id: ContentId { digest: Digest(*hasher.finalize().as_bytes()), size }, file })
    }

    /// Its first bytes, at most `most`.
    pub(super) fn head(&self, most: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; usize::try_from(self.id.size).map_or(most, |size| size.min(most))];
        self.file.handle().read_exact_at(0, &mut head)?;
        Ok(head)
    }
}

/// The contents of one conversion: files stay on the disk, and the payload is in memory.
pub(super) struct Contents<'s> {
    pub(super) files: Vec<&'s SourceFile>,
    made: MemoryStore,
}

impl<'s> Contents<'s> {
    pub(super) fn new(files: Vec<&'s SourceFile>) -> Self {
        Self { files, made: MemoryStore::default() }
    }
}

impl ContentStore for Contents<'_> {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.files.iter().find(|file| file.id == id) {
            Some(file) => file.file.handle().read_exact_at(offset, buffer),
            None => self.made.read_at(id, offset, buffer),
        }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        self.made.put(bytes)
    }
}
