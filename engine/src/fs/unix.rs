//! The real file system, on Unix. Tested on Linux; macOS has the same calls and is untested.

mod rename_probe;

use std::ffi::{CStr, OsString};
use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use camino::{Utf8Component, Utf8Path};
use papack_queries::diagnostic::Diagnostic;
#[cfg(target_os = "linux")]
use rustix::fs::ResolveFlags;
use rustix::fs::{AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, RenameFlags, Uid};
use rustix::io::Errno;

#[cfg(target_os = "linux")]
use super::inotify::Inotify;
use super::sweep::sweep;
use super::{FileHandle, FileSystem, Listing, Lock, Looked, NodeKind, Stamp, Visitor, copy_in_pieces};
#[cfg(target_os = "linux")]
use super::{Watcher, Writers, lease};
use crate::cache::{UserKey, find_user_key};

pub(super) use rename_probe::is_mount_point;

/// The files below one workspace.
pub struct RealFs {
    root: OwnedFd,
    /// Whether the kernel resolves a whole path in one call, following no link.
    #[cfg(target_os = "linux")]
    resolves: AtomicBool,
    /// The key in place of the user's.
    key: Option<UserKey>,
}

impl RealFs {
    /// The files below `workspace`, which may be named in any way.
    ///
    /// # Errors
    ///
    /// When it is no folder, or may not be read.
    pub fn new(workspace: &Path) -> io::Result<Self> {
        Self::open_root(workspace, OFlags::RDONLY)
    }

    /// As [`new`](Self::new), only to look at what is there: where the system can do that, the folder need not be readable.
    pub(crate) fn to_look(folder: &Path) -> io::Result<Self> {
        Self::open_root(folder, LOOK_FLAGS)
    }

