//! The header, written row by row as canonical JSON. Its keys are in their canonical order here.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use super::group;
use super::offsets::{LayoutEntry, layout};
use crate::db::{Db, Query, executing};
use crate::envelope::PreloadEntry;
use crate::inputs::Workspace;
use crate::json::canonical;
use crate::record::Row;
use crate::schema::manifest::CODEC_NONE;

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

/// The canonical header, once every build-set asset has its row.
#[salsa::tracked(returns(as_ref))]
pub fn header(db: &dyn Db, workspace: Workspace) -> Option<Arc<HeaderBytes>> {
    executing(db, Query::Header, workspace);
    let mut places = layout(db, workspace)?.entries.iter();
    let groups: Vec<_> = workspace.groups(db).iter().map(|group| group::rows(db, *group)).collect::<Option<_>>()?;
    let rows = || groups.iter().copied().flatten();
    let mut table = Table::with_room_for(rows().filter_map(group::GroupRow::row));
    for found in rows() {
        let LayoutEntry { offset, size, .. } = *places.next()?;
        table.push(found.asset_id, found.row()?, offset, size).ok()?;
    }
    table.into_header().map(Arc::new)
}

/// What comes before the rows.
const START: &[u8] = b"{\"asset_table\":[";

/// The header up to the last row that was written, and the preload list that goes behind it.
pub(super) struct Table {
    bytes: Vec<u8>,
    preload: Vec<PreloadEntry>,
}

impl Table {
    /// An empty table with capacity for `rows`, so that a large one does not fragment memory while it grows.
    pub(super) fn with_room_for<'r>(rows: impl Iterator<Item = Row<'r>>) -> Self {
        /// Bytes of a row besides its name and metadata, with numbers of common length.
        const BESIDE: usize = 160;
        let size = rows.map(|row| BESIDE + row.name.len() + row.metadata.len()).sum();
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(START);
        Self { bytes, preload: Vec::new() }
    }

    /// Adds the row of one asset, whose payload of `size` bytes lies at `offset`: these eight keys and no others.
    ///
    /// # Errors
    ///
    /// None: writing to memory does not fail.
    pub(super) fn push(&mut self, asset_id: u32, row: Row<'_>, offset: u64, size: u64) -> io::Result<()> {
        let Row { name, bank, metadata, preload_slot } = row;
        let bytes = &mut self.bytes;
        bytes.extend_from_slice(if bytes.len() == START.len() { b"" } else { b"," });
        write!(bytes, r#"{{"asset_id":{asset_id},"asset_name":"#)?;
        canonical::write_string(name, bytes)?;
        let bank = bank.name();
        write!(bytes, r#","bank_type":"{bank}","codec":"{CODEC_NONE}","decoded_size":{size},"metadata":{metadata}"#)?;
        write!(bytes, r#","offset":{offset},"size":{size}}}"#)?;
        self.preload.extend(preload_slot.map(|slot| PreloadEntry { asset_id, slot }));
        Ok(())
    }

    /// Takes away the rows that were added, and returns how many bytes they had. The preload list stays.
    pub(super) fn take_rows(&mut self) -> usize {
        let size = self.bytes.len() - START.len();
        self.bytes.truncate(START.len());
        size
    }

    /// The whole header.
    pub(super) fn into_header(self) -> Option<HeaderBytes> {
        let mut bytes = self.bytes;
        bytes.push(b']');
        let asset_table = START.len() - 1..bytes.len();
        bytes.extend_from_slice(b",\"preload\":");
        let start = bytes.len();
        bytes.extend(canonical::to_vec(&self.preload).ok()?);
        let preload = start..bytes.len();
        bytes.push(b'}');
        // It is kept as long as the session.
        bytes.shrink_to_fit();
        Some(HeaderBytes { bytes, asset_table, preload })
    }
}
