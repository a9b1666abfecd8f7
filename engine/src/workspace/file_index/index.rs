//! The file index: every name below `assets/`, and of each file that was read the digest and the stamp.
//!
//! The next operation compares the stamps of all folders and of the files that were read. Where they are the same,
//! there is nothing to list or to read again. So an operation with nothing to do is quick.

use std::collections::BTreeMap;
use std::ops::Bound;

use papack_queries::content::ContentId;
use papack_queries::discovery::Walk;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::fs::{NodeKind, Stamp};

/// Every name below `assets/`, with stamps and digests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileIndex {
    /// Every folder that was found, by its path below `assets/`; `assets/` itself has the empty path. The cache index
    /// stores them as a sequence of their own. They are boxed, because a map of this kind has room for half as many
    /// entries again.
    #[serde(skip)]
    pub(crate) folders: BTreeMap<SmolStr, Box<Folder>>,
    /// The registry, where it was read.
    pub(crate) registry: Option<Read>,
}

/// A folder with its path, as the cache index stores it.
pub(crate) type StoredFolder = (SmolStr, Box<Folder>);

/// A folder. There are at least as many folders as assets, so its lists have no room to grow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    /// Its conclusive stamp; none where it must be listed again in any case.
    pub(super) stamp: Option<Stamp>,
    /// Whether it was not listed: it may not be read, or lies too deep.
    pub(super) is_unlisted: bool,
    /// The names in it, in order.
    pub(super) names: Box<[Entry]>,
    /// What was read under each of the `names`; empty where nothing was.
    pub(super) reads: Box<[Option<Read>]>,
    /// Names that are no UTF-8, with replacement characters.
    pub(super) not_utf8: Box<[Box<str>]>,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: SmolStr,
    pub(super) kind: NodeKind,
}

/// What was read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Read {
    /// Its content.
    pub(crate) content: ContentId,
    /// Its conclusive stamp; none where it must be read again in any case.
    pub(crate) stamp: Option<Stamp>,
}

impl Read {
    /// What was read of a file with these `bytes` and this conclusive `stamp`.
    pub(crate) fn of(bytes: &[u8], stamp: Option<Stamp>) -> Self {
        Self { content: ContentId::of(bytes), stamp }
    }
}

impl Folder {
    /// The position of `name` among the names; or, as an error, the one that it would have.
    pub(super) fn position(&self, name: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|entry| (*entry.name).cmp(name))
    }

    /// What was read under the name at `position`.
    pub(super) fn read(&self, position: usize) -> Option<Read> {
        self.reads.get(position).copied().flatten()
    }

    /// Remembers what was read under the name at `position`; with none, forgets what was.
    pub(super) fn remember(&mut self, position: usize, read: Option<Read>) {
        if self.reads.is_empty() && read.is_some() {
            self.reads = vec![None; self.names.len()].into();
        }
        if let Some(previous) = self.reads.get_mut(position) {
            *previous = read;
        }
    }

    /// The names of files that were read, with what was read.
    pub(super) fn files_read(&self) -> impl Iterator<Item = (&str, Read)> {
        self.names.iter().zip(&self.reads).filter_map(|(name, read)| Some((&*name.name, (*read)?)))
    }

    pub(super) fn has_manifest(&self) -> bool {
        self.position(MANIFEST_NAME).is_ok()
    }

    /// The names of files that were read.
    pub(super) fn read_names(&self) -> Vec<&str> {
        self.files_read().map(|(name, _)| name).collect()
    }

    /// Whether every walk reports or skips something in it.
    pub(super) fn has_skipped(&self) -> bool {
        let is_skipped = |name: &Entry| matches!(name.kind, NodeKind::Link | NodeKind::Special);
        self.is_unlisted || !self.not_utf8.is_empty() || self.names.iter().any(is_skipped)
    }
}

impl FileIndex {
    /// An index of these folders, which may come from a file.
    pub(crate) fn of_folders(folders: impl IntoIterator<Item = StoredFolder>) -> Self {
        Self { folders: folders.into_iter().collect(), registry: None }
    }

    /// Whether it has the folder `assets/` itself.
    pub(crate) fn has_top(&self) -> bool {
        self.folders.contains_key("")
    }

    /// What was read of the file at `path` below `assets/`.
    pub(crate) fn read(&self, path: &str) -> Option<Read> {
        let (folder, name) = split(path);
        let folder = self.folders.get(folder)?;
        folder.read(folder.position(name).ok()?)
    }

