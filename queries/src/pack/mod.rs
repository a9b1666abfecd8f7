//! The queries of a whole pack: build set, gate, layout and header; and the sidecar, which is too large to be a value.
//!
//! They look at groups, not at assets: most groups have only assets at rest, of which nothing is asked again when an
//! asset is edited.

mod conflicts;
mod group;
mod rows;
mod sidecar;

use std::ops::Range;

use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Diagnostic};
use crate::inputs::{Asset, Workspace};
use crate::json::MAX_INTEGER;

pub use sidecar::write_sidecar;

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
    /// Bytes of the payload.
    pub size: u64,
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
    workspace.groups(db).iter().flat_map(|group| group::included(db, *group)).copied().collect()
}

/// Everything that is wrong, in a fixed order: registry and walk, then asset by asset, then between assets.
#[salsa::tracked(returns(ref))]
pub fn gate(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    executing(db, Query::Gate, workspace);
    let mut all = workspace.diagnostics(db).clone();
    for group in workspace.groups(db) {
        all.extend_from_slice(group::faults(db, *group));
    }
    all.extend_from_slice(shared_claims(db, workspace));
    if !all.iter().any(Diagnostic::is_error) {
        all.extend(refuse_size(db, workspace));
    }
    all
}

/// What more than one asset of the build set claims. Apart from the gate, for it looks at all names.
#[salsa::tracked(returns(ref))]
fn shared_claims(db: &dyn Db, workspace: Workspace) -> Vec<Diagnostic> {
    executing(db, Query::Conflicts, workspace);
    conflicts::all(db, workspace)
}

/// What the envelope can hold: a header length of 32 bits, and offsets that a JSON integer holds exactly.
fn refuse_size(db: &dyn Db, workspace: Workspace) -> Option<Diagnostic> {
    let refuse = |message| Some(Diagnostic::error(Code::OutputTooLarge, message));
    let Some(layout) = layout(db, workspace) else { return refuse("the payloads are too large to be added up".into()) };
    if layout.payload_size > MAX_INTEGER.unsigned_abs() {
        return refuse(format!("the payloads have {} bytes, at most {MAX_INTEGER} are allowed", layout.payload_size));
    }
    let header = header(db, workspace)?;
    if u32::try_from(header.bytes().len()).is_err() {
        return refuse(format!("the header has {} bytes, at most {} are allowed", header.bytes().len(), u32::MAX));
    }
    None
}

/// Where the payloads lie, once every build-set asset has one.
#[salsa::tracked(returns(as_ref))]
pub fn layout(db: &dyn Db, workspace: Workspace) -> Option<Layout> {
    executing(db, Query::Layout, workspace);
    let mut entries = Vec::new();
    let mut offset = 0_u64;
    for group in workspace.groups(db) {
        for &(asset, size) in group::sizes(db, *group)? {
            entries.push(LayoutEntry { asset, offset, size });
            offset = offset.checked_add(size)?;
        }
    }
    Some(Layout { entries, payload_size: offset })
}

/// The canonical header, once every build-set asset has its row.
#[salsa::tracked(returns(as_ref))]
pub fn header(db: &dyn Db, workspace: Workspace) -> Option<HeaderBytes> {
    executing(db, Query::Header, workspace);
    let mut places = layout(db, workspace)?.entries.iter();
    let groups: Vec<_> = workspace.groups(db).iter().map(|group| group::rows(db, *group)).collect::<Option<_>>()?;
    let rows = || groups.iter().copied().flatten();
    let mut table = rows::Table::with_room_for(rows().filter_map(group::GroupRow::row));
    for found in rows() {
        table.push(found.asset_id, found.row()?, places.next()?).ok()?;
    }
    table.into_header()
}
