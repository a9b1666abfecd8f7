//! What was extracted packs to what it came from.

use std::fs;
use std::path::Path;

use papack_engine::{ExtractResult, OpenFile, Status};
use papack_queries::formats::Bank;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::made::{self, Made};
use crate::space::{TestSpace, files_below, uuid};
use crate::{GOLDEN, extract_all, golden};

/// Makes a workspace of the pack at `file`, extracted with `decode`: a root for each asset, and manifests with what the
/// header tells of it.
fn workspace_of(file: &Path) -> TestSpace {
    let space = TestSpace::empty();
    fs::create_dir(space.path().join("assets")).unwrap();
    let result = extract_all(file, &space.path().join("assets"), true);
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    write_manifests(&space, file, &result);
    space
}

fn write_manifests(space: &TestSpace, file: &Path, result: &ExtractResult) {
    let reader = OpenFile::reader(file).unwrap();
    let slots: Map<_, _> = reader.preloads().map(|(asset, slot)| (asset.asset_id.to_string(), json!(slot))).collect();
    let mut entries = Vec::new();
    for extracted in &result.assets {
        let id = extracted.asset_id;
        let place = extracted.files[0].split('/').next().unwrap();
        let promoted: Value = serde_json::from_str(reader.metadata(reader.asset(id).unwrap())).unwrap();
        let (format, mut metadata) = match extracted.bank_type {
            Bank::Tiles => ("TILES/indexed_v1", json!({"tile_size": promoted["tile_size"]})),
            Bank::Sounds => ("SOUNDS/pcm_v1", json!({"loops": "DETECT"})),
            Bank::Data => ("DATA/raw_v1", json!({})),
        };
        if let Some(user) = promoted.get("user") {
            metadata["user"] = user.clone();
        }
        let files: Vec<_> =
            extracted.files.iter().map(|file| json!({"file": file.split_once('/').unwrap().1})).collect();
        let preload = match slots.get(&id.to_string()) {
            Some(slot) => json!({"enabled": true, "slot": slot}),
            None => json!({"enabled": false}),
        };
        let manifest = json!({
            "schema_version": 2, "asset_uuid": uuid(id as usize), "name": extracted.asset_name, "artifacts": files,
            "output": {"format": format, "metadata": metadata}, "preload": preload,
        });
        space.write(&format!("assets/{place}/asset.json"), manifest.to_string());
        entries
            .push(json!({"asset_id": id, "asset_uuid": uuid(id as usize), "root": place, "included_in_build": true}));
    }
    let registry = json!({"schema_version": 2, "next_asset_id": i32::MAX, "assets": entries});
    space.write("assets/.prometeu/index.json", registry.to_string());
}

#[track_caller]
fn assert_comes_back(file: &Path) {
    let space = workspace_of(file);
    space.pack();
    assert!(space.read("build/assets.pa") == fs::read(file).unwrap(), "{}", file.display());
}

/// Ids, names, metadata, preloads and payloads: the whole pack is the same again.
#[test]
fn golden_packs_come_back_byte_for_byte() {
    for name in GOLDEN {
        assert_comes_back(&golden(name));
    }
}

#[test]
fn the_demo_comes_back_byte_for_byte() {
    let demo = TestSpace::copy_of("demo");
    // How long the frames of an animation are shown is in no picture.
    assert_eq!(demo.run(&["exclude", "lamp"]).code, 0);
    // What is taken out of a map are numbers of tiles.
    assert_eq!(demo.run(&["exclude", "shore"]).code, 0);
    demo.pack();
    assert_comes_back(&demo.path().join("build/assets.pa"));
}

#[test]
fn payloads_are_what_is_extracted_without_decoding() {
    for name in GOLDEN {
        let to = tempfile::tempdir().unwrap();
        let result = extract_all(&golden(name), to.path(), false);
        let reader = OpenFile::reader(&golden(name)).unwrap();
        assert_eq!(result.assets.len(), reader.assets().len());
        for (extracted, asset) in result.assets.iter().zip(reader.assets()) {
            let files: Vec<_> = extracted.files.iter().map(|file| fs::read(to.path().join(file)).unwrap()).collect();
            assert!(files.concat() == reader.read(asset).unwrap(), "{name}: asset {}", asset.asset_id);
            assert!(files.len() == 1 || asset.bank_type == Bank::Data);
        }
        let found = files_below(to.path());
        assert_eq!(found.len(), result.file_count);
        assert_eq!(found.values().map(|content| content.len() as u64).sum::<u64>(), result.byte_count);
    }
}

