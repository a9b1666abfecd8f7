//! Files outside the workspace's outputs that are replaced atomically: readers see the old file or the new one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A temporary file that replaces its target when it is committed, and is removed otherwise.
pub struct AtomicFile {
    file: File,
    temporary: PathBuf,
    is_committed: bool,
}

impl AtomicFile {
    /// Creates the temporary file, in the folder of `target`.
    pub fn create(target: &Path) -> io::Result<Self> {
        let mut attempt = 0_u32;
        loop {
            let mut name = OsString::from(target.file_name().ok_or(io::ErrorKind::InvalidInput)?);
            name.push(format!(".{}-{attempt}.new", std::process::id()));
            let temporary = target.with_file_name(name);
            match File::create_new(&temporary) {
                Ok(file) => return Ok(Self { file, temporary, is_committed: false }),
                // A killed process, or one in another container, had the same process id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The file to write to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Renames the file to `target`.
    pub fn commit(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.temporary, target)?;
        self.is_committed = true;
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.is_committed {
            // Cleaning up is best effort: the caller already has the error that matters.
            drop(fs::remove_file(&self.temporary));
        }
    }
}

/// Whether there is a regular file at `path`. Anything else there, a link too, is an error.
pub fn regular_file_exists(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(io::Error::other("not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
