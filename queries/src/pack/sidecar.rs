//! `asset_table_metadata.json`: the companion for tools, with provenance and the author's `pipeline`.
//!
//! It is the largest of the documents, and most of it is in the records already, so it is no query: it is written in
//! pieces from the plan. Its keys are in their canonical order here.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use uuid::fmt::Hyphenated;

use super::offsets::layout;
use super::plan::{PlannedPayload, pack_plan};
use crate::asset::{manifest_location, root_location};
use crate::content::Digest;
use crate::db::Db;
use crate::diagnostic::Diagnostic;
use crate::envelope::SIDECAR_VERSIONS;
use crate::formats::Format;
use crate::inputs::{Asset, Workspace};
use crate::json::canonical::{self, write_string};
use crate::record::{InputFile, PayloadInputs, Row};
use crate::schema::manifest::CODEC_NONE;

/// Gives the canonical bytes of `asset_table_metadata.json` to `sink`, piece by piece. Returns false if an asset was
/// incomplete; then the sidecar is cut short.
///
/// # Errors
///
/// Those of `sink`.
pub fn write_sidecar(db: &dyn Db, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool> {
    /// Bytes that are collected for one call of the sink.
    const PIECE: usize = 64 * 1024;
    let workspace = Workspace::get(db);
    let (Some(plan), Some(layout)) = (pack_plan(db, workspace), layout(db, workspace)) else { return Ok(false) };
    let mut piece = b"{\"assets\":[".to_vec();
    for (index, (payload, entry)) in plan.payloads.iter().zip(&layout.entries).enumerate() {
        piece.extend_from_slice(if index == 0 { b"" } else { b"," });
        if !write_asset(db, entry.asset, payload, &mut piece)? {
            return Ok(false);
        }
        if piece.len() >= PIECE {
            sink(&piece)?;
            piece.clear();
        }
    }
    let content = plan.content_digest();
    let header = plan.header.bytes();
    write!(piece, r#"],"content_blake3":"{content}","header":{{"blake3":"{}","#, Digest::of(header))?;
    write!(piece, r#""size":{}}},"payload":{{"size":{}}},"#, header.len(), plan.payload_size)?;
    write!(piece, r#""schema_version":{}}}"#, SIDECAR_VERSIONS.end())?;
    sink(&piece)?;
    Ok(true)
}

/// Writes one asset, if its record is complete.
fn write_asset(db: &dyn Db, asset: Asset, payload: &PlannedPayload, to: &mut Vec<u8>) -> io::Result<bool> {
    let record = payload.record();
    let (Some(inputs), Some(row)) = (record.inputs.as_ref(), record.row()) else { return Ok(false) };
    let registered = asset.entry(db);
    let PayloadInputs { format, files, .. } = inputs;
    let Row { name, bank, metadata, preload_slot } = row;
    let (id, offset) = (payload.id(), payload.offset);
    to.extend_from_slice(b"{\"artifacts\":[");
    for (index, InputFile { path, content, .. }) in files.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(to, r#"{comma}{{"blake3":"{}","path":"#, content.digest)?;
        write_string(path, to)?;
        write!(to, r#","size":{}}}"#, content.size)?;
    }
    write!(to, r#"],"asset_id":{},"asset_name":"#, registered.asset_id)?;
    write_string(name, to)?;
    let uuid = Hyphenated::from_uuid(registered.asset_uuid);
    write!(to, r#","asset_uuid":"{uuid}","bank_type":"{}","codec":"{CODEC_NONE}""#, bank.name())?;
    write_conversions(*format, &record.diagnostics, &root_location(db, asset), to)?;
    // Of this codec, what is stored is what comes of it.
    write!(to, r#","decoded_size":{},"format":"{}","manifest":"#, id.size, format.name())?;
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

/// Writes what was done to the files of an asset whose root is at `root`, and what that took from them; nothing where nothing
/// was asked for.
fn write_conversions(format: Format, found: &[Diagnostic], root: &str, to: &mut Vec<u8>) -> io::Result<()> {
    let fields: Map<String, Value> =
        format.conversions().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let loss = |found: &Diagnostic| {
        let path = found.path.as_deref().and_then(|path| path.strip_prefix(root)?.strip_prefix('/'));
        json!({ "code": found.code, "message": found.message, "path": path.unwrap_or_default() })
    };
    let losses: Vec<_> = found.iter().filter(|found| found.code.is_loss()).map(loss).collect();
    let conversions = canonical::to_string(&json!({ "fields": fields, "losses": losses }))?;
    write!(to, r#","conversions":{conversions}"#)
}
