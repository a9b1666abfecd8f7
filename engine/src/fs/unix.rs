//! The real file system, on Unix. Tested on Linux; macOS has the same calls and is untested.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use camino::Utf8Path;
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags};

use super::{FileHandle, FileSystem, Lock, NodeKind, Stamp};

/// The files below one workspace.
pub struct RealFs {
    root: OwnedFd,
}

impl RealFs {
    /// The files below `workspace`, which may be named in any way.
    ///
    /// # Errors
    ///
    /// When it is no folder, or may not be read.
    pub fn new(workspace: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { root: rustix::fs::open(workspace, flags, Mode::empty())? })
    }

    /// Opens the folder that holds the last component of `path`, and hands both to `operate`.
    fn at<T>(
        &self,
        path: &Utf8Path,
        operate: impl FnOnce(BorrowedFd<'_>, &str) -> rustix::io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = match path.parent() {
            Some(parent) if parent != "" => Some(self.folder(parent)?),
            _ => None,
        };
        let folder = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
        operate(folder, name).map_err(refusing_links)
    }

    /// Opens a folder, component by component, following no link.
    fn folder(&self, path: &Utf8Path) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder: Option<OwnedFd> = None;
        for name in path {
            let parent = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            folder = Some(rustix::fs::openat(parent, name, flags, Mode::empty()).map_err(refusing_links)?);
        }
        match folder {
            Some(folder) => Ok(folder),
            None => self.root.try_clone(),
        }
    }
}

impl FileSystem for RealFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        match self.at(path, |folder, name| rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(node_kind(FileType::from_raw_mode(stat.st_mode)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        let folder = self.folder(folder)?;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Not every file system says in its listings what a name is.
                FileType::Unknown => match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(rustix::io::Errno::NOENT) => continue,
                    Err(error) => return Err(error.into()),
                },
                known => known,
            };
            names.push((OsString::from_vec(name.to_bytes().to_vec()), node_kind(kind)));
        }
        Ok(names)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        let flags = OPEN_FLAGS | OFlags::NOFOLLOW;
        regular(self.at(path, |folder, name| rustix::fs::openat(folder, name, flags, Mode::empty()))?)
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        Ok(Box::new(File::from(self.at(path, |folder, name| rustix::fs::openat(folder, name, flags, mode))?)))
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::mkdirat(folder, name, Mode::from_raw_mode(0o777)))
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let target = to.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let target_folder = self.folder(to.parent().unwrap_or(Utf8Path::new("")))?;
        self.at(from, |folder, name| rustix::fs::renameat(folder, name, &target_folder, target))
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::unlinkat(folder, name, AtFlags::empty()))
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR))
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.folder(folder)?)?)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        let folder = self.folder(folder)?;
        match rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Box::new(FolderLock { _folder: folder }))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Opens a regular file that the user named, in whatever way: outside a workspace too, and through links. Anything
/// else is an error of kind `InvalidInput`, and is never waited for.
///
/// # Errors
///
/// The operating system's.
pub fn open_named(path: &Path) -> io::Result<Box<dyn FileHandle>> {
    regular(rustix::fs::open(path, OPEN_FLAGS, Mode::empty())?)
}

/// Without `O_NONBLOCK`, opening a FIFO waits for its other end.
const OPEN_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

fn regular(file: OwnedFd) -> io::Result<Box<dyn FileHandle>> {
    let file = File::from(file);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(Box::new(file))
}

/// Holds an advisory lock as long as the folder stays open.
struct FolderLock {
    _folder: OwnedFd,
}

impl Lock for FolderLock {}

impl FileHandle for File {
    fn stamp(&self) -> io::Result<Stamp> {
        let metadata = self.metadata()?;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Ok(Stamp {
            size: metadata.size(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        })
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
}

/// `ELOOP`, which means that a link was met, has no stable kind of its own.
fn refusing_links(error: rustix::io::Errno) -> io::Error {
    match error {
        rustix::io::Errno::LOOP => io::Error::new(io::ErrorKind::NotADirectory, "a symbolic link is in the way"),
        other => other.into(),
    }
}

fn node_kind(kind: FileType) -> NodeKind {
    match kind {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Folder,
        FileType::Symlink => NodeKind::Link,
        _ => NodeKind::Special,
    }
}
