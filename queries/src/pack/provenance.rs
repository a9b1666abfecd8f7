//! `asset_table_metadata.json`: the companion for tools, with provenance and the author's `pipeline`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{header, layout, runtime_metadata, sidecar_entry, write_array};
use crate::asset::{derivation, manifest, manifest_location, payload, runtime_fields};
use crate::content::Digest;
use crate::db::Db;
use crate::envelope::{SIDECAR_SCHEMA_VERSION, content_digest};
use crate::inputs::{Asset, File, FileState, Workspace};
use crate::json::canonical::{self, Fragment};
use crate::schema::manifest::CODEC_NONE;

/// The sidecar, but for its first key, `assets`.
#[derive(Serialize)]
struct Summary {
    content_blake3: Digest,
    header: Blob,
    payload: Region,
    schema_version: u32,
}

#[derive(Serialize)]
struct Blob {
    blake3: Digest,
    size: u64,
}

#[derive(Serialize)]
struct Region {
    size: u64,
}

#[derive(Serialize)]
struct Entry<'a> {
    artifacts: Vec<Artifact<'a>>,
    asset_id: u32,
    asset_uuid: String,
    asset_name: &'a str,
    codec: &'static str,
    format: &'static str,
    manifest: String,
    metadata: Cow<'a, Map<String, Value>>,
    payload: PlacedBlob,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
struct Artifact<'a> {
    path: &'a str,
    size: u64,
    blake3: Digest,
}

#[derive(Serialize)]
struct PlacedBlob {
    offset: u64,
    size: u64,
    blake3: Digest,
}

/// The keys that sort behind `payload`, in which the offset is.
#[derive(Clone, Serialize)]
struct Rest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<&'a Map<String, Value>>,
    preload: Preload,
    root: &'a str,
}

#[derive(Clone, Serialize)]
struct Preload {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<u8>,
}

/// The canonical bytes of the whole sidecar.
pub(super) fn bytes(db: &dyn Db, workspace: Workspace) -> Option<Vec<u8>> {
    let header = header(db, workspace)?.bytes();
    let layout = layout(db, workspace)?;
    let payloads = layout.entries.iter().map(|entry| (entry.asset.entry(db).asset_id, entry.payload));
    let summary = Summary {
        content_blake3: content_digest(payloads),
        header: Blob { blake3: Digest::of(header), size: header.len() as u64 },
        payload: Region { size: layout.payload_size },
        schema_version: SIDECAR_SCHEMA_VERSION,
    };
    let mut bytes = b"{\"assets\":".to_vec();
    write_array(&mut bytes, &layout.entries, |asset| sidecar_entry(db, asset))?;
    bytes.push(b',');
    bytes.extend_from_slice(canonical::to_vec(&summary).ok()?.strip_prefix(b"{")?);
    Some(bytes)
}

/// One asset of the sidecar, but for its offset.
pub(super) fn entry(db: &dyn Db, asset: Asset) -> Option<Fragment> {
    let fields = runtime_fields(db, asset)?;
    let payload = payload(db, asset).payload.as_ref()?;
    let registered = asset.entry(db);
    let rest = Rest {
        pipeline: manifest(db, asset).manifest.pipeline.as_ref(),
        preload: Preload { enabled: fields.preload_slot.is_some(), slot: fields.preload_slot },
        root: &registered.root,
    };
    let entry = Entry {
        artifacts: artifacts(db, asset)?,
        asset_id: registered.asset_id,
        asset_uuid: registered.asset_uuid.hyphenated().to_string(),
        asset_name: &fields.name,
        codec: CODEC_NONE,
        format: fields.format.name(),
        manifest: manifest_location(db, asset),
        metadata: runtime_metadata(fields, payload),
        payload: PlacedBlob { offset: 0, size: payload.id.size, blake3: payload.id.digest },
        rest: rest.clone(),
    };
    let rest = canonical::to_vec(&rest).ok()?;
    let rest = std::str::from_utf8(rest.strip_prefix(b"{")?).ok()?;
    Fragment::cut(&entry, format!(",\"size\":{}}},{rest}", payload.id.size))
}

fn artifacts(db: &dyn Db, asset: Asset) -> Option<Vec<Artifact<'_>>> {
    let derivation = derivation(db, asset)?;
    let prefix = derivation.root.len() + 1;
    let artifact = |file: &File| match file.state(db) {
        FileState::Content(content) => {
            Some(Artifact { path: file.path(db).get(prefix..)?, size: content.size, blake3: content.digest })
        }
        FileState::Unread | FileState::Refused(_) => None,
    };
    derivation.files.iter().map(artifact).collect()
}
