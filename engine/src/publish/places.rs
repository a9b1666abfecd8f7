//! What stands in the places of outputs.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};

use crate::fs::{FileSystem, NodeKind};
use crate::workspace::layout::{BUILD, NAMES, STAGING, published_path};

/// What stands in the place of an output. The packer replaces only its own files.
pub(crate) fn blocked_places(fs: &dyn FileSystem) -> io::Result<Vec<Diagnostic>> {
    let mut faults = Vec::new();
    match expect_places(fs, &mut faults) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let fault = Diagnostic::error(Code::OutputBlocked, "papack may not look into the folder of outputs");
            faults.push(fault.at(BUILD).with_help("check its permissions"));
        }
        other => other?,
    }
    Ok(faults)
}

fn expect_places(fs: &dyn FileSystem, faults: &mut Vec<Diagnostic>) -> io::Result<()> {
    let mut expect = |path: &Utf8Path, expected: NodeKind| -> io::Result<bool> {
        let found = fs.kind(path)?;
        if found.is_some_and(|found| found != expected) {
            let (found, expected) = (found.map_or("", NodeKind::describe), expected.describe());
            let message = format!("{found} is where papack puts {expected}");
            faults.push(Diagnostic::error(Code::OutputBlocked, message).at(path.as_str()).with_help("move it away"));
        }
        Ok(found == Some(expected))
    };
    if expect(Utf8Path::new(BUILD), NodeKind::Folder)? {
        expect(Utf8Path::new(STAGING), NodeKind::Folder)?;
        for name in NAMES {
            expect(&published_path(name), NodeKind::File)?;
        }
    }
    Ok(())
}
