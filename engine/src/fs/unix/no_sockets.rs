//! In place of `sockets.rs` where nothing says that no link is followed on the way to a socket: there are none.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};

use camino::Utf8Path;

use super::real_fs::RealFs;

impl RealFs {
    /// Fails.
    pub(crate) fn connect(&self, _path: &Utf8Path) -> io::Result<UnixStream> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Does nothing.
pub(crate) fn refuse_all(_listener: &UnixListener) {}

/// False.
pub(crate) fn is_same_user(_stream: &UnixStream) -> bool {
    false
}

/// Fails.
pub(crate) fn process_traits() -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}
