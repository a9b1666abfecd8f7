//! From the result of a walk to the roots of the registered assets, and to what else lies below `assets/`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::inputs::RootState;
use crate::left_out::{IGNORE_NAME, IGNORE_PATH};
use crate::schema::MANIFEST_NAME;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Kind, Resolution, Tree, TreeEntry, TreeIndex};

/// The result of one walk of `assets/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// Every name below `assets/`, but for `.prometeu/`.
    pub tree: Tree,
    /// Names below `assets/` that are no UTF-8, with replacement characters. They are in no tree.
    pub not_utf8: Vec<String>,
}

impl Walk {
    /// What is at the root of each of `entries`.
    pub fn roots(&self, entries: &[RegistryEntry]) -> Vec<RootState> {
        let finder = self.root_finder();
        entries.iter().map(|entry| finder.find(entry, || None)).collect()
    }

    /// Finds what is at single roots. All threads may share it.
    pub fn root_finder(&self) -> RootFinder<'_> {
        RootFinder { tree: &self.tree, index: self.tree.index() }
    }

    /// The folders, below `assets/`, that hold a manifest and are no root of `entries`.
    pub fn unmanaged(&self, entries: &[RegistryEntry]) -> Vec<&str> {
        let registered: HashSet<&str> = entries.iter().map(|entry| &*entry.root).collect();
        let folders = self.tree.entries().iter().filter_map(manifest_folder);
        folders.filter(|folder| !registered.contains(folder)).collect()
    }

    /// Notices about everything that is skipped.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        for name in &self.not_utf8 {
            let message = "the name is not UTF-8; it is skipped";
            all.push(Diagnostic::warning(Code::NameNotUtf8, message).at(format!("assets/{name}")));
        }
        for entry in self.tree.entries() {
            let notice = match entry.kind {
                Kind::Link => Diagnostic::warning(Code::FileLink, "a symbolic link below assets/ is skipped"),
                Kind::UnlistedFolder => {
                    let message = "the folder may not be read, or lies too deep; it is skipped";
                    Diagnostic::warning(Code::FileForbidden, message)
                }
                Kind::File if is_misplaced(&entry.path) => {
                    let message = format!("this file has no effect: papack reads only {IGNORE_PATH}");
                    let help = format!("move its lines into {IGNORE_PATH}; patterns there are relative to assets/");
                    Diagnostic::warning(Code::IgnoreMisplaced, message).with_help(help)
                }
                Kind::File | Kind::Folder | Kind::Special => continue,
            };
            all.push(notice.at(format!("assets/{}", entry.path)));
        }
        all
    }
}

/// Finds what is at the roots of registered assets.
pub struct RootFinder<'w> {
    tree: &'w Tree,
    index: TreeIndex<'w>,
}

impl RootFinder<'_> {
    /// What is at the root of `entry`. A tree that `known` has is not built anew.
    pub fn find(&self, entry: &RegistryEntry, known: impl FnOnce() -> Option<Arc<Tree>>) -> RootState {
        match self.index.resolve(&entry.root) {
            Resolution::Found(Kind::Folder) => {
                RootState::Folder(known().unwrap_or_else(|| Arc::new(self.tree.below(&entry.root))))
            }
            other => RootState::Unusable(other),
        }
    }
}

/// Whether the file at `path` below `assets/` is meant as an ignore file, and is none.
fn is_misplaced(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    path != IGNORE_NAME && name.eq_ignore_ascii_case(IGNORE_NAME)
}

/// The folder of a manifest, where one could be an asset root.
fn manifest_folder(found: &TreeEntry) -> Option<&str> {
    let folder = found.path.strip_suffix(MANIFEST_NAME)?.strip_suffix('/')?;
    let is_hidden = folder.split('/').any(|component| component.starts_with('.'));
    (found.kind == Kind::File && !is_hidden).then_some(folder)
}
