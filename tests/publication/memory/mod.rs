//! A file system in memory that knows what it has flushed, and the states in which a power cut may leave it.
//!
//! What a cut may do is what journaling file systems and disks with a cache may do, and worse:
//!
//! * a file that was not flushed has its old bytes, its new ones, half of them, or zeros;
//! * a name of a folder that was not flushed is as it was after any one of its changes since the last flush,
//!   independently of all other names: changes are lost and reordered;
//! * a rename is seen whole, not at all, or with the file under both names; never with the file under none.

mod disk;

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use camino::Utf8Path;
use papack_engine::fs::{FileHandle, FileSystem, Lock, NodeKind, Stamp, Visitor, Writers};

pub use disk::{Bound, Disk};
use disk::{Move, Node, ROOT};

/// The tree of files, by path; `None` is a folder.
pub type Tree = BTreeMap<String, Option<Vec<u8>>>;

/// The files, shared by all clones.
#[derive(Clone)]
pub struct MemoryFs(Arc<Mutex<Disk>>);

impl MemoryFs {
    pub fn empty() -> Self {
        let (nodes, changing) = (vec![Node::Folder(BTreeMap::new())], HashSet::new());
        Self::of(Disk { nodes, moves: Vec::new(), clock: 0, locked: false, changing })
    }

    pub fn of(disk: Disk) -> Self {
        Self(Arc::new(Mutex::new(disk)))
    }

    /// A copy of the present state.
    pub fn disk(&self) -> Disk {
        Disk { locked: false, ..self.lock().clone() }
    }

    /// Writes a file, and the folders that it needs. They are durable at once; nothing else is.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let mut disk = self.lock();
        let path = Utf8Path::new(path);
        let mut folder = ROOT;
        for name in path.parent().unwrap() {
            folder = match disk.lookup(folder, name) {
                Some(found) => found,
                None => disk.add_durable(folder, name, Node::Folder(BTreeMap::new())),
            };
        }
        let content = Arc::new(content.as_ref().to_vec());
        let modified = disk.tick();
        let file = Node::File { durable: Arc::clone(&content), current: content, modified };
        disk.add_durable(folder, path.file_name().unwrap(), file);
    }

    /// Changes the bytes of a file in place.
    pub fn alter(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = self.lock();
        let now = disk.tick();
        let file = disk.resolve(Utf8Path::new(path)).unwrap();
        if let Node::File { current, modified, .. } = &mut disk.nodes[file] {
            change(Arc::make_mut(current));
            *modified = now;
        }
    }

    /// Begins a change of a file in place, which gets its stamp.
    pub fn begin_change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        self.alter(path, change);
        let mut disk = self.lock();
        let file = disk.resolve(Utf8Path::new(path)).unwrap();
        disk.changing.insert(file);
    }

    /// Goes on with a change of a file: what it does now leaves no other stamp.
    pub fn go_on_changing(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = self.lock();
        let file = disk.resolve(Utf8Path::new(path)).unwrap();
        assert!(disk.changing.contains(&file), "nobody changes {path}");
        if let Node::File { current, .. } = &mut disk.nodes[file] {
            change(Arc::make_mut(current));
        }
    }

    /// Ends a change of a file, with the last of it.
    pub fn end_change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        self.go_on_changing(path, change);
        let mut disk = self.lock();
        let file = disk.resolve(Utf8Path::new(path)).unwrap();
        disk.changing.remove(&file);
    }

    /// Every file and folder below `folder`.
    pub fn tree(&self, folder: &str) -> Tree {
        let disk = self.lock();
        disk.resolve(Utf8Path::new(folder)).map(|folder| disk.tree_below(folder)).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, file: usize) -> Box<dyn FileHandle> {
        Box::new(MemoryFile { fs: self.clone(), file })
    }
}

struct MemoryFile {
    fs: MemoryFs,
    file: usize,
}

