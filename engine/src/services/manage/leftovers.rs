//! Leftovers: files of operations that were cut short, other than those of a promotion.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic};

use crate::fs::{FileSystem, NodeKind, list_in_order};
use crate::publish::journal::journal_path;
use crate::workspace::layout::{STAGED, STAGING};
use crate::workspace::staged_documents as staged;

/// The leftovers in the places where only a running operation has files. The caller must hold the lane, so that no
/// operation is running.
pub(super) fn find(fs: &dyn FileSystem) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for folder in [STAGING, STAGED].map(Utf8Path::new) {
        // A link or file in the place of the folder is reported by the operation that needs the folder.
        if !matches!(fs.kind(folder), Ok(Some(NodeKind::Folder))) {
            continue;
        }
        match list_in_order(fs, folder) {
            // A folder that may not be read is reported by that operation too.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            listed => found.extend(listed?.into_iter().filter(|path| *path != journal_path())),
        }
    }
    let elsewhere = staged::elsewhere(fs).unwrap_or_default();
    found.extend(elsewhere.into_iter().filter(|path| matches!(fs.kind(path), Ok(Some(_)))));
    Ok(found)
}

/// The diagnostic that the leftover at `path` exists. It stays where papack `is_blocked`.
pub(super) fn fault(path: &Utf8Path, is_blocked: bool) -> Diagnostic {
    let message = "an operation that was cut short left this";
    let help = if is_blocked {
        "papack removes it once what keeps it from packing is out of the way"
    } else {
        "the next operation that writes removes it, and so does papack doctor --fix"
    };
    Diagnostic::info(Code::Leftover, message).at(path.as_str()).with_help(help)
}
