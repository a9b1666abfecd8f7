//! What an operation saw below `assets/`: every name, and of each file that it read the digest and the stamp.
//!
//! The next operation looks at the stamps of all folders and of the files that were read. Where they are the same, there
//! is nothing new to list or to read; that is the whole of what makes an operation quick that has nothing to do.

mod listing;
mod survey;

use std::collections::BTreeMap;
use std::ops::Bound;

use papack_queries::content::ContentId;
use papack_queries::discovery::Walk;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use serde::{Deserialize, Serialize};

use crate::fs::{NodeKind, Stamp};

pub(crate) use listing::Listed;
pub(crate) use survey::Noticed;

/// Every folder below `assets/` that was met, by its path there; `assets/` itself has the empty path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Stored as a sequence of its own.
    #[serde(skip)]
    pub(crate) folders: BTreeMap<Box<str>, Folder>,
    /// The registry, where it was read.
    pub(crate) registry: Option<Read>,
}

/// A folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    /// None where it must be listed again in any case.
    stamp: Option<Stamp>,
    /// It may not be read, or lies too deep.
    is_unlisted: bool,
    /// What is in it, in the order of the names.
    names: Vec<Entry>,
    /// Names that are no UTF-8, shown as well as can be.
    not_utf8: Vec<Box<str>>,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    name: Box<str>,
    kind: NodeKind,
    /// What was read there.
    read: Option<Read>,
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
    fn position(&self, name: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|found| (*found.name).cmp(name))
    }

    fn has_manifest(&self) -> bool {
        self.position(MANIFEST_NAME).is_ok()
    }

    /// The names of files that were read.
    fn read_names(&self) -> Vec<&str> {
        self.names.iter().filter(|name| name.read.is_some()).map(|name| &*name.name).collect()
    }

    /// Whether something in it is told of by every walk, or is skipped by all.
    fn is_odd(&self) -> bool {
        let is_odd = |name: &Entry| matches!(name.kind, NodeKind::Link | NodeKind::Special);
        self.is_unlisted || !self.not_utf8.is_empty() || self.names.iter().any(is_odd)
    }
}

impl Seen {
    /// What was read at `path` below `assets/`.
    pub(crate) fn read(&self, path: &str) -> Option<Read> {
        let (folder, name) = split(path);
        let folder = self.folders.get(folder)?;
        folder.names[folder.position(name).ok()?].read
    }

    /// Remembers what was read at `path` below `assets/`, or forgets it.
    pub(crate) fn remember(&mut self, path: &str, read: Option<Read>) {
        let (folder, name) = split(path);
        if let Some(folder) = self.folders.get_mut(folder)
            && let Ok(position) = folder.position(name)
        {
            folder.names[position].read = read;
        }
    }

    /// Everything, as if all of it might have changed.
    pub(crate) fn everything(&self) -> Noticed {
        let mut noticed = Noticed { registry: true, ..Noticed::default() };
        noticed.folders.push(String::new());
        for (path, folder) in &self.folders {
            if !path.is_empty() {
                noticed.folders.push(path.to_string());
            }
            let read = folder.names.iter().filter(|name| name.read.is_some());
            noticed.files.extend(read.map(|name| joined(path, &name.name)));
        }
        noticed
    }

    /// Forgets the stamps of what changed after the time `since_ns`.
    pub(crate) fn distrust(&mut self, since_ns: i64) {
        let trusted = |stamp: &Stamp| stamp.changed_ns <= since_ns;
        let folders = self.folders.values_mut();
        let reads = folders.flat_map(|folder| {
            folder.stamp = folder.stamp.filter(trusted);
            folder.names.iter_mut().filter_map(|name| name.read.as_mut())
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
    fn folders_below(&self, root: &str) -> impl Iterator<Item = (&Box<str>, &Folder)> {
        let prefix = format!("{root}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        self.folders.range::<str, _>(from).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// What is in `folders` and the folders themselves, with paths from the `cut`-th byte on.
    fn entries<'s>(folders: impl Iterator<Item = (&'s Box<str>, &'s Folder)>, cut: usize) -> Vec<TreeEntry> {
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
                entries.push(TreeEntry { path: path.into_boxed_str(), kind });
            }
        }
        entries
    }
}

/// The folder of `path`, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests;
