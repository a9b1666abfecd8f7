//! Watching the files of a workspace without building anything.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::folders::Folders;
use super::polling::Polling;
use super::report::ChangeReport;
use crate::fs::{FileSystem, RealFs};
use crate::workspace::Changes;

/// What changed in the files of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedFiles {
    /// These paths below the workspace. Each stands for itself and all below it.
    Paths(Vec<String>),
    /// Anything may have: the system lost changes, or does not report them.
    Anything,
}

/// Reports each change of an input below the workspace in the folder `path`, until `changed` breaks. Blocks the calling
/// thread, and takes no processor time while nothing changes. Where the system does not report changes, the names and
/// stamps of all files are compared each second instead. The first report comes at once: anything may have changed before.
///
/// # Errors
///
/// When `path` is no folder, or may not be read.
pub fn watch_files(path: &Path, mut changed: impl FnMut(ChangedFiles) -> ControlFlow<()>) -> io::Result<()> {
    let fs: Arc<dyn FileSystem> = Arc::new(RealFs::new(path)?);
    let mut folders = Folders::new(&fs).ok();
    let mut polling = Polling::new(&fs);
    let mut next = changed(ChangedFiles::Anything);
    while next.is_continue() {
        let report = match &mut folders {
            Some(watched) => match watched.wait(LONG) {
                Ok(report) => report,
                // The system cannot watch more folders.
                Err(_) => {
                    folders = None;
                    continue;
                }
            },
            None => {
                std::thread::sleep(Polling::REST);
                polling.poll()
            }
        };
        next = pass_on(report, &mut changed);
    }
    Ok(())
}

/// How long one call of the system waits for changes.
pub(super) const LONG: Duration = Duration::from_secs(3600);

fn pass_on(report: ChangeReport, changed: &mut impl FnMut(ChangedFiles) -> ControlFlow<()>) -> ControlFlow<()> {
    match report.changes {
        Changes::Anything => changed(ChangedFiles::Anything),
        Changes::Paths(paths) if paths.is_empty() => ControlFlow::Continue(()),
        Changes::Paths(paths) => changed(ChangedFiles::Paths(paths.into_iter().map(Into::into).collect())),
    }
}
