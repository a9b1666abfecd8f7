//! Packs that no `pack` wrote: valid ones, with whatever names and payloads a test needs.

use std::fs;
use std::path::Path;

use papack_queries::envelope::Prelude;
use serde_json::{Value, json};

/// One asset of a made pack.
#[derive(Debug)]
pub struct Made {
    pub id: u32,
    pub name: String,
    pub bank: &'static str,
    pub metadata: Value,
    pub payload: Vec<u8>,
}

/// An asset of bank `DATA` with these files.
pub fn data(id: u32, name: &str, files: &[(&str, &str)]) -> Made {
    let mut payload = Vec::<u8>::new();
    let mut entries = Vec::new();
    for (path, content) in files {
        entries.push(json!({"name": path, "offset": payload.len(), "size": content.len()}));
        payload.extend(content.as_bytes());
    }
    Made { id, name: name.into(), bank: "DATA", metadata: json!({ "entries": entries }), payload }
}

/// A sound bank with these samples, each with one channel and as many frames as are given.
pub fn sounds(id: u32, name: &str, samples: &[(&str, &[i16])]) -> Made {
    let mut payload = Vec::<u8>::new();
    let mut list = Vec::new();
    for (sample, frames) in samples {
        list.push(json!({"channels": 1, "frames": frames.len(), "name": sample, "offset": payload.len(), "sample_rate": 8000}));
        payload.extend(frames.iter().flat_map(|frame| frame.to_le_bytes()));
    }
    Made { id, name: name.into(), bank: "SOUNDS", metadata: json!({ "samples": list }), payload }
}

/// A tile bank of 8 × 8 tiles, `width` tiles wide; each tile is filled with one index.
pub fn tiles(id: u32, name: &str, width: usize, tiles: &[u8]) -> Made {
    assert!(tiles.len().is_multiple_of(width));
    let mut payload = Vec::<u8>::new();
    for row in tiles.chunks(width) {
        for _ in 0..8 {
            payload.extend(row.iter().flat_map(|index| [index << 4 | index; 4]));
        }
    }
    payload.extend([0; 2048]);
    let metadata = json!({
        "height": tiles.len() / width * 8, "palette_authored": 1, "palette_count": 64, "tile_size": 8, "width": width * 8,
        "sheets": [{"first_tile": 0, "palette": 0, "tile_count": tiles.len()}],
    });
    Made { id, name: name.into(), bank: "TILES", metadata, payload }
}

impl Made {
    pub fn with_metadata(mut self, key: &str, value: Value) -> Self {
        self.metadata[key] = value;
        self
    }

    pub fn with_payload_byte(mut self, at: usize, byte: u8) -> Self {
        self.payload[at] = byte;
        self
    }
}

/// The bytes of the pack. `preloads` are ids and slots.
pub fn bytes(assets: &[Made], preloads: &[(u32, u8)]) -> Vec<u8> {
    let (mut table, mut payloads) = (Vec::new(), Vec::<u8>::new());
    for made in assets {
        let size = made.payload.len();
        table.push(json!({
            "asset_id": made.id, "asset_name": made.name, "bank_type": made.bank, "codec": "NONE", "decoded_size": size,
            "metadata": made.metadata, "offset": payloads.len(), "size": size,
        }));
        payloads.extend(&made.payload);
    }
    let preloads: Vec<_> = preloads.iter().map(|(id, slot)| json!({"asset_id": id, "slot": slot})).collect();
    // A map of serde_json is sorted, and these keys have one order.
    let header = json!({"asset_table": table, "preload": preloads}).to_string();
    let mut pack = Prelude { header_len: u32::try_from(header.len()).unwrap() }.to_bytes().to_vec();
    pack.extend(header.as_bytes());
    pack.extend(payloads);
    pack
}

/// Writes the pack to `path`.
pub fn write(path: &Path, assets: &[Made], preloads: &[(u32, u8)]) {
    fs::write(path, bytes(assets, preloads)).unwrap();
}
