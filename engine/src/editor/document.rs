//! The document that a feature is asked about, and what is at a place in it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use papack_queries::formats::{Bank, FormatName};
use papack_queries::json::lenient::{Kind, Spot, Value, Values, read, read_around, spot};
use papack_queries::schema::shape::{Schema, Shape};
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH, manifest, registry};

use super::Editor;
use crate::workspace::layout::below_assets;

/// A manifest or the registry, as the editor shows it.
pub(super) struct Document {
    /// Which of both.
    pub(super) schema: Schema,
    /// Its path below the workspace.
    pub(super) path: String,
    /// The folder of a manifest, relative to `assets/`; empty for the registry.
    pub(super) root: String,
    bytes: Arc<[u8]>,
}

impl Editor {
    /// The document at `path`; none where there is no manifest or registry, or it is no text.
    pub(super) fn document(&self, path: &str) -> Option<Document> {
        let (schema, root, limit) = match below_assets(path) {
            _ if path == REGISTRY_PATH => (Schema::Registry, "", registry::MAX_SIZE),
            Some(below) => {
                (Schema::Manifest, below.strip_suffix(MANIFEST_NAME)?.strip_suffix('/')?, manifest::MAX_SIZE)
            }
            None => return None,
        };
        let bytes = self.text(path, limit)?;
        std::str::from_utf8(&bytes).ok()?;
        Some(Document { schema, path: path.to_owned(), root: root.to_owned(), bytes })
    }
}

impl Document {
    /// Its text.
    pub(super) fn text(&self) -> &str {
        // It was checked that this is UTF-8.
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// Its text as bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All its values.
    pub(super) fn values(&self) -> Values<'_> {
        read(self.text())
    }

    /// What is at byte `offset`, or at the end where that lies beyond it; none where nothing could be.
    pub(super) fn at(&self, offset: usize) -> Option<Here<'_>> {
        let text = self.text();
        let at = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let values = read_around(text, at);
        let spot = spot(&values, at)?;
        Some(Here { document: self, values, at, spot })
    }
}

/// A place in a document.
pub(super) struct Here<'d> {
    pub(super) document: &'d Document,
    /// The values of the document. Of the elements of its arrays only the one at this place is known.
    pub(super) values: Values<'d>,
    /// The place, in bytes.
    pub(super) at: usize,
    /// What could stand there.
    pub(super) spot: Spot,
}

/// What a value is to papack, beyond what the schema says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An `asset_uuid`.
    Uuid,
    /// The name of an asset.
    Name,
    /// The format, or the output as a whole.
    Output,
    /// An entry of `artifacts`.
    Entry,
    /// A file below the asset root.
    File,
    /// A pattern, of `glob` or of `except`.
    Pattern,
    /// The slot to preload into.
    Slot,
    /// An `asset_id`.
    AssetId,
    /// A root.
    Root,
    /// Anything else.
    Other,
}

impl<'d> Here<'d> {
    /// What the schema says of the value at this place, or of the member whose name is there.
    pub(super) fn shape(&self) -> Shape {
        Shape::of(self.document.schema, &self.values, self.spot.value)
    }

    /// What the value at this place is, or the member whose name is there.
    pub(super) fn role(&self) -> Role {
        let path = self.spot.container.map(|container| self.values.path(container)).unwrap_or_default();
        let key = |value: &Value| self.values.key(*value).unwrap_or_default();
        let mut names: Vec<Cow<'_, str>> = path.iter().skip(1).map(key).collect();
        names.push(self.spot.value.as_ref().map(key).unwrap_or_default());
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        // An element of an array has no name.
        match (self.document.schema, &names[..]) {
            (Schema::Manifest, ["asset_uuid"]) | (Schema::Registry, ["assets", "", "asset_uuid"]) => Role::Uuid,
            (Schema::Manifest, ["name"]) => Role::Name,
            (Schema::Manifest, ["output"] | ["output", "format"]) => Role::Output,
            (Schema::Manifest, ["artifacts", "", "file"]) => Role::File,
            (Schema::Manifest, ["artifacts", ""]) if self.is_version_1() => Role::File,
            (Schema::Manifest, ["artifacts", ""]) => Role::Entry,
            (Schema::Manifest, ["artifacts", "", "glob"] | ["artifacts", "", "except", ""]) => Role::Pattern,
            (Schema::Manifest, ["preload", "slot"]) => Role::Slot,
            (Schema::Registry, ["assets", "", "asset_id"]) => Role::AssetId,
            (Schema::Registry, ["assets", "", "root"]) => Role::Root,
            _ => Role::Other,
        }
    }

    fn is_version_1(&self) -> bool {
        self.values.at(&["schema_version"]).is_some_and(|version| self.values.written(version) == "1")
    }

    /// The string at this place, or that of the member whose name is there.
    pub(super) fn string(&self) -> Option<Cow<'d, str>> {
        self.values.string(self.spot.value?)
    }

    /// The asset id at this place, or that of the member whose name is there.
    pub(super) fn asset_id(&self) -> Option<u32> {
        registry::asset_id(self.values.written(self.spot.value?))
    }

    /// The bank that the format in the manifest gives.
    pub(super) fn bank(&self) -> Option<Bank> {
        let format = self.values.string(self.values.at(&["output", "format"])?)?;
        FormatName::of(&format).map(FormatName::bank)
    }

    /// The string `name` of the object that this place is in.
    pub(super) fn sibling(&self, name: &str) -> Option<Cow<'d, str>> {
        self.values.string(self.values.member(self.spot.container?, name)?)
    }

    /// What is written at this place, without quotes, in bytes.
    pub(super) fn inner(&self) -> Range<usize> {
        let typed = self.spot.typed.clone();
        let written = &self.document.text()[typed.clone()];
        let is_quoted = written.starts_with('"');
        // A name is closed if it ends with a quote, and a value if the reader found so.
        let is_closed = self.spot.is_key || self.spot.value.is_some_and(|value| self.values.is_closed(value));
        let is_closed = is_quoted && is_closed && written.len() > 1 && written.ends_with('"');
        typed.start + usize::from(is_quoted)..typed.end - usize::from(is_closed)
    }

    /// Whether an object or array is at this place.
    pub(super) fn is_container(&self) -> bool {
        self.spot.value.is_some_and(|value| matches!(self.values.kind(value), Kind::Object | Kind::Array))
    }
}
