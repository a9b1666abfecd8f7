//! Listing folders again that may have changed.

use std::collections::BTreeSet;
use std::io;

use camino::Utf8Path;
use papack_queries::path::MAX_COMPONENTS;
use rayon::prelude::*;
use smol_str::SmolStr;

use super::super::layout::ASSETS;
use super::index::{Entry, FileIndex, Folder, joined, split};
use crate::fs::{FileSystem, NodeKind, clock};

/// The packer's own folder, below `assets/`. It is no asset and is not walked.
const PACKER_FOLDER: &str = ".prometeu";

/// How many folders are listed while those before them are put into the index, which keeps one thread busy.
const AT_A_TIME: usize = 1024;

/// What changed in the file index when folders were listed again.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ListingChanges {
    /// The folders whose names changed, that are gone, or that are new, by their paths below `assets/`.
    pub(crate) changed: BTreeSet<SmolStr>,
    /// Whether other assets than those with these folders may be affected: a manifest was added or removed, or
    /// something that every walk reports or skips.
    pub(crate) affects_other_assets: bool,
}

impl FileIndex {
    /// Lists `folders` again, and everything below new ones. Records what changed in `changes`, even on failure. What
    /// was read of a file is kept, where a file of that name is still there. Folders that are removed meanwhile are
    /// left out.
    ///
    /// # Errors
    ///
    /// When `assets/` itself cannot be listed, or the disk fails. Other folders that cannot be listed are in the index
    /// as such.
    pub(crate) fn list(
        &mut self,
        fs: &dyn FileSystem,
        folders: Vec<String>,
        changes: &mut ListingChanges,
    ) -> io::Result<()> {
        let mut level = folders;
        while !level.is_empty() {
            let (mut listed, mut next) = (Vec::new(), Vec::new());
            for part in level.chunks(AT_A_TIME) {
                let list = |path: &String| Ok((path.clone(), list_folder(fs, path)?));
                let list_part = || part.par_iter().map(list).collect::<io::Result<Vec<_>>>();
                let put = || self.put_all(listed, changes, &mut next);
                listed = rayon::join(list_part, put).0?;
            }
            self.put_all(listed, changes, &mut next);
            level = next;
        }
        Ok(())
    }

    /// Puts what was `listed` into the index. Folders that are not in it yet are listed `next`.
    fn put_all(&mut self, listed: Vec<(String, Option<Folder>)>, changes: &mut ListingChanges, next: &mut Vec<String>) {
        for (path, folder) in listed {
            match folder {
                // Its parent, which was listed before, is gone, or has no such folder any more.
                _ if !self.is_in_parent(&path) => {}
                Some(folder) => self.put(path, folder, changes, next),
                None => self.remove(&path, changes),
            }
        }
    }

    /// Puts `folder`, as it was listed now, into the index. Those of its folders that are not in the index are listed
    /// `next`.
    fn put(&mut self, path: String, mut folder: Folder, changes: &mut ListingChanges, next: &mut Vec<String>) {
        let previous = self.folders.remove(&*path);
        let is_same = previous.as_ref().is_some_and(|previous| has_same_names(previous, &folder));
        if let Some(previous) = previous {
            changes.affects_other_assets |=
                !is_same && (previous.has_skipped() || previous.has_manifest() != folder.has_manifest());
            let mut gone = Vec::new();
            for (before, name) in previous.names.iter().enumerate() {
                match folder.position(&name.name) {
                    Ok(now) if folder.names[now].kind == name.kind => folder.remember(now, previous.read(before)),
                    _ => gone.push(name),
                }
            }
            for name in gone.into_iter().filter(|name| name.kind == NodeKind::Folder) {
                self.remove(&joined(&path, &name.name), changes);
            }
        } else {
            changes.affects_other_assets |= folder.has_manifest();
        }
        if !is_same {
            changes.affects_other_assets |= folder.has_skipped();
            changes.changed.insert(SmolStr::from(&path));
        }
        let inner = folder.names.iter().filter(|name| name.kind == NodeKind::Folder);
        let new = inner.map(|name| joined(&path, &name.name)).filter(|path| !self.folders.contains_key(&**path));
        next.extend(new);
        self.folders.insert(path.into(), Box::new(folder));
    }

    /// Whether the index has a folder at `path` among the names of its parent. `assets/` itself has no parent in the
    /// index.
    fn is_in_parent(&self, path: &str) -> bool {
        let (parent, name) = split(path);
        let has_folder =
            |parent: &Folder| parent.position(name).is_ok_and(|at| parent.names[at].kind == NodeKind::Folder);
        path.is_empty() || self.folders.get(parent).is_some_and(|parent| has_folder(parent))
    }

    /// Removes the folder at `path` and all below it from the index.
    fn remove(&mut self, path: &str, changes: &mut ListingChanges) {
        let below: Vec<SmolStr> = self.folders_below(path).map(|(path, _)| path.clone()).collect();
        for path in below.iter().map(SmolStr::as_str).chain([path]) {
            if let Some(folder) = self.folders.remove(path) {
                changes.affects_other_assets |= folder.has_skipped() || folder.has_manifest();
            }
            changes.changed.insert(path.into());
        }
        // The parent must be listed again where it was listed while the folder was still there.
        let (parent, name) = split(path);
        if let Some(parent) = self.folders.get_mut(parent)
            && let Ok(position) = parent.position(name)
            && parent.names[position].kind == NodeKind::Folder
        {
            parent.stamp = None;
        }
    }
}

fn has_same_names(one: &Folder, other: &Folder) -> bool {
    one.is_unlisted == other.is_unlisted
        && one.not_utf8 == other.not_utf8
        && one.names.len() == other.names.len()
        && one.names.iter().zip(&other.names).all(|(one, other)| one.name == other.name && one.kind == other.kind)
}

/// Lists the folder at `path`, which is empty for `assets/` itself; none where it is gone, or something else.
fn list_folder(fs: &dyn FileSystem, path: &str) -> io::Result<Option<Folder>> {
    match try_list(fs, path) {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if path.is_empty() => Err(error),
        Err(error) => match error.kind() {
            io::ErrorKind::PermissionDenied => Ok(Some(unlisted())),
            // It was removed, or became something else, during the walk.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}

/// A folder that cannot be listed. It has no stamp, because none shows when it can be.
fn unlisted() -> Folder {
    Folder { is_unlisted: true, ..Folder::default() }
}

fn try_list(fs: &dyn FileSystem, path: &str) -> io::Result<Folder> {
    // As many levels as a root and a path below it may have, and one more: what lies there is found and refused.
    if path.split('/').count() > 2 * MAX_COMPONENTS {
        return Ok(unlisted());
    }
    // The time is taken before the listing: a later one would make the stamp look older than it is.
    let now_ns = clock::now_ns();
    let listing = fs.list_stamped(&Utf8Path::new(ASSETS).join(path))?;
    let stamp = listing.stamp.and_then(|stamp| clock::conclusive_stamp(stamp, now_ns));
    let (mut names, mut not_utf8) = (Vec::with_capacity(listing.names.len()), Vec::new());
    for (name, kind) in listing.names {
        match name.to_str() {
            Some(PACKER_FOLDER) if path.is_empty() => {}
            Some(name) => names.push(Entry { name: name.into(), kind }),
            None => not_utf8.push(name.to_string_lossy().into()),
        }
    }
    names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    not_utf8.sort_unstable();
    Ok(Folder { stamp, is_unlisted: false, names: names.into(), reads: Box::default(), not_utf8: not_utf8.into() })
}
