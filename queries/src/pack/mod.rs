//! The queries of a whole pack: build set, gate, layout, header and sidecar.

mod faults;
mod provenance;

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::asset::{RuntimeFields, payload, runtime_fields};
use crate::content::ContentId;
use crate::db::{Db, Query, executing};
use crate::diagnostic::Diagnostic;
use crate::envelope::{AssetEntry, PreloadEntry};
use crate::formats::Payload;
use crate::inputs::{Asset, Workspace};
use crate::json::canonical::{self, Fragment};
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
    asset_table: Range<usize>,
    preload: Range<usize>,
}

impl HeaderBytes {
    /// The whole header.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The canonical bytes of `asset_table`.
    pub fn asset_table(&self) -> &[u8] {
        &self.bytes[self.asset_table.clone()]
    }

    /// The canonical bytes of `preload`.
    pub fn preload(&self) -> &[u8] {
        &self.bytes[self.preload.clone()]
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

/// The asset's entry in the table of the header, but for its offset.
#[salsa::tracked(returns(as_ref))]
pub fn table_entry(db: &dyn Db, asset: Asset) -> Option<Fragment> {
    executing(db, Query::TableEntry, asset);
    let fields = runtime_fields(db, asset)?;
    let payload = payload(db, asset).payload.as_ref()?;
    let size = payload.id.size;
    let entry = AssetEntry {
        asset_id: asset.entry(db).asset_id,
        asset_name: &fields.name,
        bank_type: fields.format.bank(),
        codec: CODEC_NONE,
        decoded_size: size,
        metadata: &runtime_metadata(fields, payload),
        offset: 0,
        size,
    };
    Fragment::cut(&entry, format!(",\"size\":{size}}}"))
}

/// The asset's entry in the sidecar, but for its offset.
#[salsa::tracked(returns(as_ref))]
pub fn sidecar_entry(db: &dyn Db, asset: Asset) -> Option<Fragment> {
    executing(db, Query::SidecarEntry, asset);
    provenance::entry(db, asset)
}

/// The canonical header, once every build-set asset has its fields and its payload.
#[salsa::tracked(returns(as_ref))]
pub fn header(db: &dyn Db, workspace: Workspace) -> Option<HeaderBytes> {
    executing(db, Query::Header, workspace);
    let entries = &layout(db, workspace)?.entries;
    let mut bytes = b"{\"asset_table\":".to_vec();
    let start = bytes.len();
    write_array(&mut bytes, entries, |asset| table_entry(db, asset))?;
    let asset_table = start..bytes.len();
    bytes.extend_from_slice(b",\"preload\":");
    let start = bytes.len();
    let preload: Vec<_> = entries.iter().filter_map(|entry| preload_entry(db, entry.asset)).collect();
    bytes.extend(canonical::to_vec(&preload).ok()?);
    let preload = start..bytes.len();
    bytes.push(b'}');
    Some(HeaderBytes { bytes, asset_table, preload })
}

/// The canonical bytes of `asset_table_metadata.json`.
#[salsa::tracked(returns(as_deref))]
pub fn sidecar(db: &dyn Db, workspace: Workspace) -> Option<Vec<u8>> {
    executing(db, Query::Sidecar, workspace);
    provenance::bytes(db, workspace)
}

/// Writes a canonical array of the entries' fragments, with their offsets.
fn write_array<'db>(
    bytes: &mut Vec<u8>,
    entries: &[LayoutEntry],
    fragment: impl Fn(Asset) -> Option<&'db Fragment>,
) -> Option<()> {
    bytes.push(b'[');
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        fragment(entry.asset)?.write(entry.offset, bytes);
    }
    bytes.push(b']');
    Some(())
}

fn preload_entry(db: &dyn Db, asset: Asset) -> Option<PreloadEntry> {
    let slot = runtime_fields(db, asset)?.preload_slot?;
    Some(PreloadEntry { asset_id: asset.entry(db).asset_id, slot })
}

/// What the format promotes, and `user` when the manifest has it.
fn runtime_metadata<'db>(fields: &RuntimeFields, payload: &'db Payload) -> Cow<'db, Map<String, Value>> {
    let mut metadata = Cow::Borrowed(&payload.metadata);
    if let Some(user) = &fields.user {
        metadata.to_mut().insert("user".into(), user.clone().into());
    }
    metadata
}
