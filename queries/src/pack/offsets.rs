//! Where the payloads lie.

use super::group;
use crate::db::{Db, Query, executing};
use crate::inputs::{Asset, Workspace};

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
