//! What operations that were cut short left in a workspace, besides a promotion.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};

use super::staged::{self, STAGED};
use crate::fs::{FileSystem, NodeKind, list_in_order};
use crate::output::journal::journal_path;
use crate::output::staging::STAGING;

/// What is where only an operation that is running has something. The lane is ours, so none is.
pub(super) fn find(fs: &dyn FileSystem) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for folder in [STAGING, STAGED].map(Utf8Path::new) {
        // What stands in the way of the folder, a link or file, is told by whoever needs the folder.
        if !matches!(fs.kind(folder), Ok(Some(NodeKind::Folder))) {
            continue;
        }
        match list_in_order(fs, folder) {
            // So is that it may not be looked into.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            listed => found.extend(listed?.into_iter().filter(|path| *path != journal_path())),
        }
    }
    let elsewhere = staged::elsewhere(fs).unwrap_or_default();
    found.extend(elsewhere.into_iter().filter(|path| matches!(fs.kind(path), Ok(Some(_)))));
    Ok(found)
}

/// That it is there.
pub(super) fn fault(path: &Utf8Path) -> Diagnostic {
    let message = "an operation that was cut short left this";
    let help = "the next operation that writes removes it, and so does papack doctor --fix";
    Diagnostic::info(Code::Leftover, message).at(path.as_str()).with_help(help)
}

/// That it is there, and cannot be removed.
pub(crate) fn irremovable(path: &Utf8Path) -> Diagnostic {
    let message = "an operation that was cut short left this, and papack cannot remove it";
    let help = "look at its owner, permissions and attributes (ls -la, lsattr); its owner or root can delete it";
    Diagnostic::warning(Code::Leftover, message).at(path.as_str()).with_help(help)
}
