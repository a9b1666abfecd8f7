//! The staging folder of one operation. Outputs are written there before they are published.

use std::io;
use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};

use super::failure::{Failure, parent_folder};
use crate::fs;
use crate::fs::{FileHandle, FileSystem};
use crate::operation::OperationId;
use crate::workspace::layout::{BUILD, STAGING};

/// The staging folder of one operation. It is made when it is first needed.
pub(crate) struct Staging {
    fs: Arc<dyn FileSystem>,
    folder: Utf8PathBuf,
    made: Mutex<Made>,
}

/// What the operation has made.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Made {
    build: bool,
    staging: bool,
    folder: bool,
    /// A journal names the folder: nothing in it may be removed.
    kept: bool,
    /// How many spools were created.
    spools: usize,
}

/// The staging folder of `operation`, below the workspace.
pub(crate) fn folder(operation: &OperationId) -> Utf8PathBuf {
    Utf8Path::new(STAGING).join(operation.as_str())
}

impl Staging {
    pub(crate) fn new(fs: Arc<dyn FileSystem>, operation: &OperationId) -> Self {
        Self { fs, folder: folder(operation), made: Mutex::default() }
    }

    /// The path of `name` in the folder.
    pub(crate) fn path(&self, name: &str) -> Utf8PathBuf {
        self.folder.join(name)
    }

    /// The folder that holds the staged files.
    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Makes the folder, unless that was done before. A [`Failure`] names the folder in which something cannot be made.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let mut made = self.made();
        if made.folder {
            return Ok(());
        }
        made.build |= self.make_unless_there(Utf8Path::new(BUILD))?;
        made.staging |= self.make_unless_there(Utf8Path::new(STAGING))?;
        self.create_folder(&self.folder)?;
        made.folder = true;
        Ok(())
    }

    /// Makes the folder at `path`, unless something is there. Returns whether it made one.
    fn make_unless_there(&self, path: &Utf8Path) -> Result<bool, Failure> {
        let is_there = self.fs.kind(path).map_err(|error| (path.to_owned(), error))?.is_some();
        if is_there { Ok(false) } else { self.create_folder(path).map(|()| true) }
    }

    fn create_folder(&self, path: &Utf8Path) -> Result<(), Failure> {
        self.fs.create_folder(path).map_err(|error| {
            let reason = format!("{error}, so {path}/ cannot be made");
            (parent_folder(path).to_owned(), io::Error::new(error.kind(), reason))
        })
    }

    /// Creates a spool: a file that is never published. Each call creates another one.
    pub(crate) fn create_spool(&self) -> io::Result<Box<dyn FileHandle>> {
        self.make().map_err(|(_, error)| error)?;
        let mut made = self.made();
        made.spools += 1;
        let name = if made.spools == 1 { "spool".to_owned() } else { format!("spool-{}", made.spools) };
        self.fs.create(&self.path(&name))
    }

    /// Creates the file that is to be published as `name`.
    pub(crate) fn create_output(&self, name: &str) -> io::Result<Box<dyn FileHandle>> {
        self.make().map_err(|(_, error)| error)?;
        self.fs.create(&self.path(name))
    }

    /// From now on removes nothing: a journal needs the folder.
    pub(crate) fn keep(&self) {
        self.made().kept = true;
    }

    /// Undoes [`keep`](Self::keep): there is no journal any more.
    pub(crate) fn let_go(&self) {
        self.made().kept = false;
    }

    /// Removes the folder, and its parents if they are empty then; `build/` only if this operation made it.
    pub(crate) fn remove(&self) {
        let mut made = self.made();
        if made.kept {
            return;
        }
        if made.folder {
            fs::remove_all(&*self.fs, &self.folder);
        }
        // Each of these fails, as it should, if the folder is not empty.
        if made.folder || made.staging {
            drop(self.fs.remove_folder(Utf8Path::new(STAGING)));
        }
        if made.build {
            drop(self.fs.remove_folder(Utf8Path::new(BUILD)));
        }
        *made = Made::default();
    }

    fn made(&self) -> std::sync::MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Removes the staging folder however the operation ends.
pub(crate) struct StagingGuard<'s>(pub(crate) &'s Staging);

impl Drop for StagingGuard<'_> {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// Removes the leftovers of dead operations: everything in the staging folder. The caller holds the lane, and there is
/// no journal, so nobody needs them. Returns what could not be removed, which is no obstacle.
pub(crate) fn remove_stale(fs: &dyn FileSystem) -> Vec<Utf8PathBuf> {
    fs::remove_all(fs, Utf8Path::new(STAGING));
    fs::list_in_order(fs, Utf8Path::new(STAGING)).unwrap_or_default()
}
