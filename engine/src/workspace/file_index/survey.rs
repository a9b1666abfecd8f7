//! Comparing the file index with the file system, by stamps alone: nothing is listed or read.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::schema::REGISTRY_PATH;
use rayon::prelude::*;
use smol_str::SmolStr;

use super::super::changes::Changes;
use super::super::layout::ASSETS;
use super::index::{FileIndex, Folder, Read, joined, split};
use crate::fs::{FileSystem, FolderStat, NodeKind};

/// How many folders a thread compares before it takes more.
const FOLDERS_AT_ONCE: usize = 64;

/// What must be listed or read again: its stamp differs, or is not conclusive.
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
    /// Whether there is nothing to list or read again.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty() && self.files.is_empty() && !self.registry
    }

    /// The same set, with `files` added to those to read again.
    pub(crate) fn with_files<'f>(mut self, files: impl IntoIterator<Item = &'f SmolStr>) -> Self {
        self.files.extend(files.into_iter().map(SmolStr::to_string));
        self
    }

    /// What is in any of `parts`. Where the index `has_top`, it has the folder `assets/` itself; otherwise that is dirty, too.
    pub(crate) fn of(parts: impl IntoIterator<Item = Self>, has_top: bool) -> Self {
        let mut all = Self::default();
        if !has_top {
            all.folders.push(String::new());
        }
        for part in parts {
            all.folders.extend(part.folders);
            all.files.extend(part.files);
            all.registry |= part.registry;
        }
        all
    }
}

impl FileIndex {
    /// The dirty set of everything, as if all of it might have changed.
    pub(crate) fn everything(&self) -> DirtySet {
        let mut dirty = DirtySet { registry: true, ..DirtySet::default() };
        dirty.folders.push(String::new());
        for (path, folder) in &self.folders {
            if !path.is_empty() {
                dirty.folders.push(path.to_string());
            }
            dirty.files.extend(folder.files_read().map(|(name, _)| joined(path, name)));
        }
        dirty
    }

    /// Compares the stamps of everything that `changes` may have touched.
    ///
    /// # Errors
    ///
    /// When the stamp of `assets/` itself cannot be had, or the disk fails.
    pub(crate) fn survey(&self, fs: &dyn FileSystem, changes: &Changes) -> io::Result<DirtySet> {
        let parts = [self.survey_registry(fs)?, self.survey_folders(fs, changes)?];
        Ok(DirtySet::of(parts, self.has_top()))
    }

    /// Compares the stamps of the folders that `changes` may have touched, and of the files in them that were read.
    ///
    /// # Errors
    ///
    /// As [`survey`](Self::survey).
    pub(crate) fn survey_folders(&self, fs: &dyn FileSystem, changes: &Changes) -> io::Result<DirtySet> {
        let folders: Vec<(&str, &Folder)> = match changes {
            Changes::Anything => self.folders.iter().map(|(path, folder)| (&**path, &**folder)).collect(),
            Changes::Paths(paths) => self.touched_by(paths.iter()),
        };
        let survey_some = |folders: &[(&str, &Folder)]| {
            let mut folders = folders.to_vec();
            folders.sort_by_key(|(path, _)| parent(path));
            let mut dirty = DirtySet::default();
            for siblings in folders.chunk_by(|(one, _), (other, _)| parent(one) == parent(other)) {
                survey_siblings(fs, siblings, &mut dirty)?;
            }
            Ok(dirty)
        };
        let parts: Vec<DirtySet> = folders.par_chunks(FOLDERS_AT_ONCE).map(survey_some).collect::<io::Result<_>>()?;
        Ok(DirtySet::of(parts, true))
    }

    /// Compares the stamp of the registry.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn survey_registry(&self, fs: &dyn FileSystem) -> io::Result<DirtySet> {
        Ok(DirtySet { registry: self.is_registry_changed(fs)?, ..DirtySet::default() })
    }

    /// The folders that `paths`, which are below the workspace, may have touched: each path may be a folder, lie in
    /// one, or lie above some.
    fn touched_by<'s>(&'s self, paths: impl Iterator<Item = &'s Utf8PathBuf>) -> Vec<(&'s str, &'s Folder)> {
        let mut touched = BTreeMap::new();
        for path in paths {
            let below = match path.strip_prefix(ASSETS) {
                Ok(below) => below.as_str(),
                Err(_) if path == "" => "",
                Err(_) => continue,
            };
            let itself = self.folders.get_key_value(below);
            let parent = self.folders.get_key_value(split(below).0);
            let inner = self.folders_below(below);
            if below.is_empty() {
                touched.extend(self.folders.iter());
            }
            touched.extend(itself.into_iter().chain(parent).chain(inner));
            // A folder that is not in the index yet is found when the nearest one above it is listed.
            let nearest =
                Utf8Path::new(below).ancestors().find_map(|folder| self.folders.get_key_value(folder.as_str()));
            touched.extend(nearest);
        }
        touched.into_iter().map(|(path, folder)| (&**path, &**folder)).collect()
    }

    fn is_registry_changed(&self, fs: &dyn FileSystem) -> io::Result<bool> {
        let Some(Read { stamp: Some(stamp), .. }) = self.registry else { return Ok(true) };
        let (folder, name) = split(REGISTRY_PATH);
        match fs.stat(Utf8Path::new(folder), &[name]) {
            Ok((_, found)) => Ok(found != [Some((NodeKind::File, stamp))]),
            Err(error) if is_change(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// The parent of the folder at `path`; none for `assets/` itself.
fn parent(path: &str) -> Option<&str> {
    (!path.is_empty()).then(|| split(path).0)
}

/// Compares the stamps of folders that have the same parent, and of the files in them that were read.
fn survey_siblings(fs: &dyn FileSystem, folders: &[(&str, &Folder)], dirty: &mut DirtySet) -> io::Result<()> {
    let Some((first, folder)) = folders.first() else { return Ok(()) };
    let stats = match parent(first) {
        Some(parent) => {
            let names: Vec<_> = folders.iter().map(|(path, folder)| (split(path).1, folder.read_names())).collect();
            fs.stat_folders(&Utf8Path::new(ASSETS).join(parent), &names)
        }
        None => Ok(vec![fs.stat(Utf8Path::new(ASSETS), &folder.read_names())]),
    };
    let stats = match stats {
        Err(error) if is_change(&error) => folders.iter().map(|_| Err(error.kind().into())).collect(),
        other => other?,
    };
    for ((path, folder), stat) in folders.iter().zip(stats) {
        match stat {
            Ok(stat) => compare(path, folder, stat, dirty),
            // The listing will show what is there. Its files are dirty too: the names may be unchanged while the files
            // are out of reach.
            Err(error) if is_change(&error) => {
                dirty.folders.push((*path).to_owned());
                dirty.files.extend(folder.read_names().iter().map(|name| joined(path, name)));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Compares a folder, and the files in it that were read, with their present stamps.
fn compare(path: &str, folder: &Folder, (stamp, found): FolderStat, dirty: &mut DirtySet) {
    if folder.stamp != Some(stamp) {
        dirty.folders.push(path.to_owned());
    }
    for ((name, Read { stamp, .. }), found) in folder.files_read().zip(found) {
        if stamp.is_none() || found != stamp.map(|stamp| (NodeKind::File, stamp)) {
            dirty.files.push(joined(path, name));
        }
    }
}

/// Whether `error` means that something else is there now, or nothing, or something that is out of reach for this user.
fn is_change(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied)
}
