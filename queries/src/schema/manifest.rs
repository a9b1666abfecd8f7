//! `asset.json`: what the author wants of one asset. Versions 1 and 2.

use std::ops::{Range, RangeInclusive};

use serde_json::{Map, Value};
use unicode_normalization::is_nfc;
use uuid::Uuid;

use super::artifacts::{OF_ARTIFACTS, read_artifacts};
use super::format::{OF_OUTPUT, OF_SOUNDS_METADATA, OF_TILES_METADATA, read_format};
use super::uuid;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::Format;
use crate::json::{Document, Elsewhere, Fields, Node, Place, canonical, shortened};
use crate::suggest;

pub use super::artifacts::{ArtifactEntry, ArtifactList, Selection};

/// The versions that are read. The last one is current.
pub const VERSIONS: RangeInclusive<i64> = 1..=2;

/// What the fix of a document of an older version does.
pub(crate) const MIGRATE: &str = "Rewrite the document in the current version";

/// Largest manifest, in bytes.
pub const MAX_SIZE: usize = 1024 * 1024;

const MAX_NAME_CHARS: usize = 128;
const MAX_USER_BYTES: usize = 4096;
const MAX_USER_DEPTH: usize = 16;

/// Where the name is, as an RFC 6901 pointer.
pub const NAME_POINTER: &str = "/name";

/// Where the slot to preload into is.
pub const SLOT_POINTER: &str = "/preload/slot";

/// Slots of a bank; a preload names one of them. An assumption about the runtime.
pub const SLOTS: u8 = 16;

/// How payload bytes are encoded in `assets.pa`. Version 1 of the envelope knows only `NONE`.
pub const CODEC_NONE: &str = "NONE";

/// The fields of `preload`.
const OF_PRELOAD: Elsewhere = (&["enabled", "slot"], "preload");

/// What a manifest says. A field that is absent or faulty is `None`; the fault is among the diagnostics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Manifest {
    /// The identity that the registry knows, and where it is written.
    pub asset_uuid: Option<(Uuid, Place)>,
    /// The logical name, and where it is written.
    pub name: Option<(String, Place)>,
    /// What to take, in order.
    pub artifacts: Option<ArtifactList>,
    /// How to derive the payload.
    pub format: Option<Format>,
    /// The game's own runtime metadata.
    pub user: Option<Map<String, Value>>,
    /// The author's notes for tools; never interpreted.
    pub pipeline: Option<Map<String, Value>>,
    /// The slot to preload into, and where it is written; absent when preload is not enabled.
    pub preload_slot: Option<(u8, Place)>,
}

/// Reads the manifest at `location` (relative to the workspace).
pub fn parse(location: &str, bytes: &[u8]) -> (Manifest, Vec<Diagnostic>) {
    parse_as(location, bytes, false)
}

/// As [`parse`], but `asset_uuid` may be absent: the asset is to get one.
pub fn parse_new(location: &str, bytes: &[u8]) -> (Manifest, Vec<Diagnostic>) {
    parse_as(location, bytes, true)
}

fn parse_as(location: &str, bytes: &[u8], is_new: bool) -> (Manifest, Vec<Diagnostic>) {
    let document = match Document::parse(location, bytes, MAX_SIZE) {
        Ok(document) => document,
        Err(fault) => return (Manifest::default(), vec![fault]),
    };
    let manifest = match document.schema_version("the manifest", VERSIONS) {
        Some(version) => read(document.root(), version, is_new).unwrap_or_default(),
        None => Manifest::default(),
    };
    if document.is_sound() {
        offer_migration(&document);
    }
    (manifest, document.into_faults())
}

/// Adds to the notice that a sound manifest is of an older version how it becomes one of the current version.
fn offer_migration(document: &Document<'_>) {
    let edits = migration_edits(document);
    let size = document.text().len() + edits.iter().map(|(_, text)| text.len()).sum::<usize>();
    if !edits.is_empty() && size <= MAX_SIZE {
        document.add_fix(Code::SchemaOlder, document.fix(MIGRATE.to_owned(), true, edits));
    }
}

/// What a manifest of version 1 needs to be one of version 2: pieces of its text by what replaces them, in order; none of
/// version 2.
pub(super) fn migration_edits(document: &Document<'_>) -> Vec<(Range<usize>, String)> {
    let root = document.root();
    let Some(version) = root.member("schema_version").filter(|version| version.text() == "1") else {
        return Vec::new();
    };
    let files = root.member("artifacts").into_iter().flat_map(Node::elements);
    let file = |path: Node<'_, '_>| (path.range(), format!("{{ \"file\": {} }}", path.text()));
    let mut edits: Vec<_> = files.map(file).chain([(version.range(), VERSIONS.end().to_string())]).collect();
    edits.sort_unstable_by_key(|(range, _)| range.start);
    edits
}

/// Reads only the uuid of the manifest at `location` (relative to the workspace), and where it is written. One that has
/// none may be of an asset that is to get one.
pub fn identity(location: &str, bytes: &[u8]) -> (Option<(Uuid, Place)>, Vec<Diagnostic>) {
    let document = match Document::parse(location, bytes, MAX_SIZE) {
        Ok(document) => document,
        Err(fault) => return (None, vec![fault]),
    };
    let version = document.schema_version("the manifest", VERSIONS);
    let uuid = version.and_then(|_| document.root().member("asset_uuid")).and_then(read_uuid);
    (uuid, document.into_faults())
}

