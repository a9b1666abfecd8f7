//! Fixes of the registry, as edits of its text.

use std::collections::HashMap;
use std::ops::Range;

use smol_str::SmolStr;

use super::registry::RegistryEdit;
use crate::diagnostic::{Diagnostic, Edit, Fix, RegistryFix, difference};
use crate::json::{Document, Node, shortened};
use crate::schema::REGISTRY_PATH;
use crate::schema::manifest::MIGRATE;
use crate::schema::registry::{MAX_SIZE, VERSIONS, read_document};

/// Most bytes that a fix writes. `papack migrate` rewrites larger registries.
const MAX_TEXT: usize = 1024 * 1024;

/// Gives the fixes of the registry that `diagnostics` have their edits of `bytes`, the text of the registry. One that is
/// not possible is left out: in a registry with faults it is unclear what is meant, and one of an older version is
/// migrated first. Fixes that are safe are possible together.
pub fn add_registry_fixes(diagnostics: &mut [Diagnostic], bytes: &[u8]) {
    let fixable: Vec<_> = diagnostics.iter_mut().filter(|found| found.fixes.has_of_registry()).collect();
    if fixable.is_empty() {
        return;
    }
    let mut fixes = Fixes::of(bytes);
    for diagnostic in fixable {
        let fix = diagnostic.fixes.take_of_registry().zip(fixes.as_mut());
        diagnostic.fixes.extend(fix.and_then(|(fix, fixes)| fixes.fix(fix)));
    }
}

/// A sound registry, and the places in its text that fixes change.
struct Fixes<'t> {
    text: &'t str,
    is_older: bool,
    /// The registry as it is.
    registry: RegistryEdit,
    /// The registry with the assets where the safe fixes so far put them.
    fixed: RegistryEdit,
    counter: Range<usize>,
    assets: Range<usize>,
    last: Option<Range<usize>>,
    roots: HashMap<u32, Range<usize>>,
}

impl<'t> Fixes<'t> {
    fn of(bytes: &'t [u8]) -> Option<Self> {
        let document = Document::parse(REGISTRY_PATH, bytes, MAX_SIZE).ok()?;
        let registry = RegistryEdit::new(&read_document(&document)).filter(|_| document.is_sound())?;
        let assets = document.root().member("assets")?;
        let root = |entry: Node<'_, '_>| {
            let id = entry.member("asset_id")?.text().parse().ok()?;
            Some((id, entry.member("root")?.range()))
        };
        Some(Self {
            text: document.text(),
            is_older: document.root().member("schema_version")?.text() != VERSIONS.end().to_string(),
            fixed: registry.clone(),
            registry,
            counter: document.root().member("next_asset_id")?.range(),
            assets: assets.range(),
            last: assets.elements().last().map(Node::range),
            roots: assets.elements().filter_map(root).collect(),
        })
    }

    fn fix(&mut self, fix: RegistryFix) -> Option<Fix> {
        match fix {
            RegistryFix::Migrate => self.migrate(),
            _ if self.is_older => None,
            RegistryFix::Relocate { asset_id, root } => self.relocate(asset_id, &root),
            RegistryFix::Register { root, asset_uuid } => {
                let entry = self.registry.new_entry(&root, asset_uuid).ok()?;
                let title = format!("Register {:?} as asset {}", shortened(&root), entry.asset_id);
                let counter = edit(self.counter.clone(), (entry.asset_id + 1).to_string());
                let mut edits = vec![counter, self.insertion(&entry.line())];
                edits.sort_unstable_by_key(|edit| edit.start);
                // Whether the asset is to be in the game, where its id is spent for good, is its author's to say.
                Some(Fix::new(title, false, self.text, edits))
            }
        }
    }

    fn migrate(&self) -> Option<Fix> {
        let migrated = self.registry.to_text();
        let (range, text) = difference(self.text, &migrated);
        let edits = || vec![edit(range, text.to_owned())];
        (text.len() <= MAX_TEXT).then(|| Fix::new(MIGRATE, true, self.text, edits()))
    }

    fn relocate(&mut self, asset_id: u32, root: &str) -> Option<Fix> {
        let place = self.roots.get(&asset_id)?.clone();
        // It must be possible by itself, and together with the others.
        let old = self.registry.asset(asset_id)?.root.clone();
        self.registry.relocate(asset_id, root).ok()?;
        self.registry.relocate(asset_id, &old).ok()?;
        self.fixed.relocate(asset_id, root).ok()?;
        let title = format!("Tell the registry that asset {asset_id} is in {:?}", shortened(root));
        let text = serde_json::Value::from(root).to_string();
        Some(Fix::new(title, true, self.text, vec![edit(place, text)]))
    }

    /// The edit that adds an entry behind the last one, as far from it as that is from what is before it.
    fn insertion(&self, line: &str) -> Edit {
        let Some(Range { start, end }) = self.last.clone() else {
            return edit(self.assets.clone(), format!("[\n    {line}\n  ]"));
        };
        let before = &self.text[..start];
        let space = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        edit(end..end, format!(",{space}{line}"))
    }
}

fn edit(range: Range<usize>, text: String) -> Edit {
    Edit { path: SmolStr::new_static(REGISTRY_PATH), start: range.start, end: range.end, text }
}
