//! The queries of a whole pack: build set, gate, layout, header and sidecar.

mod faults;
mod provenance;

use std::borrow::Cow;

use crate::asset::{RuntimeFields, payload, runtime_fields};
use crate::content::ContentId;
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::envelope::{AssetEntry, Header, PreloadEntry};
use crate::formats::Payload;
use crate::inputs::{Asset, Workspace};
use crate::json::canonical;
use crate::schema::manifest::CODEC_NONE;

/// Where the payloads lie in the payload region, in ascending `asset_id`, with no gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// One entry for each build-set asset.
    pub entries: Vec<LayoutEntry>,
    /// Bytes of the whole region.
    pub payload_size: u64,
}

/// Where one payload lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutEntry {
    /// The asset.
    pub asset: Asset,
    /// Bytes from the start of the payload region.
    pub offset: u64,
    /// Digest and size of the payload.
    pub payload: ContentId,
}

/// The canonical header, and where the two companions that mirror parts of it are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBytes {
    bytes: Vec<u8>,
    preload_size: usize,
}

impl HeaderBytes {
    const BEFORE_TABLE: &'static str = r#"{"asset_table":"#;
    const BEFORE_PRELOAD: &'static str = r#","preload":"#;

    /// The whole header.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The canonical bytes of `asset_table`.
    pub fn asset_table(&self) -> &[u8] {
        let end = self.bytes.len() - 1 - self.preload_size - Self::BEFORE_PRELOAD.len();
        &self.bytes[Self::BEFORE_TABLE.len()..end]
    }

    /// The canonical bytes of `preload`.
    pub fn preload(&self) -> &[u8] {
        let end = self.bytes.len() - 1;
        &self.bytes[end - self.preload_size..end]
    }
}

/// Which assets are packed: registered and included, in ascending `asset_id`.
#[salsa::tracked(returns(ref))]
pub fn build_set(db: &dyn Db, workspace: Workspace) -> Vec<Asset> {
    executing(db, Query::BuildSet, workspace);
    workspace.assets(db).iter().copied().filter(|asset| asset.entry(db).included_in_build).collect()
}

/// Everything that is wrong, in a fixed order: registry and walk, then asset by asset, then between assets.
#[salsa::tracked(returns(ref))]
pub fn gate(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    executing(db, Query::Gate, workspace);
    faults::all(db, workspace)
}

/// Where the payloads lie, once every build-set asset has one.
#[salsa::tracked(returns(as_ref))]
pub fn layout(db: &dyn Db, workspace: Workspace) -> Option<Layout> {
    executing(db, Query::Layout, workspace);
    let mut entries = Vec::new();
    let mut offset = 0_u64;
    for &asset in build_set(db, workspace) {
        let id = payload(db, asset).payload.as_ref()?.id;
        entries.push(LayoutEntry { asset, offset, payload: id });
        offset = offset.checked_add(id.size)?;
    }
    Some(Layout { entries, payload_size: offset })
}

/// The canonical header, once every build-set asset has its fields and its payload.
#[salsa::tracked(returns(as_ref))]
pub fn header(db: &dyn Db, workspace: Workspace) -> Option<HeaderBytes> {
    executing(db, Query::Header, workspace);
    let parts = parts(db, workspace)?;
    let metadata: Vec<_> = parts.iter().map(Part::runtime_metadata).collect();
    let asset_table = parts.iter().zip(&metadata).map(|(part, metadata)| part.table_entry(metadata)).collect();
    let preload: Vec<_> = parts.iter().filter_map(Part::preload_entry).collect();
    let preload_size = canonical::to_vec(&preload).ok()?.len();
    let bytes = canonical::to_vec(&Header { asset_table, preload }).ok()?;
    Some(HeaderBytes { bytes, preload_size })
}

/// The canonical bytes of `asset_table_metadata.json`.
#[salsa::tracked(returns(as_deref))]
pub fn sidecar(db: &dyn Db, workspace: Workspace) -> Option<Vec<u8>> {
    executing(db, Query::Sidecar, workspace);
    provenance::bytes(db, workspace)
}

/// One asset of a pack, with all that the outputs need of it.
struct Part<'db> {
    asset: Asset,
    asset_id: u32,
    fields: &'db RuntimeFields,
    payload: &'db Payload,
    offset: u64,
}

fn parts(db: &dyn Db, workspace: Workspace) -> Option<Vec<Part<'_>>> {
    let entries = &layout(db, workspace)?.entries;
    entries
        .iter()
        .map(|&LayoutEntry { asset, offset, .. }| {
            let payload = payload(db, asset).payload.as_ref()?;
            let asset_id = asset.entry(db).asset_id;
            Some(Part { asset, asset_id, fields: runtime_fields(db, asset)?, payload, offset })
        })
        .collect()
}

impl<'db> Part<'db> {
    /// What the format promotes, and `user` when the manifest has it.
    fn runtime_metadata(&self) -> Cow<'db, serde_json::Map<String, serde_json::Value>> {
        let mut metadata = Cow::Borrowed(&self.payload.metadata);
        if let Some(user) = &self.fields.user {
            metadata.to_mut().insert("user".into(), user.clone().into());
        }
        metadata
    }

    fn table_entry<'a>(&self, metadata: &'a serde_json::Map<String, serde_json::Value>) -> AssetEntry<'a>
    where
        'db: 'a,
    {
        AssetEntry {
            asset_id: self.asset_id,
            asset_name: &self.fields.name,
            bank_type: self.fields.format.bank(),
            codec: CODEC_NONE,
            decoded_size: self.payload.id.size,
            metadata,
            offset: self.offset,
            size: self.payload.id.size,
        }
    }

    fn preload_entry(&self) -> Option<PreloadEntry> {
        self.fields.preload_slot.map(|slot| PreloadEntry { asset_id: self.asset_id, slot })
    }
}
