//! The folder of one workspace, and how a path below it is resolved: no link is followed, and no path leads out of it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Component, Utf8Path};
#[cfg(target_os = "linux")]
use rustix::fs::ResolveFlags;
use rustix::fs::{Mode, OFlags};
#[cfg(target_os = "linux")]
use rustix::io::Errno;

use super::stat::io_error;

/// The files below one workspace.
pub struct RealFs {
    pub(super) root: OwnedFd,
    /// Whether the kernel resolves a whole path in one call, following no link.
    #[cfg(target_os = "linux")]
    pub(super) resolves: AtomicBool,
}

impl RealFs {
    /// The files below `workspace`, a path that may lead through links.
    ///
    /// # Errors
    ///
    /// When `workspace` is no folder, or may not be read.
    pub fn new(workspace: &Path) -> io::Result<Self> {
        Self::open_root(workspace, OFlags::RDONLY)
    }

    /// As [`new`](Self::new), but only for kinds and stamps: where the system can do that, `folder` need not be
    /// readable.
    pub(crate) fn for_stat(folder: &Path) -> io::Result<Self> {
        Self::open_root(folder, STAT_FLAGS)
    }

    fn open_root(folder: &Path, flags: OFlags) -> io::Result<Self> {
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            root: rustix::fs::open(folder, flags, Mode::empty())?,
            #[cfg(target_os = "linux")]
            resolves: AtomicBool::new(true),
        })
    }

    /// Another handle of the same workspace.
    #[cfg(target_os = "linux")]
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        let resolves = AtomicBool::new(self.resolves.load(Ordering::Relaxed));
        Ok(Self { root: self.root.try_clone()?, resolves })
    }

    /// Opens the folder that holds the last component of `path`, and hands both to `operate`.
    pub(super) fn at<T>(
        &self,
        path: &Utf8Path,
        operate: impl FnOnce(BorrowedFd<'_>, &str) -> rustix::io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = self.folder(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
        operate(folder.as_fd(), name).map_err(io_error)
    }

    /// Opens the folder at `path`, which can then be listed once.
    pub(super) fn folder(&self, path: &Utf8Path) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        if path == "" {
            // The root is opened anew, because one open folder can be listed only once.
            return Ok(rustix::fs::openat(&self.root, c".", flags | OFlags::CLOEXEC, Mode::empty())?);
        }
        self.open_below(path, flags)
    }

    /// Opens the folder at `path` for the kinds and stamps of what is in it. It need not be readable, where the system
    /// can do that.
    pub(super) fn open_for_stat(&self, path: &Utf8Path) -> io::Result<OwnedFd> {
        if path == "" { Ok(self.root.try_clone()?) } else { self.open_below(path, OFlags::DIRECTORY | STAT_FLAGS) }
    }

    /// The folder in which a rename ends, and the name there.
    pub(super) fn target<'p>(&self, to: &'p Utf8Path) -> io::Result<(OwnedFd, &'p str)> {
        let name = to.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((self.folder(to.parent().ok_or(io::ErrorKind::InvalidInput)?)?, name))
    }

    /// Opens `path` below the workspace, following no link.
    pub(super) fn open_below(&self, path: &Utf8Path, flags: OFlags) -> io::Result<OwnedFd> {
        if !path.components().all(|component| matches!(component, Utf8Component::Normal(_))) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the workspace"));
        }
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        #[cfg(target_os = "linux")]
        if self.resolves.load(Ordering::Relaxed) {
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            let path = path.as_std_path();
            let opened = rustix::fs::openat2(&self.root, path, flags, new_file_mode(flags), resolve);
            match opened {
                // An older kernel, or a sandbox that does not know the call.
                Err(Errno::NOSYS | Errno::PERM) => self.resolves.store(false, Ordering::Relaxed),
                // A rename elsewhere disturbed the kernel's check, or the path is too long for one call.
                Err(Errno::AGAIN | Errno::NAMETOOLONG) => {}
                other => return other.map_err(io_error),
            }
        }
        self.open_by_components(path, flags)
    }

    /// As [`open_below`](Self::open_below), one component after the other.
    pub(super) fn open_by_components(&self, path: &Utf8Path, flags: OFlags) -> io::Result<OwnedFd> {
        let folder_flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder: Option<OwnedFd> = None;
        let mut names = path.iter().peekable();
        while let Some(name) = names.next() {
            let flags = if names.peek().is_some() { folder_flags } else { flags };
            let parent = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            let opened = rustix::fs::openat(parent, name, flags, new_file_mode(flags)).map_err(io_error)?;
            folder = Some(opened);
        }
        folder.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

/// The mode of a file that `flags` may create; the process's mask applies.
fn new_file_mode(flags: OFlags) -> Mode {
    if flags.contains(OFlags::CREATE) { Mode::from_raw_mode(0o666) } else { Mode::empty() }
}

/// With these flags, a folder need not be readable to have the kinds and stamps of what is in it.
#[cfg(target_os = "linux")]
const STAT_FLAGS: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const STAT_FLAGS: OFlags = OFlags::RDONLY;
