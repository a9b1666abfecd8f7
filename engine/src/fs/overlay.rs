//! Unsaved texts over the files of a workspace: what an editor shows, where it is newer than the disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use camino::{Utf8Path, Utf8PathBuf};

use super::file_system::{
    FileHandle, FileSystem, FolderStat, Listing, Lock, NodeKind, Stamp, Visitor, Watcher, Writers,
};

/// A file system that only reads: files of another one, and texts in the place of some of them.
///
/// A text stands in for a regular file, or for nothing, in a folder that exists. Where anything else is in its place, as
/// a symbolic link, that is found, as a pack would find it. Whatever would change a file fails with an error of kind
/// `ReadOnlyFilesystem`.
pub(crate) struct Overlay {
    disk: Arc<dyn FileSystem>,
    texts: RwLock<Texts>,
}

#[derive(Default)]
struct Texts {
    by_path: BTreeMap<Utf8PathBuf, Text>,
    /// How often a text was set. It stamps texts, so that no two have the same stamp.
    count: u64,
}

/// A text in the place of a file.
#[derive(Clone)]
struct Text {
    bytes: Arc<[u8]>,
    stamp: Stamp,
    /// The count when a text was first set here. It marks the folder in which the name is.
    since: u64,
}

impl Overlay {
    /// The files of `disk`, with no texts over them.
    pub(crate) fn new(disk: Arc<dyn FileSystem>) -> Self {
        Self { disk, texts: RwLock::default() }
    }

    /// Sets the text in the place of the file at `path`; with none, the file itself counts again.
    pub(crate) fn set(&self, path: &Utf8Path, bytes: Option<Arc<[u8]>>) {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        let Some(bytes) = bytes else {
            texts.by_path.remove(path);
            return;
        };
        texts.count += 1;
        let count = texts.count;
        let since = texts.by_path.get(path).map_or(count, |text| text.since);
        texts.by_path.insert(path.to_owned(), Text { stamp: stamp_of(&bytes, count), bytes, since });
    }

    /// The text in the place of the file at `path`, if it counts where the disk has `found`.
    fn text_instead(&self, path: &Utf8Path, found: Option<NodeKind>) -> io::Result<Option<Text>> {
        let Some(text) = self.texts().by_path.get(path).cloned() else { return Ok(None) };
        let counts = match (found, path.parent()) {
            (Some(kind), _) => kind == NodeKind::File,
            (None, Some(folder)) if folder != "" => self.disk.kind(folder)? == Some(NodeKind::Folder),
            (None, _) => true,
        };
        Ok(counts.then_some(text))
    }

    fn texts(&self) -> RwLockReadGuard<'_, Texts> {
        self.texts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// `found` of the disk in `folder` under `names`, with the texts that are there.
    fn patched(&self, folder: &Utf8Path, names: &[&str], (stamp, mut found): FolderStat) -> FolderStat {
        let texts = self.texts();
        if texts.by_path.is_empty() {
            return (stamp, found);
        }
        for (name, found) in names.iter().zip(&mut found) {
            if !matches!(found, None | Some((NodeKind::File, _))) {
                continue;
            }
            if let Some(text) = texts.by_path.get(&folder.join(name)) {
                *found = Some((NodeKind::File, text.stamp));
            }
        }
        (texts.marked(folder, stamp), found)
    }
}

