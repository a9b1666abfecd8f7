//! What an operation saw below `assets/`: every name, and of each file that it read the digest and the stamp.
//!
//! The next operation looks at the stamps of all folders and of the files that were read. Where they are the same, there
//! is nothing new to list or to read; that is the whole of what makes an operation quick that has nothing to do.

use std::collections::BTreeMap;
use std::ops::Bound;

use papack_queries::content::ContentId;
use papack_queries::discovery::Walk;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::fs::{NodeKind, Stamp};

/// Every folder below `assets/` that was met, by its path there; `assets/` itself has the empty path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileIndex {
    /// Stored as a sequence of its own. Boxed, for a map of this kind has room for half as many again.
    #[serde(skip)]
    pub(crate) folders: BTreeMap<SmolStr, Box<Folder>>,
    /// The registry, where it was read.
    pub(crate) registry: Option<Read>,
}

/// A folder. There are as many as assets and more, so the lists have no room to grow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    /// None where it must be listed again in any case.
    pub(super) stamp: Option<Stamp>,
    /// It may not be read, or lies too deep.
    pub(super) is_unlisted: bool,
    /// What is in it, in the order of the names.
    pub(super) names: Box<[Entry]>,
    /// What was read under each of the names; empty where nothing was.
    pub(super) reads: Box<[Option<Read>]>,
    /// Names that are no UTF-8, shown as well as can be.
    pub(super) not_utf8: Box<[Box<str>]>,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: SmolStr,
    pub(super) kind: NodeKind,
}

/// A file that was read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Read {
    /// Its content.
    pub(crate) content: ContentId,
    /// The stamp that it will not have after any change; none where it must be read again in any case.
    pub(crate) stamp: Option<Stamp>,
}

impl Read {
    /// That `bytes` were read.
    pub(crate) fn of(bytes: &[u8], stamp: Option<Stamp>) -> Self {
        Self { content: ContentId::of(bytes), stamp }
    }
}

impl Folder {
    pub(super) fn position(&self, name: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|found| (*found.name).cmp(name))
    }

    /// What was read under the name at `position`.
    pub(super) fn read(&self, position: usize) -> Option<Read> {
        self.reads.get(position).copied().flatten()
    }

    /// Remembers what was read under the name at `position`, or forgets it.
    pub(super) fn remember(&mut self, position: usize, read: Option<Read>) {
        if self.reads.is_empty() && read.is_some() {
            self.reads = vec![None; self.names.len()].into();
        }
        if let Some(known) = self.reads.get_mut(position) {
            *known = read;
        }
    }

    /// The names under which something was read, with what was.
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

    /// Whether something in it is told of by every walk, or is skipped by all.
    pub(super) fn is_odd(&self) -> bool {
        let is_odd = |name: &Entry| matches!(name.kind, NodeKind::Link | NodeKind::Special);
        self.is_unlisted || !self.not_utf8.is_empty() || self.names.iter().any(is_odd)
    }
}

impl FileIndex {
    /// What was read at `path` below `assets/`.
    pub(crate) fn read(&self, path: &str) -> Option<Read> {
        let (folder, name) = split(path);
        let folder = self.folders.get(folder)?;
        folder.read(folder.position(name).ok()?)
    }

    /// Remembers what was read at `path` below `assets/`, or forgets it.
    pub(crate) fn remember(&mut self, path: &str, read: Option<Read>) {
        let (folder, name) = split(path);
        if let Some(folder) = self.folders.get_mut(folder)
            && let Ok(position) = folder.position(name)
        {
            folder.remember(position, read);
        }
    }

    /// Whether all its paths are such as a walk meets, and none leads elsewhere: it may come from anywhere.
    pub(crate) fn is_below_assets(&self) -> bool {
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['/', '\0']);
        self.folders.iter().all(|(path, folder)| {
            (path.is_empty() || path.split('/').all(is_name)) && folder.names.iter().all(|name| is_name(&name.name))
        })
    }

    /// Adds a folder that no walk meets.
    #[cfg(test)]
    pub(crate) fn forge(&mut self, folder: &str, name: &str) {
        let names = vec![Entry { name: name.into(), kind: NodeKind::File }].into();
        self.folders.insert(folder.into(), Box::new(Folder { names, ..Folder::default() }));
    }

    /// Forgets the stamps of what changed after the time `since_ns`.
    pub(crate) fn distrust(&mut self, since_ns: i64) {
        let trusted = |stamp: &Stamp| stamp.changed_ns <= since_ns;
        let folders = self.folders.values_mut();
        let reads = folders.flat_map(|folder| {
            folder.stamp = folder.stamp.filter(trusted);
            folder.reads.iter_mut().flatten()
        });
        for read in reads.chain(&mut self.registry) {
            read.stamp = read.stamp.filter(trusted);
        }
    }

    /// The walk that finds all this.
    pub(crate) fn walk(&self) -> Walk {
        let mut not_utf8: Vec<String> = Vec::new();
        for (path, folder) in &self.folders {
            not_utf8.extend(folder.not_utf8.iter().map(|name| joined(path, name)));
        }
        not_utf8.sort();
        Walk { tree: Tree::new(Self::entries(self.folders.iter(), 0)), not_utf8 }
    }

    /// The tree below the folder `root`, where it is one.
    pub(crate) fn below(&self, root: &str) -> Option<Tree> {
        let itself = self.folders.get_key_value(root).filter(|(_, folder)| !folder.is_unlisted)?;
        let folders = std::iter::once(itself).chain(self.folders_below(root));
        Some(Tree::new(Self::entries(folders, root.len() + 1)))
    }

    /// The folders below `root`, without itself.
    pub(super) fn folders_below(&self, root: &str) -> impl Iterator<Item = (&SmolStr, &Box<Folder>)> {
        let prefix = format!("{root}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.folders.range::<str, _>(from).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// What is in `folders` and the folders themselves, with paths from the `cut`-th byte on.
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
                    // It has an entry of its own, unless it went away while it was listed.
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
