//! The envelope of `assets.pa`, version 1: `docs/spec/artifacts.md`.
//!
//! What the runtime's own specs will decide, and papack assumes until then, is in this file: the magic, the
//! widths and order of the prelude's fields, and the shape of a preload entry. The bank names, their slots and the
//! palettes of a tile bank are in [`formats`](crate::formats) and [`schema`](crate::schema).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::formats::Bank;

/// The first four bytes of `assets.pa`.
pub const MAGIC: [u8; 4] = *b"ASPA";

/// The version of the envelope, in the prelude.
pub const SCHEMA_VERSION: u32 = 1;

/// Bytes of the prelude.
pub const PRELUDE_SIZE: usize = 32;

/// The fixed part before the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prelude {
    /// Bytes of the header that follows. The payload region follows the header at once.
    pub header_len: u32,
}

impl Prelude {
    /// The bytes of the prelude, little-endian.
    pub fn to_bytes(self) -> [u8; PRELUDE_SIZE] {
        let mut bytes = [0; PRELUDE_SIZE];
        let payload_offset = PRELUDE_SIZE as u64 + u64::from(self.header_len);
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&SCHEMA_VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.header_len.to_le_bytes());
        bytes[12..20].copy_from_slice(&payload_offset.to_le_bytes());
        // flags (u32) and reserved (u64) stay 0.
        bytes
    }
}

/// What the runtime is told about one asset: these eight keys and no others.
#[derive(Debug, Serialize)]
pub struct AssetEntry<'a> {
    /// The stable id.
    pub asset_id: u32,
    /// The logical name.
    pub asset_name: &'a str,
    /// The bank to load it into.
    pub bank_type: Bank,
    /// How the payload is encoded.
    pub codec: &'a str,
    /// Bytes once the codec is undone.
    pub decoded_size: u64,
    /// What the format promotes, and the game's own `user`.
    pub metadata: &'a Map<String, Value>,
    /// Bytes from the start of the payload region.
    pub offset: u64,
    /// Bytes as stored.
    pub size: u64,
}

/// One asset to preload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PreloadEntry {
    /// An id of the asset table.
    pub asset_id: u32,
    /// The slot of the asset's bank, 0 to 15.
    pub slot: u8,
}