fn read(root: Node<'_, '_>, version: i64, is_new: bool) -> Option<Manifest> {
    let names = &["schema_version", "asset_uuid", "name", "artifacts", "output", "preload"];
    let fields =
        root.object_among(names, &[OF_OUTPUT, OF_TILES_METADATA, OF_SOUNDS_METADATA, OF_PRELOAD, OF_ARTIFACTS])?;
    let asset_uuid = if is_new { fields.optional("asset_uuid") } else { fields.required("asset_uuid") };
    let mut manifest = Manifest {
        asset_uuid: asset_uuid.and_then(read_uuid),
        name: fields.required("name").and_then(|node| Some((read_name(node)?, node.place(NAME_POINTER)))),
        artifacts: fields.required("artifacts").and_then(|node| read_artifacts(node, version)),
        preload_slot: fields.optional("preload").and_then(read_preload),
        ..Manifest::default()
    };
    if let Some(output) = fields
        .required("output")
        .and_then(|node| node.object_among(OF_OUTPUT.0, &[OF_TILES_METADATA, OF_SOUNDS_METADATA]))
    {
        read_output(output, &mut manifest);
    }
    Some(manifest)
}

fn read_uuid(node: Node<'_, '_>) -> Option<(Uuid, Place)> {
    Some((uuid(node)?, node.place("/asset_uuid")))
}

fn read_name(node: Node<'_, '_>) -> Option<String> {
    let name = node.string()?;
    match check_name(&name) {
        Ok(()) => Some(name),
        Err(fault) => {
            node.report(Diagnostic::error(Code::FieldInvalid, fault).with_data(Data::value(shortened(&name))));
            None
        }
    }
}

/// Checks an asset's name.
///
/// # Errors
///
/// The first rule that the name breaks, in words.
pub fn check_name(name: &str) -> Result<(), String> {
    let chars = name.chars().count();
    if chars == 0 || chars > MAX_NAME_CHARS {
        Err(format!("a name has 1 to {MAX_NAME_CHARS} characters, this one has {chars}"))
    } else if !is_nfc(name) {
        Err("the name is not in Unicode normalization form C".into())
    } else if name.chars().any(char::is_control) {
        Err("the name has a control character".into())
    } else if name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace) {
        Err("the name begins or ends with white space".into())
    } else {
        Ok(())
    }
}

fn read_output(output: Fields<'_, '_>, manifest: &mut Manifest) {
    if let Some(codec) = output.optional("codec") {
        read_codec(codec);
    }
    manifest.pipeline = output.optional("pipeline").and_then(Node::any_object);
    let metadata = output.optional("metadata");
    if let Some(format) = output.required("format") {
        manifest.format = read_format(format, metadata);
    }
    manifest.user = metadata.and_then(|metadata| metadata.member("user")).and_then(read_user);
}

fn read_codec(node: Node<'_, '_>) {
    match node.string() {
        Some(codec) if codec != CODEC_NONE => {
            let message = format!("unknown codec {:?}", shortened(&codec));
            let help = suggest::one_of(&codec, &[CODEC_NONE], "the only codec is \"NONE\"");
            let data = Data::choice(shortened(&codec), &[CODEC_NONE], suggest::nearest_of(&codec, &[CODEC_NONE]));
            let fix =
                suggest::only_one_of(&codec, &[CODEC_NONE]).and_then(|meant| node.string_replacement(true, meant));
            node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help).with_data(data).with_fix(fix));
        }
        _ => {}
    }
}

pub(crate) fn read_user(node: Node<'_, '_>) -> Option<Map<String, Value>> {
    let user = node.any_object()?;
    node.refuse_floats_and_depth(MAX_USER_DEPTH);
    let size = canonical::to_vec(&user).map_or(0, |bytes| bytes.len());
    if size > MAX_USER_BYTES {
        let message = format!("\"user\" has {size} canonical bytes, at most {MAX_USER_BYTES} are allowed");
        let data = Data::limit(Some(size as u64), 0, MAX_USER_BYTES as u64, Unit::Bytes);
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_data(data));
    }
    Some(user)
}

fn read_preload(node: Node<'_, '_>) -> Option<(u8, Place)> {
    let fields = node.object(OF_PRELOAD.0)?;
    let enabled = fields.required("enabled").and_then(Node::boolean)?;
    match (enabled, fields.optional("slot")) {
        (false, None) => None,
        (false, Some(slot)) => {
            slot.error(Code::FieldInvalid, "\"slot\" goes with \"enabled\": true");
            None
        }
        (true, None) => {
            let fault = Diagnostic::error(Code::FieldMissing, "an enabled preload needs a \"slot\"");
            node.report(fault.with_data(Data::missing("slot")));
            None
        }
        (true, Some(slot)) => {
            let number = slot.integer_within(0, i64::from(SLOTS) - 1)?;
            Some((u8::try_from(number).ok()?, slot.place(SLOT_POINTER)))
        }
    }
}
