//! Merging registries for version control: three files in, and the merged one in the place of ours.

use std::io;
use std::path::Path;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::edit::RegistryEdit;
use papack_queries::schema::merge::{Conflict, merge};
use papack_queries::schema::registry;

use crate::fs::{FileSystem, RealFs, open_named};
use crate::operation::OperationId;

/// How a merge of registries ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeStatus {
    /// All that both sides changed is in the file.
    Clean,
    /// So it is, but for what they contradict each other in.
    Conflicted,
    /// A side is no sound registry. The file is as it was.
    Refused,
}

/// What a merge of registries came to.
#[derive(Debug, Clone)]
pub struct MergeResult {
    /// How it ended.
    pub status: MergeStatus,
    /// Every conflict and doubt, or what is wrong with the sides.
    pub diagnostics: Vec<Diagnostic>,
}

/// Merges the registries in the files `ours` and `theirs`, of which `base` is the common ancestor, into `ours`, which is
/// replaced whole. A base that is absent or empty is an empty registry.
///
/// # Errors
///
/// When a file cannot be read, or `ours` cannot be written; with what that is. Then it is as it was.
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

/// The file at `path`, or so much of it that it is seen to be too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, stamp) = open_named(path)?;
    let size = usize::try_from(stamp.size).map_or(registry::MAX_SIZE + 1, |size| size.min(registry::MAX_SIZE + 1));
    let mut bytes = vec![0; size];
    file.read_exact_at(0, &mut bytes)?;
    Ok(bytes)
}

/// The registry in `bytes`, or what is wrong with it, which is said of `side`.
fn parse(side: &str, bytes: &[u8]) -> Result<RegistryEdit, Vec<Diagnostic>> {
    let registry = registry::parse(bytes);
    RegistryEdit::new(&registry).ok_or_else(|| {
        let faults = registry.diagnostics.into_iter().filter(Diagnostic::is_error);
        faults.map(|fault| Diagnostic { message: format!("{side}: {}", fault.message), ..fault }).collect()
    })
}

/// Puts a file with `bytes` in the place of the one at `path`, in one step.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fs = RealFs::new(folder)?;
    let beside = format!("{name}.{}", OperationId::random().map_err(|error| io::Error::other(error.to_string()))?);
    let (name, beside) = (Utf8Path::new(name), Utf8Path::new(&beside));
    let written = write(&fs, beside, name, bytes).and_then(|()| fs.rename(beside, name));
    if written.is_err() {
        drop(fs.remove_file(beside));
    }
    written
}

fn write(fs: &RealFs, path: &Utf8Path, like: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let file = fs.create(path)?;
    file.write_all_at(0, bytes)?;
    // Not every file system has permissions.
    drop(fs.copy_permissions(like, path));
    file.sync()
}
