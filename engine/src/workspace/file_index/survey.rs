//! What changed since, as far as stamps tell: nothing is listed or read.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::schema::REGISTRY_PATH;
use rayon::prelude::*;
use smol_str::SmolStr;

use super::super::changes::Changes;
use super::super::layout::ASSETS;
use super::index::{FileIndex, Folder, Read, joined, split};
use crate::fs::{FileSystem, Looked, NodeKind};

/// How many folders one thread looks at before it takes more.
const FOLDERS_AT_ONCE: usize = 64;

/// What is not as it was seen, or cannot be told to be.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct DirtySet {
    /// Folders to list again, by their paths below `assets/`.
    pub(crate) folders: Vec<String>,
    /// Files to read again, by their paths below `assets/`.
    pub(crate) files: Vec<String>,
    /// Whether the registry is to be read again.
    pub(crate) registry: bool,
}

impl DirtySet {
    /// Whether everything is as it was.
    pub(crate) fn is_nothing(&self) -> bool {
        self.folders.is_empty() && self.files.is_empty() && !self.registry
    }

    /// The same, with `files` among those to read again.
    pub(crate) fn with_files<'f>(mut self, files: impl IntoIterator<Item = &'f SmolStr>) -> Self {
        self.files.extend(files.into_iter().map(SmolStr::to_string));
        self
    }

    fn add(&mut self, other: Self) {
        self.folders.extend(other.folders);
        self.files.extend(other.files);
    }
}

impl FileIndex {
    /// Everything, as if all of it might have changed.
    pub(crate) fn everything(&self) -> DirtySet {
        let mut noticed = DirtySet { registry: true, ..DirtySet::default() };
        noticed.folders.push(String::new());
        for (path, folder) in &self.folders {
            if !path.is_empty() {
                noticed.folders.push(path.to_string());
            }
            noticed.files.extend(folder.files_read().map(|(name, _)| joined(path, name)));
        }
        noticed
    }

    /// Looks at everything that `changes` may have touched.
    ///
    /// # Errors
    ///
    /// When `assets/` itself cannot be looked at, or the disk fails.
    pub(crate) fn survey(&self, fs: &dyn FileSystem, changes: &Changes) -> io::Result<DirtySet> {
        let folders: Vec<(&str, &Folder)> = match changes {
            Changes::Anything => self.folders.iter().map(|(path, folder)| (&**path, &**folder)).collect(),
            Changes::Paths(paths) => self.touched_by(paths.iter()),
        };
        let look = |folders: &[(&str, &Folder)]| {
            let mut folders = folders.to_vec();
            folders.sort_by_key(|(path, _)| parent(path));
            let mut noticed = DirtySet::default();
            for siblings in folders.chunk_by(|(one, _), (other, _)| parent(one) == parent(other)) {
                look_at_siblings(fs, siblings, &mut noticed)?;
            }
            Ok(noticed)
        };
        let mut noticed = DirtySet { registry: self.is_registry_changed(fs)?, ..DirtySet::default() };
        if !self.folders.contains_key("") {
            noticed.folders.push(String::new());
        }
        let parts: Vec<DirtySet> = folders.par_chunks(FOLDERS_AT_ONCE).map(look).collect::<io::Result<_>>()?;
        parts.into_iter().for_each(|part| noticed.add(part));
        Ok(noticed)
    }

    /// The folders that one of `paths`, which are below the workspace, is, is in, or lies above.
    fn touched_by<'s>(&'s self, paths: impl Iterator<Item = &'s Utf8PathBuf>) -> Vec<(&'s str, &'s Folder)> {
        let mut touched = std::collections::BTreeMap::new();
        for path in paths {
            let below = match path.strip_prefix(ASSETS) {
                Ok(below) => below.as_str(),
                Err(_) if path == "" => "",
                Err(_) => continue,
            };
            let known = self.folders.get_key_value(below).into_iter().chain(self.folders.get_key_value(split(below).0));
            let inner = self.folders_below(below);
            if below.is_empty() {
                touched.extend(self.folders.iter());
            }
            touched.extend(known.chain(inner));
            // A folder that is not known yet is found by the nearest one that is.
            let nearest =
                Utf8Path::new(below).ancestors().find_map(|folder| self.folders.get_key_value(folder.as_str()));
            touched.extend(nearest);
        }
        touched.into_iter().map(|(path, folder)| (&**path, &**folder)).collect()
    }

    fn is_registry_changed(&self, fs: &dyn FileSystem) -> io::Result<bool> {
        let Some(Read { stamp: Some(stamp), .. }) = self.registry else { return Ok(true) };
        let (folder, name) = split(REGISTRY_PATH);
        match fs.look(Utf8Path::new(folder), &[name]) {
            Ok((_, found)) => Ok(found != [Some((NodeKind::File, stamp))]),
            Err(error) if is_another_kind(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// The folder that holds the one at `path`; none for `assets/` itself.
fn parent(path: &str) -> Option<&str> {
    (!path.is_empty()).then(|| split(path).0)
}

/// Looks at folders that lie in the same one, and at the files in them that were read.
fn look_at_siblings(fs: &dyn FileSystem, folders: &[(&str, &Folder)], noticed: &mut DirtySet) -> io::Result<()> {
    let Some((first, folder)) = folders.first() else { return Ok(()) };
    let looked = match parent(first) {
        Some(parent) => {
            let asked: Vec<_> = folders.iter().map(|(path, folder)| (split(path).1, folder.read_names())).collect();
            fs.look_into(&Utf8Path::new(ASSETS).join(parent), &asked)
        }
        None => Ok(vec![fs.look(Utf8Path::new(ASSETS), &folder.read_names())]),
    };
    let looked = match looked {
        Err(error) if is_another_kind(&error) => folders.iter().map(|_| Err(error.kind().into())).collect(),
        other => other?,
    };
    for ((path, folder), looked) in folders.iter().zip(looked) {
        match looked {
            Ok(looked) => compare(path, folder, looked, noticed),
            // What it is now is found when it, or the folder that holds it, is listed. It may be listed as before, and its
            // files may not be looked at.
            Err(error) if is_another_kind(&error) => {
                noticed.folders.push((*path).to_owned());
                noticed.files.extend(folder.read_names().iter().map(|name| joined(path, name)));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Compares a folder, and the files in it that were read, with what was found now.
fn compare(path: &str, folder: &Folder, (stamp, found): Looked, noticed: &mut DirtySet) {
    if folder.stamp != Some(stamp) {
        noticed.folders.push(path.to_owned());
    }
    for ((name, Read { stamp, .. }), found) in folder.files_read().zip(found) {
        if stamp.is_none() || found != stamp.map(|stamp| (NodeKind::File, stamp)) {
            noticed.files.push(joined(path, name));
        }
    }
}

/// Whether this says that something else is there now, or nothing, or that it may not be looked at any more.
fn is_another_kind(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied)
}
