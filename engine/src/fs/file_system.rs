//! The trait through which all files of a workspace are accessed.

use std::ffi::OsString;
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::pieces::in_pieces;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
}

impl NodeKind {
    /// In words, with an article.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Special => "a FIFO, socket or device",
        }
    }
}

/// The stamp of a file or folder: where it is the same, nothing changed, as far as the file system shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of content, in nanoseconds since the epoch.
    pub modified_ns: i64,
    /// Time of the last change of content or metadata, in nanoseconds since the epoch.
    pub changed_ns: i64,
    /// Which file of the device it is.
    pub inode: u64,
    /// Which device it is on.
    pub device: u64,
}

/// Who may be in the midst of changing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// Nobody has it open for writing, or mapped so.
    Nobody,
    /// Somebody has, or that can never be excluded: the bytes may change under the present stamp.
    Somebody,
    /// The system does not say: not at all, not on this file system, or not for a file of another user.
    Unknown,
}

/// An open regular file.
pub trait FileHandle: Send + Sync {
    /// The file's present stamp.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn stamp(&self) -> io::Result<Stamp>;

    /// Fills `buffer` from `offset`; an error of kind `UnexpectedEof` when the file ends before.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Flushes content and size to the disk.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn sync(&self) -> io::Result<()>;

    /// Locks the file against all others that have it open, until this is dropped. Returns whether it got the lock.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn try_lock(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// As [`try_lock`](Self::try_lock), but others may have a shared lock at the same time.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn try_lock_shared(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Copies `size` bytes of `source`, from `start` on, to `offset`; an error of kind `UnexpectedEof` when `source`
    /// ends before.
    ///
    /// # Errors
    ///
    /// The operating system's.
    fn copy_from(&self, offset: u64, source: &dyn FileHandle, start: u64, size: u64) -> io::Result<()> {
        copy_in_pieces(self, offset, source, start, size)
    }

    /// Lets the system drop `size` bytes from `offset` on from memory. It begins to write those that are not on the
    /// disk, so that a later [`sync`](Self::sync) has less to wait for, and drops those that are.
    fn let_go(&self, _offset: u64, _size: u64) {}

    /// Who may be in the midst of changing the file now.
    fn writers(&self) -> Writers {
        Writers::Unknown
    }

    /// The operating system's file, which lets the kernel copy from it.
    fn as_file(&self) -> Option<&File> {
        None
    }
}

/// A lock that is held until this is dropped, or until the process ends in whatever way.
pub trait Lock: Send + Sync {}

/// What a sweep calls with each name, and with the call that removes it. Returns true if removed, or to be treated so.
/// A folder is skipped if anything in it was not.
pub type Visitor<'v> = dyn FnMut(Visited<'_>, &mut dyn FnMut() -> io::Result<()>) -> bool + 'v;

/// A name that a sweep visits.
#[derive(Debug)]
pub struct Visited<'p> {
    /// Its path, which need not be UTF-8.
    pub path: &'p Path,
    /// What it is.
    pub kind: NodeKind,
    /// Of a folder, why it could not be listed. Removing it fails for the same reason.
    pub list_error: Option<io::Error>,
    /// Whether something is mounted there, as far as the system says. Then it cannot be removed.
    pub is_mount_point: bool,
}

/// The stamp of a folder, and the kind and stamp of what is in it under each of some names; none where nothing is.
pub type FolderStat = (Stamp, Vec<Option<(NodeKind, Stamp)>>);

/// A folder that was listed.
#[derive(Debug)]
pub struct Listing {
    /// The names in it, in no order, without `.` and `..`.
    pub names: Vec<(OsString, NodeKind)>,
    /// Its stamp; none where that changed while the folder was listed.
    pub stamp: Option<Stamp>,
}

/// The operations on files that papack needs. Every path is relative to the workspace.
///
/// Each of them fails with the operating system's error. A path that leads through a link is an error of kind
/// `NotADirectory`.
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
pub trait FileSystem: Send + Sync {
    /// What is at `path`; `None` when nothing is.
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>>;

    /// Whether the file at `path` has more names than this one, as far as the system says.
    fn has_other_names(&self, _path: &Utf8Path) -> bool {
        false
    }

    /// The stamp of `folder`, and what is in it under each of `names`; `None` where nothing is. A name may also be a path
    /// below it. If a link takes the place of a folder on such a path at this moment, the stamp may be one from elsewhere:
    /// it must not be kept.
    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<FolderStat>;

    /// As [`stat`](Self::stat), of several folders in `parent`, each given by its name and with names in it.
    fn stat_folders(
        &self,
        parent: &Utf8Path,
        folders: &[(&str, Vec<&str>)],
    ) -> io::Result<Vec<io::Result<FolderStat>>> {
        Ok(folders.iter().map(|(folder, names)| self.stat(&parent.join(folder), names)).collect())
    }

    /// The names in `folder`, in no order, without `.` and `..`.
    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>>;