/// Another reader of PNG sees the pixels of the payload, the palette in 24 bits, and a first entry that is transparent.
#[test]
fn pictures_are_what_another_reader_sees() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("assets.pa");
    let tiles =
        made::tiles(3, "tiles", 2, &[1, 2, 3, 15]).with_payload_byte(128 + 2, 0x1f).with_payload_byte(128 + 5, 0xf8);
    let pixels = tiles.payload[..128].to_vec();
    made::write(&file, &[tiles], &[]);
    let to = folder.path().join("out");
    assert_eq!(extract_all(&file, &to, true).status, Status::Success);
    let bytes = fs::read(to.join("3-tiles/sheet-0.png")).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
    let mut seen = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut seen).unwrap();
    let info = reader.info();
    assert_eq!((info.width, info.height, info.color_type), (16, 16, png::ColorType::Indexed));
    assert_eq!((info.bit_depth, seen), (png::BitDepth::Four, pixels));
    let palette = info.palette.as_deref().unwrap();
    assert_eq!((palette.len(), &palette[..9]), (48, &[0, 0, 0, 0, 0, 255, 255, 0, 0][..]));
    assert_eq!(info.trns.as_deref(), Some(&[0][..]));
}

/// A sound bank as papack makes it of any files: names, channels, rates, loops and frames.
fn any_sounds() -> impl Strategy<Value = Made> {
    let sample =
        ("[a-zA-Z.é ]{0,6}[a-z]", 1_usize..=2, 0_usize..50, 1_u32..=192_000, any::<(u64, u64)>(), any::<bool>());
    prop::collection::vec(sample, 1..6).prop_map(|samples| {
        let (mut payload, mut list, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (name, channels, frames, sample_rate, (one, other), looped) in samples {
            if names.contains(&name) {
                continue;
            }
            let mut entry = json!({
                "channels": channels, "frames": frames, "name": name, "offset": payload.len(), "sample_rate": sample_rate,
            });
            if looped && frames > 0 {
                let start = one % frames as u64;
                entry["loop_start"] = json!(start);
                entry["loop_end"] = json!(start + 1 + other % (frames as u64 - start));
            }
            payload.extend((0..frames * channels * 2).map(|at| (one.rotate_left(at as u32) ^ at as u64) as u8));
            list.push(entry);
            names.push(name);
        }
        Made { id: 7, name: "sounds".into(), bank: "SOUNDS", metadata: json!({ "samples": list }), payload }
    })
}

/// A tile bank as papack makes it of indexed pictures: every pixel and every colour is anything.
fn any_tiles() -> impl Strategy<Value = Made> {
    let size = prop_oneof![Just(8_usize), Just(16), Just(32)];
    (size, 1_usize..4, prop::collection::vec((1_usize..3, 0_usize..3), 1..5), any::<u64>()).prop_map(
        |(tile, columns, sheets, seed)| {
            let noise = |at: usize| (seed ^ (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(29) as u8;
            // Palettes are numbered as they first appear.
            let mut known = Vec::new();
            let (mut list, mut first) = (Vec::new(), 0);
            for (rows, palette) in sheets {
                let number = known.iter().position(|other| *other == palette).unwrap_or_else(|| {
                    known.push(palette);
                    known.len() - 1
                });
                let count = rows * columns;
                list.push(json!({"first_tile": first, "palette": number, "tile_count": count}));
                first += count;
            }
            let (width, height) = (columns * tile, first / columns * tile);
            let mut payload: Vec<u8> = (0..width * height / 2).map(noise).collect();
            for palette in &known {
                // The first entry tells them apart.
                payload.extend([*palette as u8, 0]);
                payload.extend((0..30).map(|at| noise(at + 1000 * palette)));
            }
            payload.resize(width * height / 2 + 2048, 0);
            let metadata = json!({
                "height": height, "palette_authored": known.len(), "palette_count": 64, "sheets": list, "tile_size": tile,
                "width": width,
            });
            Made { id: 3, name: "tiles".into(), bank: "TILES", metadata, payload }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sounds_and_tiles_come_back_byte_for_byte(tiles in any_tiles(), sounds in any_sounds()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assets.pa");
        made::write(&file, &[tiles, sounds], &[(3, 0)]);
        assert_comes_back(&file);
    }
}
