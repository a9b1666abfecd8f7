//! Sockets below a workspace, and what tells processes apart that meet there. On Linux alone: elsewhere nothing says that
//! no link is followed.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use camino::Utf8Path;
use rustix::fs::{FileType, Mode, OFlags, fchmod, fstat};
use rustix::net::sockopt::socket_peercred;
use rustix::net::{
    AddressFamily, Shutdown, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, shutdown, socket_with,
};
use rustix::process::{Resource, getegid, geteuid, getgid, getgroups, getrlimit, getuid};

use super::real_fs::RealFs;

/// How many processes may wait to be taken in.
const BACKLOG: i32 = 64;

impl RealFs {
    /// As [`FileSystem::listen`](super::super::FileSystem::listen).
    pub(super) fn listen_at(&self, path: &Utf8Path) -> io::Result<UnixListener> {
        let socket = new_socket(SocketFlags::CLOEXEC)?;
        // The file gets the mode that the socket has by then.
        fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
        // An address may only have 108 bytes, and a path that is resolved by the kernel alone follows links.
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = self.folder(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
        bind(&socket, &SocketAddrUnix::new(format!("{}/{name}", by_descriptor(&folder)))?)?;
        listen(&socket, BACKLOG)?;
        let made = fstat(self.open_below(path, OFlags::PATH)?)?;
        if Mode::from_raw_mode(made.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(socket.into())
    }

    /// As [`FileSystem::identity`](super::super::FileSystem::identity).
    pub(super) fn identity_of_root(&self) -> io::Result<String> {
        let root = fstat(&self.root)?;
        Ok(format!("{} {} {}", root.st_dev, root.st_ino, mounts_below(&self.root)?))
    }

    /// Connects to the socket at `path`, at which a process of this user listens.
    ///
    /// # Errors
    ///
    /// The operating system's; of kind `WouldBlock` where too many others wait there; of kind `PermissionDenied` where it
    /// is another user's.
    pub(crate) fn connect(&self, path: &Utf8Path) -> io::Result<UnixStream> {
        let file = self.open_below(path, OFlags::PATH)?;
        let stat = fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if stat.st_uid != geteuid().as_raw() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let socket = new_socket(SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        connect(&socket, &SocketAddrUnix::new(by_descriptor(&file))?)?;
        let stream = UnixStream::from(socket);
        stream.set_nonblocking(false)?;
        if is_same_user(&stream) { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

fn new_socket(flags: SocketFlags) -> io::Result<OwnedFd> {
    Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

fn by_descriptor(file: impl AsFd) -> String {
    format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())
}

/// Lets nobody connect any more, and ends all waiting for somebody who does.
pub(crate) fn refuse_all(listener: &UnixListener) {
    _ = shutdown(listener, Shutdown::Both);
}

/// Whether the process at the other end is this user's.
pub(crate) fn is_same_user(stream: &UnixStream) -> bool {
    socket_peercred(stream).is_ok_and(|peer| peer.uid == geteuid())
}

/// What is mounted below the folder `root`, as the system lists it.
fn mounts_below(root: impl AsFd) -> io::Result<String> {
    let root = std::fs::read_link(by_descriptor(root))?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo")?;
    // White space in a path is written as octal numbers. A workspace with such a name has no mounts that are known, and
    // all of them count.
    let is_plain = !root.as_os_str().as_encoded_bytes().iter().any(|byte| b" \t\n\\".contains(byte));
    let is_below = |line: &&str| {
        let point = line.split(' ').nth(4);
        !is_plain || point.is_some_and(|point| Path::new(point) != root && Path::new(point).starts_with(&root))
    };
    Ok(mounts.lines().filter(is_below).collect())
}

/// All by which an operation of this process could differ from the same one of another process, but for the workspace: the
/// program, the user and their rights, how new files are made, what is mounted for it, and the variables that papack
/// looks at.
///
/// # Errors
///
/// The operating system's, such as where `/proc` is not mounted.
pub(crate) fn process_traits() -> io::Result<String> {
    let program = std::fs::metadata("/proc/self/exe")?;
    let program = (program.dev(), program.ino(), program.size(), program.mtime(), program.mtime_nsec());
    let mut groups = getgroups()?;
    groups.sort_unstable_by_key(|group| group.as_raw());
    let user = (getuid(), geteuid(), getgid(), getegid(), groups);
    let namespaces = ["mnt", "user"].map(|space| std::fs::read_link(format!("/proc/self/ns/{space}")));
    let [mounts, users] = namespaces;
    let root = std::fs::metadata("/")?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let rights: Vec<_> =
        status.lines().filter(|line| line.starts_with("Umask:") || line.starts_with("CapEff:")).collect();
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| {
            name.as_encoded_bytes().starts_with(b"PAPACK_") || name == "HOME" || name == "XDG_DATA_HOME"
        })
        .collect();
    variables.sort_unstable();
    let limits = getrlimit(Resource::Fsize);
    let place = (mounts?, users?, root.dev(), root.ino());
    Ok(format!("{program:?} {user:?} {place:?} {rights:?} {limits:?} {variables:?}"))
}
