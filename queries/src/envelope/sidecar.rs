//! The check of `asset_table_metadata.json` against its `assets.pa`: whether it is complete and agrees with it.

use std::ops::RangeInclusive;

use super::identity::content_digest;
use super::reader::{Asset, Reader};
use super::source::Source;
use crate::content::{ContentId, Digest};
use crate::diagnostic::{Code, Diagnostic};
use crate::formats::FormatName;
use crate::json::{Document, Fields, Node, shortened};
use crate::path;
use crate::schema::manifest::CODEC_NONE;
use crate::schema::registry::read_root;
use crate::schema::{MANIFEST_NAME, uuid};

/// The versions of `asset_table_metadata.json` that are checked. The newest is written.
pub const SIDECAR_VERSIONS: RangeInclusive<i64> = 1..=2;

/// What a sidecar says of the payloads, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SidecarCheck {
    /// The digest that it states for the payload of each asset, in order. Empty when it does not speak of the
    /// same assets.
    pub digests: Vec<Option<Digest>>,
    /// The asset root that it states for each asset, likewise.
    pub roots: Vec<Option<String>>,
    /// Every fault found.
    pub faults: Vec<Diagnostic>,
}

/// Checks that `bytes`, the sidecar at `path`, mirror the pack of `reader`. The payloads are not read.
pub fn check_sidecar<S: Source>(reader: &Reader<S>, path: &str, bytes: &[u8]) -> SidecarCheck {
    let document = match Document::parse_written(path, bytes) {
        Ok(document) => document,
        Err(fault) => return SidecarCheck { faults: vec![fault], ..SidecarCheck::default() },
    };
    document.refuse_not_canonical("the sidecar");
    let (digests, roots) = match document.version_within("the sidecar", SIDECAR_VERSIONS) {
        Some((node, version)) => {
            if version < *SIDECAR_VERSIONS.end() {
                node.report(older(version));
            }
            check_root(reader, document.root(), version).unwrap_or_default()
        }
        None => Default::default(),
    };
    SidecarCheck { digests, roots, faults: document.into_faults() }
}

/// The notice that the sidecar is of the older `version`, by which some of its keys are absent.
fn older(version: i64) -> Diagnostic {
    let message = format!(
        "schema version {version} of the sidecar, which an older papack wrote, has no bank_type and no decoded_size; \
         all else of it was compared"
    );
    let help = "tools that read version 2 need the present one: pack again (papack pack)";
    Diagnostic::info(Code::SchemaOlder, message).with_help(help).with_versions(version, SIDECAR_VERSIONS)
}

/// What is stated for each asset in order: the digest of the payload, and the root.
type Stated = (Vec<Option<Digest>>, Vec<Option<String>>);

fn check_root<S: Source>(reader: &Reader<S>, root: Node<'_, '_>, version: i64) -> Option<Stated> {
    let fields = root.object(&["assets", "content_blake3", "header", "payload", "schema_version"])?;
    if let Some(header) = fields.required("header").and_then(|node| node.object(&["blake3", "size"])) {
        let expected = Digest::of(reader.header());
        if let Some((node, digest)) = header.required("blake3").and_then(read_digest)
            && digest != expected
        {
            node.error(Code::PackCompanion, format!("the header has the digest {expected}"));
        }
        expect_size(header, "size", reader.header().len() as u64);
    }
    if let Some(payload) = fields.required("payload").and_then(|node| node.object(&["size"])) {
        expect_size(payload, "size", reader.payload_size());
    }
    let content = fields.required("content_blake3").and_then(read_digest);
    let list = fields.required("assets")?;
    let nodes = list.array()?;
    if nodes.len() != reader.assets().len() {
        let message = format!("{} assets are listed, but the pack has {}", nodes.len(), reader.assets().len());
        list.error(Code::PackCompanion, message);
        return None;
    }
    let preloads = preload_slots(reader);
    let (digests, roots): Stated = nodes
        .into_iter()
        .zip(reader.assets().iter().zip(preloads))
        .map(|(node, (asset, slot))| check_asset(node, version, asset, slot, reader.metadata(asset)))
        .unzip();
    check_content(content, reader.assets(), &digests);
    Some((digests, roots))
}

/// For each asset in order, the slot that it is preloaded into.
fn preload_slots<S: Source>(reader: &Reader<S>) -> Vec<Option<u8>> {
    let mut preloads = reader.preloads().peekable();
    let slot = |asset: &Asset| preloads.next_if(|(next, _)| next.asset_id == asset.asset_id).map(|(_, slot)| slot);
    reader.assets().iter().map(slot).collect()
}

fn check_content(stated: Option<(Node<'_, '_>, Digest)>, assets: &[Asset], digests: &[Option<Digest>]) {
    let Some(digests) = digests.iter().copied().collect::<Option<Vec<_>>>() else { return };
    let payloads = assets.iter().zip(digests);
    let expected =
        content_digest(payloads.map(|(asset, digest)| (asset.asset_id, ContentId { digest, size: asset.size })));
    if let Some((node, stated)) = stated
        && stated != expected
    {
        node.error(Code::PackCompanion, format!("the digests of the payloads make {expected}"));
    }
}

/// The keys of an asset. Those of version 1 come first.
const ASSET_KEYS: [&str; 15] = [
    "artifacts",
    "asset_id",
    "asset_name",
    "asset_uuid",
    "codec",
    "format",
    "manifest",
    "metadata",
    "payload",
    "pipeline",
    "preload",
    "root",
    "bank_type",
    "decoded_size",
    "conversions",
];

