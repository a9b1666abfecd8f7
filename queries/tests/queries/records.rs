//! Records: what stands for an asset, and the key of what its payload is made of.

use std::mem::{size_of, size_of_val};
use std::sync::Arc;

use papack_queries::change::{AssetInput, Change};
use papack_queries::content::{ContentId, Digest, Outcome};
use papack_queries::diagnostic::{
    Code, Data, Diagnostic, Lines, OtherAsset, Pixel, Related, Sample, Severity, Span, Type, Unit,
};
use papack_queries::formats::sounds::{self, Loops};
use papack_queries::formats::tilemap::{AskedTileset, TilesetFault, TilesetPlace};
use papack_queries::formats::tiles::{EntryZero, Options, TileSize};
use papack_queries::formats::{Format, Frames, Part};
use papack_queries::json::canonical;
use papack_queries::record::{InputChange, InputFile, PayloadInputs, Record, RecordedPayload, Tilesets};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use smol_str::SmolStr;

use crate::world::{World, uuid};

fn content(byte: u8) -> ContentId {
    ContentId { digest: Digest([byte; 32]), size: u64::from(byte) }
}

fn inputs(format: Format, files: &[(&str, u8)]) -> PayloadInputs {
    let file = |(path, byte): &(&str, u8)| InputFile { path: (*path).into(), content: content(*byte), part: None };
    PayloadInputs { format, files: files.iter().map(file).collect(), tilesets: None }
}

const PLACE: TilesetPlace = TilesetPlace { asset_id: 1, tile_size: 8, columns: 4, first_tile: 0, tile_count: 8 };

/// The inputs of a map that asks for a picture of which this is known.
fn asking(picture: &str, found: Result<TilesetPlace, TilesetFault>) -> PayloadInputs {
    let tilesets = Tilesets::of(&[AskedTileset { picture: picture.to_owned(), found }]);
    PayloadInputs { tilesets, ..inputs(Format::DataTilemapV1, &[("a.tmx", 1)]) }
}

const EIGHT: Format = tiles(TileSize::Eight, EntryZero::Warn);
const SIXTEEN: Format = tiles(TileSize::Sixteen, EntryZero::Warn);

const fn tiles(tile_size: TileSize, entry_zero: EntryZero) -> Format {
    Format::TilesIndexedV1(Options { entry_zero, ..Options::new(tile_size) })
}

#[test]
fn a_key_never_changes_its_meaning() {
    let (one, two) = (content(1).digest.to_string(), content(2).digest.to_string());
    let format = ["papack content key 5", "TILES/indexed_v1", "", "2", "tile_size", "8", "entry_zero", "\"WARN\""];
    let parts = [&format[..], &["a.png", "1", &one, "", "b.png", "2", &two, ""]].concat();
    let bytes: Vec<u8> =
        parts.iter().flat_map(|part| [&(part.len() as u64).to_le_bytes(), part.as_bytes()].concat()).collect();
    let key = inputs(EIGHT, &[("a.png", 1), ("b.png", 2)]).key();
    assert_eq!(key.0, Digest::of(&bytes));
    assert_eq!(key.to_string(), "06f96f70306c68021692a8a41ee2894497848378edfeb74c8c880d22f30cc32e");
}

#[test]
fn every_input_is_in_the_key() {
    let sound = |loops| Format::SoundsPcmV1(sounds::Options::with_loops(loops));
    let part = |part: Part| {
        let mut inputs = inputs(EIGHT, &[("a", 1), ("b", 2)]);
        inputs.files[0].part = Some(Box::new(part));
        inputs
    };
    let all = [
        inputs(EIGHT, &[("a", 1), ("b", 2)]),
        inputs(SIXTEEN, &[("a", 1), ("b", 2)]),
        inputs(tiles(TileSize::Eight, EntryZero::Transparent), &[("a", 1), ("b", 2)]),
        inputs(Format::DataRawV1, &[("a", 1), ("b", 2)]),
        inputs(sound(Loops::Off), &[("a", 1), ("b", 2)]),
        inputs(sound(Loops::Detect), &[("a", 1), ("b", 2)]),
        inputs(EIGHT, &[("b", 2), ("a", 1)]),
        inputs(EIGHT, &[("b", 1), ("a", 2)]),
        inputs(EIGHT, &[("a", 1), ("c", 2)]),
        inputs(EIGHT, &[("a", 1), ("b", 3)]),
        inputs(EIGHT, &[("a", 1)]),
        inputs(EIGHT, &[]),
        part(Part { tag: Some("run".into()), ..Part::default() }),
        part(Part { slice: Some("run".into()), ..Part::default() }),
        part(Part { layers: vec!["run".into()], ..Part::default() }),
        part(Part { layers: vec!["run".into(), "run".into()], ..Part::default() }),
        part(Part { frames: Some(Frames::All), ..Part::default() }),
        part(Part { frames: Some(Frames::Range(0, 0)), ..Part::default() }),
        part(Part { frames: Some(Frames::Range(0, 1)), ..Part::default() }),
        PayloadInputs {
            format: EIGHT,
            files: [("a", 1), ("b", 7)]
                .map(|(path, size)| InputFile {
                    path: path.into(),
                    content: ContentId { size, ..content(if path == "a" { 1 } else { 2 }) },
                    part: None,
                })
                .into(),
            tilesets: None,
        },
        asking("town.png", Err(TilesetFault::Unowned)),
        asking("towns.png", Err(TilesetFault::Unowned)),
        asking("town.png", Err(TilesetFault::Faulty(1))),
        asking("town.png", Err(TilesetFault::Faulty(11))),
        asking("town.png", Ok(PLACE)),
        asking("town.png", Ok(TilesetPlace { asset_id: 2, ..PLACE })),
        asking("town.png", Ok(TilesetPlace { first_tile: 1, ..PLACE })),
        asking("town.png", Ok(TilesetPlace { columns: 5, ..PLACE })),
        asking("town.png", Ok(TilesetPlace { tile_count: 9, ..PLACE })),
        asking("town.png", Ok(TilesetPlace { tile_size: 16, ..PLACE })),
        part(Part { level: Some("run".into()), ..Part::default() }),
    ];
    let mut keys: Vec<_> = all.iter().map(PayloadInputs::key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all.len());
}