impl Texts {
    /// The texts whose names are in `folder`.
    fn within<'t>(&'t self, folder: &'t Utf8Path) -> impl Iterator<Item = (&'t str, &'t Text)> {
        let below = self.by_path.range(folder.to_owned()..).take_while(move |(path, _)| path.starts_with(folder));
        below.filter_map(move |(path, text)| Some((path.file_name()?, text)).filter(|_| path.parent() == Some(folder)))
    }

    /// Adds the names of texts in `folder` that `names` of the disk lack.
    fn add_names(&self, folder: &Utf8Path, names: &mut Vec<(OsString, NodeKind)>) {
        for (name, _) in self.within(folder) {
            if !names.iter().any(|(found, _)| found == name) {
                names.push((name.into(), NodeKind::File));
            }
        }
    }

    /// The `stamp` of `folder`, which is another one with each set of names that the texts add to it.
    fn marked(&self, folder: &Utf8Path, stamp: Stamp) -> Stamp {
        let mut hasher = blake3::Hasher::new();
        let mut is_marked = false;
        for (_, text) in self.within(folder) {
            hasher.update(&text.since.to_le_bytes());
            is_marked = true;
        }
        if !is_marked {
            return stamp;
        }
        let mut mark = [0; 8];
        hasher.finalize_xof().fill(&mut mark);
        Stamp { device: u64::from_le_bytes(mark), ..stamp }
    }
}

/// The stamp of a text: as old as a stamp can be, so that it is conclusive, and different with each `count`.
fn stamp_of(bytes: &[u8], count: u64) -> Stamp {
    Stamp { size: bytes.len() as u64, modified_ns: 0, changed_ns: 0, inode: count, device: u64::MAX }
}

impl FileSystem for Overlay {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        let found = self.disk.kind(path)?;
        Ok(found.or(self.text_instead(path, found)?.map(|_| NodeKind::File)))
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<FolderStat> {
        Ok(self.patched(folder, names, self.disk.stat(folder, names)?))
    }

    fn stat_folders(
        &self,
        parent: &Utf8Path,
        folders: &[(&str, Vec<&str>)],
    ) -> io::Result<Vec<io::Result<FolderStat>>> {
        let found = self.disk.stat_folders(parent, folders)?;
        let patched = |((folder, names), found): (&(&str, Vec<&str>), io::Result<FolderStat>)| {
            Ok(self.patched(&parent.join(folder), names, found?))
        };
        Ok(folders.iter().zip(found).map(patched).collect())
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        let mut names = self.disk.list(folder)?;
        self.texts().add_names(folder, &mut names);
        Ok(names)
    }

    fn list_stamped(&self, folder: &Utf8Path) -> io::Result<Listing> {
        let Listing { mut names, stamp } = self.disk.list_stamped(folder)?;
        let texts = self.texts();
        texts.add_names(folder, &mut names);
        Ok(Listing { names, stamp: stamp.map(|stamp| texts.marked(folder, stamp)) })
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        if !self.texts().by_path.contains_key(path) {
            return self.disk.open(path);
        }
        match self.text_instead(path, self.disk.kind(path)?)? {
            Some(text) => {
                let stamp = text.stamp;
                Ok((Box::new(text), stamp))
            }
            None => self.disk.open(path),
        }
    }

    fn create(&self, _: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        Err(read_only())
    }

    fn create_folder(&self, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn rename(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    /// Whether it could be renamed on the disk.
    fn can_rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.disk.can_rename(from, to)
    }

    fn rename_new(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn move_folder(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn copy_permissions(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn remove_file(&self, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn remove_folder(&self, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
        self.disk.sweep(folder, &mut |visited, _| visit(visited, &mut || Err(read_only())))
    }

    fn sync_folder(&self, _: &Utf8Path) -> io::Result<()> {
        Err(read_only())
    }

    fn try_lock(&self, _: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        Err(read_only())
    }

    fn watcher(&self) -> io::Result<Box<dyn Watcher>> {
        self.disk.watcher()
    }

    fn is_there(&self) -> io::Result<bool> {
        self.disk.is_there()
    }
}

fn read_only() -> io::Error {
    io::ErrorKind::ReadOnlyFilesystem.into()
}

impl FileHandle for Text {
    fn stamp(&self) -> io::Result<Stamp> {
        Ok(self.stamp)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let rest = self.bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(rest.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync(&self) -> io::Result<()> {
        Err(read_only())
    }

    /// Nobody: a text is replaced, not changed.
    fn writers(&self) -> Writers {
        Writers::Nobody
    }
}
