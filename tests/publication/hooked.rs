//! A file system that asks a hook before every call: to fail it, to change files meanwhile, to count, or to panic.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_engine::fs::{FileHandle, FileSystem, Lock, NodeKind, Stamp, Visitor, Writers};
use papack_engine::{Session, UserKey};

/// The key of all caches that tests make: that of the user who runs them is none of their business.
pub const KEY: [u8; 32] = [0x5a; 32];

/// A session over the workspace that `fs` shows, with that key.
pub fn session(fs: Arc<dyn FileSystem>) -> Session {
    Session::with_file_system(fs, UserKey::new(KEY))
}

/// One call, before it is made.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub operation: Operation,
    /// The path it is about; for a call on an open file, the one under which that was opened.
    pub path: &'a Utf8Path,
    /// Of a rename, what is renamed.
    pub from: Option<&'a Utf8Path>,
}

/// The calls of [`FileSystem`] and [`FileHandle`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Kind,
    Stat,
    List,
    Open,
    Create,
    CreateFolder,
    CanRename,
    Rename,
    MoveFolder,
    CopyPermissions,
    RemoveFile,
    RemoveFolder,
    Sweep,
    SyncFolder,
    Lock,
    Stamp,
    Read,
    Write,
    Sync,
}

impl Operation {
    /// Whether it changes what is there, or what outlives a power cut.
    pub fn changes(self) -> bool {
        !matches!(
            self,
            Self::Kind
                | Self::Stat
                | Self::List
                | Self::Open
                | Self::CanRename
                | Self::Sweep
                | Self::Lock
                | Self::Stamp
                | Self::Read
        )
    }
}

type Hook = Arc<dyn Fn(Call<'_>) -> io::Result<()> + Send + Sync>;

/// `inner`, with `hook` before each call. A write that the hook fails gets half way.
pub struct HookedFs {
    inner: Arc<dyn FileSystem>,
    hook: Hook,
    after: Hook,
    tick_ns: i64,
    /// Who is said to be in the midst of changing a file, in place of what the system says.
    writers: Option<Writers>,
}

impl HookedFs {
    pub fn new(
        inner: Arc<dyn FileSystem>,
        hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::with_clock(inner, 1, hook)
    }

    /// As [`new`](Self::new), with a clock for stamps that ticks every `tick_ns` nanoseconds.
    pub fn with_clock(
        inner: Arc<dyn FileSystem>,
        tick_ns: i64,
        hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { inner, hook: Arc::new(hook), after: Arc::new(|_| Ok(())), tick_ns, writers: None })
    }

    /// As [`new`](Self::new), with another hook after each call that changes a name: where it fails, the call fails
    /// although it was done.
    pub fn with_after(
        inner: Arc<dyn FileSystem>,
        hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
        after: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { inner, hook: Arc::new(hook), after: Arc::new(after), tick_ns: 1, writers: None })
    }

    /// `inner`, as a system that does not tell who writes.
    pub fn that_does_not_tell_who_writes(inner: Arc<dyn FileSystem>) -> Arc<Self> {
        let (hook, after): (Hook, Hook) = (Arc::new(|_| Ok(())), Arc::new(|_| Ok(())));
        Arc::new(Self { inner, hook, after, tick_ns: 1, writers: Some(Writers::Unknown) })
    }

    fn tell(&self, operation: Operation, path: &Utf8Path) -> io::Result<()> {
        (self.after)(Call { operation, path, from: None })
    }

    fn ask(&self, operation: Operation, path: &Utf8Path) -> io::Result<()> {
        (self.hook)(Call { operation, path, from: None })
    }

    fn ask_to_rename(&self, operation: Operation, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        (self.hook)(Call { operation, path: to, from: Some(from) })
    }

    fn wrap(&self, path: &Utf8Path, inner: Box<dyn FileHandle>) -> Box<dyn FileHandle> {
        let (path, hook) = (path.to_owned(), Arc::clone(&self.hook));
        Box::new(HookedFile { inner, path, hook, tick_ns: self.tick_ns, writers: self.writers })
    }
}

struct HookedFile {
    inner: Box<dyn FileHandle>,
    path: Utf8PathBuf,
    hook: Hook,
    tick_ns: i64,
    writers: Option<Writers>,
}

