//! Failed calls of the file system, with the path that they failed at.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// The path at which a call failed, below the workspace, and its error.
pub(super) type Failure = (Utf8PathBuf, io::Error);

/// The folder that contains `path`; `path` itself, if it is directly below the workspace.
pub(super) fn parent_folder(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|folder| *folder != "").unwrap_or(path)
}
