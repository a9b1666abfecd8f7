//! The query that makes the record of an asset.

use std::sync::Arc;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::check::checked_asset;
use super::derive::payload;
use super::location::{manifest_location, root_location};
use super::parse::manifest;
use crate::content::Digest;
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::formats::Format;
use crate::inputs::{Asset, File, ManifestState};
use crate::json::{Place, canonical, span};
use crate::record::{Blocked, Claim, PayloadInputs, Record, RecordedPayload};
use crate::schema::edit::add_conversion_fixes;
use crate::schema::manifest::Manifest;

/// The record of `asset`. That of a recorded asset is an input itself, and no query runs.
///
/// The record of a loaded asset whose content could not be read ([`failure`](super::failure)) is incomplete and must
/// not be stored.
pub fn record(db: &dyn Db, asset: Asset) -> &Arc<Record> {
    match asset.recorded(db) {
        Some(record) => record,
        None => loaded_record(db, asset),
    }
}

#[salsa::tracked(returns(ref))]
fn loaded_record(db: &dyn Db, asset: Asset) -> Arc<Record> {
    executing(db, Query::Record, asset);
    let parsed = manifest(db, asset);
    let derived = payload(db, asset);
    let bytes: &[u8] = match asset.manifest(db) {
        ManifestState::Bytes(bytes) => bytes,
        ManifestState::Unread | ManifestState::Refused(_) => &[],
    };
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let fields = &parsed.manifest;
    let name = fields.name.as_ref().map(|(name, place)| claim(SmolStr::from(name), place, text));
    let bank = fields.format.map(Format::bank);
    let slot = bank.zip(fields.preload_slot.as_ref());
    let slot = slot.map(|(bank, (slot, place))| Box::new(claim((bank, *slot), place, text)));
    let payload = derived.payload.as_ref();
    let metadata = payload.filter(|_| name.is_some());
    let metadata = metadata.and_then(|payload| with_user(fields.user.as_ref(), &payload.metadata));
    let mut diagnostics = parsed.diagnostics.clone();
    diagnostics.extend_from_slice(&checked_asset(db, asset).diagnostics);
    let root = root_location(db, asset);
    let faults = diagnostics.len();
    diagnostics.extend(derived.diagnostics.iter().cloned().map(|found| below(&root, found)));
    if let Some(Format::TilesIndexedV1(options)) = fields.format {
        add_conversion_fixes(&manifest_location(db, asset), bytes, options.conversions, &mut diagnostics[faults..]);
    }
    diagnostics.shrink_to_fit();
    let inputs = PayloadInputs::of(db, asset);
    let blocked = inputs.is_none().then(|| Box::new(blocked(db, asset, fields)));
    Arc::new(Record {
        manifest: matches!(asset.manifest(db), ManifestState::Bytes(_)).then(|| Digest::of(bytes)),
        inputs,
        blocked,
        payload: payload.map(RecordedPayload::of),
        name,
        slot,
        metadata,
        pipeline: fields.pipeline.as_ref().and_then(|pipeline| Some(canonical::to_string(pipeline).ok()?.into())),
        diagnostics,
    })
}

/// What is known of `asset`, which says `manifest`, although its inputs are not determined.
fn blocked(db: &dyn Db, asset: Asset, manifest: &Manifest) -> Blocked {
    let below_root = root_location(db, asset).len() + 1;
    let path = |file: &File| SmolStr::from(file.path(db).get(below_root..).unwrap_or_default());
    Blocked {
        format: manifest.format,
        preload_slot: manifest.preload_slot.as_ref().map(|(slot, _)| *slot),
        files: checked_asset(db, asset).files.as_ref().map(|files| files.iter().map(path).collect()),
    }
}

fn claim<K>(key: K, place: &Place, text: &str) -> Claim<K> {
    Claim { key, span: span(text, place.range.start, place.range.end).into() }
}

/// What a format promotes as `metadata`, with what the manifest has for the game beside it.
pub(super) fn with_user(user: Option<&Map<String, Value>>, metadata: &str) -> Option<SmolStr> {
    let Some(user) = user else { return Some(SmolStr::from(metadata)) };
    let mut promoted: Map<String, Value> = serde_json::from_str(metadata).ok()?;
    promoted.insert("user".into(), user.clone().into());
    Some(canonical::to_string(&promoted).ok()?.into())
}

/// A diagnostic about files below the asset root, which is at `root`.
fn below(root: &str, found: Diagnostic) -> Diagnostic {
    let located = |path: Option<String>| path.map(|path| format!("{root}/{path}"));
    let mut diagnostic = Diagnostic { path: located(found.path), ..found };
    for related in &mut diagnostic.related {
        related.path = located(related.path.take());
    }
    diagnostic
}
