//! What the last look found out about the registered assets.

use std::collections::BTreeMap;
use std::sync::Arc;

use papack_queries::asset::ignoring;
use papack_queries::diagnostic::Span;
use papack_queries::formats::Bank;
use papack_queries::left_out::Rules;
use papack_queries::record::Record;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::Tree;
use uuid::Uuid;

use super::Editor;
use super::document::Document;
use super::features::Place;
use crate::workspace::BuildState;
use crate::workspace::layout::manifest_path;

/// A registered asset, as the last look found it.
#[derive(Clone, Copy)]
pub(super) struct Known<'e> {
    pub(super) entry: &'e RegistryEntry,
    /// What follows from its manifest and files; none where it was not examined.
    pub(super) record: Option<&'e Record>,
}

impl<'e> Known<'e> {
    /// Its name; none where the manifest has no valid one.
    pub(super) fn name(&self) -> Option<&'e str> {
        self.record?.name.as_ref().map(|claim| &*claim.key)
    }

    /// Its name, id and root, as Markdown.
    pub(super) fn title(&self) -> String {
        let RegistryEntry { asset_id, root, .. } = self.entry;
        let name = self.name().map(|name| format!("**{}** · ", escaped(name))).unwrap_or_default();
        format!("{name}asset {asset_id} · {}", code(root))
    }

    /// The path of its manifest below the workspace.
    pub(super) fn manifest_path(&self) -> String {
        manifest_path(&self.entry.root)
    }

    /// Where its manifest says its name; the manifest itself where it says none.
    pub(super) fn name_place(&self) -> Place {
        let span = self.record.and_then(|record| record.name.as_ref()).map(|claim| Span::from(claim.span));
        Place { path: self.manifest_path(), range: span.map_or(0..0, |span| span.start..span.end) }
    }
}

/// `text` as code in Markdown, whatever it has in it.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace(['\r', '\n'], " "))
}

/// `text` in Markdown, as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

impl Editor {
    pub(super) fn state(&self) -> &BuildState {
        &self.session.core().state
    }

    fn known<'e>(&'e self, entry: &'e RegistryEntry) -> Known<'e> {
        let summary = self.state().summary.assets.get(entry.asset_id);
        Known { entry, record: summary.map(|summary| &*summary.record) }
    }

    /// All registered assets, in ascending `asset_id`.
    pub(super) fn all_known(&self) -> impl Iterator<Item = Known<'_>> {
        self.state().summary.entries.iter().map(|entry| self.known(entry))
    }

    /// The registered asset whose root is `root`.
    pub(super) fn asset_at(&self, root: &str) -> Option<Known<'_>> {
        self.state().entry_at(root).map(|entry| self.known(entry))
    }

    /// The registered asset with this id.
    pub(super) fn asset_with_id(&self, asset_id: u32) -> Option<Known<'_>> {
        let entries = &self.state().summary.entries;
        let position = entries.binary_search_by_key(&asset_id, |entry| entry.asset_id).ok()?;
        entries.get(position).map(|entry| self.known(entry))
    }

    /// The registered asset with this identity.
    pub(super) fn asset_of_uuid(&self, uuid: &str) -> Option<Known<'_>> {
        let uuid = Uuid::try_parse(uuid).ok()?;
        let entries = &self.state().summary.entries;
        entries.iter().find(|entry| entry.asset_uuid == uuid).map(|entry| self.known(entry))
    }

    /// The slots of `bank` that assets of the build have, but for the one at `root`, and which asset has each.
    pub(super) fn taken_slots(&self, bank: Bank, root: &str) -> BTreeMap<u8, Known<'_>> {
        let others = self.all_known().filter(|known| known.entry.included_in_build && known.entry.root != root);
        let slot = |known: Known<'_>| known.record?.slot.as_ref().map(|claim| claim.key);
        others.filter_map(|known| slot(known).filter(|(of, _)| *of == bank).map(|(_, slot)| (slot, known))).collect()
    }

    /// The names below the root of the manifest `document`.
    pub(super) fn tree_of(&self, document: &Document) -> Tree {
        self.state().file_index.below(&document.root).unwrap_or_default()
    }

    /// The rules of the ignore file.
    pub(super) fn rules(&self) -> Arc<Rules> {
        let db = &self.session.core().graph.db;
        Arc::clone(&ignoring(db, db.workspace()).rules)
    }
}
