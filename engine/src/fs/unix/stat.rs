//! What the system says of files, as the types of the trait.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::super::file_system::{NodeKind, Stamp};

pub(super) const NOT_REGULAR: &str = "not a regular file";

/// The kind and stamp of what is at `path` below `folder`; none where nothing is. A link as the last name is not
/// followed.
pub(super) fn stat_at(folder: BorrowedFd<'_>, path: &str) -> io::Result<Option<(NodeKind, Stamp)>> {
    match rustix::fs::statat(folder, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some((node_kind(FileType::from_raw_mode(stat.st_mode)), stamp_of(&stat)))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(io_error(error)),
    }
}

pub(super) fn stamp_of(stat: &rustix::fs::Stat) -> Stamp {
    // The types differ between systems. Times after the year 2262 saturate.
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "needed on other systems")]
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "needed on other systems")]
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "sizes and numbers of files")]
    Stamp {
        size: stat.st_size as u64,
        modified_ns: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed_ns: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        inode: stat.st_ino as u64,
        device: stat.st_dev as u64,
    }
}

/// The error with the kind that the trait promises. The standard library has no stable kind for `ELOOP`, where a link
/// is on the path, and for `ENXIO`, where a socket is to be opened.
pub(super) fn io_error(error: Errno) -> io::Error {
    match error {
        Errno::NXIO => io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR),
        Errno::LOOP => io::Error::new(io::ErrorKind::NotADirectory, "a symbolic link is in the way"),
        other => other.into(),
    }
}

pub(super) fn node_kind(kind: FileType) -> NodeKind {
    match kind {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Folder,
        FileType::Symlink => NodeKind::Link,
        _ => NodeKind::Special,
    }
}
