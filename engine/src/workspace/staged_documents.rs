//! Where new documents wait until a rename puts them into their places.
//!
//! They wait in [`STAGED`]. Where a mount lies between that folder and the place of a document, it waits in the folder of
//! its place; a list in [`STAGED`] names those files before there are any, so that whoever finds them knows them.

use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;

use super::faults::io_diagnostic;
use super::layout::{ELSEWHERE, LANE, STAGED};
use super::read::{ReadError, read_text};
use crate::fs::{FileHandle, FileSystem, NodeKind, Obstacle, remove_all};
use crate::operation::OperationId;

/// Bytes of that list that are believed.
const MAX_LIST: usize = 16 * 1024 * 1024;

/// How the names of files begin and end that wait elsewhere.
const PREFIX: &str = ".papack-";
const SUFFIX: &str = ".new";

/// The documents of one operation that wait. All that still do are removed when this is dropped.
pub(crate) struct Staged<'f> {
    fs: &'f dyn FileSystem,
    operation: OperationId,
    /// Where the document of each step waits, if it has one.
    paths: Vec<Option<Utf8PathBuf>>,
    /// The list, and how many bytes it has.
    list: Option<(Box<dyn FileHandle>, u64)>,
}

impl<'f> Staged<'f> {
    /// None waits yet.
    pub(crate) fn new(fs: &'f dyn FileSystem, operation: &OperationId) -> Self {
        Self { fs, operation: operation.clone(), paths: Vec::new(), list: None }
    }

    /// Where the document of the step at `index` waits.
    pub(crate) fn path(&self, index: usize) -> Option<&Utf8Path> {
        self.paths.get(index)?.as_deref()
    }

    /// Notes that the next step has no document.
    pub(crate) fn skip(&mut self) {
        self.paths.push(None);
    }

    /// Writes and flushes what will be at `place`: the document of the next step.
    pub(crate) fn stage(&mut self, place: &Utf8Path, content: &[u8]) -> Result<(), Diagnostic> {
        let failed = |error| io_diagnostic(place, &error);
        let path = self.waiting_place(place)?;
        let file = self.fs.create(&path).map_err(failed)?;
        file.write_all_at(0, content).map_err(failed)?;
        // Not every file system has permissions; a document without the old ones is better than none.
        drop(self.fs.copy_permissions(place, &path));
        file.sync().map_err(failed)?;
        self.paths.push(Some(path));
        Ok(())
    }

    /// Where what will be at `place` can wait, so that a rename puts it there.
    fn waiting_place(&mut self, place: &Utf8Path) -> Result<Utf8PathBuf, Diagnostic> {
        let index = self.paths.len();
        let usual = Utf8Path::new(STAGED).join(format!("{index}.json"));
        let folder = self.nearest_folder(place).map_err(|error| io_diagnostic(place, &error))?;
        let beside = folder.join(format!("{PREFIX}{}-{index}{SUFFIX}", self.operation));
        // A folder that an earlier step makes is on the mount of the one around it.
        let target = if place.parent() == Some(folder) { place } else { &beside };
        let probe = |from: &Utf8Path| match self.fs.can_rename(from, target) {
            // What came there meanwhile is told when the document is put there.
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => Ok(()),
            other => other,
        };
        match probe(&usual) {
            Ok(()) => Ok(usual),
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                probe(&beside).map_err(|error| obstructed(place, &error))?;
                self.list(&beside).map_err(|error| io_diagnostic(Utf8Path::new(ELSEWHERE), &error))?;
                Ok(beside)
            }
            Err(error) => Err(obstructed(place, &error)),
        }
    }

    /// The folder that is there, in which `place` is or will be.
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

    /// Puts `path` on the list, which is flushed.
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

/// That no new document can be put at `place`.
fn obstructed(place: &Utf8Path, error: &io::Error) -> Diagnostic {
    let Obstacle { reason, help } = Obstacle::of(error, Utf8Path::new(STAGED), place);
    let message = format!("papack cannot put a new document here: {reason}");
    Diagnostic::error(Code::Io, message).at(place.as_str()).with_help(help)
}

/// Removes what waits. The lane is ours, so what another operation left is litter. Failures are left: litter blocks nothing.
pub(crate) fn remove_stale(fs: &dyn FileSystem) {
    let staged = Utf8Path::new(STAGED);
    if !matches!(fs.kind(staged), Ok(Some(NodeKind::Folder))) {
        return;
    }
    let is_gone = |path: &Utf8PathBuf| match fs.remove_file(path) {
        Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        Ok(()) => true,
    };
    // All of them, and the list only when none is left.
    let is_list_done = elsewhere(fs).is_ok_and(|paths| paths.iter().filter(|path| !is_gone(path)).count() == 0);
    if is_list_done {
        return remove_all(fs, staged);
    }
    let names = fs.list(staged).unwrap_or_default().into_iter().filter_map(|(name, _)| name.into_string().ok());
    let paths = names.map(|name| staged.join(name)).filter(|path| path != ELSEWHERE);
    paths.for_each(|path| drop(fs.remove_file(&path)));
}

/// What waits elsewhere, or did. An error where that cannot be told.
pub(crate) fn elsewhere(fs: &dyn FileSystem) -> Result<Vec<Utf8PathBuf>, Diagnostic> {
    match read_text(fs, Utf8Path::new(ELSEWHERE), MAX_LIST) {
        Ok(bytes) => {
            let lines = String::from_utf8_lossy(&bytes);
            // A last line that is cut short names no file that was created.
            let paths = lines.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            Ok(paths.map(Utf8PathBuf::from).filter(|path| is_ours(path)).collect())
        }
        Err(ReadError::Refused(FileFault::Forbidden)) => {
            Err(io_diagnostic(Utf8Path::new(ELSEWHERE), &io::ErrorKind::PermissionDenied.into()))
        }
        // It is not there, or nobody's list.
        Err(ReadError::Refused(_)) => Ok(Vec::new()),
        Err(ReadError::Failed(fault)) => Err(fault),
    }
}

/// Whether only papack calls a file so: whatever the list says, nothing else is removed.
fn is_ours(path: &Utf8Path) -> bool {
    let is_below = path.components().all(|component| matches!(component, Utf8Component::Normal(_)));
    let number = path.file_name().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    let parts = number.and_then(|number| number.split_once('-'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_below && parts.is_some_and(|(operation, index)| OperationId::parse(operation).is_some() && is_number(index))
}
