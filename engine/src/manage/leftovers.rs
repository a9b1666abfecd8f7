//! What operations that were cut short left in a workspace.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};

use super::apply::STAGED;
use crate::fs::FileSystem;
use crate::output::journal::journal_path;
use crate::output::staging::STAGING;

/// What is where only an operation that is running has something. The lane is ours, so none is.
pub(super) fn find(fs: &dyn FileSystem) -> io::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for folder in [STAGING, STAGED].map(Utf8Path::new) {
        // What stands in the way of the folder, a link or file, is told by whoever needs the folder.
        if !matches!(fs.kind(folder), Ok(Some(crate::fs::NodeKind::Folder))) {
            continue;
        }
        let mut names: Vec<_> = fs.list(folder)?.into_iter().filter_map(|(name, _)| name.into_string().ok()).collect();
        names.sort_unstable();
        found.extend(names.into_iter().map(|name| folder.join(name)));
    }
    Ok(found)
}

/// Whether it is a promotion that is to be completed.
pub(super) fn is_promotion(path: &Utf8Path) -> bool {
    path == journal_path()
}

/// That it is there. A promotion that is about to be completed is no more than worth knowing.
pub(super) fn fault(path: &Utf8Path, is_mended: bool) -> Diagnostic {
    if is_promotion(path) {
        let message = "a promotion was cut short: build/ may hold files of two generations";
        let severity = if is_mended { Severity::Info } else { Severity::Warning };
        let help = "the next pack completes it, and so does papack doctor --fix";
        return Diagnostic::new(severity, Code::Leftover, message).at(path.as_str()).with_help(help);
    }
    let message = "an operation that was cut short left this";
    let help = "the next operation that writes removes it, and so does papack doctor --fix";
    Diagnostic::info(Code::Leftover, message).at(path.as_str()).with_help(help)
}