    /// As [`list`](Self::list), with the stamp that `folder` had all the time.
    fn list_stamped(&self, folder: &Utf8Path) -> io::Result<Listing> {
        let (before, _) = self.stat(folder, &[])?;
        let names = self.list(folder)?;
        let (after, _) = self.stat(folder, &[])?;
        Ok(Listing { names, stamp: (before == after).then_some(after) })
    }

    /// Opens a regular file for reading, and returns its stamp. Anything else is an error of kind `InvalidInput`, and
    /// is never waited for.
    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)>;

    /// Creates a file that must not exist, for reading and writing.
    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>>;

    /// Creates a folder that must not exist.
    fn create_folder(&self, path: &Utf8Path) -> io::Result<()>;

    /// Renames a file, replacing what is at `to` in one step.
    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()>;

    /// Whether a file at `from`, which need not exist yet, could be renamed to `to`, where a file may be, or nothing.
    /// An error of kind `CrossesDevices` between mounts, and of kind `ResourceBusy` where a file is mounted at `to`.
    /// Nothing is changed. Ok where this can only be found out by renaming.
    fn can_rename(&self, _from: &Utf8Path, _to: &Utf8Path) -> io::Result<()> {
        Ok(())
    }

    /// Renames a file; an error of kind `AlreadyExists` when something is at `to`.
    fn rename_new(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()>;

    /// Renames a folder; an error of kind `AlreadyExists` when something is at `to`.
    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()>;

    /// Gives the file at `to` the permissions of the one at `from`, and its owner where that is allowed.
    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()>;

    /// Removes a file or link.
    fn remove_file(&self, path: &Utf8Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()>;

    /// Visits all that is in `folder`, of any name and depth and in no order, each folder after what is in it, and
    /// `folder` itself at the end. Links are visited, not followed.
    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()>;

    /// Flushes the names in `folder` to the disk.
    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()>;

    /// Locks `folder` against every other holder, in this process or another; `None` when it is locked.
    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>>;

    /// Begins to report changes in folders; an error of kind `Unsupported` where that is impossible.
    fn watcher(&self) -> io::Result<Box<dyn Watcher>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Makes a socket at `path`, where nothing may be, which this user alone may connect to, and listens at it; an error of
    /// kind `Unsupported` where that is impossible.
    #[cfg(unix)]
    fn listen(&self, _path: &Utf8Path) -> io::Result<UnixListener> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A text that tells the folder of the workspace from any other one that exists, and from itself with something else
    /// mounted in it; an error of kind `Unsupported` where there is none.
    fn identity(&self) -> io::Result<String> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether the folder of the workspace still exists, whatever its name is now.
    fn is_there(&self) -> io::Result<bool> {
        Ok(true)
    }
}

/// Reports changes in folders. What happens in a folder after it was added is reported, in order.
#[expect(clippy::missing_errors_doc, reason = "the operating system's")]
pub trait Watcher: Send {
    /// Watches the names in `folder`, and what they stand for, but not what is in the folders below it. A folder that
    /// is watched already keeps its watch, under whatever path it was added.
    fn add(&mut self, folder: &Utf8Path) -> io::Result<WatchId>;

    /// Ends a watch.
    fn remove(&mut self, watch: WatchId);

    /// Whether other machines, or programs that are asked for the files, may change what is in the folders without being
    /// reported.
    fn is_shared(&self) -> bool;

    /// Waits for something to happen, at most as long as `timeout`, and returns some or all of it.
    fn wait(&mut self, timeout: Duration) -> io::Result<Vec<FolderEvent>>;

    /// Ends a wait when it is called, that which another thread is in or else the next one.
    fn waker(&self) -> Arc<dyn Fn() + Send + Sync>;
}

/// The id of a watched folder. No other folder of the same watcher ever has the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WatchId(pub i32);

/// What a [`Watcher`] reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderEvent {
    /// More happened than could be reported: anything may have changed.
    Lost,
    /// The folder is gone, or is not watched any more.
    Ended(WatchId),
    /// Something happened to a name.
    Changed {
        /// In which folder.
        watch: WatchId,
        /// The name.
        name: OsString,
        /// Whether it is, or was, a folder.
        is_folder: bool,
        /// What.
        change: NameChange,
    },
}

/// What happened to a name in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameChange {
    /// Something was renamed to it, from any place.
    MovedHere,
    /// It was removed, or renamed to something else.
    Removed,
    /// It was created, or its content or metadata changed.
    CreatedOrChanged,
}

/// Copies `size` bytes of `source`, from `start` on, to `offset` of `file`, through memory.
pub(super) fn copy_in_pieces<F: FileHandle + ?Sized>(
    file: &F,
    offset: u64,
    source: &dyn FileHandle,
    start: u64,
    size: u64,
) -> io::Result<()> {
    in_pieces(size, |at, piece| {
        source.read_exact_at(start + at, piece)?;
        file.write_all_at(offset + at, piece)
    })
}
