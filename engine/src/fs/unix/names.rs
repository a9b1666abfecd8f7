//! The names in a folder.

use std::ffi::{CStr, OsString};
#[cfg(target_os = "linux")]
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStringExt;

use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::super::file_system::NodeKind;
use super::stat::node_kind;

/// The names that `folder` lists, without `.` and `..`. It must have been opened for this alone.
#[cfg(target_os = "linux")]
pub(super) fn names_in(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<(OsString, NodeKind)>> {
    /// How much is asked for at a time, in bytes.
    const PIECE: usize = 8 * 1024;
    let mut piece = [const { MaybeUninit::uninit() }; PIECE];
    let mut listed = rustix::fs::RawDir::new(folder, &mut piece);
    let mut names = Vec::new();
    while let Some(entry) = listed.next() {
        let entry = entry?;
        names.extend(named(folder, entry.file_name(), entry.file_type())?);
    }
    Ok(names)
}

/// The names that `folder` lists, without `.` and `..`.
#[cfg(not(target_os = "linux"))]
pub(super) fn names_in(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<(OsString, NodeKind)>> {
    let mut listed = rustix::fs::Dir::read_from(folder)?;
    let mut names = Vec::new();
    while let Some(entry) = listed.read() {
        let entry = entry?;
        names.extend(named(folder, entry.file_name(), entry.file_type())?);
    }
    Ok(names)
}

/// A name that `folder` lists; none for `.`, `..` and what is gone.
fn named(folder: BorrowedFd<'_>, name: &CStr, kind: FileType) -> rustix::io::Result<Option<(OsString, NodeKind)>> {
    if name == c"." || name == c".." {
        return Ok(None);
    }
    let kind = match kind {
        // Not every file system lists the kind of a name.
        FileType::Unknown => match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error),
        },
        listed => listed,
    };
    Ok(Some((OsString::from_vec(name.to_bytes().to_vec()), node_kind(kind))))
}
