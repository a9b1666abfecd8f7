//! Folders that changed, listed again.

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

/// What listing folders again brought.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ListingChanges {
    /// Folders in which other names are now, those that are gone, and those that are new, by their paths below `assets/`.
    pub(crate) changed: BTreeSet<SmolStr>,
    /// Whether more than one asset may be concerned: a manifest came or went, or something that every walk tells of.
    pub(crate) is_odd: bool,
}

impl FileIndex {
    /// Lists `folders` again, with all that is below those that are new, and adds what that brought to `listed`, even where
    /// it fails. What was read stays known, where a file of the name is still there. Folders that went away meanwhile are
    /// left out.
    ///
    /// # Errors
    ///
    /// When `assets/` itself cannot be listed, or the disk fails. Other folders that cannot be listed are found so.
    pub(crate) fn list(
        &mut self,
        fs: &dyn FileSystem,
        folders: Vec<String>,
        listed: &mut ListingChanges,
    ) -> io::Result<()> {
        let mut level = folders;
        while !level.is_empty() {
            let found: Vec<_> = level
                .into_par_iter()
                .map(|path| {
                    let folder = list_folder(fs, &path)?;
                    Ok((path, folder))
                })
                .collect::<io::Result<_>>()?;
            level = Vec::new();
            for (path, folder) in found {
                match folder {
                    // The folder around it, which was listed before, went away or does not tell of it any more.
                    _ if !self.is_named(&path) => {}
                    Some(folder) => self.put(path, folder, listed, &mut level),
                    None => self.remove(&path, listed),
                }
            }
        }
        Ok(())
    }

    /// Puts `folder` in the place of what was known of it. Those of its folders that are not known are listed `next`.
    fn put(&mut self, path: String, mut folder: Folder, listed: &mut ListingChanges, next: &mut Vec<String>) {
        let known = self.folders.remove(&*path);
        let is_same = known.as_ref().is_some_and(|known| has_same_names(known, &folder));
        if let Some(known) = known {
            listed.is_odd |= !is_same && (known.is_odd() || known.has_manifest() != folder.has_manifest());
            let mut gone = Vec::new();
            for (before, name) in known.names.iter().enumerate() {
                match folder.position(&name.name) {
                    Ok(now) if folder.names[now].kind == name.kind => folder.remember(now, known.read(before)),
                    _ => gone.push(name),
                }
            }
            for name in gone.into_iter().filter(|name| name.kind == NodeKind::Folder) {
                self.remove(&joined(&path, &name.name), listed);
            }
        } else {
            listed.is_odd |= folder.has_manifest();
        }
        if !is_same {
            listed.is_odd |= folder.is_odd();
            listed.changed.insert(SmolStr::from(&path));
        }
        let inner = folder.names.iter().filter(|name| name.kind == NodeKind::Folder);
        let unknown = inner.map(|name| joined(&path, &name.name)).filter(|path| !self.folders.contains_key(&**path));
        next.extend(unknown);
        self.folders.insert(path.into(), Box::new(folder));
    }

    /// Whether the folder around `path` tells of a folder there. Nothing is around `assets/` itself.
    fn is_named(&self, path: &str) -> bool {
        let (around, name) = split(path);
        let is_folder =
            |around: &Folder| around.position(name).is_ok_and(|at| around.names[at].kind == NodeKind::Folder);
        path.is_empty() || self.folders.get(around).is_some_and(|around| is_folder(around))
    }

    /// Forgets the folder at `path` and all below it.
    fn remove(&mut self, path: &str, listed: &mut ListingChanges) {
        let below: Vec<SmolStr> = self.folders_below(path).map(|(path, _)| path.clone()).collect();
        for path in below.iter().map(SmolStr::as_str).chain([path]) {
            if let Some(folder) = self.folders.remove(path) {
                listed.is_odd |= folder.is_odd() || folder.has_manifest();
            }
            listed.changed.insert(path.into());
        }
        // Where the folder that holds it was listed before it was gone, that must be listed again.
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
            // It went away, or became something else, while the walk was under way.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}

/// It has no stamp: none tells when somebody may list it.
fn unlisted() -> Folder {
    Folder { is_unlisted: true, ..Folder::default() }
}

fn try_list(fs: &dyn FileSystem, path: &str) -> io::Result<Folder> {
    // As many levels as a root and a path below it may have, and one more: what lies there is met and refused.
    if path.split('/').count() > 2 * MAX_COMPONENTS {
        return Ok(unlisted());
    }
    // By the time from before: the later it is, the older the stamp looks.
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
