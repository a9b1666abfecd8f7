//! `asset_table_metadata.json`: the companion for tools, with provenance and the author's `pipeline`.
//!
//! It is the largest of the documents, and the most of it is in the records already: it is written in pieces, each time
//! anew. Its keys are in their canonical order here.

use std::io::{self, Write};

use uuid::fmt::Hyphenated;

use super::{Layout, header, layout};
use crate::asset::{InputFile, Inputs, RecordedPayload, Row, manifest_location, record};
use crate::content::Digest;
use crate::db::Db;
use crate::envelope::{SIDECAR_SCHEMA_VERSION, content_digest};
use crate::inputs::{Asset, Workspace};
use crate::json::canonical::write_string;
use crate::schema::manifest::CODEC_NONE;

/// Gives the canonical bytes of `asset_table_metadata.json` to `sink`, piece by piece, and says whether these are all:
/// there are none, or not all, where an asset of the build set is not complete.
///
/// # Errors
///
/// Those of `sink`.
pub fn write_sidecar(db: &dyn Db, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool> {
    /// Bytes that are collected for one call of the sink.
    const PIECE: usize = 64 * 1024;
    let workspace = Workspace::get(db);
    let (Some(header), Some(layout)) = (header(db, workspace), layout(db, workspace)) else { return Ok(false) };
    let mut piece = b"{\"assets\":[".to_vec();
    for (index, entry) in layout.entries.iter().enumerate() {
        piece.extend_from_slice(if index == 0 { b"" } else { b"," });
        if !write_asset(db, entry.asset, entry.offset, &mut piece)? {
            return Ok(false);
        }
        if piece.len() >= PIECE {
            sink(&piece)?;
            piece.clear();
        }
    }
    let content = digest_of(db, layout);
    let header = header.bytes();
    write!(piece, r#"],"content_blake3":"{content}","header":{{"blake3":"{}","#, Digest::of(header))?;
    write!(piece, r#""size":{}}},"payload":{{"size":{}}},"#, header.len(), layout.payload_size)?;
    write!(piece, r#""schema_version":{SIDECAR_SCHEMA_VERSION}}}"#)?;
    sink(&piece)?;
    Ok(true)
}

/// The identity of the whole content that `layout` places: what has a place has a payload.
fn digest_of(db: &dyn Db, layout: &Layout) -> Digest {
    let identity = |asset: Asset| Some((asset.entry(db).asset_id, record(db, asset).payload.as_ref()?.id));
    content_digest(layout.entries.iter().filter_map(|entry| identity(entry.asset)))
}

/// Writes one asset, if its record is complete.
fn write_asset(db: &dyn Db, asset: Asset, offset: u64, to: &mut Vec<u8>) -> io::Result<bool> {
    let record = record(db, asset);
    let complete = (record.inputs.as_ref(), record.payload.as_ref(), record.row());
    let (Some(inputs), Some(payload), Some(row)) = complete else { return Ok(false) };
    let registered = asset.entry(db);
    let Inputs { format, files } = inputs;
    let Row { name, metadata, preload_slot, .. } = row;
    let RecordedPayload { id, .. } = payload;
    to.extend_from_slice(b"{\"artifacts\":[");
    for (index, InputFile { path, content }) in files.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(to, r#"{comma}{{"blake3":"{}","path":"#, content.digest)?;
        write_string(path, to)?;
        write!(to, r#","size":{}}}"#, content.size)?;
    }
    write!(to, r#"],"asset_id":{},"asset_name":"#, registered.asset_id)?;
    write_string(name, to)?;
    let uuid = Hyphenated::from_uuid(registered.asset_uuid);
    write!(to, r#","asset_uuid":"{uuid}","codec":"{CODEC_NONE}","format":"{}","manifest":"#, format.name())?;
    write_string(&manifest_location(db, asset), to)?;
    write!(
        to,
        r#","metadata":{metadata},"payload":{{"blake3":"{}","offset":{offset},"size":{}}}"#,
        id.digest, id.size
    )?;
    if let Some(pipeline) = &record.pipeline {
        write!(to, r#","pipeline":{pipeline}"#)?;
    }
    match preload_slot {
        Some(slot) => write!(to, r#","preload":{{"enabled":true,"slot":{slot}}},"root":"#)?,
        None => write!(to, r#","preload":{{"enabled":false}},"root":"#)?,
    }
    write_string(&registered.root, to)?;
    to.push(b'}');
    Ok(true)
}
