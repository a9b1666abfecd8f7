//! Whether a rename can work, asked of the kernel without renaming anything.
//!
//! The kernel checks permissions, attributes and mounts before it checks what is to be removed or renamed. So a call
//! that must fail in the end fails earlier where the rename would, with the same error, and changes nothing.

use std::os::fd::BorrowedFd;

use rustix::fs::{Access, AtFlags, FileType};
#[cfg(target_os = "linux")]
use rustix::fs::{StatxAttributes, StatxFlags};
use rustix::io::{Errno, Result};
use rustix::path::Arg;

/// Whether the name `from` in `source` could be renamed to `to` in `target`, where a file may be, or nothing.
pub(super) fn probe(source: BorrowedFd<'_>, from: &str, target: BorrowedFd<'_>, to: &str) -> Result<()> {
    // Nothing can be renamed to `.`, but Linux compares the mounts before it says so.
    if rustix::fs::renameat(source, from, target, ".") == Err(Errno::XDEV) {
        return Err(Errno::XDEV);
    }
    match rustix::fs::statat(target, to, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => {
            as_rename(rustix::fs::accessat(target, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS))
        }
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Err(Errno::ISDIR),
        Ok(_) if is_mount_point(target, to) => Err(Errno::BUSY),
        // A file cannot be removed as a folder, but Linux checks whether the name may be removed before it says so.
        Ok(_) => as_rename(rustix::fs::unlinkat(target, to, AtFlags::REMOVEDIR)),
        Err(error) => Err(error),
    }
}

/// The errors in `answer` with which a rename would fail, too. All others are no answer: only the rename itself has it.
fn as_rename(answer: Result<()>) -> Result<()> {
    answer.or_else(|error| match error {
        Errno::PERM | Errno::ACCESS | Errno::ROFS => Err(error),
        _ => Ok(()),
    })
}

/// Whether something is mounted at `name`. Where the kernel does not say so here, a rename or removal fails.
#[cfg(target_os = "linux")]
pub(crate) fn is_mount_point(folder: BorrowedFd<'_>, name: impl Arg) -> bool {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    rustix::fs::statx(folder, name, flags, StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_mount_point(_: BorrowedFd<'_>, _: impl Arg) -> bool {
    false
}
