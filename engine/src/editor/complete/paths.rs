//! Files below an asset root, and patterns that take them.

use std::collections::{BTreeMap, BTreeSet};

use papack_queries::asset::is_visible;
use papack_queries::formats::{Bank, FileKind};
use papack_queries::json::lenient::read;
use papack_queries::tree::{Kind, Tree};
use serde_json::Value;

use super::MOST;
use super::insertion::{of_beginning, of_text, of_value};
use crate::editor::Editor;
use crate::editor::document::Here;
use crate::editor::features::{Completion, CompletionKind};

impl Editor {
    /// The files below the folder that is written already, those that suit the format first, and the folders in it.
    pub(super) fn files_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let (tree, folder) = (self.tree_of(here.document), folder_at(here));
        let files = ranked_files(here, &tree, &folder).into_iter();
        let files = files.map(|file| of_value(here, CompletionKind::File, &Value::from(file)));
        files.chain(folders_in(here, &tree, &folder)).collect()
    }

    /// The patterns that take files of the folder that is written already, and the folders in it.
    pub(super) fn patterns_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let (tree, folder) = (self.tree_of(here.document), folder_at(here));
        let patterns = patterns(&tree, &folder).into_iter();
        let patterns = patterns.map(|(pattern, count)| Completion {
            detail: Some(counted(count)),
            ..of_value(here, CompletionKind::Folder, &Value::from(pattern))
        });
        patterns.chain(folders_in(here, &tree, &folder)).collect()
    }

    /// Entries of `artifacts`: each file that is none yet, and patterns.
    pub(super) fn entries_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let tree = self.tree_of(here.document);
        let values = read(here.document.text());
        let entries = values.at(&["artifacts"]).into_iter().flat_map(|list| values.children(list));
        let named: BTreeSet<_> = entries.filter_map(|entry| values.string(values.member(entry, "file")?)).collect();
        let entry = |name: &str, path: String, kind| {
            let written = format!("{{ \"{name}\": {} }}", Value::from(path.as_str()));
            of_text(here, kind, path, &written, true)
        };
        let patterns = patterns(&tree, "").into_iter().map(|(pattern, count)| Completion {
            detail: Some(counted(count)),
            ..entry("glob", pattern, CompletionKind::Folder)
        });
        let files = ranked_files(here, &tree, "").into_iter().filter(|file| !named.contains(*file));
        patterns.chain(files.map(|file| entry("file", file.to_owned(), CompletionKind::File))).collect()
    }
}

/// The files below `folder` that a glob may take, those that suit the format first.
fn ranked_files<'t>(here: &Here<'_>, tree: &'t Tree, folder: &str) -> Vec<&'t str> {
    let wanted = match here.bank() {
        Some(Bank::Tiles) => Some(FileKind::Picture),
        Some(Bank::Sounds) => Some(FileKind::Sound),
        Some(Bank::Data) | None => None,
    };
    let mut files: Vec<_> = visible_files(tree, folder).collect();
    files.sort_by_key(|file| wanted.is_some_and(|wanted| FileKind::of_name(file) != wanted));
    files.truncate(MOST);
    files
}

/// The folder that is written at `here` before the place, with a `/` behind it; empty where none is.
fn folder_at(here: &Here<'_>) -> String {
    let inner = here.inner();
    let before = here.document.text().get(inner.start..here.at.clamp(inner.start, inner.end)).unwrap_or_default();
    let unescaped = serde_json::from_str(&format!("\"{before}\"")).unwrap_or_else(|_| before.to_owned());
    unescaped.rfind('/').map(|slash| unescaped[..=slash].to_owned()).unwrap_or_default()
}

fn visible_files<'t>(tree: &'t Tree, folder: &str) -> impl Iterator<Item = &'t str> {
    let found = tree.with_prefix(folder).iter().filter(|found| found.kind == Kind::File && is_visible(&found.path));
    found.map(|found| &*found.path)
}

/// The folders that are directly in `folder`, to be gone on with.
fn folders_in(here: &Here<'_>, tree: &Tree, folder: &str) -> Vec<Completion> {
    let found = tree.with_prefix(folder).iter().filter(|found| found.kind == Kind::Folder && is_visible(&found.path));
    let direct = found.filter(|found| !found.path[folder.len()..].contains('/')).take(MOST);
    direct.map(|found| of_beginning(here, CompletionKind::Folder, &format!("{}/", found.path))).collect()
}

/// The patterns that take the files of one extension in `folder`, or below it, and how many files each takes.
fn patterns(tree: &Tree, folder: &str) -> BTreeMap<String, usize> {
    const MOST_FILES: usize = 100_000;
    let mut patterns: BTreeMap<String, usize> = BTreeMap::new();
    let mut is_deep = BTreeSet::new();
    for file in visible_files(tree, folder).take(MOST_FILES) {
        let below = &file[folder.len()..];
        let (inner, name) = below.rsplit_once('/').map_or((None, below), |(inner, name)| (Some(inner), name));
        let Some((_, extension)) = name.rsplit_once('.') else { continue };
        if extension.contains(['*', '?']) || patterns.len() > MOST {
            continue;
        }
        let deep = format!("{folder}**/*.{extension}");
        if inner.is_none() {
            *patterns.entry(format!("{folder}*.{extension}")).or_default() += 1;
        } else {
            is_deep.insert(deep.clone());
        }
        *patterns.entry(deep).or_default() += 1;
    }
    // One that looks into folders takes the same as one that does not, where no such file is in them.
    patterns.retain(|pattern, _| !pattern.contains("**") || is_deep.contains(pattern));
    patterns
}

fn counted(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
}