    /// Whether there is something at `path` below `assets/`, which is no folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        let (folder, name) = split(path);
        self.folders.get(folder).is_some_and(|folder| folder.position(name).is_ok())
    }

    /// Remembers what was read of the file at `path` below `assets/`; with none, forgets what was.
    pub(crate) fn remember(&mut self, path: &str, read: Option<Read>) {
        let (folder, name) = split(path);
        if let Some(folder) = self.folders.get_mut(folder)
            && let Ok(position) = folder.position(name)
        {
            folder.remember(position, read);
        }
    }

    /// Whether a walk can find all its paths, and none leads out of `assets/`. An index that was read from a file may
    /// have any paths.
    pub(crate) fn is_below_assets(&self) -> bool {
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['/', '\0']);
        self.folders.iter().all(|(path, folder)| {
            (path.is_empty() || path.split('/').all(is_name)) && folder.names.iter().all(|name| is_name(&name.name))
        })
    }

    /// Adds a folder that no walk finds, with a name in it.
    #[cfg(test)]
    pub(crate) fn forge(&mut self, folder: &str, name: &str) {
        let names = vec![Entry { name: name.into(), kind: NodeKind::File }].into();
        self.folders.insert(folder.into(), Box::new(Folder { names, ..Folder::default() }));
    }

    /// Forgets the stamps of all that changed after the time `limit_ns`, in nanoseconds since the epoch.
    pub(crate) fn forget_stamps_after(&mut self, limit_ns: i64) {
        let is_old = |stamp: &Stamp| stamp.changed_ns <= limit_ns;
        let folders = self.folders.values_mut();
        let reads = folders.flat_map(|folder| {
            folder.stamp = folder.stamp.filter(is_old);
            folder.reads.iter_mut().flatten()
        });
        for read in reads.chain(&mut self.registry) {
            read.stamp = read.stamp.filter(is_old);
        }
    }

    /// The result of a walk that finds what is in this index.
    pub(crate) fn walk(&self) -> Walk {
        let mut not_utf8: Vec<String> = Vec::new();
        for (path, folder) in &self.folders {
            not_utf8.extend(folder.not_utf8.iter().map(|name| joined(path, name)));
        }
        not_utf8.sort();
        let folders: Vec<_> = self.folders.iter().collect();
        let entries = folders.par_chunks(1024).flat_map_iter(|part| Self::entries(part.iter().copied(), 0));
        Walk { tree: Tree::new(entries.collect()), not_utf8 }
    }

    /// The folders below `assets/` with a manifest in them, in the order of their paths.
    pub(crate) fn manifest_folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().filter(|(_, folder)| folder.has_manifest()).map(|(path, _)| path.as_str())
    }

    /// The tree below the folder `root`; none where there is no such folder, or it was not listed.
    pub(crate) fn below(&self, root: &str) -> Option<Tree> {
        let itself = self.folders.get_key_value(root).filter(|(_, folder)| !folder.is_unlisted)?;
        let folders = std::iter::once(itself).chain(self.folders_below(root));
        Some(Tree::new(Self::entries(folders, root.len() + 1)))
    }

    /// The folders below `root`, without `root` itself.
    pub(super) fn folders_below(&self, root: &str) -> impl Iterator<Item = (&SmolStr, &Box<Folder>)> {
        let prefix = format!("{root}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.folders.range::<str, _>(from).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// `folders` and what is in them, as entries of a tree. The first `cut` bytes of each path are left out.
    fn entries<'s>(folders: impl Iterator<Item = (&'s SmolStr, &'s Box<Folder>)>, cut: usize) -> Vec<TreeEntry> {
        let mut entries = Vec::new();
        for (path, folder) in folders {
            if path.len() > cut {
                let kind = if folder.is_unlisted { Kind::UnlistedFolder } else { Kind::Folder };
                entries.push(TreeEntry { path: path[cut..].into(), kind });
            }
            for name in &folder.names {
                let kind = match name.kind {
                    NodeKind::File => Kind::File,
                    NodeKind::Link => Kind::Link,
                    NodeKind::Special => Kind::Special,
                    // A folder is one of `folders` itself, unless it was removed while it was listed.
                    NodeKind::Folder => continue,
                };
                let path = joined(path.get(cut..).unwrap_or_default(), &name.name);
                entries.push(TreeEntry { path: path.into(), kind });
            }
        }
        entries
    }
}

/// The folder of `path`, and the name in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

pub(super) fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
