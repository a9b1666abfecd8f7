//! The operations of the trait on the files of a workspace.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use camino::Utf8Path;
use rustix::fs::{AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, RenameFlags, Uid};

#[cfg(target_os = "linux")]
use super::super::file_system::Watcher;
use super::super::file_system::{FileHandle, FileSystem, FolderStat, Listing, Lock, NodeKind, Stamp, Visitor};
use super::file::{OPEN_FLAGS, flock, regular};
#[cfg(target_os = "linux")]
use super::inotify::Inotify;
use super::names::names_in;
use super::real_fs::RealFs;
use super::rename_probe;
use super::stat::{node_kind, stamp_of, stat_at};
use super::sweep::sweep;

impl FileSystem for RealFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        match self.at(path, |folder, name| rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => Ok(Some(node_kind(FileType::from_raw_mode(stat.st_mode)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<FolderStat> {
        let folder = self.open_for_stat(folder)?;
        let found = names.iter().map(|name| stat_at(folder.as_fd(), name)).collect::<io::Result<_>>()?;
        Ok((stamp_of(&rustix::fs::fstat(&folder)?), found))
    }

    fn stat_folders(
        &self,
        parent: &Utf8Path,
        folders: &[(&str, Vec<&str>)],
    ) -> io::Result<Vec<io::Result<FolderStat>>> {
        // Only the parent is opened, and not each of the folders: that halves the number of calls. A link that takes
        // the place of a folder after its stamp was taken may lead elsewhere. Then the stamps from there are compared,
        // and nothing is read.
        let parent = self.open_for_stat(parent)?;
        let mut path = String::new();
        let mut stat_folder = |(folder, names): &(&str, Vec<&str>)| {
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
        Ok(folders.iter().map(&mut stat_folder).collect())
    }

    fn has_other_names(&self, path: &Utf8Path) -> bool {
        let found = self.at(path, |folder, name| rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW));
        found.is_ok_and(|stat| stat.st_nlink > 1 && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
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
        /// How often this waits for the end of a write lease, which a file server may hold. The first try asks for that
        /// end.
        const WAITS: usize = 100;
        /// For how long each time.
        const WAIT: Duration = Duration::from_millis(20);
        for _ in 0..WAITS {
            match self.open_below(path, OPEN_FLAGS) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(WAIT),
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
            // This file system cannot refuse to replace. The plain call may replace what comes there in this very
            // moment: an empty folder by a folder, or a file by a file.
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
        // Only the superuser may change the owner of a file. The superuser should, where the old file was not its own.
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

    #[cfg(target_os = "linux")]
    fn listen(&self, path: &Utf8Path) -> io::Result<std::os::unix::net::UnixListener> {
        self.listen_at(path)
    }

    #[cfg(target_os = "linux")]
    fn identity(&self) -> io::Result<String> {
        self.identity_of_root()
    }

    fn is_there(&self) -> io::Result<bool> {
        Ok(rustix::fs::fstat(&self.root)?.st_nlink > 0)
    }
}

/// An advisory lock, held as long as the folder is open.
struct FolderLock {
    _folder: OwnedFd,
}

impl Lock for FolderLock {}