#[test]
fn where_an_asset_is_and_what_it_is_called_is_not_in_the_key() {
    let world = World::with_assets(2);
    let key = |world: &World, id| world.record(id).inputs.as_ref().unwrap().key();
    let first = key(&world, 1);
    assert_ne!(first, key(&world, 2), "their files differ");
    let mut other = World::with_assets(2);
    other.write("a2/data.bin", &1_u32.to_le_bytes());
    let fields = r#""name": "other", "preload": {"enabled": true, "slot": 1}"#;
    let output = r#""format": "DATA/raw_v1", "pipeline": {"a": 1}, "metadata": {"user": {"b": 2}}"#;
    other.write_manifest(2, fields, output);
    other.apply();
    assert_eq!(key(&other, 2), first);
}

#[test]
fn a_change_of_inputs_is_told_part_by_part() {
    let old = inputs(EIGHT, &[("a", 1), ("b", 2), ("c", 3)]);
    let told = |new: &PayloadInputs| serde_json::to_value(new.changes_since(&old)).unwrap();
    let id = |byte| serde_json::to_value(content(byte)).unwrap();
    for (new, expected) in [
        (old.clone(), json!([])),
        (
            inputs(SIXTEEN, &[("a", 1), ("b", 2), ("c", 3)]),
            json!([{ "change": "FIELD", "field": "tile_size", "from": 8, "to": 16 }]),
        ),
        (
            inputs(tiles(TileSize::Eight, EntryZero::Transparent), &[("a", 1), ("b", 2), ("c", 3)]),
            json!([{ "change": "FIELD", "field": "entry_zero", "from": "WARN", "to": "TRANSPARENT" }]),
        ),
        (
            inputs(Format::DataRawV1, &[("a", 1), ("b", 2), ("c", 3)]),
            json!([{ "change": "FORMAT", "from": "TILES/indexed_v1", "to": "DATA/raw_v1" }]),
        ),
        (
            inputs(EIGHT, &[("a", 1), ("n", 4), ("c", 5)]),
            json!([
                { "change": "FILE_ADDED", "path": "n", "content": id(4) },
                { "change": "FILE_CHANGED", "path": "c", "from": id(3), "to": id(5) },
                { "change": "FILE_REMOVED", "path": "b", "content": id(2) },
            ]),
        ),
        (inputs(EIGHT, &[("a", 1), ("c", 3), ("b", 2)]), json!([{ "change": "ORDER" }])),
        // What comes between the others moves none of them.
        (
            inputs(EIGHT, &[("n", 4), ("b", 2), ("c", 3)]),
            json!([
                { "change": "FILE_ADDED", "path": "n", "content": id(4) },
                { "change": "FILE_REMOVED", "path": "a", "content": id(1) },
            ]),
        ),
    ] {
        assert_eq!(told(&new), expected);
    }
    assert_eq!(old.changes_since(&old), Vec::<InputChange>::new());
}