/// What a clock shows that ticks every `tick_ns` nanoseconds.
fn coarse(stamp: Stamp, tick_ns: i64) -> Stamp {
    let tick = |time: i64| time - time.rem_euclid(tick_ns);
    Stamp { modified_ns: tick(stamp.modified_ns), changed_ns: tick(stamp.changed_ns), ..stamp }
}

impl HookedFile {
    fn ask(&self, operation: Operation) -> io::Result<()> {
        (self.hook)(Call { operation, path: &self.path, from: None })
    }
}

impl FileHandle for HookedFile {
    fn stamp(&self) -> io::Result<Stamp> {
        self.ask(Operation::Stamp)?;
        Ok(coarse(self.inner.stamp()?, self.tick_ns))
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.ask(Operation::Read)?;
        self.inner.read_exact_at(offset, buffer)
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.ask(Operation::Write) {
            self.inner.write_all_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.write_all_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.ask(Operation::Sync)?;
        self.inner.sync()
    }

    fn copy_from(&self, offset: u64, source: &dyn FileHandle, start: u64, size: u64) -> io::Result<()> {
        if let Err(error) = self.ask(Operation::Write) {
            self.inner.copy_from(offset, source, start, size / 2)?;
            return Err(error);
        }
        self.inner.copy_from(offset, source, start, size)
    }

    fn writers(&self) -> Writers {
        self.writers.unwrap_or_else(|| self.inner.writers())
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.ask(Operation::Lock)?;
        self.inner.try_lock()
    }

    fn try_lock_shared(&self) -> io::Result<bool> {
        self.ask(Operation::Lock)?;
        self.inner.try_lock_shared()
    }

    fn as_file(&self) -> Option<&File> {
        self.inner.as_file()
    }
}

impl FileSystem for HookedFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        self.ask(Operation::Kind, path)?;
        self.inner.kind(path)
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<(Stamp, Vec<Option<(NodeKind, Stamp)>>)> {
        self.ask(Operation::Stat, folder)?;
        let (stamp, mut found) = self.inner.stat(folder, names)?;
        for (_, stamp) in found.iter_mut().flatten() {
            *stamp = coarse(*stamp, self.tick_ns);
        }
        Ok((coarse(stamp, self.tick_ns), found))
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        self.ask(Operation::List, folder)?;
        self.inner.list(folder)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        self.ask(Operation::Open, path)?;
        let (file, stamp) = self.inner.open(path)?;
        Ok((self.wrap(path, file), coarse(stamp, self.tick_ns)))
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        self.ask(Operation::Create, path)?;
        Ok(self.wrap(path, self.inner.create(path)?))
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.ask(Operation::CreateFolder, path)?;
        self.inner.create_folder(path)?;
        self.tell(Operation::CreateFolder, path)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.ask_to_rename(Operation::Rename, from, to)?;
        self.inner.rename(from, to)?;
        self.tell(Operation::Rename, to)
    }

    fn can_rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.ask_to_rename(Operation::CanRename, from, to)?;
        self.inner.can_rename(from, to)
    }

    fn rename_new(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.ask_to_rename(Operation::Rename, from, to)?;
        self.inner.rename_new(from, to)?;
        self.tell(Operation::Rename, to)
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.ask_to_rename(Operation::MoveFolder, from, to)?;
        self.inner.move_folder(from, to)?;
        self.tell(Operation::MoveFolder, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.ask(Operation::CopyPermissions, to)?;
        self.inner.copy_permissions(from, to)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.ask(Operation::RemoveFile, path)?;
        self.inner.remove_file(path)?;
        self.tell(Operation::RemoveFile, path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.ask(Operation::RemoveFolder, path)?;
        self.inner.remove_folder(path)?;
        self.tell(Operation::RemoveFolder, path)
    }

    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
        self.ask(Operation::Sweep, folder)?;
        self.inner.sweep(folder, &mut |found, remove| {
            let (path, kind) = (found.path, found.kind);
            visit(found, &mut || {
                // A path that is no UTF-8 is told as the folder that is swept.
                let path = Utf8Path::from_path(path).unwrap_or(folder);
                let operation = if kind == NodeKind::Folder { Operation::RemoveFolder } else { Operation::RemoveFile };
                self.ask(operation, path)?;
                remove()?;
                self.tell(operation, path)
            })
        })
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        self.ask(Operation::SyncFolder, folder)?;
        self.inner.sync_folder(folder)?;
        self.tell(Operation::SyncFolder, folder)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.ask(Operation::Lock, folder)?;
        self.inner.try_lock(folder)
    }
}
