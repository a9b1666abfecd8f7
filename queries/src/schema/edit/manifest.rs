//! A manifest with a few places changed. All other text stays as its author wrote it, to the last space.

use std::collections::BTreeMap;
use std::ops::Range;

use uuid::Uuid;

use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::json::{Document, Node};
use crate::schema::manifest::{MAX_SIZE, VERSIONS, migration_edits};

/// A manifest that is being edited. What is changed must be a manifest without faults, but for an absent `asset_uuid`.
pub struct ManifestEdit<'t> {
    location: &'t str,
    text: &'t str,
    document: Document<'t>,
    replaced: Replaced,
}

/// What replaces which range of a text, by the range's start. Ranges do not overlap.
type Replaced = BTreeMap<usize, (Range<usize>, String)>;

impl<'t> ManifestEdit<'t> {
    /// Begins an edit of `bytes`, the manifest at `location` (relative to the workspace).
    ///
    /// # Errors
    ///
    /// When the text is no JSON.
    pub fn new(location: &'t str, bytes: &'t [u8]) -> Result<Self, Diagnostic> {
        let document = Document::parse(location, bytes, MAX_SIZE)?;
        // What was parsed is UTF-8.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        Ok(Self { location, text, document, replaced: BTreeMap::new() })
    }

    /// Whether the manifest is of the version that papack writes.
    pub fn is_current(&self) -> bool {
        let version = self.document.root().member("schema_version").map(Node::text);
        version == Some(VERSIONS.end().to_string().as_str())
    }

    /// Raises the manifest to the version that papack writes. Of that version already, it stays as it is.
    pub fn migrate(&mut self) {
        for (range, text) in migration_edits(&self.document) {
            replace(&mut self.replaced, range, text);
        }
    }

    /// Makes `uuid` the asset's identity.
    pub fn set_identity(&mut self, uuid: Uuid) {
        self.set("asset_uuid", format!("\"{}\"", uuid.hyphenated()), Neighbour::First);
    }

    /// Gives the asset another name.
    pub fn set_name(&mut self, name: &str) {
        self.set("name", serde_json::Value::from(name).to_string(), Neighbour::First);
    }

    /// Preloads the asset into `slot`, or not at all.
    pub fn set_preload(&mut self, slot: Option<u8>) {
        let value = match slot {
            Some(slot) => format!("{{ \"enabled\": true, \"slot\": {slot} }}"),
            None => "{ \"enabled\": false }".to_owned(),
        };
        self.set("preload", value, Neighbour::Last);
    }

    /// The edited text.
    ///
    /// # Errors
    ///
    /// When it would be longer than a manifest may be.
    pub fn finish(self) -> Result<String, Diagnostic> {
        let mut edited = String::with_capacity(self.text.len());
        let mut rest = 0;
        for (range, replacement) in self.replaced.into_values() {
            edited += &self.text[rest..range.start];
            edited += &replacement;
            rest = range.end;
        }
        edited += &self.text[rest..];
        if edited.len() > MAX_SIZE {
            let message =
                format!("rewritten, the manifest would have {} bytes; at most {MAX_SIZE} are allowed", edited.len());
            let data = Data::limit(Some(edited.len() as u64), 0, MAX_SIZE as u64, Unit::Bytes);
            return Err(Diagnostic::error(Code::JsonTooLarge, message).with_data(data).at(self.location));
        }
        Ok(edited)
    }

    /// Gives the outermost object's member `name` this value. A new member comes after its neighbour, and looks like
    /// it.
    fn set(&mut self, name: &str, value: String, neighbour: Neighbour) {
        let Self { text, document, replaced, .. } = self;
        let root = document.root();
        if let Some(member) = root.member(name) {
            return replace(replaced, member.range(), value);
        }
        let mut members = root.member_ranges();
        let neighbour = match neighbour {
            Neighbour::First => members.next(),
            Neighbour::Last => members.last(),
        };
        let Some((key, last)) = neighbour else { return };
        let before = &text[..key.start];
        let mut space = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let colon = &text[key.end..last.start];
        if space.is_empty() && colon.len() > 1 {
            // `{"a": 1, "b": 2}`: the first key alone stands close.
            space = " ";
        }
        replace(replaced, last.end..last.end, format!(",{space}\"{name}\"{colon}{value}"));
    }
}

/// After which member a new one comes. The first is `schema_version` in most manifests.
#[derive(Clone, Copy)]
enum Neighbour {
    First,
    Last,
}

fn replace(replaced: &mut Replaced, range: Range<usize>, replacement: String) {
    replaced.insert(range.start, (range, replacement));
}
