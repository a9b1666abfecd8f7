//! Carries out a plan: stages and flushes every new document first, and then renames each into its place.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::change::Change;
use super::editing::Editing;
use super::plan::{Step, Work};
use crate::fs::{FileSystem, NodeKind};
use crate::operation::{Status, Stop};
use crate::workspace::layout::STAGED;
use crate::workspace::staged_documents::Staged;
use crate::workspace::{ReadError, io_diagnostic, io_failure, read_text};

impl Editing<'_, '_> {
    /// Does the steps, and adds what they changed to `changes`.
    pub(super) fn apply(&mut self, steps: Vec<Step>, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = Arc::clone(self.session.fs());
        let mut staged = Staged::new(&*fs, self.operation.id());
        if !steps.is_empty() {
            self.expect_folder(&*fs, STAGED)?;
        }
        for step in &steps {
            self.operation.check_cancelled()?;
            let result = match &step.work {
                Work::Replace { path, after, .. } => staged.stage(path, after.as_bytes()),
                Work::Create { path, content } => staged.stage(path, content),
                Work::CreateFolder { .. } | Work::MoveFolder { .. } => {
                    staged.skip();
                    Ok(())
                }
            };
            result.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        }
        for (index, step) in steps.iter().enumerate() {
            if let Err(fault) = perform(&*fs, staged.path(index), &step.work) {
                undo_folders(&*fs, &steps[..index], changes);
                return Err(self.operation.fail(Status::ExecutionFailed, fault));
            }
            changes.extend_from_slice(&step.changes);
            // Flushed before the next step: the disk must not keep the next step without this one. If the flush fails,
            // what this step did stays all the same.
            flush(&*fs, &step.work).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        }
        Ok(())
    }

    /// Makes `folder`, relative to the workspace, if it does not exist.
    pub(super) fn expect_folder(&mut self, fs: &dyn FileSystem, folder: &str) -> Result<(), Stop> {
        if self.is_folder(fs, folder)? {
            return Ok(());
        }
        fs.create_folder(Utf8Path::new(folder)).map_err(|error| io_failure(self.operation, folder, &error))
    }

    /// Whether `folder`, relative to the workspace, exists. Anything else in its place ends the operation.
    pub(super) fn is_folder(&mut self, fs: &dyn FileSystem, folder: &str) -> Result<bool, Stop> {
        match fs.kind(Utf8Path::new(folder)).map_err(|error| io_failure(self.operation, folder, &error))? {
            Some(NodeKind::Folder) => Ok(true),
            None => Ok(false),
            Some(found) => {
                let message = format!("{} is where papack needs a folder", found.describe());
                let fault = Diagnostic::error(Code::PlaceTaken, message).at(folder).with_help("move it away");
                Err(self.operation.refuse(vec![fault]))
            }
        }
    }
}

/// Does `work`. Its new document, if it has one, is at `staged`. A call that fails although its work was done counts as
/// a success: that can happen on a network.
fn perform(fs: &dyn FileSystem, staged: Option<&Utf8Path>, work: &Work) -> Result<(), Diagnostic> {
    let staged_document = || staged.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
    let (path, done) = match work {
        Work::Replace { path, before, .. } => {
            expect_unchanged(fs, path, before)?;
            (path, staged_document().and_then(|staged| fs.rename(staged, path)))
        }
        Work::Create { path, .. } => (path, staged_document().and_then(|staged| fs.rename_new(staged, path))),
        Work::CreateFolder { path } => (path, fs.create_folder(path)),
        Work::MoveFolder { from, to } => (to, fs.move_folder(from, to)),
    };
    done.or_else(|error| match (error.kind(), work) {
        (io::ErrorKind::AlreadyExists, Work::Create { .. }) => {
            Err(Diagnostic::error(Code::PlaceTaken, "something is there already").at(path.as_str()))
        }
        (io::ErrorKind::CrossesDevices, Work::MoveFolder { from, to }) => Err(immovable(from, to)),
        (io::ErrorKind::ResourceBusy, Work::MoveFolder { from, to }) => Err(mounted(from, to)),
        _ if is_done(fs, staged, work) => Ok(()),
        _ => Err(io_diagnostic(path, &error)),
    })
}

/// The fault that the file system cannot move the folder `from` to `to`.
fn immovable(from: &Utf8Path, to: &Utf8Path) -> Diagnostic {
    let message = format!(
        "the system cannot move {from}/ here: the places are on different mounts, or the folder is on a lower layer of an \
         overlay"
    );
    let help = format!("move it by hand (mv {from} {to}), which copies it; the same command then changes the registry");
    Diagnostic::error(Code::Io, message).at(to.as_str()).with_help(help)
}

/// The fault that the folder `from`, which is to be moved to `to`, is a mount point.
fn mounted(from: &Utf8Path, to: &Utf8Path) -> Diagnostic {
    let message = format!("the system cannot move {from}/: it is a mount point");
    let help = format!("mount it at {to}/ instead; the same command then changes the registry");
    Diagnostic::error(Code::Io, message).at(to.as_str()).with_help(help)
}

/// Whether `work`, whose new document was at `staged`, is done, as far as the file system shows.
fn is_done(fs: &dyn FileSystem, staged: Option<&Utf8Path>, work: &Work) -> bool {
    let is = |path: &Utf8Path, kind| matches!(fs.kind(path), Ok(found) if found == kind);
    match work {
        Work::Replace { path, .. } | Work::Create { path, .. } => {
            is(path, Some(NodeKind::File)) && staged.is_some_and(|staged| is(staged, None))
        }
        // A folder at this place may have been made by somebody else.
        Work::CreateFolder { .. } => false,
        Work::MoveFolder { from, to } => is(from, None) && is(to, Some(NodeKind::Folder)),
    }
}

/// Fails if the document was changed or removed after it was read: such a change must not be lost.
fn expect_unchanged(fs: &dyn FileSystem, path: &Utf8Path, before: &[u8]) -> Result<(), Diagnostic> {
    match read_text(fs, path, before.len()) {
        Ok(now) if *now == *before => Ok(()),
        Err(ReadError::Failed(fault)) => Err(*fault),
        Ok(_) | Err(ReadError::Refused(_)) => {
            let message = "the file changed after papack read it; it is left as it is";
            let fault = Diagnostic::error(Code::FileUnstable, message).at(path.as_str());
            Err(fault.with_help("run the command again when nothing writes to the file"))
        }
    }
}

/// Flushes the folders in which `work` changed names.
fn flush(fs: &dyn FileSystem, work: &Work) -> Result<(), Diagnostic> {
    let paths = match work {
        Work::Replace { path, .. } | Work::Create { path, .. } | Work::CreateFolder { path } => vec![path],
        Work::MoveFolder { from, to } => vec![to, from],
    };
    for folder in paths.into_iter().filter_map(|path| path.parent()) {
        fs.sync_folder(folder).map_err(|error| io_diagnostic(folder, &error))?;
    }
    Ok(())
}

/// Moves folders back, and removes those that were made and are empty, as far as possible. If a folder cannot be moved
/// back, the next check reports that its asset was moved.
fn undo_folders(fs: &dyn FileSystem, done: &[Step], changes: &mut Vec<Change>) {
    for step in done.iter().rev() {
        let undone = match &step.work {
            Work::MoveFolder { from, to } => fs.move_folder(to, from),
            Work::CreateFolder { path } => fs.remove_folder(path),
            Work::Replace { .. } | Work::Create { .. } => continue,
        };
        if undone.is_ok() {
            drop(flush(fs, &step.work));
            changes.retain(|change| !step.changes.contains(change));
        }
    }
}
