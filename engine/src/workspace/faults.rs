//! Diagnostics of calls to the file system that failed, with what to do about them.

use std::io;

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Data, Diagnostic};

use super::layout::ASSETS;
use crate::operation::{Operation, Status, Stop};

/// Ends `operation` for a call that failed on `path`.
pub(crate) fn io_failure(operation: &mut Operation<'_>, path: impl AsRef<Utf8Path>, error: &io::Error) -> Stop {
    operation.fail(Status::ExecutionFailed, io_diagnostic(path.as_ref(), error))
}

/// The diagnostic for a call that failed on `path`.
pub(crate) fn io_diagnostic(path: &Utf8Path, error: &io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::Io, format!("{error}")).with_data(Data::system(error)).at(path.as_str());
    let is_asset = path.starts_with(ASSETS);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded if is_asset => {
            diagnostic.with_help("make room on the disk that holds assets/, and try again")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            diagnostic.with_help("make room on the disk that holds build/, and pack again")
        }
        io::ErrorKind::FileTooLarge => diagnostic.with_help(
            "papack may not write files as large as it must: raise the limit (ulimit -f), or use another disk",
        ),
        io::ErrorKind::WouldBlock => diagnostic
            .with_help("another program, as a file server, holds a lease on this file: close it there, and try again"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if is_asset => {
            diagnostic.with_help("papack must be allowed to read and write in this folder and below assets/.prometeu/")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            diagnostic.with_help("papack must be allowed to write below build/, and to make it where it is not there")
        }
        _ => diagnostic,
    }
}
