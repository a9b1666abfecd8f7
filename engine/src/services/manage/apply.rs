//! Carrying out a plan: every new document is staged and flushed first, and then put in the place of the old one.

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
    /// Does the steps, and lists what they changed.
    pub(super) fn apply(&mut self, steps: Vec<Step>, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = Arc::clone(self.session.fs());
        let mut staged = Staged::new(&*fs, self.operation.id());
        if !steps.is_empty() {
            self.expect_folder(&*fs, STAGED)?;
        }
        for step in &steps {
            self.operation.check_cancelled()?;
            let stage = match &step.work {
                Work::Replace { path, after, .. } => staged.stage(path, after.as_bytes()),
                Work::Create { path, content } => staged.stage(path, content),
                Work::CreateFolder { .. } | Work::MoveFolder { .. } => {
                    staged.skip();
                    Ok(())
                }
            };
            stage.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        }
        for (index, step) in steps.iter().enumerate() {
            if let Err(fault) = perform(&*fs, staged.path(index), &step.work) {
                undo_moves(&*fs, &steps[..index], changes);
                return Err(self.operation.fail(Status::ExecutionFailed, fault));
            }
            changes.extend_from_slice(&step.changes);
            // What was done stays, even if the disk may forget it: the next step must not be remembered without it.
            flush(&*fs, &step.work).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        }
        Ok(())
    }

    /// Makes `folder`, relative to the workspace, unless it is there.
    pub(super) fn expect_folder(&mut self, fs: &dyn FileSystem, folder: &str) -> Result<(), Stop> {
        if self.is_folder(fs, folder)? {
            return Ok(());
        }
        fs.create_folder(Utf8Path::new(folder)).map_err(|error| io_failure(self.operation, folder, &error))
    }

    /// Whether `folder`, relative to the workspace, is there. Anything else in its place ends the operation.
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

/// Does `work`, the new document of which waits at `staged`. A call that says it failed is not believed where its work is
/// done, as may be on a network.
fn perform(fs: &dyn FileSystem, staged: Option<&Utf8Path>, work: &Work) -> Result<(), Diagnostic> {
    let waiting = || staged.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
    let (path, done) = match work {
        Work::Replace { path, before, .. } => {
            expect_unchanged(fs, path, before)?;
            (path, waiting().and_then(|staged| fs.rename(staged, path)))
        }
        Work::Create { path, .. } => (path, waiting().and_then(|staged| fs.rename_new(staged, path))),
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

/// That the file system does not move the folder `from` to `to`.
fn immovable(from: &Utf8Path, to: &Utf8Path) -> Diagnostic {
    let message = format!(
        "the system cannot move {from}/ here: the places are on different mounts, or the folder is on a lower layer of an \
         overlay"
    );
    let help = format!("move it by hand (mv {from} {to}), which copies it; the same command then changes the registry");
    Diagnostic::error(Code::Io, message).at(to.as_str()).with_help(help)
}

/// That the folder `from`, which is to move to `to`, is in use as a mount point.
fn mounted(from: &Utf8Path, to: &Utf8Path) -> Diagnostic {
    let message = format!("the system cannot move {from}/: it is a mount point");
    let help = format!("mount it at {to}/ instead; the same command then changes the registry");
    Diagnostic::error(Code::Io, message).at(to.as_str()).with_help(help)
}

/// Whether `work`, the new document of which waited at `staged`, is done, as far as can be seen.
fn is_done(fs: &dyn FileSystem, staged: Option<&Utf8Path>, work: &Work) -> bool {
    let is = |path: &Utf8Path, kind| matches!(fs.kind(path), Ok(found) if found == kind);
    match work {
        Work::Replace { path, .. } | Work::Create { path, .. } => {
            is(path, Some(NodeKind::File)) && staged.is_some_and(|staged| is(staged, None))
        }
        // An empty folder may be somebody else's.
        Work::CreateFolder { .. } => false,
        Work::MoveFolder { from, to } => is(from, None) && is(to, Some(NodeKind::Folder)),
    }
}

/// Whoever changed a document after it was read, or took it away, must not lose that.
fn expect_unchanged(fs: &dyn FileSystem, path: &Utf8Path, before: &[u8]) -> Result<(), Diagnostic> {
    match read_text(fs, path, before.len()) {
        Ok(now) if *now == *before => Ok(()),
        Err(ReadError::Failed(fault)) => Err(fault),
        Ok(_) | Err(ReadError::Refused(_)) => {
            let message = "the file changed after papack read it; it is left as it is";
            let fault = Diagnostic::error(Code::FileUnstable, message).at(path.as_str());
            Err(fault.with_help("run the command again when nothing writes to the file"))
        }
    }
}

/// Flushes the names that `work` changed.
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

/// Moves folders back, as far as possible. Where it is not, the asset was moved, and is told so by whoever looks.
fn undo_moves(fs: &dyn FileSystem, done: &[Step], changes: &mut Vec<Change>) {
    for step in done.iter().rev() {
        if let Work::MoveFolder { from, to } = &step.work
            && fs.move_folder(to, from).is_ok()
        {
            drop(flush(fs, &step.work));
            changes.retain(|change| !step.changes.contains(change));
        }
    }
}
