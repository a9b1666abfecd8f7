//! A file system that lists its folders in reverse order.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use camino::Utf8Path;

use crate::fs::{FileHandle, FileSystem, Lock, NodeKind, Stamp, Visitor};

/// The same files, listed in reverse order: any two names swap their order.
pub(super) struct Reordered(pub(super) Arc<dyn FileSystem>);

impl FileSystem for Reordered {
    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        let mut names = self.0.list(folder)?;
        names.reverse();
        Ok(names)
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<(Stamp, Vec<Option<(NodeKind, Stamp)>>)> {
        self.0.stat(folder, names)
    }

    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        self.0.kind(path)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        self.0.open(path)
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        self.0.create(path)
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.0.create_folder(path)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn can_rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.0.can_rename(from, to)
    }

    fn rename_new(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.0.rename_new(from, to)
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.0.move_folder(from, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.0.copy_permissions(from, to)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.0.remove_file(path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.0.remove_folder(path)
    }

    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
        self.0.sweep(folder, visit)
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        self.0.sync_folder(folder)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.0.try_lock(folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::fs::RealFs;

    #[test]
    fn of_any_two_names_the_other_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("f")).unwrap();
        for name in ["one", "two", "three"] {
            std::fs::write(folder.path().join("f").join(name), name).unwrap();
        }
        let real = Arc::new(RealFs::new(folder.path()).unwrap());
        let names = |fs: &dyn FileSystem| fs.list(Utf8Path::new("f")).unwrap();
        let mut found = names(&*real);
        assert_eq!(found.len(), 3);
        found.reverse();
        assert_eq!(names(&Reordered(real)), found);
    }
}
