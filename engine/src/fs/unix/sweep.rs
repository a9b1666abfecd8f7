//! Sweeping: to visit a folder and all that is in it, of any name and depth, and remove it.
//!
//! Only one folder is open at a time, on the way down and up: neither the stack nor the number of open files grows with
//! the depth. Each folder is opened by one name in its parent, and never through a link. On the way up, `..` must be
//! the folder from which the sweep came.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;

use camino::Utf8Path;
use rustix::fs::{AtFlags, Mode, OFlags, Stat, fstat, openat, unlinkat};
use rustix::io::Errno;

use super::super::file_system::{NodeKind, Visited, Visitor};
use super::names::names_in;
use super::rename_probe::is_mount_point;
use super::stat::io_error;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A folder on the path of the sweep.
struct Level {
    /// Its name in its parent.
    name: OsString,
    /// Its stat: the device and inode identify the folder.
    identity: Stat,
    /// What is still to be visited in it.
    names: Vec<(OsString, NodeKind)>,
    /// Whether something in it was not removed.
    is_kept: bool,
}

struct Sweep<'s, 'v> {
    /// The open folder, the last of `levels`.
    folder: OwnedFd,
    levels: Vec<Level>,
    /// The path of the open folder.
    path: PathBuf,
    visit: &'s mut Visitor<'v>,
}

/// Visits the folder at `path`, whose last name is one in `parent`, after all that is in it.
pub(super) fn sweep(parent: OwnedFd, path: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
    // The parent is a level, too, with one name to visit. It is not visited itself.
    let names = vec![(OsString::from(path.file_name().unwrap_or_default()), NodeKind::Folder)];
    let top = Level { name: OsString::new(), identity: fstat(&parent)?, names, is_kept: false };
    let parent_path = path.parent().map(PathBuf::from).unwrap_or_default();
    let mut sweep = Sweep { folder: parent, levels: vec![top], path: parent_path, visit };
    while let Some(level) = sweep.levels.last_mut() {
        match level.names.pop() {
            Some((name, NodeKind::Folder)) => sweep.enter(name),
            Some((name, kind)) => sweep.visit(name, kind, None),
            None => sweep.leave()?,
        }
    }
    Ok(())
}

impl Sweep<'_, '_> {
    /// Opens the folder `name`, or visits it at once where it cannot be listed.
    fn enter(&mut self, name: OsString) {
        let opened = openat(&self.folder, &*name, FOLDER, Mode::empty()).and_then(|folder| {
            let names = names_in(folder.as_fd())?;
            Ok((fstat(&folder)?, names, folder))
        });
        match opened {
            Ok((identity, names, folder)) => {
                self.path.push(&name);
                self.levels.push(Level { name, identity, names, is_kept: false });
                self.folder = folder;
            }
            Err(error) => self.visit(name, NodeKind::Folder, Some(error)),
        }
    }

    /// Goes back to the parent, and visits the folder from which it comes, unless something in that is kept.
    fn leave(&mut self) -> io::Result<()> {
        let Some((level, parent)) = self.levels.pop().zip(self.levels.last_mut()) else { return Ok(()) };
        let folder = openat(&self.folder, "..", FOLDER, Mode::empty()).map_err(io_error)?;
        let identity = fstat(&folder)?;
        if (identity.st_dev, identity.st_ino) != (parent.identity.st_dev, parent.identity.st_ino) {
            return Err(io::Error::other("a folder in it was moved meanwhile"));
        }
        parent.is_kept |= level.is_kept;
        self.folder = folder;
        self.path.pop();
        if !level.is_kept {
            self.visit(level.name, NodeKind::Folder, None);
        }
        Ok(())
    }

    /// Visits `name`. Where a folder could not be listed, a removal that fails gives `list_error`, which says more than
    /// that the folder is not empty.
    fn visit(&mut self, name: OsString, kind: NodeKind, list_error: Option<Errno>) {
        self.path.push(&name);
        let flags = if kind == NodeKind::Folder { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        let mut remove =
            || unlinkat(&self.folder, &*name, flags).map_err(|error| io_error(list_error.unwrap_or(error)));
        let is_mount_point = is_mount_point(self.folder.as_fd(), &*name);
        let visited = Visited { path: &self.path, kind, list_error: list_error.map(io_error), is_mount_point };
        let is_removed = (self.visit)(visited, &mut remove);
        self.path.pop();
        if let Some(level) = self.levels.last_mut() {
            level.is_kept |= !is_removed;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;
    use crate::fs::{FileSystem, RealFs};

    fn remove(folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, io::ErrorKind)>) {
        let (mut removed, mut remaining) = (Vec::new(), Vec::new());
        let fs = RealFs::new(folder).unwrap();
        fs.sweep(Utf8Path::new("a"), &mut |found, remove| match remove() {
            Ok(()) => {
                removed.push(found.path.to_owned());
                true
            }
            Err(error) => {
                remaining.push((found.path.to_owned(), error.kind()));
                false
            }
        })
        .unwrap();
        (removed, remaining)
    }

    #[test]
    fn links_odd_names_and_hidden_files_go_and_what_links_lead_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(place("a/b/.hidden")).unwrap();
        std::fs::create_dir_all(place("other")).unwrap();
        std::fs::write(place("other/file"), "kept").unwrap();
        std::fs::write(place("a/b").join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), "").unwrap();
        symlink(place("other"), place("a/b/link")).unwrap();
        symlink("..", place("a/up")).unwrap();
        symlink("nowhere", place("a/dangling")).unwrap();
        let (removed, remaining) = remove(folder.path());
        assert_eq!((removed.len(), remaining), (7, Vec::new()));
        assert_eq!(removed.last(), Some(&PathBuf::from("a")));
        assert!(!place("a").exists());
        assert_eq!(std::fs::read(place("other/file")).unwrap(), b"kept");
    }

    #[test]
    fn no_depth_is_too_deep() {
        const DEPTH: usize = 2_000;
        let folder = tempfile::tempdir().unwrap();
        let fs = RealFs::new(folder.path()).unwrap();
        // A path of this depth is too long for one call, so each new folder becomes the parent of the others.
        fs.create_folder(Utf8Path::new("a")).unwrap();
        for _ in 1..DEPTH {
            fs.create_folder(Utf8Path::new("b")).unwrap();
            fs.rename(Utf8Path::new("a"), Utf8Path::new("b/a")).unwrap();
            fs.rename(Utf8Path::new("b"), Utf8Path::new("a")).unwrap();
        }
        let small = std::thread::Builder::new().stack_size(128 * 1024);
        let (removed, remaining) = small.spawn(move || remove(folder.path())).unwrap().join().unwrap();
        assert_eq!((removed.len(), remaining.len()), (DEPTH, 0));
    }

    #[test]
    fn what_is_kept_keeps_the_folders_above_it_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b/c")).unwrap();
        for file in ["a/x", "a/b/y", "a/b/c/z"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let fs = RealFs::new(folder.path()).unwrap();
        let mut visited = Vec::new();
        fs.sweep(Utf8Path::new("a"), &mut |found, remove| {
            visited.push((found.path.to_str().unwrap().to_owned(), found.kind));
            !found.path.ends_with("y") && remove().is_ok()
        })
        .unwrap();
        visited.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("a/b/c", NodeKind::Folder),
            ("a/b/c/z", NodeKind::File),
            ("a/b/y", NodeKind::File),
            ("a/x", NodeKind::File),
        ];
        assert_eq!(visited, expected.map(|(path, kind)| (path.to_owned(), kind)));
        assert!(folder.path().join("a/b/y").exists() && !folder.path().join("a/b/c").exists());
    }
}
