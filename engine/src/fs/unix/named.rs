//! What the user names, wherever it lies.

use std::io;
use std::path::Path;

use rustix::fs::Mode;
use rustix::io::Errno;

use super::super::file_system::{FileHandle, Stamp};
use super::file::{OPEN_FLAGS, regular};
use super::stat::refusing;

/// Opens a regular file that the user named, in whatever way: outside a workspace too, and through links. Anything
/// else is an error of kind `InvalidInput`, and is never waited for.
///
/// # Errors
///
/// The operating system's.
pub fn open_named(path: &Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
    regular(rustix::fs::open(path, OPEN_FLAGS, Mode::empty()).map_err(refusing)?)
}

/// Makes the folder that the user named at `path`, in a folder that is there. Tells whether it was not there before.
///
/// # Errors
///
/// The operating system's.
pub(crate) fn make_named_folder(path: &Path) -> io::Result<bool> {
    match rustix::fs::mkdir(path, Mode::from_raw_mode(0o777)) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes the empty folder that the user named at `path`.
///
/// # Errors
///
/// The operating system's.
pub(crate) fn remove_named_folder(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::rmdir(path)?)
}
