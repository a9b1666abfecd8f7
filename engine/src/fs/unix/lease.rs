//! Read leases, by which Linux shows whether anybody may write to a file (`fcntl(2)`, "Leases").
//!
//! The kernel stamps a file when a write begins, and a mapped page when it is first written to. Whoever reads the
//! file during the change gets half of it, and the stamp stays the same when the rest follows. A read lease is granted
//! only where nobody has the file open or mapped for writing. It is given back at once, because whoever opens the file
//! for writing has to wait for that.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::super::file_system::Writers;

/// The command that sets the signal which the holder of a lease gets when somebody waits for its end
/// (`asm-generic/fcntl.h`). `libc` does not name it.
const F_SETSIG: libc::c_int = 10;

/// File systems to which this kernel alone writes, by the numbers of `statfs(2)`. Others, such as FUSE, may grant a
/// lease although somebody writes elsewhere.
const LOCAL: [u32; 11] = [
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683e, // Btrfs
    0xf2f5_2010, // F2FS
    0xca45_1a4e, // bcachefs
    0x2fc1_2fc1, // ZFS
    0x3153_464a, // JFS
    0x794c_7630, // overlayfs
    0x4d44,      // FAT
    0x2011_bab0, // exFAT
    0x7366_746e, // NTFS
];

/// File systems in memory. Nothing is ever written back there, so a mapped page is stamped only once, and may change
/// under an old stamp.
const IN_MEMORY: [u32; 2] = [
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
];

/// Who may write to `file`, which is open for reading only.
pub(super) fn writers(file: BorrowedFd<'_>) -> Writers {
    let kind = file_system(file);
    let without_lease = match kind {
        Some(kind) if IN_MEMORY.contains(&kind) => Writers::Somebody,
        Some(kind) if LOCAL.contains(&kind) => Writers::Unknown,
        Some(_) | None => return Writers::Unknown,
    };
    // The default signal, SIGIO, would end the process. SIGURG is ignored by a process that does not ask for it.
    let granted = control(file, F_SETSIG, libc::SIGURG).and_then(|()| control(file, libc::F_SETLEASE, libc::F_RDLCK));
    match granted.and_then(|()| control(file, libc::F_SETLEASE, libc::F_UNLCK)) {
        Ok(()) => Writers::Nobody,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Writers::Somebody,
        // No lease is granted on the file of another user, for example.
        Err(_) => without_lease,
    }
}

/// The number of the file system that `file` is on.
fn file_system(file: BorrowedFd<'_>) -> Option<u32> {
    #[allow(clippy::cast_sign_loss, reason = "a number without a sign, whatever its type")]
    let kind = |found: rustix::fs::StatFs| found.f_type as u32;
    rustix::fs::fstatfs(file).ok().map(kind)
}

/// Calls `fcntl` with a number as argument. No crate has these commands in safe form.
#[expect(unsafe_code, reason = "the commands take and give numbers only: no memory is touched")]
fn control(file: BorrowedFd<'_>, command: libc::c_int, argument: libc::c_int) -> io::Result<()> {
    // SAFETY: the descriptor is open as long as it is borrowed, and the commands of this file read no memory of the
    // caller.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::{File, OpenOptions};
    use std::os::fd::AsFd as _;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use camino::Utf8Path;

    use super::*;
    use crate::fs::{FileSystem as _, RealFs};

    /// A file that nobody has open.
    fn file() -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [1; 8]).unwrap();
        file.into_temp_path()
    }

    /// Waits a moment for this: processes that other tests start have copies of our descriptors at first.
    fn expect_nobody(writers: impl Fn() -> Writers) {
        let is_free = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            writers() == Writers::Nobody
        });
        assert!(is_free);
    }

    #[test]
    fn who_has_a_file_open_for_writing_is_detected() {
        let named = file();
        let reader = File::open(&named).unwrap();
        let writers = || writers(reader.as_fd());
        expect_nobody(writers);
        let writer = OpenOptions::new().write(true).open(&named).unwrap();
        assert_eq!(writers(), Writers::Somebody);
        drop(writer);
        let _other = File::open(&named).unwrap();
        expect_nobody(writers);
    }

    /// The first try to open the file asks the holder of a write lease, such as a file server, to end it. That takes a
    /// moment.
    #[test]
    fn a_write_lease_is_waited_for() {
        let named = file();
        let holder = OpenOptions::new().read(true).write(true).open(&named).unwrap();
        control(holder.as_fd(), F_SETSIG, libc::SIGURG).unwrap();
        control(holder.as_fd(), libc::F_SETLEASE, libc::F_WRLCK).unwrap();
        let fs = RealFs::new(named.parent().unwrap()).unwrap();
        let name = Utf8Path::new(named.file_name().unwrap().to_str().unwrap());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(200));
                drop(holder);
            });
            assert_eq!(fs.open(name).unwrap().1.size, 8);
        });
    }

    /// Who writes while others ask is neither refused nor kept waiting, and no process is ended by a signal.
    #[test]
    fn to_ask_disturbs_nobody() {
        let named = file();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let reader = File::open(&named).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    assert_ne!(writers(reader.as_fd()), Writers::Unknown);
                }
            });
            let started = Instant::now();
            for _ in 0..2_000 {
                drop(OpenOptions::new().write(true).open(&named).unwrap());
            }
            is_over.store(true, Ordering::Relaxed);
            // Every open would wait 45 s for a lease that is kept.
            assert!(started.elapsed() < Duration::from_secs(20));
        });
    }
}