/// The keys of an asset in a sidecar of this version.
fn asset_keys(version: i64) -> &'static [&'static str] {
    if version == 1 { &ASSET_KEYS[..12] } else { &ASSET_KEYS }
}

/// Checks one asset of the sidecar, and returns the digest that it states for the payload, and the root.
fn check_asset(
    node: Node<'_, '_>,
    version: i64,
    asset: &Asset,
    slot: Option<u8>,
    metadata: &str,
) -> (Option<Digest>, Option<String>) {
    let Some(fields) = node.object(asset_keys(version)) else { return (None, None) };
    expect_size(fields, "asset_id", u64::from(asset.asset_id));
    expect_string(fields, "asset_name", &asset.asset_name);
    expect_string(fields, "codec", CODEC_NONE);
    if version > 1 {
        expect_string(fields, "bank_type", asset.bank_type.name());
        // Of this codec, what is stored is what comes of it.
        expect_size(fields, "decoded_size", asset.size);
    }
    fields.required("asset_uuid").and_then(uuid);
    let root = fields.required("root").and_then(read_root);
    if let Some(root) = &root {
        expect_string(fields, "manifest", &format!("assets/{root}/{MANIFEST_NAME}"));
    }
    if let Some(format) = fields.required("format") {
        check_format(format, asset);
    }
    if let Some(node) = fields.required("metadata")
        && node.text() != metadata
    {
        node.error(Code::PackCompanion, "the header has other metadata");
    }
    if let Some(pipeline) = fields.optional("pipeline") {
        pipeline.expect_object();
    }
    if let Some(conversions) = fields.optional("conversions") {
        check_conversions(conversions);
    }
    if let Some(preload) = fields.required("preload").and_then(|node| node.object(&["enabled", "slot"])) {
        check_preload(preload, slot);
    }
    for artifact in fields.required("artifacts").and_then(Node::array).into_iter().flatten() {
        check_artifact(artifact);
    }
    (check_payload(fields, asset), root)
}

fn check_payload(fields: Fields<'_, '_>, asset: &Asset) -> Option<Digest> {
    let payload = fields.required("payload")?.object(&["blake3", "offset", "size"])?;
    expect_size(payload, "offset", asset.offset);
    expect_size(payload, "size", asset.size);
    payload.required("blake3").and_then(read_digest).map(|(_, digest)| digest)
}

fn check_format(node: Node<'_, '_>, asset: &Asset) {
    let Some(name) = node.string() else { return };
    if FormatName::of(&name).map(FormatName::bank) != Some(asset.bank_type) {
        let message = format!("{:?} is no format of bank {}", shortened(&name), asset.bank_type.name());
        node.error(Code::PackCompanion, message);
    }
}

fn check_conversions(node: Node<'_, '_>) {
    let Some(conversions) = node.object(&["fields", "losses"]) else { return };
    if let Some(fields) = conversions.required("fields") {
        fields.expect_object();
    }
    for loss in conversions.required("losses").and_then(Node::array).into_iter().flatten() {
        let Some(loss) = loss.object(&["code", "message", "path"]) else { continue };
        for name in ["code", "message", "path"] {
            loss.required(name).and_then(Node::str);
        }
    }
}

fn check_preload(fields: Fields<'_, '_>, slot: Option<u8>) {
    let enabled = fields.required("enabled").and_then(|node| Some((node, node.boolean()?)));
    if let Some((node, enabled)) = enabled
        && enabled != slot.is_some()
    {
        let not = if slot.is_some() { "" } else { "not " };
        node.error(Code::PackCompanion, format!("the asset is {not}preloaded in the header"));
    }
    match (slot, fields.optional("slot")) {
        (Some(slot), _) => expect_size(fields, "slot", u64::from(slot)),
        (None, Some(node)) => node.error(Code::PackCompanion, "the header has no slot for this asset"),
        (None, None) => {}
    }
}

/// Where an artifact came from, which only its form can be checked of.
fn check_artifact(node: Node<'_, '_>) {
    let Some(fields) = node.object(&["blake3", "path", "size"]) else { return };
    fields.required("blake3").and_then(read_digest);
    fields.required("size").and_then(Node::size);
    if let Some(node) = fields.required("path")
        && let Some(path) = node.string()
        && let Err(fault) = path::check(&path)
    {
        node.error(Code::PathInvalid, format!("{:?} is no valid path: {fault}", shortened(&path)));
    }
}

fn read_digest<'d, 't>(node: Node<'d, 't>) -> Option<(Node<'d, 't>, Digest)> {
    let hex = node.string()?;
    let digest = Digest::from_hex(&hex);
    if digest.is_none() {
        node.error(Code::FieldInvalid, format!("{:?} is no BLAKE3 digest in lower-case hex", shortened(&hex)));
    }
    digest.map(|digest| (node, digest))
}

fn expect_size(fields: Fields<'_, '_>, name: &str, expected: u64) {
    let Some(node) = fields.required(name) else { return };
    if let Some(found) = node.size()
        && found != expected
    {
        node.error(Code::PackCompanion, format!("{name} is {found}, but {expected} in the pack"));
    }
}

fn expect_string(fields: Fields<'_, '_>, name: &str, expected: &str) {
    let Some(node) = fields.required(name) else { return };
    if let Some(found) = node.string()
        && found != expected
    {
        let (found, expected) = (shortened(&found), shortened(expected));
        node.error(Code::PackCompanion, format!("{name} is {found:?}, but {expected:?} in the pack"));
    }
}
