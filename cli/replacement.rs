//! Files that are replaced as a whole, outside what papack packs: whoever looks finds the earlier one or the new one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is written beside its place until it is complete, and removed where it never is.
pub struct Replacement {
    file: File,
    beside: PathBuf,
    is_complete: bool,
}

impl Replacement {
    /// Makes a new file in the folder of `place`.
    pub fn begin(place: &Path) -> io::Result<Self> {
        let mut attempt = 0_u32;
        loop {
            let mut name = OsString::from(place.file_name().ok_or(io::ErrorKind::InvalidInput)?);
            name.push(format!(".{}-{attempt}.new", std::process::id()));
            let beside = place.with_file_name(name);
            match File::create_new(&beside) {
                Ok(file) => return Ok(Self { file, beside, is_complete: false }),
                // One with this number was killed, or runs in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// What is to be written to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in its place.
    pub fn complete(mut self, place: &Path) -> io::Result<()> {
        fs::rename(&self.beside, place)?;
        self.is_complete = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_complete {
            // Nothing is to be done where that fails.
            drop(fs::remove_file(&self.beside));
        }
    }
}

/// Whether a file is at `place`. Anything else there, a link too, is an error.
pub fn expect_file(place: &Path) -> io::Result<bool> {
    match place.symlink_metadata() {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(io::Error::other("not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
