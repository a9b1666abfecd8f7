//! Files and folders that the user names, wherever they lie.

use std::io;
use std::path::Path;

use rustix::fs::Mode;
use rustix::io::Errno;

use super::super::file_system::{FileHandle, Stamp};
use super::file::{OPEN_FLAGS, regular};
use super::stat::io_error;

/// Opens a regular file at a path that the user named: it may lie outside a workspace, and lead through links. Anything
/// else is an error of kind `InvalidInput`, and is never waited for.
///
/// # Errors
///
/// The operating system's.
pub fn open_named(path: &Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
    regular(rustix::fs::open(path, OPEN_FLAGS, Mode::empty()).map_err(io_error)?)
}

/// Makes the folder that the user named at `path`, in a folder that exists. Returns whether it did not exist before.
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