/// Bytes of a record, inline and on the heap, without what the allocator needs.
fn size(record: &Record) -> usize {
    let arc = 2 * size_of::<usize>();
    let text = |text: &SmolStr| if text.is_heap_allocated() { arc + text.len() } else { 0 };
    let files = record.inputs.iter().flat_map(|inputs| &inputs.files);
    let inputs: usize = files.map(|file| size_of_val(file) + text(&file.path)).sum();
    let slices = record.payload.as_ref().map(RecordedPayload::slices).filter(|slices| slices.len() > 1);
    let payload = slices.map_or(0, size_of_val);
    let name = record.name.as_ref().map_or(0, |claim| text(&claim.key));
    let slot = record.slot.as_deref().map_or(0, size_of_val);
    let metadata = record.metadata.as_ref().map_or(0, text);
    let pipeline = record.pipeline.as_ref().map_or(0, |pipeline| pipeline.len());
    arc + size_of::<Record>() + inputs + payload + name + slot + metadata + pipeline
}

#[test]
fn the_record_of_a_small_asset_is_small() {
    let mut world = World::with_assets(1);
    world.write_manifest(
        1,
        r#""name": "forest_ground_01", "preload": {"enabled": true, "slot": 3}"#,
        r#""format": "DATA/raw_v1", "pipeline": {"source": "ground.aseprite", "layers": ["base", "light"]}"#,
    );
    world.apply();
    let record = world.record(1);
    assert!(record.row().is_some() && record.diagnostics.is_empty());
    let (in_memory, stored) = (size(&record), postcard::to_allocvec(&*record).unwrap().len());
    println!("in memory {in_memory} bytes, stored {stored}");
    assert!(in_memory < 504, "{in_memory} bytes");
    assert!(stored < 400, "{stored} bytes");
}

/// Data of every kind but `Version`, with what may be absent here and there.
fn one_of_each_kind() -> Vec<Data> {
    let lines = |name: &str| Lines { name: name.into(), start: 1, end: 3 };
    vec![
        Data::Type { found: Type::Date, expected: Type::Object },
        Data::value("\u{1}\"é"),
        Data::choice("a", &["b", "c"], Some("b")),
        Data::missing("name"),
        Data::range(-1, 0, 15),
        Data::limit(None, 0, 3, Unit::Colours),
        Data::Count { found: u64::MAX, unit: Unit::Bytes },
        Data::mismatch(1, "2"),
        Data::Conflict { found: "0".into(), assets: vec![OtherAsset::registered(1, "a")], free_slot: Some(3) },
        Data::conflict("n", vec![OtherAsset { asset_id: None, root: None }]),
        Data::Paths { count: 2, paths: vec!["a".into()] },
        Data::Size {
            width: 1,
            height: 2,
            tile_size: 8,
            first_width: 3,
            max_width: 4,
            total_height: 5,
            max_height: 6,
            total_pixels: 7,
            max_pixels: 8,
        },
        Data::Pixels { count: 1, places: vec![Pixel { x: 1, y: 2, found: 3 }], max: Some(15) },
        Data::Colours { count: 2, colours: vec!["#000000".into()] },
        Data::Samples { count: 1, places: vec![Sample { frame: 1, channel: 0 }] },
        Data::bytes(0, 4),
        Data::Sides { ours: lines("HEAD"), theirs: lines(""), count: 1 },
        Data::Holder { operation: Some("pack".into()), process_id: Some(1), since_ms: Some(2) },
        Data::Holder { operation: None, process_id: None, since_ms: None },
        Data::system(&std::io::Error::from_raw_os_error(28)),
    ]
}

#[test]
fn stored_diagnostics_keep_every_field_and_name_their_codes() {
    let bare = Diagnostic::new(Severity::Info, Code::SchemaOlder, "older");
    let with_data = bare.clone().with_versions(-1, 1..=2);
    let mut full = Diagnostic::error(Code::SoundsNameTaken, "taken").with_help("rename").at("a/b.wav");
    full = full.at_bytes(3..9).with_related("here", Some("a/c.wav".into())).with_related("and there", None);
    full = Diagnostic { pointer: Some("/name".into()), asset_id: Some(7), asset_name: Some("n".into()), ..full };
    let there = Related::new("there", Some("a/asset.json".into()));
    full = full.with_place(Related { span: Some(Span::in_bytes(1..2)), asset_id: Some(3), ..there });
    let of_each_kind = one_of_each_kind().into_iter().map(|data| bare.clone().with_data(data));
    let diagnostics = of_each_kind.chain([bare.clone(), with_data, full]).collect();
    let outcome = Outcome { payload: None, diagnostics };
    let stored = postcard::to_allocvec(&outcome).unwrap();
    assert_eq!(postcard::from_bytes::<Outcome>(&stored).unwrap(), outcome);
    // A code is stored by its name, so that a new one between others changes no stored one.
    let name = b"SOUNDS_NAME_TAKEN";
    let place = stored.windows(name.len()).position(|window| window == name).unwrap();
    let mut unknown = stored.clone();
    unknown[place] = b'X';
    assert!(postcard::from_bytes::<Outcome>(&unknown).is_err());
    for end in 0..stored.len() {
        assert!(postcard::from_bytes::<Outcome>(&stored[..end]).is_err(), "{end} bytes");
    }
    let text = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
}

