//! Read leases, by which Linux tells whether anybody may write to a file (`fcntl(2)`, "Leases").
//!
//! The kernel stamps a file when a write begins, and a mapped page when it is first written to. Whoever reads meanwhile sees
//! half a change under a stamp that stays. A read lease is granted only where nobody has the file open or mapped for
//! writing, and whoever opens it later waits until the lease is given up, or for `fs.lease-break-time` (45 s) at most.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::Lease;

/// The command that chooses by which signal the holder of a lease is told that it is to end (`asm-generic/fcntl.h`), which
/// `libc` does not name.
const F_SETSIG: libc::c_int = 10;

/// Takes a read lease on `file`, which is open for reading only. It ends when the last copy of the descriptor is closed.
pub(super) fn take(file: BorrowedFd<'_>) -> Lease {
    // The holder of a lease that is to end is told by a signal. The usual one, SIGIO, would end the process; this one is
    // ignored by who does not want it.
    let asked = control(file, F_SETSIG, libc::SIGURG).and_then(|_| control(file, libc::F_SETLEASE, libc::F_RDLCK));
    match asked {
        Ok(_) => Lease::Granted,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Lease::Refused,
        Err(_) => Lease::Unavailable,
    }
}

/// Calls `fcntl` with a number. No crate has these commands in safe form.
#[expect(unsafe_code, reason = "the commands take and give numbers only: no memory is touched")]
fn control(file: BorrowedFd<'_>, command: libc::c_int, argument: libc::c_int) -> io::Result<libc::c_int> {
    // SAFETY: the descriptor is open as long as it is borrowed, and the commands of this file read no memory of the caller.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::{File, OpenOptions};
    use std::os::fd::AsFd as _;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// A file that nobody has open.
    fn file() -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [1; 8]).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn a_lease_is_granted_where_nobody_can_write() {
        let named = file();
        let writer = OpenOptions::new().write(true).open(&named).unwrap();
        let reader = File::open(&named).unwrap();
        assert_eq!(take(reader.as_fd()), Lease::Refused, "it is open for writing");
        drop(writer);
        assert_eq!(take(reader.as_fd()), Lease::Granted);
        // Readers do not mind each other.
        let other = File::open(&named).unwrap();
        assert_eq!(take(other.as_fd()), Lease::Granted);
    }

    /// Whoever wants to write waits for the end of the lease. The signal that tells of it ends nothing.
    #[test]
    fn who_opens_for_writing_waits() {
        let named = file();
        let reader = File::open(&named).unwrap();
        assert_eq!(take(reader.as_fd()), Lease::Granted);
        let (opened, is_open) = mpsc::channel();
        let path = named.to_path_buf();
        let writer = std::thread::spawn(move || {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            opened.send(()).unwrap();
            drop(file);
        });
        assert!(is_open.recv_timeout(Duration::from_millis(100)).is_err(), "the writer waits");
        drop(reader);
        is_open.recv_timeout(Duration::from_secs(10)).unwrap();
        writer.join().unwrap();
    }
}
