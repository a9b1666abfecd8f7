//! Staged documents: new documents that wait until a rename puts each into its place.
//!
//! They wait in [`STAGED`]. A document whose place is on another mount than that folder waits in the folder of its
//! place. A list in [`STAGED`] names such files before they are created, so that a later operation recognizes those
//! that are left over.

use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;

use super::faults::io_diagnostic;
use super::layout::{ELSEWHERE, LANE, STAGED};
use super::read::{ReadError, read_text};
use crate::fs::{FileHandle, FileSystem, NodeKind, Obstacle, remove_all};
use crate::operation::OperationId;

/// The size in bytes up to which that list is read.
const MAX_LIST: usize = 16 * 1024 * 1024;

/// How the names of files that wait elsewhere begin and end.
const PREFIX: &str = ".papack-";
const SUFFIX: &str = ".new";

/// The staged documents of one operation. Those that still wait when this is dropped are removed.
pub(crate) struct Staged<'f> {
    fs: &'f dyn FileSystem,
    operation: OperationId,
    /// Where the document of each step waits, if it has one.
    paths: Vec<Option<Utf8PathBuf>>,
    /// The list of files that wait elsewhere, and its size in bytes; none before it is created.
    list: Option<(Box<dyn FileHandle>, u64)>,
}

impl<'f> Staged<'f> {
    /// No document waits yet.
    pub(crate) fn new(fs: &'f dyn FileSystem, operation: &OperationId) -> Self {
        Self { fs, operation: operation.clone(), paths: Vec::new(), list: None }
    }

    /// Where the document of the step at `index` waits.
    pub(crate) fn path(&self, index: usize) -> Option<&Utf8Path> {
        self.paths.get(index)?.as_deref()
    }

    /// Records that the next step has no document.
    pub(crate) fn skip(&mut self) {
        self.paths.push(None);
    }

    /// Writes and flushes the document of the next step, which will be at `place` and has this `content`.
    pub(crate) fn stage(&mut self, place: &Utf8Path, content: &[u8]) -> Result<(), Diagnostic> {
        let failed = |error| io_diagnostic(place, &error);
        let path = self.waiting_place(place)?;
        let file = self.fs.create(&path).map_err(failed)?;
        file.write_all_at(0, content).map_err(failed)?;
        // Not every file system has permissions. A document without those of the old one is better than none.
        drop(self.fs.copy_permissions(place, &path));
        file.sync().map_err(failed)?;
        self.paths.push(Some(path));
        Ok(())
    }

    /// Where the document for `place` can wait, so that a rename puts it there.
    fn waiting_place(&mut self, place: &Utf8Path) -> Result<Utf8PathBuf, Diagnostic> {
        let index = self.paths.len();
        let in_staged = Utf8Path::new(STAGED).join(format!("{index}.json"));
        let folder = self.nearest_folder(place).map_err(|error| io_diagnostic(place, &error))?;
        let beside = folder.join(format!("{PREFIX}{}-{index}{SUFFIX}", self.operation));
        // A folder that an earlier step creates is on the mount of its parent.
        let target = if place.parent() == Some(folder) { place } else { &beside };
        let probe = |from: &Utf8Path| match self.fs.can_rename(from, target) {
            // A folder that took the place meanwhile is reported when the document is put there.
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => Ok(()),
            other => other,
        };
        match probe(&in_staged) {
            Ok(()) => Ok(in_staged),
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                probe(&beside).map_err(|error| obstructed(place, &error))?;
                self.list(&beside).map_err(|error| io_diagnostic(Utf8Path::new(ELSEWHERE), &error))?;
                Ok(beside)
            }
            Err(error) => Err(obstructed(place, &error)),
        }
    }

    /// The nearest folder above `place` that exists.
    fn nearest_folder<'p>(&self, place: &'p Utf8Path) -> io::Result<&'p Utf8Path> {
        for folder in place.ancestors().skip(1).filter(|folder| *folder != "") {
            match self.fs.kind(folder) {
                Ok(Some(NodeKind::Folder)) => return Ok(folder),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Ok(Some(_)) => return Err(io::ErrorKind::NotADirectory.into()),
                Err(error) => return Err(error),
            }
        }
        Ok(Utf8Path::new(""))
    }

    /// Adds `path` to the list of files that wait elsewhere, and flushes the list.
    fn list(&mut self, path: &Utf8Path) -> io::Result<()> {
        let (file, size) = match self.list.take() {
            Some(list) => list,
            None => (self.fs.create(Utf8Path::new(ELSEWHERE))?, 0),
        };
        let line = format!("{path}\n");
        file.write_all_at(size, line.as_bytes())?;
        file.sync()?;
        if size == 0 {
            self.fs.sync_folder(Utf8Path::new(STAGED))?;
            self.fs.sync_folder(Utf8Path::new(LANE))?;
        }
        self.list = Some((file, size + line.len() as u64));
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        remove_stale(self.fs);
    }
}

/// The diagnostic of a new document that cannot be put at `place`.
fn obstructed(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGED), place);
    let message = format!("papack cannot put a new document here: {reason}");
    Diagnostic::error(Code::Io, message).at(place.as_str()).with_help(help)
}

/// Removes all documents that wait. The caller must be in the lane: then those of other operations are leftovers.
/// Failures are ignored, because leftovers block nothing.
pub(crate) fn remove_stale(fs: &dyn FileSystem) {
    let staged = Utf8Path::new(STAGED);
    if !matches!(fs.kind(staged), Ok(Some(NodeKind::Folder))) {
        return;
    }
    let remove = |path: &Utf8PathBuf| match fs.remove_file(path) {
        Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        Ok(()) => true,
    };
    // All files on the list are tried. The list goes only when none of them remains.
    let is_list_done = elsewhere(fs).is_ok_and(|paths| paths.iter().filter(|path| !remove(path)).count() == 0);
    if is_list_done {
        return remove_all(fs, staged);
    }
    let names = fs.list(staged).unwrap_or_default().into_iter().filter_map(|(name, _)| name.into_string().ok());
    let paths = names.map(|name| staged.join(name)).filter(|path| path != ELSEWHERE);
    paths.for_each(|path| drop(fs.remove_file(&path)));
}

/// The files that wait elsewhere, or once did, as the list names them. An error where the list cannot be read.
pub(crate) fn elsewhere(fs: &dyn FileSystem) -> Result<Vec<Utf8PathBuf>, Diagnostic> {
    match read_text(fs, Utf8Path::new(ELSEWHERE), MAX_LIST) {
        Ok(bytes) => {
            let lines = String::from_utf8_lossy(&bytes);
            // A last line that is cut short names a file that was not created yet.
            let paths = lines.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            Ok(paths.map(Utf8PathBuf::from).filter(|path| is_staged_file(path)).collect())
        }
        Err(ReadError::Refused(FileFault::Forbidden)) => {
            Err(io_diagnostic(Utf8Path::new(ELSEWHERE), &io::ErrorKind::PermissionDenied.into()))
        }
        // There is no list, or what is in its place is none.
        Err(ReadError::Refused(_)) => Ok(Vec::new()),
        Err(ReadError::Failed(fault)) => Err(*fault),
    }
}

/// Whether only papack gives such a name, and `path` stays below the workspace. No other file is removed, whatever the
/// list says.
fn is_staged_file(path: &Utf8Path) -> bool {
    let is_below_workspace = path.components().all(|component| matches!(component, Utf8Component::Normal(_)));
    let number = path.file_name().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    let parts = number.and_then(|number| number.split_once('-'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_below_workspace
        && parts.is_some_and(|(operation, index)| OperationId::parse(operation).is_some() && is_number(index))
}
