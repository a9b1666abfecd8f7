//! Files outside the workspace that are one user's alone.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

/// The permissions of others than the owner, of which a private file may have none.
const OF_OTHERS: u32 = 0o077;

/// Reads the file at `path`. It must have at most `limit` bytes and belong to the user, and nobody else may have any
/// access.
///
/// # Errors
///
/// The operating system's; of kind `InvalidData`, with the reason, where the file is not such a one.
pub(crate) fn read_private(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let refused = |reason: &str| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::LOOP) => return refused("it is a symbolic link"),
        Err(error) => return Err(error.into()),
    };
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return refused("it is no regular file");
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return refused("it belongs to another user");
    }
    if Mode::from_raw_mode(stat.st_mode).intersects(Mode::from_raw_mode(OF_OTHERS)) {
        return refused("others than its owner may read or write it");
    }
    let mut bytes = Vec::new();
    // One byte more shows that the file is too large.
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { refused("it is too large") } else { Ok(bytes) }
}

/// Makes a file at `path` that is the user's alone, with the folders that it needs. It is made whole or not at all: it
/// is written as `draft`, which must be in the same folder, and then renamed.
///
/// # Errors
///
/// The operating system's; of kind `AlreadyExists` where something is at `path`.
pub(crate) fn create_private(path: &Path, draft: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(draft, flags, Mode::RUSR | Mode::WUSR)?);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let made = written.and_then(|()| rename_new(draft, path));
    drop(std::fs::remove_file(draft));
    made
}

/// Gives the file at `from` the name `to`, unless something is there: of two processes, only one makes the file. The
/// name `from` may still exist afterwards.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Most file systems that cannot do that have hard links, which replace nothing either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => std::fs::hard_link(from, to),
        other => Ok(other?),
    }
}
