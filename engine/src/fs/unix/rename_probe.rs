//! Whether a rename can work, asked of the kernel without renaming anything.
//!
//! The kernel looks at permissions, attributes and mounts before it looks at what is to be removed or renamed. So calls
//! that are wrong in the end are answered as the rename would be, and change nothing.

use std::os::fd::BorrowedFd;

use rustix::fs::{Access, AtFlags, FileType};
use rustix::io::{Errno, Result};
use rustix::path::Arg;

/// Whether the name `from` in `source` could be renamed to `to` in `target`, where a file may be, or nothing.
pub(super) fn probe(source: BorrowedFd<'_>, from: &str, target: BorrowedFd<'_>, to: &str) -> Result<()> {
    // Nothing can be renamed to `.`; before it says so, Linux compares the mounts.
    if rustix::fs::renameat(source, from, target, ".") == Err(Errno::XDEV) {
        return Err(Errno::XDEV);
    }
    match rustix::fs::statat(target, to, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => {
            refused(rustix::fs::accessat(target, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS))
        }
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Err(Errno::ISDIR),
        Ok(_) if is_mount_point(target, to) => Err(Errno::BUSY),
        // A file is no folder; before it says so, Linux finds out whether the name may be removed.
        Ok(_) => refused(rustix::fs::unlinkat(target, to, AtFlags::REMOVEDIR)),
        Err(error) => Err(error),
    }
}

/// What in `answer` a rename would fail with, too. Of all else only the rename can tell.
fn refused(answer: Result<()>) -> Result<()> {
    answer.or_else(|error| match error {
        Errno::PERM | Errno::ACCESS | Errno::ROFS => Err(error),
        _ => Ok(()),
    })
}

/// Whether something is mounted over what is called `name`. Where the kernel cannot tell, a rename or removal will.
#[cfg(target_os = "linux")]
pub(crate) fn is_mount_point(folder: BorrowedFd<'_>, name: impl Arg) -> bool {
    use rustix::fs::{StatxAttributes, StatxFlags};
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    rustix::fs::statx(folder, name, flags, StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_mount_point(_: BorrowedFd<'_>, _: impl Arg) -> bool {
    false
}
