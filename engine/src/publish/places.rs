//! Obstacles in the places of outputs: things that papack may not replace.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use super::failure::{Failure, parent_folder};
use super::journal::journal_path;
use crate::fs::{FileSystem, NodeKind};
use crate::workspace::layout::{BUILD, NAMES, STAGING, published_path};

/// An error for each output whose place holds something that papack may not replace: it replaces only its own files.
pub(crate) fn blocked_places(fs: &dyn FileSystem) -> io::Result<Vec<Diagnostic>> {
    let mut faults = Vec::new();
    match expect_places(fs, &mut faults) {
        Err((folder, error)) if error.kind() == io::ErrorKind::PermissionDenied => {
            let fault = Diagnostic::error(Code::OutputBlocked, "papack may not look into this folder");
            faults.push(fault.at(folder.into_string()).with_help("check its owner and permissions (ls -la)"));
        }
        other => other.map_err(|(_, error)| error)?,
    }
    Ok(faults)
}

/// Adds a fault for each such place. A [`Failure`] names the folder that could not be searched.
fn expect_places(fs: &dyn FileSystem, faults: &mut Vec<Diagnostic>) -> Result<(), Failure> {
    let kind = |path: &Utf8Path| fs.kind(path).map_err(|error| (parent_folder(path).to_owned(), error));
    let mut expect = |path: &Utf8Path, expected: NodeKind| -> Result<bool, Failure> {
        let found = kind(path)?;
        if found.is_some_and(|found| found != expected) {
            let (found, expected) = (found.map_or("", NodeKind::describe), expected.describe());
            let message = format!("{found} is where papack puts {expected}");
            faults.push(Diagnostic::error(Code::OutputBlocked, message).at(path.as_str()).with_help("move it away"));
        }
        Ok(found == Some(expected))
    };
    if expect(Utf8Path::new(BUILD), NodeKind::Folder)? {
        if expect(Utf8Path::new(STAGING), NodeKind::Folder)? {
            // Looked up only to learn whether the staging folder can be searched.
            kind(&journal_path())?;
        }
        for name in NAMES {
            expect(&published_path(name), NodeKind::File)?;
        }
    }
    Ok(())
}