    fn open_root(folder: &Path, flags: OFlags) -> io::Result<Self> {
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            root: rustix::fs::open(folder, flags, Mode::empty())?,
            #[cfg(target_os = "linux")]
            resolves: AtomicBool::new(true),
            key: None,
        })
    }

    /// The same files, with this key in place of the one of the user who runs the process.
    #[must_use]
    pub fn with_key(self, key: UserKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The same files.
    #[cfg(target_os = "linux")]
    fn try_clone(&self) -> io::Result<Self> {
        let resolves = AtomicBool::new(self.resolves.load(Ordering::Relaxed));
        Ok(Self { root: self.root.try_clone()?, resolves, key: self.key.clone() })
    }

    /// Opens the folder that holds the last component of `path`, and hands both to `operate`.
    fn at<T>(
        &self,
        path: &Utf8Path,
        operate: impl FnOnce(BorrowedFd<'_>, &str) -> rustix::io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = self.folder(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
        operate(folder.as_fd(), name).map_err(refusing)
    }

    /// Opens a folder.
    pub(super) fn folder(&self, path: &Utf8Path) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        if path == "" {
            // Not the same open folder: that could be listed once.
            return Ok(rustix::fs::openat(&self.root, c".", flags | OFlags::CLOEXEC, Mode::empty())?);
        }
        self.open_below(path, flags)
    }

    /// Opens a folder to look at what is in it.
    fn open_to_look(&self, path: &Utf8Path) -> io::Result<OwnedFd> {
        if path == "" { Ok(self.root.try_clone()?) } else { self.open_below(path, OFlags::DIRECTORY | LOOK_FLAGS) }
    }

    /// The folder in which a rename ends, and the name there.
    fn target<'p>(&self, to: &'p Utf8Path) -> io::Result<(OwnedFd, &'p str)> {
        let name = to.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((self.folder(to.parent().ok_or(io::ErrorKind::InvalidInput)?)?, name))
    }

    /// Opens `path` below the workspace, following no link.
    fn open_below(&self, path: &Utf8Path, flags: OFlags) -> io::Result<OwnedFd> {
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
                // A rename elsewhere got in the way of the kernel's check, or the path is too long for one call.
                Err(Errno::AGAIN | Errno::NAMETOOLONG) => {}
                other => return other.map_err(refusing),
            }
        }
        self.open_by_components(path, flags)
    }

    /// As [`open_below`](Self::open_below), one component after the other.
    fn open_by_components(&self, path: &Utf8Path, flags: OFlags) -> io::Result<OwnedFd> {
        let folder_flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder: Option<OwnedFd> = None;
        let mut names = path.iter().peekable();
        while let Some(name) = names.next() {
            let flags = if names.peek().is_some() { folder_flags } else { flags };
            let parent = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            let opened = rustix::fs::openat(parent, name, flags, new_file_mode(flags)).map_err(refusing)?;
            folder = Some(opened);
        }
        folder.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

/// The names that `folder` lists, without `.` and `..`. It was opened for this.
#[cfg(target_os = "linux")]
pub(super) fn names_in(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<(OsString, NodeKind)>> {
    /// Bytes that are asked for at a time.
    const PIECE: usize = 8 * 1024;
    let mut piece = [const { MaybeUninit::uninit() }; PIECE];
    let mut listed = rustix::fs::RawDir::new(folder, &mut piece);
    let mut names = Vec::new();
    while let Some(entry) = listed.next() {
        let entry = entry?;
        names.extend(named(folder, entry.file_name(), entry.file_type())?);
    }
    Ok(names)
}

/// The names that `folder` lists, without `.` and `..`.
#[cfg(not(target_os = "linux"))]
pub(super) fn names_in(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<(OsString, NodeKind)>> {
    let mut listed = rustix::fs::Dir::read_from(folder)?;
    let mut names = Vec::new();
    while let Some(entry) = listed.read() {
        let entry = entry?;
        names.extend(named(folder, entry.file_name(), entry.file_type())?);
    }
    Ok(names)
}

/// A name that `folder` lists; none for `.`, `..` and what is gone.
fn named(folder: BorrowedFd<'_>, name: &CStr, kind: FileType) -> rustix::io::Result<Option<(OsString, NodeKind)>> {
    if name == c"." || name == c".." {
        return Ok(None);
    }
    let kind = match kind {
        // Not every file system says in its listings what a name is.
        FileType::Unknown => match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error),
        },
        known => known,
    };
    Ok(Some((OsString::from_vec(name.to_bytes().to_vec()), node_kind(kind))))
}

/// What is at `path` below `folder`, and its stamp; none where nothing is. The last name is not followed.
fn stat_at(folder: BorrowedFd<'_>, path: &str) -> io::Result<Option<(NodeKind, Stamp)>> {
    match rustix::fs::statat(folder, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some((node_kind(FileType::from_raw_mode(stat.st_mode)), stamp_of(&stat)))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(refusing(error)),
    }
}

/// The mode of a file that `flags` may create; the process's mask applies.
fn new_file_mode(flags: OFlags) -> Mode {
    if flags.contains(OFlags::CREATE) { Mode::from_raw_mode(0o666) } else { Mode::empty() }
}

impl FileSystem for RealFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        match self.at(path, |folder, name| rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(node_kind(FileType::from_raw_mode(stat.st_mode)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn look(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<Looked> {
        let folder = self.open_to_look(folder)?;
        let found = names.iter().map(|name| stat_at(folder.as_fd(), name)).collect::<io::Result<_>>()?;
        Ok((stamp_of(&rustix::fs::fstat(&folder)?), found))
    }

    fn look_into(&self, parent: &Utf8Path, folders: &[(&str, Vec<&str>)]) -> io::Result<Vec<io::Result<Looked>>> {
        // One folder is opened in place of many, which halves the number of calls. A link that takes the place of one of
        // them after it was looked at may lead elsewhere: its stamps are compared then, and nothing is read.
        let parent = self.open_to_look(parent)?;
        let mut path = String::new();
        let mut look = |(folder, names): &(&str, Vec<&str>)| {
            let (kind, stamp) = stat_at(parent.as_fd(), folder)?.ok_or(io::ErrorKind::NotFound)?;
            if kind != NodeKind::Folder {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            let mut stat = |name: &&str| {
                path.clear();
                path.extend([*folder, "/", *name]);
                stat_at(parent.as_fd(), &path)
            };
            Ok((stamp, names.iter().map(&mut stat).collect::<io::Result<_>>()?))
        };
        Ok(folders.iter().map(&mut look).collect())
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        Ok(names_in(self.folder(folder)?.as_fd())?)
    }

    fn list_stamped(&self, folder: &Utf8Path) -> io::Result<Listing> {
        let folder = self.folder(folder)?;
        let before = stamp_of(&rustix::fs::fstat(&folder)?);
        let names = names_in(folder.as_fd())?;
        let after = stamp_of(&rustix::fs::fstat(&folder)?);
        Ok(Listing { names, stamp: (before == after).then_some(after) })
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        /// How often, and for how long, somebody is waited for who holds a write lease, as a file server does. The first try
        /// asks for its end.
        const MOMENTS: usize = 100;
        const MOMENT: Duration = Duration::from_millis(20);
        for _ in 0..MOMENTS {
            match self.open_below(path, OPEN_FLAGS) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(MOMENT),
                opened => return regular(opened?),
            }
        }
        regular(self.open_below(path, OPEN_FLAGS)?)
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        Ok(Box::new(File::from(self.open_below(path, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)?)))
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::mkdirat(folder, name, Mode::from_raw_mode(0o777)))
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let (target_folder, target) = self.target(to)?;
        self.at(from, |folder, name| rustix::fs::renameat(folder, name, &target_folder, target))
    }

    fn can_rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let (target_folder, target) = self.target(to)?;
        self.at(from, |folder, name| rename_probe::probe(folder, name, target_folder.as_fd(), target))
    }

    fn rename_new(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let (target_folder, target) = self.target(to)?;
        let exclusively = RenameFlags::NOREPLACE;
        let moved =
            self.at(from, |folder, name| rustix::fs::renameat_with(folder, name, &target_folder, target, exclusively));
        match moved {
            // The file system cannot refuse to replace. All that the plain call replaces is an empty folder by a folder,
            // and a file that comes there in this very moment.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                match self.kind(to)? {
                    None => self.rename(from, to),
                    Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
                }
            }
            other => other,
        }
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        if self.kind(from)? != Some(NodeKind::Folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.rename_new(from, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let (from, to) = (self.open_below(from, OPEN_FLAGS)?, self.open_below(to, OPEN_FLAGS)?);
        let stat = rustix::fs::fstat(&from)?;
        let (owner, group) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
        // Only the superuser may give files away, and then it is right to: the file was not its own before.
        _ = rustix::fs::fchown(&to, Some(owner), Some(group));
        Ok(rustix::fs::fchmod(&to, Mode::from_raw_mode(stat.st_mode))?)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::unlinkat(folder, name, AtFlags::empty()))
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.at(path, |folder, name| rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR))
    }

    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
        sweep(self.folder(folder.parent().ok_or(io::ErrorKind::InvalidInput)?)?, folder, visit)
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.folder(folder)?)?)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        let folder = self.folder(folder)?;
        let is_locked = flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
        Ok(is_locked.then(|| Box::new(FolderLock { _folder: folder }) as Box<dyn Lock>))
    }

    #[cfg(target_os = "linux")]
    fn watcher(&self) -> io::Result<Box<dyn Watcher>> {
        Ok(Box::new(Inotify::new(self.try_clone()?)?))
    }

    fn user_key(&self) -> Result<UserKey, Diagnostic> {
        self.key.clone().map_or_else(find_user_key, Ok)
    }

    fn is_there(&self) -> io::Result<bool> {
        Ok(rustix::fs::fstat(&self.root)?.st_nlink > 0)
    }
}

