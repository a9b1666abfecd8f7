//! Where a session that lives on meets the processes that it serves: a socket below the cache. What they say to each other
//! is theirs.
//!
//! A session serves a process only where an operation would be the same in both. So both make a code of all that could
//! tell the two apart: the program, the workspace, the user with the key of the cache, and what the system lets the
//! process see and do.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;

use crate::cache::{Purpose, UserKey, present_user_key};
use crate::fs::{FileSystem, Lock, RealFs, Stamp, is_same_user, process_traits, refuse_all};
use crate::session::Session;
use crate::workspace::layout::{CACHE, SERVING, SOCKET};

/// The place at which processes find a session that serves them, until it is [ended](Self::end).
pub struct Serving {
    fs: Arc<dyn FileSystem>,
    listener: UnixListener,
    code: String,
    /// The stamp of the socket.
    socket: Option<Stamp>,
    /// Other sessions do not serve as long as it is held.
    _lock: Box<dyn Lock>,
}

impl Serving {
    /// Makes the socket, in place of one of a process that died. None where the system does not allow that, where another
    /// session serves the workspace already, and where there is no key of the cache that both sides could compare.
    pub fn begin(session: &Session) -> Option<Self> {
        let fs = Arc::clone(session.fs());
        let code = code(&*fs, &present_user_key()?).ok()?;
        // Each may be there already.
        drop(fs.create_folder(Utf8Path::new(CACHE)));
        drop(fs.create_folder(Utf8Path::new(SERVING)));
        let lock = fs.try_lock(Utf8Path::new(SERVING)).ok()??;
        for (name, _) in fs.list(Utf8Path::new(SERVING)).ok()? {
            fs.remove_file(&Utf8Path::new(SERVING).join(name.to_str()?)).ok()?;
        }
        let listener = fs.listen(Utf8Path::new(SOCKET)).ok()?;
        let socket = stamp_of_socket(&*fs);
        Some(Self { fs, listener, code, socket, _lock: lock })
    }

    /// The next process of this user that connects. Waits for it.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub fn accept(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept()?;
            if is_same_user(&stream) {
                return Ok(stream);
            }
        }
    }

    /// What a process has to know to be served.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Removes the socket, and has [`accept`](Self::accept) fail from now on.
    pub fn end(&self) {
        // Another session may have made a new one, if somebody removed the cache.
        if self.socket.is_some() && stamp_of_socket(&*self.fs) == self.socket {
            drop(self.fs.remove_file(Utf8Path::new(SOCKET)));
            drop(self.fs.remove_folder(Utf8Path::new(SERVING)));
            // This fails, as it should, while anything is kept there.
            drop(self.fs.remove_folder(Utf8Path::new(CACHE)));
        }
        refuse_all(&self.listener);
    }
}

/// Connects to the session that serves the workspace in the folder `workspace`. Returns also the code by which it knows
/// whom it can serve. None where there is no such session, or it is busy with too many others.
pub fn connect(workspace: &Path) -> Option<(UnixStream, String)> {
    let fs = RealFs::new(workspace).ok()?;
    let stream = fs.connect(Utf8Path::new(SOCKET)).ok()?;
    Some((stream, code(&fs, &present_user_key()?).ok()?))
}

/// The code of this process for the workspace in `fs`.
fn code(fs: &dyn FileSystem, key: &UserKey) -> io::Result<String> {
    let mut hasher = key.authenticator(Purpose::Serving);
    hasher.update(format!("{}\n{}", fs.identity()?, process_traits()?).as_bytes());
    Ok(hasher.finalize().to_hex().to_string())
}

fn stamp_of_socket(fs: &dyn FileSystem) -> Option<Stamp> {
    let (_, found) = fs.stat(Utf8Path::new(SERVING), &["socket"]).ok()?;
    found.into_iter().flatten().map(|(_, stamp)| stamp).next()
}
