//! Any bytes are a PNG with a payload, or have an error. The checksums are put right, so that mutations get past them.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::formats::Format;
use papack_queries::formats::tiles::{ColoursOf, Conversions, Dither, Key, Options, Pad, TileSize};

fuzz_target!(|bytes: &[u8]| {
    let tiles = Format::TilesIndexedV1(Options::new(TileSize::Eight));
    memory::derive(tiles, bytes);
    memory::derive(tiles, &with_checksums(bytes));
    memory::derive(converted(), &with_checksums(bytes));
});

/// Tiles with all conversions.
fn converted() -> Format {
    let conversions = Conversions {
        transparent: Key::colour("#ff00ff"),
        alpha: 128.try_into().ok(),
        palette: None,
        colors: 7.try_into().ok(),
        colors_of: ColoursOf::File,
        dither: Dither::Ordered,
        renumber: true,
        pad: Some(Pad::Around),
    };
    Format::TilesIndexedV1(Options { conversions, ..Options::new(TileSize::Eight) })
}

/// `bytes` as far as they are chunks, each with its CRC.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut fixed = bytes.to_vec();
    let mut at = 8;
    while let Some(length) = fixed.get(at..at + 4).map(|l| u32::from_be_bytes(l.try_into().unwrap()) as usize) {
        let Some(checked) = fixed.get(at + 4..).and_then(|rest| rest.get(..length.saturating_add(4))) else { break };
        let crc = crc32(checked).to_be_bytes();
        let Some(place) = fixed.get_mut(at + 8 + length..at + 12 + length) else { break };
        place.copy_from_slice(&crc);
        at += 12 + length;
    }
    fixed
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
