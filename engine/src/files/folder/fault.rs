//! Faults of files, and the paths that they name.

use std::io;
use std::path::Path;

use papack_queries::diagnostic::{Code, Data, Diagnostic};

/// The diagnostic for a call that failed on `path`.
pub(in crate::files) fn failed_call(path: impl Into<String>, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Io, error.to_string()).with_data(Data::system(error)).at(path)
}

/// `path` below `folder`, which the user named, as it is shown to people.
pub(super) fn shown_below(folder: &Path, path: &str) -> String {
    folder.join(path).to_string_lossy().into_owned()
}
