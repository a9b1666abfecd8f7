//! The walk: every name below `assets/`, and no content.

use std::io;

use camino::Utf8Path;
use papack_queries::discovery::Walk;
use papack_queries::path::MAX_COMPONENTS;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use rayon::prelude::*;

use crate::fs::{FileSystem, NodeKind};

/// The folder of assets, below the workspace.
pub(crate) const ASSETS: &str = "assets";

/// The packer's own folder, below `assets/`. It is no asset and is not walked.
const PACKER_FOLDER: &str = ".prometeu";

/// Walks `assets/`, level by level: the folders of a level are listed in parallel, and no folder is too deep for
/// the stack. What is found is in a fixed order.
///
/// # Errors
///
/// When `assets/` itself cannot be listed, or the disk fails. Other folders that cannot be listed are found so.
pub(crate) fn walk(fs: &dyn FileSystem) -> io::Result<Walk> {
    let mut entries = Vec::new();
    let mut not_utf8 = Vec::new();
    let mut level = vec![list(fs, "")?];
    // As many levels as a root and a path below it may have, and one more: what lies there is met and refused.
    for _ in 0..=2 * MAX_COMPONENTS {
        let folders: Vec<String> = level.iter_mut().flat_map(|listed| std::mem::take(&mut listed.folders)).collect();
        for listed in level {
            entries.extend(listed.entries);
            not_utf8.extend(listed.not_utf8);
        }
        level = folders.into_par_iter().map(|folder| list_below(fs, folder)).collect::<io::Result<_>>()?;
    }
    let too_deep = level.into_iter().flat_map(|listed| listed.entries).filter(|entry| entry.kind == Kind::Folder);
    entries.extend(too_deep.map(|entry| TreeEntry { kind: Kind::UnlistedFolder, ..entry }));
    not_utf8.sort();
    Ok(Walk { tree: Tree::new(entries), not_utf8 })
}

/// What one folder holds. Paths are below `assets/`.
#[derive(Default)]
struct Listed {
    entries: Vec<TreeEntry>,
    folders: Vec<String>,
    not_utf8: Vec<String>,
}

/// Lists the folder at `path`, and says whether it is one.
fn list_below(fs: &dyn FileSystem, path: String) -> io::Result<Listed> {
    let (kind, mut listed) = match list(fs, &path) {
        Ok(listed) => (Kind::Folder, listed),
        Err(error) => match error.kind() {
            io::ErrorKind::PermissionDenied => (Kind::UnlistedFolder, Listed::default()),
            // It went away, or became something else, while the walk was under way.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Ok(Listed::default()),
            _ => return Err(error),
        },
    };
    listed.entries.push(entry(path, kind));
    Ok(listed)
}

/// Lists the folder at `path`, which is empty for `assets/` itself.
fn list(fs: &dyn FileSystem, path: &str) -> io::Result<Listed> {
    let mut listed = Listed::default();
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    for (name, kind) in fs.list(&Utf8Path::new(ASSETS).join(path))? {
        let Some(name) = name.to_str() else {
            listed.not_utf8.push(format!("{prefix}{}", name.to_string_lossy()));
            continue;
        };
        if path.is_empty() && name == PACKER_FOLDER {
            continue;
        }
        let child = format!("{prefix}{name}");
        match kind {
            NodeKind::Folder => listed.folders.push(child),
            NodeKind::File => listed.entries.push(entry(child, Kind::File)),
            NodeKind::Link => listed.entries.push(entry(child, Kind::Link)),
            NodeKind::Special => listed.entries.push(entry(child, Kind::Special)),
        }
    }
    Ok(listed)
}

fn entry(path: String, kind: Kind) -> TreeEntry {
    TreeEntry { path: path.into_boxed_str(), kind }
}
