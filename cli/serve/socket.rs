//! The socket that clients connect to: a file of the user's own, at a place that the user names.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, flock};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use rustix::process::umask;

/// A socket that is listened at. Its file is removed when this is dropped.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file.
    identity: (u64, u64),
}

impl Socket {
    /// Makes a socket at `path`, which only this user may use. A socket there that nobody listens at any more is
    /// replaced; anything else is left alone. Must be called before other threads make files.
    ///
    /// # Errors
    ///
    /// When there is something at `path`, or the system refuses.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        // Two servers that find the same dead socket must not remove each other's new one.
        let folder = File::open(folder)?;
        flock(&folder, FlockOperation::LockExclusive)?;
        expect_free(path)?;
        let others_may_nothing = Mode::RWXG | Mode::RWXO | Mode::XUSR;
        let former = umask(others_may_nothing);
        let listener = UnixListener::bind(path);
        umask(former);
        let listener = listener.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => io::Error::other("the path is too long for a socket"),
            _ => error,
        })?;
        let identity = identity(path)?;
        Ok(Self { listener, path: path.to_owned(), identity })
    }

    /// The listener, for a thread of its own.
    ///
    /// # Errors
    ///
    /// When there are no more descriptors.
    pub fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            // Where this fails, a dead socket stays, which the next server replaces.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    path.symlink_metadata().map(|found| (found.dev(), found.ino()))
}

/// Removes a dead socket at `path`, and fails for everything else there.
fn expect_free(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.file_type().is_socket() => {
            if is_dead(path)? {
                std::fs::remove_file(path)
            } else {
                Err(io::Error::other("another program listens there"))
            }
        }
        Ok(_) => Err(io::Error::other("there is something else already")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether nobody listens at the socket. Does not wait for a program that listens and takes nobody.
fn is_dead(path: &Path) -> io::Result<bool> {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    ioctl_fionbio(&socket, true)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => Ok(false),
        Err(Errno::CONNREFUSED) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Whether the process at the other end is this user's. Where the system does not say, the permissions of the socket
/// have to do.
pub fn is_same_user(stream: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid());
    #[cfg(not(target_os = "linux"))]
    return stream.peer_addr().is_ok();
}