/// What an asset of a random world is like.
#[derive(Debug, Clone)]
struct Made {
    id: u32,
    name: &'static str,
    is_included: bool,
    slot: Option<u8>,
    user: Option<&'static str>,
    pipeline: Option<&'static str>,
    files: Vec<(&'static str, Vec<u8>)>,
    artifacts: &'static str,
    format: &'static str,
}

fn made() -> impl Strategy<Value = Made> {
    let names =
        select(vec!["n", "m", "tree", "\u{e9}\u{1f600}", "quote \\\" back\\\\slash", "", "o", "p", "q", "r", "s", "t"]);
    let file = (select(vec!["a.bin", "b.bin", "é.bin", "d/c.bin"]), prop::collection::vec(any::<u8>(), 0..40));
    let artifacts = select(vec![
        r#"[{"glob": "**"}]"#,
        r#"[{"glob": "*.bin"}]"#,
        r#"[{"file": "b.bin"}, {"file": "a.bin"}]"#,
        r#"[{"file": "asset.json"}]"#,
    ]);
    let formats = prop_oneof![18 => Just("DATA/raw_v1"), 1 => Just("SOUNDS/pcm_v1"), 1 => Just("unknown")];
    let user = select(vec![r#"{"z": [1, {"é": null}], "a": "\u0007"}"#, "{}", r#"{"f": 1}"#, r#"{"f": 0.5}"#]);
    let pipeline = select(vec![r#"{"b": 1e3, "a": "\u001f/"}"#, "{}"]);
    (
        select(vec![1, 2, 3, 511, 512, 513, 70_000]),
        names,
        prop::bool::weighted(0.8),
        prop::option::weighted(0.2, 0_u8..18),
        prop::option::weighted(0.3, user),
        prop::option::weighted(0.3, pipeline),
        prop::collection::vec(file, 0..4),
        artifacts,
        formats,
    )
        .prop_map(|(id, name, is_included, slot, user, pipeline, files, artifacts, format)| Made {
            id,
            name,
            is_included,
            slot,
            user,
            pipeline,
            files,
            artifacts,
            format,
        })
}

fn write(world: &mut World, made: &Made) {
    let root = format!("a{}", made.id);
    // So that most are sound.
    for name in ["a.bin", "b.bin"] {
        world.write(&format!("{root}/{name}"), name.as_bytes());
    }
    for (path, bytes) in &made.files {
        world.write(&format!("{root}/{path}"), bytes);
    }
    let preload =
        made.slot.map_or_else(String::new, |slot| format!(r#""preload": {{"enabled": true, "slot": {slot}}},"#));
    let user = made.user.map_or_else(String::new, |user| format!(r#""metadata": {{"user": {user}}},"#));
    let pipeline = made.pipeline.map_or_else(String::new, |pipeline| format!(r#""pipeline": {pipeline},"#));
    let text = format!(
        r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "{}", {preload} "artifacts": {},
            "output": {{{user} {pipeline} "format": "{}"}}}}"#,
        uuid(made.id),
        made.name,
        made.artifacts,
        made.format
    );
    world.write(&format!("{root}/asset.json"), text.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn recorded_and_loaded_give_the_same(mut all in prop::collection::vec(made(), 0..7), loaded in any::<u8>()) {
        all.sort_by_key(|made| made.id);
        all.dedup_by_key(|made| made.id);
        let mut world = World::new();
        for made in &all {
            world.register(made.id, &format!("a{}", made.id));
            world.entries.last_mut().unwrap().included_in_build = made.is_included;
            write(&mut world, made);
        }
        world.apply();
        let packed = world.pack();
        for document in [&packed.1, &packed.2].into_iter().flatten() {
            let value: serde_json::Value = serde_json::from_slice(document).unwrap();
            prop_assert_eq!(&canonical::to_vec(&value).unwrap(), document);
        }
        let mut restored = world.restored();
        prop_assert_eq!(&restored.pack(), &packed);
        for (index, made) in all.iter().enumerate() {
            prop_assert_eq!(restored.record(made.id), world.record(made.id));
            if loaded & 1 << index != 0 {
                restored.recorded.remove(&made.id);
            }
        }
        restored.apply();
        prop_assert_eq!(&restored.pack(), &packed);
        // And back to sleep.
        let unloaded = all.iter().map(|made| (made.id, AssetInput::Recorded(Arc::clone(&restored.record(made.id))))).collect();
        Change { updates: unloaded, ..Change::default() }.apply(&mut restored.db);
        prop_assert_eq!(&restored.pack(), &packed);
    }
}
