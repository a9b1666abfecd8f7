//! Which folder is a workspace, and how one begins.

use std::io;
use std::path::Path;

use camino::Utf8Path;
use papack_queries::schema::REGISTRY_PATH;

use super::layout::{ASSETS, LANE};
use crate::fs::{FileSystem, NodeKind, RealFs};

/// Creates the folder `path` for a workspace, unless it exists. Its parent folder must exist.
///
/// # Errors
///
/// The operating system's; of kind `InvalidInput` where the name is no UTF-8.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if found.is_dir() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // Where nothing is there, the folder is created. Where something else is, that fails.
        Ok(_) | Err(_) => {}
    }
    let Some(name) = path.file_name() else { return Ok(()) };
    let name = name.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    RealFs::new(parent)?.create_folder(Utf8Path::new(name))
}

/// Finds the workspace of `folder`: itself or the nearest folder above it that holds a registry.
///
/// # Errors
///
/// The first folder for which this cannot be found out, and why. The search ends there: what lies above may be another
/// workspace, which the user does not mean.
pub fn find_workspace(folder: &Path) -> Result<Option<&Path>, (&Path, io::Error)> {
    for folder in folder.ancestors() {
        if is_workspace(folder).map_err(|error| (folder, error))? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Whether `folder` holds a registry. One with faults counts, too: the gate reports them. `folder` need not be
/// readable.
///
/// # Errors
///
/// The operating system's, where this cannot be found out. A folder that does not exist is no error.
pub fn is_workspace(folder: &Path) -> io::Result<bool> {
    unless_absent(RealFs::for_stat(folder).and_then(|fs| holds_registry(&fs)))
}

fn holds_registry(fs: &dyn FileSystem) -> io::Result<bool> {
    let is_link = |path: &str| Ok(kind(fs, path)? == Some(NodeKind::Link));
    match kind(fs, REGISTRY_PATH) {
        Ok(found) => Ok(found.is_some()),
        // Where a link is on the path, this is a workspace with a fault that the gate reports.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Ok(is_link(ASSETS)? || unless_absent(is_link(LANE))?)
        }
        // So is an `assets/` that may not be searched; but the folder itself must be searchable.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(kind(fs, ASSETS)?.is_some()),
        Err(error) => unless_absent(Err(error)),
    }
}

/// What is at `path`, whose folder need not be readable.
fn kind(fs: &dyn FileSystem, path: &str) -> io::Result<Option<NodeKind>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (_, found) = fs.stat(Utf8Path::new(folder), &[name])?;
    Ok(found.into_iter().flatten().map(|(kind, _)| kind).next())
}

/// `found`, or false where something on the path does not exist, or is no folder.
fn unless_absent(found: io::Result<bool>) -> io::Result<bool> {
    match found {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        other => other,
    }
}

#[cfg(test)]
mod tests;
