//! `asset_table_metadata.json`: the companion for tools, with provenance and the author's `pipeline`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Part, header, layout, parts};
use crate::asset::{derivation, manifest, manifest_location, root_location};
use crate::content::Digest;
use crate::db::Db;
use crate::envelope::{SIDECAR_SCHEMA_VERSION, content_digest};
use crate::inputs::{FileState, Workspace};
use crate::json::canonical;
use crate::schema::manifest::CODEC_NONE;

#[derive(Serialize)]
struct Sidecar<'a> {
    schema_version: u32,
    header: Blob,
    payload: Region,
    content_blake3: Digest,
    assets: Vec<SidecarAsset<'a>>,
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
struct SidecarAsset<'a> {
    asset_id: u32,
    asset_uuid: String,
    asset_name: &'a str,
    root: &'a str,
    format: &'static str,
    codec: &'static str,
    manifest: String,
    artifacts: Vec<Artifact<'a>>,
    payload: PlacedBlob,
    preload: Preload,
    metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<&'a Map<String, Value>>,
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

#[derive(Serialize)]
struct Preload {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<u8>,
}

pub(super) fn bytes(db: &dyn Db, workspace: Workspace) -> Option<Vec<u8>> {
    let header = header(db, workspace)?.bytes();
    let parts = parts(db, workspace)?;
    let sidecar = Sidecar {
        schema_version: SIDECAR_SCHEMA_VERSION,
        header: Blob { blake3: Digest::of(header), size: header.len() as u64 },
        payload: Region { size: layout(db, workspace)?.payload_size },
        content_blake3: content_digest(parts.iter().map(|part| (part.asset_id, part.payload.id))),
        assets: parts.iter().map(|part| asset(db, part)).collect::<Option<_>>()?,
    };
    canonical::to_vec(&sidecar).ok()
}

fn asset<'db>(db: &'db dyn Db, part: &Part<'db>) -> Option<SidecarAsset<'db>> {
    let entry = part.asset.entry(db);
    let prefix = root_location(db, part.asset).len() + 1;
    let artifacts = derivation(db, part.asset)?.files.iter().map(|file| match file.state(db) {
        FileState::Content(content) => {
            Some(Artifact { path: file.path(db).get(prefix..)?, size: content.size, blake3: content.digest })
        }
        FileState::Unread | FileState::Refused(_) => None,
    });
    Some(SidecarAsset {
        asset_id: part.asset_id,
        asset_uuid: entry.asset_uuid.hyphenated().to_string(),
        asset_name: &part.fields.name,
        root: &entry.root,
        format: part.fields.format.name(),
        codec: CODEC_NONE,
        manifest: manifest_location(db, part.asset),
        artifacts: artifacts.collect::<Option<_>>()?,
        payload: PlacedBlob { offset: part.offset, size: part.payload.id.size, blake3: part.payload.id.digest },
        preload: Preload { enabled: part.fields.preload_slot.is_some(), slot: part.fields.preload_slot },
        metadata: part.runtime_metadata().into_owned(),
        pipeline: manifest(db, part.asset).manifest.pipeline.as_ref(),
    })
}