/// Opens a regular file that the user named, in whatever way: outside a workspace too, and through links. Anything
/// else is an error of kind `InvalidInput`, and is never waited for.
///
/// # Errors
///
/// The operating system's.
pub fn open_named(path: &Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
    regular(rustix::fs::open(path, OPEN_FLAGS, Mode::empty()).map_err(refusing)?)
}

/// When the machine was started, in nanoseconds since the epoch, where that can be told.
#[cfg(target_os = "linux")]
pub(crate) fn booted_ns() -> Option<i64> {
    let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let up_ns = up.tv_sec.checked_mul(1_000_000_000)?.checked_add(up.tv_nsec)?;
    crate::clock::now_ns().checked_sub(up_ns)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn booted_ns() -> Option<i64> {
    None
}

/// Makes the folder that the user named at `path`, in a folder that is there. Tells whether it was not there before.
///
/// # Errors
///
/// The operating system's.
pub(crate) fn make_named_folder(path: &Path) -> io::Result<bool> {
    match rustix::fs::mkdir(path, Mode::from_raw_mode(0o777)) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes the empty folder that the user named at `path`.
///
/// # Errors
///
/// The operating system's.
pub(crate) fn remove_named_folder(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::rmdir(path)?)
}

/// Without `O_NONBLOCK`, opening a FIFO waits for its other end.
const OPEN_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// A folder that is only looked at need not be readable.
#[cfg(target_os = "linux")]
const LOOK_FLAGS: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const LOOK_FLAGS: OFlags = OFlags::RDONLY;

const NOT_REGULAR: &str = "not a regular file";

fn regular(file: OwnedFd) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR));
    }
    Ok((Box::new(File::from(file)), stamp_of(&stat)))
}

/// Locks an open file or folder until it is closed. Tells whether that could be.
fn flock(file: impl AsFd, how: FlockOperation) -> io::Result<bool> {
    match rustix::fs::flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Holds an advisory lock as long as the folder stays open.
struct FolderLock {
    _folder: OwnedFd,
}

impl Lock for FolderLock {}

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
                // Not between these file systems, or not on this kernel.
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
        // What is being written stays in memory.
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

fn stamp_of(stat: &rustix::fs::Stat) -> Stamp {
    // The types differ between systems. Beyond the year 2262 all times are one.
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "needed on other systems")]
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "needed on other systems")]
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "sizes and numbers of files")]
    Stamp {
        size: stat.st_size as u64,
        modified_ns: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        changed_ns: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        inode: stat.st_ino as u64,
        device: stat.st_dev as u64,
    }
}

/// What has no stable kind of its own: `ELOOP`, where a link was met, and `ENXIO`, where a socket is to be opened.
pub(super) fn refusing(error: Errno) -> io::Error {
    match error {
        Errno::NXIO => io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR),
        Errno::LOOP => io::Error::new(io::ErrorKind::NotADirectory, "a symbolic link is in the way"),
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

#[cfg(test)]
mod tests;
