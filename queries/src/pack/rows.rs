//! The header, written row by row as canonical JSON. Its keys are in their canonical order here.

use std::io::{self, Write};

use super::HeaderBytes;
use crate::asset::Row;
use crate::envelope::PreloadEntry;
use crate::json::canonical;
use crate::schema::manifest::CODEC_NONE;

/// The table of the header, as far as it is written, and the preload list that goes with it.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<u8>,
    preload: Vec<PreloadEntry>,
}

impl Table {
    /// Adds what the runtime is told about one asset: these eight keys and no others.
    ///
    /// # Errors
    ///
    /// None: there is no other place than memory.
    pub(super) fn push(&mut self, asset_id: u32, row: &Row, offset: u64) -> io::Result<()> {
        let Row { name, bank, size, metadata, preload_slot } = row;
        let rows = &mut self.rows;
        rows.extend_from_slice(if rows.is_empty() { b"" } else { b"," });
        write!(rows, r#"{{"asset_id":{asset_id},"asset_name":"#)?;
        canonical::write_string(name, rows)?;
        let bank = bank.name();
        write!(rows, r#","bank_type":"{bank}","codec":"{CODEC_NONE}","decoded_size":{size},"metadata":{metadata}"#)?;
        write!(rows, r#","offset":{offset},"size":{size}}}"#)?;
        self.preload.extend(preload_slot.map(|slot| PreloadEntry { asset_id, slot }));
        Ok(())
    }

    /// The whole header.
    pub(super) fn into_header(self) -> Option<HeaderBytes> {
        let mut bytes = b"{\"asset_table\":".to_vec();
        let start = bytes.len();
        bytes.push(b'[');
        bytes.extend(self.rows);
        bytes.push(b']');
        let asset_table = start..bytes.len();
        bytes.extend_from_slice(b",\"preload\":");
        let start = bytes.len();
        bytes.extend(canonical::to_vec(&self.preload).ok()?);
        let preload = start..bytes.len();
        bytes.push(b'}');
        Some(HeaderBytes { bytes, asset_table, preload })
    }
}
