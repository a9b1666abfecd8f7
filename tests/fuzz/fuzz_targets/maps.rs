//! Any bytes are a map over a bank, or no map; and what a map asks for can always be told.
#![no_main]

#[allow(dead_code)]
mod memory;

use libfuzzer_sys::fuzz_target;
use papack_queries::diagnostic::Code;
use papack_queries::formats::Format;
use papack_queries::formats::tilemap::{AskedTileset, TilesetPlace};

fuzz_target!(|bytes: &[u8]| {
    let place = TilesetPlace { asset_id: 1, tile_size: 8, columns: 4, first_tile: 0, tile_count: 16 };
    let asked = [AskedTileset { picture: "../town/town.png".to_owned(), found: Ok(place) }];
    let outcome = memory::derive_asking(Format::DataTilemapV1, &[bytes], &asked);
    let known = [
        Code::MapInvalid,
        Code::MapUnsupported,
        Code::MapTileset,
        Code::MapTile,
        Code::MapLeftOut,
        Code::FileLfsPointer,
    ];
    assert!(outcome.diagnostics.iter().all(|found| known.contains(&found.code)));
});
