//! The header, written row by row as canonical JSON. Its keys are in their canonical order here.

use std::io::{self, Write};

use super::{HeaderBytes, LayoutEntry};
use crate::asset::Row;
use crate::envelope::PreloadEntry;
use crate::json::canonical;
use crate::schema::manifest::CODEC_NONE;

/// What comes before the rows.
const START: &[u8] = b"{\"asset_table\":[";

/// The header up to the last row that was written, and the preload list that goes behind it.
pub(super) struct Table {
    bytes: Vec<u8>,
    preload: Vec<PreloadEntry>,
}

impl Table {
    /// An empty table, with room for `rows`: a large one that grew by and by would leave holes in memory.
    pub(super) fn with_room_for<'r>(rows: impl Iterator<Item = Row<'r>>) -> Self {
        /// Bytes of a row beside its name and metadata, with figures that are seldom longer.
        const BESIDE: usize = 160;
        let size = rows.map(|row| BESIDE + row.name.len() + row.metadata.len()).sum();
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(START);
        Self { bytes, preload: Vec::new() }
    }

    /// Adds what the runtime is told about one asset: these eight keys and no others.
    ///
    /// # Errors
    ///
    /// None: there is no other place than memory.
    pub(super) fn push(&mut self, asset_id: u32, row: Row<'_>, place: &LayoutEntry) -> io::Result<()> {
        let Row { name, bank, metadata, preload_slot } = row;
        let LayoutEntry { offset, size, .. } = place;
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
        // It stays as long as the session.
        bytes.shrink_to_fit();
        Some(HeaderBytes { bytes, asset_table, preload })
    }
}
