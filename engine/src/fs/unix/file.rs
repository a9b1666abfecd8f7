//! Open files.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{FileType, FlockOperation, OFlags};
use rustix::io::Errno;

#[cfg(target_os = "linux")]
use super::super::file_system::Writers;
use super::super::file_system::{FileHandle, Stamp, copy_in_pieces};
#[cfg(target_os = "linux")]
use super::lease;
use super::stat::{NOT_REGULAR, stamp_of};

/// Without `O_NONBLOCK`, opening a FIFO waits for its other end.
pub(super) const OPEN_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The handle and the stamp of `file`; an error of kind `InvalidInput` where it is no regular file.
pub(super) fn regular(file: OwnedFd) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR));
    }
    Ok((Box::new(File::from(file)), stamp_of(&stat)))
}

/// Locks an open file or folder until it is closed. Returns whether it got the lock.
pub(super) fn flock(file: impl AsFd, how: FlockOperation) -> io::Result<bool> {
    match rustix::fs::flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl FileHandle for File {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(stamp_of(&rustix::fs::fstat(self)?))
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, offset)
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn try_lock(&self) -> io::Result<bool> {
        flock(self, FlockOperation::NonBlockingLockExclusive)
    }

    fn try_lock_shared(&self) -> io::Result<bool> {
        flock(self, FlockOperation::NonBlockingLockShared)
    }

    #[cfg(target_os = "linux")]
    fn copy_from(&self, offset: u64, source: &dyn FileHandle, start: u64, size: u64) -> io::Result<()> {
        let Some(from) = source.as_file() else { return copy_in_pieces(self, offset, source, start, size) };
        let (mut read, mut write, end) = (start, offset, start + size);
        while read < end {
            let wanted = usize::try_from(end - read).unwrap_or(usize::MAX);
            match rustix::fs::copy_file_range(from, Some(&mut read), self, Some(&mut write), wanted) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) | Err(Errno::INTR) => {}
                // The kernel cannot copy between these file systems, or has no such call.
                Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                    return copy_in_pieces(self, write, source, read, end - read);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn let_go(&self, offset: u64, size: u64) {
        // What is still being written stays in memory.
        _ = rustix::fs::fadvise(self, offset, std::num::NonZero::new(size), rustix::fs::Advice::DontNeed);
    }

    #[cfg(target_os = "linux")]
    fn writers(&self) -> Writers {
        lease::writers(self.as_fd())
    }

    fn as_file(&self) -> Option<&File> {
        Some(self)
    }
}
