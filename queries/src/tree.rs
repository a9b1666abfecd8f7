//! The names below a folder and their kinds, without content.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::path::folded;

/// The kind of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A folder that was not listed: it may not be read, or lies deeper than any path.
    UnlistedFolder,
    /// A symbolic link; never followed.
    Link,
    /// A FIFO, socket or device; never opened.
    Special,
}

/// One name below a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TreeEntry {
    /// The path below the folder, `/`-separated.
    pub path: SmolStr,
    /// What it is.
    pub kind: Kind,
}

/// Every name below a folder, sorted by the bytes of the path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    entries: Vec<TreeEntry>,
}

/// What a path leads to in a [`Tree`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// To something of this kind, spelled exactly so.
    Found(Kind),
    /// To nothing.
    Missing,
    /// To nothing under this spelling; the name on disk is another one.
    Misspelled {
        /// The spelling on disk.
        actual: String,
    },
    /// To a name that some file system takes for its neighbour.
    Ambiguous {
        /// The neighbour.
        other: String,
    },
    /// Through something that is no folder.
    Blocked {
        /// The path of the file or link that is no folder.
        prefix: String,
        /// What it is.
        kind: Kind,
    },
}

impl Tree {
    /// A tree of `entries` in any order.
    pub fn new(mut entries: Vec<TreeEntry>) -> Self {
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Self { entries }
    }

    /// The entries, sorted by the bytes of the path.
    pub fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// The entries whose path begins with `prefix`, which is empty or ends in `/`.
    pub fn with_prefix(&self, prefix: &str) -> &[TreeEntry] {
        let start = self.entries.partition_point(|entry| *entry.path < *prefix);
        let length = self.entries[start..].partition_point(|entry| entry.path.starts_with(prefix));
        &self.entries[start..start + length]
    }

    /// Whether there is a regular file at `path`, spelled exactly so.
    pub fn is_file(&self, path: &str) -> bool {
        let found = self.entries.binary_search_by(|entry| (*entry.path).cmp(path));
        found.is_ok_and(|index| self.entries[index].kind == Kind::File)
    }

    /// The tree below the folder `path`.
    pub fn below(&self, path: &str) -> Self {
        let prefix = format!("{path}/");
        let entries = self.with_prefix(&prefix).iter();
        Self { entries: entries.map(|e| TreeEntry { path: e.path[prefix.len()..].into(), kind: e.kind }).collect() }
    }

    /// An index that resolves paths in this tree.
    pub fn index(&self) -> TreeIndex<'_> {
        let mut by_folded: Vec<_> = self.entries.iter().map(|entry| (folded(&entry.path), entry)).collect();
        // The sort is stable, so names that fold to the same keep the order of their paths. Most are in order already.
        by_folded.sort_by(|(one, _), (other, _)| one.cmp(other));
        TreeIndex { by_folded }
    }
}

/// Resolves paths in a [`Tree`], and finds names that differ only in case or Unicode normalization.
pub struct TreeIndex<'t> {
    /// In the order of the folded paths.
    by_folded: Vec<(Cow<'t, str>, &'t TreeEntry)>,
}

impl TreeIndex<'_> {
    /// What `path` leads to, looking at one component after the other.
    pub fn resolve(&self, path: &str) -> Resolution {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            let prefix = &path[..end];
            let found = match self.resolve_name(prefix) {
                Resolution::Found(kind) => kind,
                other => return other,
            };
            if end == path.len() {
                return Resolution::Found(found);
            }
            if found != Kind::Folder {
                return Resolution::Blocked { prefix: prefix.to_owned(), kind: found };
            }
        }
        Resolution::Missing
    }

    /// What `path` leads to, given that its folder is there and unambiguous.
    fn resolve_name(&self, path: &str) -> Resolution {
        let folded = folded(path);
        let start = self.by_folded.partition_point(|(found, _)| *found < folded);
        let alike = || self.by_folded[start..].iter().take_while(|(found, _)| *found == folded).map(|(_, entry)| entry);
        let exact = alike().find(|entry| *entry.path == *path);
        let other = alike().find(|entry| *entry.path != *path);
        match (exact, other) {
            (Some(exact), None) => Resolution::Found(exact.kind),
            (Some(_), Some(other)) => Resolution::Ambiguous { other: other.path.to_string() },
            (None, Some(other)) => Resolution::Misspelled { actual: other.path.to_string() },
            (None, None) => Resolution::Missing,
        }
    }
}
