//! Any bytes that begin as an Aseprite file, a GIF or a BMP have a payload or an error, all of them and parts of them.
#![no_main]

mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::formats::tiles::{Options, TileSize};
use papack_queries::formats::{Format, Frames, Part};

fuzz_target!(|bytes: &[u8]| {
    let tiles = Format::TilesIndexedV1(Options::new(TileSize::Eight));
    let mut file = bytes.to_vec();
    if !file.starts_with(b"GIF8") && !file.starts_with(b"BM") && file.len() >= 134 {
        file[4..6].copy_from_slice(&[0xe0, 0xa5]);
        file[132..134].copy_from_slice(&[0xfa, 0xf1]);
    }
    memory::derive(tiles, &file);
    let all = Part { frames: Some(Frames::All), ..Part::default() };
    memory::derive_part(tiles, &file, Some(&all));
    let named =
        Part { tag: Some("t".into()), layers: vec!["g".into()], slice: Some("s".into()), frames: None, level: None };
    memory::derive_part(tiles, &file, Some(&named));
});
