//! The assets of the workspace by their names, and what is in a document.

use std::borrow::Cow;
use std::ops::Range;

use papack_queries::json::lenient::{Kind, Value, Values};
use papack_queries::schema::registry;

use super::Editor;
use super::features::{DocumentSymbol, Symbol, ValueKind};
use super::known::Known;

/// How many values of a document are told of, and how many can be folded.
const MOST: usize = 10_000;

/// The longest detail of a symbol, in characters.
const DETAIL: usize = 60;

impl Editor {
    /// At most `limit` registered assets whose name, root or id is as `query` has it, those that fit best first: their
    /// name begins with it, then it is in their name, then in their root, then its characters are in the name in this
    /// order. Upper and lower case are the same. An empty query finds all.
    pub fn symbols(&self, query: &str, limit: usize) -> Vec<Symbol> {
        let query = query.trim().to_lowercase();
        if query.is_empty() {
            return self.all_known().take(limit).map(|known| symbol(&known)).collect();
        }
        let id = registry::asset_id(&query);
        let mut found: Vec<_> = self.all_known().filter_map(|known| Some((rank(&known, &query, id)?, known))).collect();
        // The sort is stable: among equals, the id decides.
        found.sort_by_key(|(rank, _)| *rank);
        found.iter().take(limit).map(|(_, known)| symbol(known)).collect()
    }

    /// The values of the document at `path`, as far as they can be told; at most 10,000.
    pub fn document_symbols(&self, path: &str) -> Vec<DocumentSymbol> {
        let Some(document) = self.document(path) else { return Vec::new() };
        let values = document.values();
        let mut rest = MOST;
        values.root().map(|root| children(&values, root, &mut rest)).unwrap_or_default()
    }

    /// The objects and arrays of the document at `path` that take more than one line, in bytes; at most 10,000.
    pub fn folding(&self, path: &str) -> Vec<Range<usize>> {
        let Some(document) = self.document(path) else { return Vec::new() };
        let values = document.values();
        let containers = (0..values.count()).filter(|value| matches!(values.kind(*value), Kind::Object | Kind::Array));
        let long = containers.filter(|value| values.written(*value).trim_end().contains('\n'));
        long.take(MOST).map(|value| values.range(value)).collect()
    }
}

/// How well the asset fits, the best is 0; none where it does not.
fn rank(known: &Known<'_>, query: &str, id: Option<u32>) -> Option<u8> {
    if id == Some(known.entry.asset_id) {
        return Some(0);
    }
    let name = known.name().unwrap_or_default().to_lowercase();
    if name.starts_with(query) {
        return Some(1);
    }
    if name.contains(query) {
        return Some(2);
    }
    if known.entry.root.to_lowercase().contains(query) {
        return Some(3);
    }
    let mut chars = name.chars();
    query.chars().all(|wanted| chars.any(|found| found == wanted)).then_some(4)
}

fn symbol(known: &Known<'_>) -> Symbol {
    let root = &known.entry.root;
    Symbol {
        name: known.name().unwrap_or(root).to_owned(),
        container: format!("asset {}, {root}", known.entry.asset_id),
        place: known.name_place(),
    }
}

/// What is in the object or array `value`, which nests as deep as a document may.
fn children(values: &Values<'_>, value: Value, rest: &mut usize) -> Vec<DocumentSymbol> {
    let mut symbols = Vec::new();
    for (position, child) in values.children(value).enumerate() {
        let Some(left) = rest.checked_sub(1) else { break };
        *rest = left;
        symbols.push(DocumentSymbol { children: children(values, child, rest), ..described(values, child, position) });
    }
    symbols
}

/// The value `child`, which is the one at `position` of its object or array, without what is in it.
fn described(values: &Values<'_>, child: Value, position: usize) -> DocumentSymbol {
    let range = values.range(child);
    let key = values.key_range(child);
    let kind = match values.kind(child) {
        Kind::Object => ValueKind::Object,
        Kind::Array => ValueKind::Array,
        Kind::String => ValueKind::String,
        Kind::Word | Kind::Missing => ValueKind::Literal,
    };
    let telling = || ["file", "glob", "root"].iter().find_map(|name| values.string(values.member(child, name)?));
    let name = match values.key(child) {
        Some(key) => key.into_owned(),
        None if kind == ValueKind::Object => telling().map_or_else(|| position.to_string(), Cow::into_owned),
        None => values.string(child).map_or_else(|| position.to_string(), Cow::into_owned),
    };
    let detail = match kind {
        ValueKind::Object | ValueKind::Array => String::new(),
        ValueKind::String | ValueKind::Literal => values.written(child).trim().chars().take(DETAIL).collect(),
    };
    DocumentSymbol {
        name,
        detail,
        kind,
        selection: key.clone().unwrap_or_else(|| range.start..range.end.min(range.start + 1)),
        range: key.map_or(range.start, |key| key.start)..range.end,
        children: Vec::new(),
    }
}
