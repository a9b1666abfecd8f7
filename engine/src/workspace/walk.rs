//! The walk: every name below `assets/`, and no content.

use std::io;

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::inputs::FileFault;

use super::faults::io_failure;
use super::file_index::{FileIndex, ListingChanges};
use super::layout::ASSETS;
use crate::fs::FileSystem;
use crate::operation::{Operation, Stop};

/// Walks all of `assets/`, without use of any earlier file index. The result is in a fixed order.
///
/// # Errors
///
/// When `assets/` itself cannot be listed, or the disk fails. Other folders that cannot be listed are in the result as
/// such.
pub(crate) fn walk(fs: &dyn FileSystem) -> io::Result<Walk> {
    let mut file_index = FileIndex::default();
    file_index.list(fs, vec![String::new()], &mut ListingChanges::default())?;
    Ok(file_index.walk())
}

/// Ends `operation` because `assets/` cannot be walked.
pub(crate) fn walk_failure(operation: &mut Operation<'_>, error: &io::Error) -> Stop {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            let fault = Diagnostic::error(Code::FileForbidden, "the folder of assets may not be read").at(ASSETS);
            operation.refuse(vec![fault.with_help("check its permissions")])
        }
        io::ErrorKind::NotADirectory => operation.refuse(vec![FileFault::Link.diagnostic(ASSETS)]),
        _ => io_failure(operation, ASSETS, error),
    }
}
