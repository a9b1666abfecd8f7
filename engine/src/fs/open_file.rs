//! A file anywhere on disk, as a source of bytes.

use std::io;
use std::path::Path;

use papack_queries::envelope::{OpenError, Reader, Source};

use super::file_system::FileHandle;
#[cfg(unix)]
use super::unix::open_named;

/// An open file.
pub struct OpenFile(Box<dyn FileHandle>);

impl OpenFile {
    /// Opens the file at `path`, which may lead through links.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or is no regular file.
    pub fn open(path: &Path) -> io::Result<Self> {
        open_named(path).map(|(file, _)| Self(file))
    }

    /// Opens the `assets.pa` at `path` for reading assets.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is refused.
    pub fn reader(path: &Path) -> Result<Reader<Self>, OpenError> {
        Reader::open(Self::open(path)?, &path.to_string_lossy())
    }

    pub(crate) fn new(handle: Box<dyn FileHandle>) -> Self {
        Self(handle)
    }

    pub(crate) fn handle(&self) -> &dyn FileHandle {
        &*self.0
    }
}

impl Source for OpenFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.stamp()?.size)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(offset, buffer)
    }
}
