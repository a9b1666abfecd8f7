//! Merges registries for version control: reads three files, and replaces ours with the merged one.

use std::io;
use std::path::Path;

use camino::Utf8Path;
use papack_queries::diagnostic::{Diagnostic, Fixes};
use papack_queries::schema::edit::RegistryEdit;
use papack_queries::schema::merge::{Conflict, merge};
use papack_queries::schema::registry;

use crate::fs::{FileSystem, RealFs, open_named};
use crate::operation::OperationId;

/// How a merge of registries ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeStatus {
    /// The file has all changes of both sides.
    Clean,
    /// The file has all changes of both sides, except where they contradict each other.
    Conflicted,
    /// One of the three files is no valid registry. Our file is unchanged.
    Refused,
}

/// The result of a merge of registries.
#[derive(Debug, Clone)]
pub struct MergeResult {
    /// How it ended.
    pub status: MergeStatus,
    /// Every conflict and doubt of the merge, or what is wrong with the three files.
    pub diagnostics: Vec<Diagnostic>,
}

/// Merges the registry in the file `theirs` into the one in `ours`, which is replaced as a whole. `base` is their
/// common ancestor. If it does not exist, or is empty, it counts as an empty registry.
///
/// # Errors
///
/// When a file cannot be read, or `ours` cannot be written. The error comes with the name of that file, and `ours` is
/// unchanged.
pub fn merge_registries(base: &Path, ours: &Path, theirs: &Path) -> Result<MergeResult, (String, io::Error)> {
    let read = |path: &Path| read(path).map_err(|error| (path.to_string_lossy().into_owned(), error));
    let base = match read(base) {
        Err((_, error)) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let base = if base.is_empty() { Ok(RegistryEdit::default()) } else { parse("the common ancestor", &base) };
    let sides = (base, parse("ours", &read(ours)?), parse("theirs", &read(theirs)?));
    let (base, our, their) = match sides {
        (Ok(base), Ok(our), Ok(their)) => (base, our, their),
        (base, our, their) => {
            let faults = [base, our, their].into_iter().filter_map(Result::err).flatten();
            return Ok(MergeResult { status: MergeStatus::Refused, diagnostics: faults.collect() });
        }
    };
    let merged = merge(&base, &our, &their);
    replace(ours, merged.registry.to_text().as_bytes())
        .map_err(|error| (ours.to_string_lossy().into_owned(), error))?;
    let is_open = merged.conflicts.iter().any(Conflict::is_open);
    Ok(MergeResult {
        status: if is_open { MergeStatus::Conflicted } else { MergeStatus::Clean },
        diagnostics: merged.conflicts.iter().map(Conflict::diagnostic).collect(),
    })
}

/// The bytes of the file at `path`. Of a file that is too large for a registry, one byte more than the limit, so that
/// parsing refuses it.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, stamp) = open_named(path)?;
    let size = usize::try_from(stamp.size).map_or(registry::MAX_SIZE + 1, |size| size.min(registry::MAX_SIZE + 1));
    let mut bytes = vec![0; size];
    file.read_exact_at(0, &mut bytes)?;
    Ok(bytes)
}

/// The registry in `bytes`, or what is wrong with it. `side` names the file in the messages.
fn parse(side: &str, bytes: &[u8]) -> Result<RegistryEdit, Vec<Diagnostic>> {
    let registry = registry::parse(bytes);
    RegistryEdit::new(&registry).ok_or_else(|| {
        let faults = registry.diagnostics.into_iter().filter(Diagnostic::is_error);
        // Fixes would be of the registry of the workspace, which is another file.
        let of_side = |fault: Diagnostic| Diagnostic {
            message: format!("{side}: {}", fault.message),
            fixes: Fixes::default(),
            ..fault
        };
        faults.map(of_side).collect()
    })
}

/// Replaces the file at `path` with one that holds `bytes`, by one rename.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fs = RealFs::new(folder)?;
    let temporary = format!("{name}.{}", OperationId::random().map_err(|error| io::Error::other(error.to_string()))?);
    let (name, temporary) = (Utf8Path::new(name), Utf8Path::new(&temporary));
    let written = write(&fs, temporary, name, bytes).and_then(|()| fs.rename(temporary, name));
    if written.is_err() {
        drop(fs.remove_file(temporary));
    }
    written
}

/// Writes and flushes a new file at `path`, with the permissions of the file `like`.
fn write(fs: &RealFs, path: &Utf8Path, like: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let file = fs.create(path)?;
    file.write_all_at(0, bytes)?;
    // A failure is ignored: not every file system has permissions.
    drop(fs.copy_permissions(like, path));
    file.sync()
}