impl FileHandle for MemoryFile {
    fn stamp(&self) -> io::Result<Stamp> {
        let disk = self.fs.lock();
        match &disk.nodes[self.file] {
            Node::File { .. } => Ok(disk.stamp(self.file)),
            Node::Folder(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let disk = self.fs.lock();
        let Node::File { current, .. } = &disk.nodes[self.file] else { return Err(io::ErrorKind::InvalidInput.into()) };
        let start = usize::try_from(offset).unwrap();
        let bytes = current.get(start..start + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.fs.lock();
        let now = disk.tick();
        if let Node::File { current, modified, .. } = &mut disk.nodes[self.file] {
            let (current, start) = (Arc::make_mut(current), usize::try_from(offset).unwrap());
            current.resize(current.len().max(start + bytes.len()), 0);
            current[start..start + bytes.len()].copy_from_slice(bytes);
            *modified = now;
        }
        Ok(())
    }

    fn writers(&self) -> Writers {
        if self.fs.lock().changing.contains(&self.file) { Writers::Somebody } else { Writers::Nobody }
    }

    fn sync(&self) -> io::Result<()> {
        if let Node::File { durable, current, .. } = &mut self.fs.lock().nodes[self.file] {
            *durable = Arc::clone(current);
        }
        Ok(())
    }
}

impl FileSystem for MemoryFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        let disk = self.lock();
        match disk.resolve(path) {
            Ok(node) => Ok(Some(kind(&disk.nodes[node]))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<(Stamp, Vec<Option<(NodeKind, Stamp)>>)> {
        let disk = self.lock();
        let folder = disk.resolve(folder)?;
        let look = |name: &&str| {
            let node = Utf8Path::new(name).iter().try_fold(folder, |folder, name| disk.lookup(folder, name))?;
            Some((kind(&disk.nodes[node]), disk.stamp(node)))
        };
        Ok((disk.stamp(folder), names.iter().map(look).collect()))
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        let disk = self.lock();
        let folder = disk.resolve(folder)?;
        if matches!(disk.nodes[folder], Node::File { .. }) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(disk.names(folder).into_iter().map(|(name, node)| (name.into(), kind(&disk.nodes[node]))).collect())
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        let file = self.lock().resolve(path)?;
        let handle = self.handle(file);
        let stamp = handle.stamp()?;
        Ok((handle, stamp))
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        let mut disk = self.lock();
        let (folder, name) = disk.place(path)?;
        if disk.lookup(folder, name).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let modified = disk.tick();
        let file = disk.add(folder, name, Node::File { durable: Arc::default(), current: Arc::default(), modified });
        drop(disk);
        Ok(self.handle(file))
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        let mut disk = self.lock();
        let (folder, name) = disk.place(path)?;
        if disk.lookup(folder, name).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        disk.add(folder, name, Node::Folder(BTreeMap::new()));
        Ok(())
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let mut disk = self.lock();
        let ((from, old), (to, new)) = (disk.place(from)?, disk.place(to)?);
        let node = disk.lookup(from, old).ok_or(io::ErrorKind::NotFound)?;
        if disk.lookup(to, new).is_some_and(|node| matches!(disk.nodes[node], Node::Folder(_))) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let to = disk.set(to, new, Some(node));
        let from = disk.set(from, old, None);
        disk.moves.push(Move { from, to });
        Ok(())
    }

    /// No test of publication makes a document.
    fn rename_new(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// No test of publication moves a folder.
    fn move_folder(&self, _: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There are no permissions here.
    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let disk = self.lock();
        disk.resolve(from)?;
        disk.resolve(to)?;
        Ok(())
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        let mut disk = self.lock();
        let (folder, name) = disk.place(path)?;
        match disk.lookup(folder, name).map(|node| kind(&disk.nodes[node])) {
            Some(NodeKind::File) => drop(disk.set(folder, name, None)),
            Some(_) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        let mut disk = self.lock();
        let (folder, name) = disk.place(path)?;
        let node = disk.lookup(folder, name).ok_or(io::ErrorKind::NotFound)?;
        if kind(&disk.nodes[node]) != NodeKind::Folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if !disk.names(node).is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        disk.set(folder, name, None);
        Ok(())
    }

    /// No test of publication deletes a folder.
    fn sweep(&self, _: &Utf8Path, _: &mut Visitor<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        let mut disk = self.lock();
        let folder = disk.resolve(folder)?;
        disk.flush(folder);
        Ok(())
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        let mut disk = self.lock();
        disk.resolve(folder)?;
        if std::mem::replace(&mut disk.locked, true) {
            return Ok(None);
        }
        Ok(Some(Box::new(MemoryLock(self.clone()))))
    }
}

struct MemoryLock(MemoryFs);

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.0.lock().locked = false;
    }
}

fn kind(node: &Node) -> NodeKind {
    match node {
        Node::File { .. } => NodeKind::File,
        Node::Folder(_) => NodeKind::Folder,
    }
}
