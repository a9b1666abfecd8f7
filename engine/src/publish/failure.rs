//! Calls that failed, and where.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// Where a call failed, and how.
pub(super) type Failure = (Utf8PathBuf, io::Error);

/// The folder that `path` is in; itself, right below the workspace.
pub(super) fn parent_folder(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|folder| *folder != "").unwrap_or(path)
}
