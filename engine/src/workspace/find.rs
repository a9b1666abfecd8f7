//! Which folder is a workspace, and how one begins.

use std::io;
use std::path::Path;

use camino::Utf8Path;
use papack_queries::schema::REGISTRY_PATH;

use super::layout::{ASSETS, LANE};
use crate::fs::{FileSystem, NodeKind, RealFs};

/// Makes the folder `path` for a workspace, unless it is there. The folder that holds it must be.
///
/// # Errors
///
/// The operating system's; of kind `InvalidInput` where the name is no UTF-8.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if found.is_dir() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // What else is there is in the way.
        Ok(_) | Err(_) => {}
    }
    let Some(name) = path.file_name() else { return Ok(()) };
    let name = name.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    let around = path.parent().filter(|around| *around != Path::new("")).unwrap_or(Path::new("."));
    RealFs::new(around)?.create_folder(Utf8Path::new(name))
}

/// Finds the workspace of `folder`: itself or the nearest folder above it that holds a registry.
///
/// # Errors
///
/// The first folder of which this cannot be told, and why: what lies above it may be another workspace, and is not meant.
pub fn find_workspace(folder: &Path) -> Result<Option<&Path>, (&Path, io::Error)> {
    for folder in folder.ancestors() {
        if is_workspace(folder).map_err(|error| (folder, error))? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Whether `folder` holds a registry, of whatever kind: what is wrong with it is the gate's to say. It need not be
/// readable for that.
///
/// # Errors
///
/// The operating system's, where it cannot be told. That there is no such folder is none.
pub fn is_workspace(folder: &Path) -> io::Result<bool> {
    unless_absent(RealFs::to_look(folder).and_then(|fs| holds_registry(&fs)))
}

fn holds_registry(fs: &dyn FileSystem) -> io::Result<bool> {
    let is_link = |path: &str| Ok(kind(fs, path)? == Some(NodeKind::Link));
    match kind(fs, REGISTRY_PATH) {
        Ok(found) => Ok(found.is_some()),
        // A link in the way is the gate's to say.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Ok(is_link(ASSETS)? || unless_absent(is_link(LANE))?)
        }
        // So is an `assets/` that may not be looked into; but the folder itself must be.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(kind(fs, ASSETS)?.is_some()),
        Err(error) => unless_absent(Err(error)),
    }
}

/// What is at `path`, whose folder need not be readable.
fn kind(fs: &dyn FileSystem, path: &str) -> io::Result<Option<NodeKind>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (_, found) = fs.look(Utf8Path::new(folder), &[name])?;
    Ok(found.into_iter().flatten().map(|(kind, _)| kind).next())
}

/// `found`, or false where something on the way is not there, or no folder.
fn unless_absent(found: io::Result<bool>) -> io::Result<bool> {
    match found {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        other => other,
    }
}

#[cfg(test)]
mod tests;
