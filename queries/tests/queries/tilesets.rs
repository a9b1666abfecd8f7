//! A map depends on the bank with its tiles: on where they are, and on nothing else.

use papack_queries::asset::payload;
use papack_queries::db::Query;
use papack_queries::diagnostic::Code;
use papack_queries::inputs::Key;

use crate::world::{World, uuid};

/// A BMP of 8 bits with one colour, which is entry 1.
fn picture(width: u32, height: u32, colour: u8) -> Vec<u8> {
    let size = width * height;
    let mut bytes = b"BM".to_vec();
    for field in [54 + 8 + size, 0, 54 + 8, 40, width, height] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend([1, 0, 8, 0]);
    for field in [0, size, 0, 0, 2, 0] {
        bytes.extend(u32::to_le_bytes(field));
    }
    bytes.extend([0, 0, 0, 0, colour, 200, 8, 0]);
    bytes.extend(vec![1; size as usize]);
    bytes
}

fn map(cells: &str) -> Vec<u8> {
    format!(
        r#"<map orientation="orthogonal" width="2" height="1" tilewidth="8" tileheight="8">
            <tileset firstgid="1" name="town" tilewidth="8" tileheight="8" tilecount="4" columns="2">
                <image source="../town/town.bmp" width="16" height="16"/>
            </tileset>
            <layer name="ground" width="2" height="1"><data encoding="csv">{cells}</data></layer>
        </map>"#
    )
    .into_bytes()
}

fn write_manifest(world: &mut World, id: u32, root: &str, files: &str, output: &str) {
    let text = format!(
        r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "{root}", "artifacts": [{files}], "output": {{{output}}}}}"#,
        uuid(id)
    );
    world.write(&format!("{root}/asset.json"), text.as_bytes());
}

const TILES: &str = r#""format": "TILES/indexed_v1", "metadata": {"tile_size": 8}"#;
const MAP: &str = r#""format": "DATA/tilemap_v1""#;

/// A bank of two pictures, of which the map uses the second one, and something else.
fn world() -> World {
    let mut world = World::new();
    world.register(1, "level");
    world.register(2, "town");
    world.register(3, "other");
    world.write("town/a.bmp", &picture(16, 8, 1));
    world.write("town/town.bmp", &picture(16, 16, 2));
    write_manifest(&mut world, 2, "town", r#"{"file": "a.bmp"}, {"file": "town.bmp"}"#, TILES);
    world.write("level/level.tmx", &map("2,2147483652"));
    write_manifest(&mut world, 1, "level", r#"{"file": "level.tmx"}"#, MAP);
    world.write("other/other.txt", b"other");
    write_manifest(&mut world, 3, "other", r#"{"file": "other.txt"}"#, r#""format": "DATA/raw_v1""#);
    world.apply();
    world
}

/// The cells of the map, as the payload has them.
fn cells(world: &World) -> Vec<u32> {
    let derived = payload(&world.db, world.asset(1));
    let payload = derived.payload.as_ref().unwrap_or_else(|| panic!("{:#?}", derived.diagnostics));
    let bytes = world.memory.contents.lock().unwrap()[&payload.id].clone();
    bytes.chunks(4).map(|cell| u32::from_le_bytes(cell.try_into().unwrap())).collect()
}

/// Of which assets the format ran.
fn derived(world: &World) -> Vec<u32> {
    let key = |id: u32| -> Key { world.asset(id).key() };
    let ran: Vec<_> =
        world.executed().into_iter().filter(|ran| ran.query == Query::Format).map(|ran| ran.key).collect();
    (1..=3).filter(|id| ran.contains(&key(*id))).collect()
}

fn code(world: &World) -> (Code, String) {
    let found = &payload(&world.db, world.asset(1)).diagnostics[0];
    (found.code, found.message.clone())
}

#[test]
fn a_map_is_derived_again_where_its_tiles_moved_and_only_then() {
    let mut world = world();
    world.pack();
    assert_eq!(derived(&world), [1, 2, 3]);
    // The second picture begins behind the two tiles of the first; the bank is the first one, and the last tile is mirrored.
    let bank = 1 << 20;
    assert_eq!(cells(&world), [(2 + 1) | bank, (2 + 3) | bank | 1 << 31]);

    for (what, path, bytes, of) in [
        ("other pixels", "town/town.bmp", picture(16, 16, 3), vec![2]),
        ("something that is no tile", "other/other.txt", b"changed".to_vec(), vec![3]),
        ("a picture before it that is higher", "town/a.bmp", picture(16, 24, 1), vec![1, 2]),
        ("a picture before it of other colours", "town/a.bmp", picture(16, 24, 9), vec![2]),
        ("the map", "level/level.tmx", map("0,1"), vec![1]),
    ] {
        world.write(path, &bytes);
        world.apply();
        world.pack();
        assert_eq!(derived(&world), of, "{what}");
        assert_eq!(cells(&world), cells(&world.anew()), "{what}");
    }
    assert_eq!(cells(&world), [0, 6 | bank]);

    // What a manifest says beside the places of tiles is no matter, either.
    let files = r#"{"file": "a.bmp"}, {"file": "town.bmp"}"#;
    write_manifest(&mut world, 2, "town", files, &format!(r#"{TILES}, "pipeline": {{"by": "me"}}"#));
    world.apply();
    world.pack();
    assert_eq!(derived(&world), Vec::<u32>::new());
    write_manifest(&mut world, 2, "town", r#"{"file": "town.bmp"}, {"file": "a.bmp"}"#, TILES);
    world.apply();
    world.pack();
    assert_eq!(derived(&world), [1, 2]);
    assert_eq!(cells(&world), [0, bank]);
}

#[test]
fn it_does_not_matter_whether_the_bank_is_loaded_or_recorded() {
    let mut world = world();
    world.pack();
    let mut restored = world.restored();
    // Only the map is loaded: its bank is a record.
    restored.recorded.remove(&1);
    restored.write("level/level.tmx", &map("3,0"));
    restored.apply();
    world.write("level/level.tmx", &map("3,0"));
    world.apply();
    assert_eq!(cells(&restored), cells(&world));
    assert_eq!(restored.record(1).inputs, world.record(1).inputs);
    assert_eq!(derived(&restored), [1]);
}

#[test]
fn what_no_bank_has_is_told_and_nothing_goes_in_a_circle() {
    let mut world = world();
    world.pack();
    world.write("level/level.tmx", &map("5,0"));
    world.apply();
    let told = "layer \"ground\", cell (0, 0): tile 4 of the tileset \"town\" is not in the bank of asset 2";
    assert_eq!(code(&world), (Code::MapTile, told.to_owned()));

    let elsewhere = |source: &str| String::from_utf8(map("1,1")).unwrap().replace("../town/town.bmp", source);
    for (source, message) in [
        ("../town/gone.bmp", "it is no artifact of a registered asset"),
        ("../nowhere/town.bmp", "it is no artifact of a registered asset"),
        ("../../town.bmp", "it does not lie below assets/"),
        ("/town.bmp", "it does not lie below assets/"),
        ("../other/other.txt", "it belongs to asset 3, which is not of the format TILES/indexed_v1"),
        // The map itself: what it would depend on is never asked for.
        ("level.tmx", "it belongs to asset 1, which is not of the format TILES/indexed_v1"),
    ] {
        world.write("level/level.tmx", elsewhere(source).as_bytes());
        world.apply();
        world.pack();
        let (code, told) = code(&world);
        assert_eq!(code, Code::MapTileset, "{source}: {told}");
        assert!(told.ends_with(message), "{source}: {told}");
    }

    // Of an Aseprite file, a slice has other tiles than the picture.
    let sprite = include_bytes!("../../../tests/fuzz/seeds/sprites/rich.aseprite");
    world.write("town/town.aseprite", sprite);
    let slice = r#"{"file": "town.aseprite", "slice": "s", "frame": 0}"#;
    write_manifest(
        &mut world,
        2,
        "town",
        slice,
        &TILES.replace("8}", "8, \"pad\": \"BOTTOM_RIGHT\", \"alpha\": 1, \"colors\": 3}"),
    );
    world.write("level/level.tmx", elsewhere("../town/town.aseprite").as_bytes());
    world.apply();
    assert!(code(&world).1.ends_with("asset 2 takes only a slice of it"), "{:?}", code(&world));
    write_manifest(&mut world, 2, "town", r#"{"file": "a.bmp"}, {"file": "town.bmp"}"#, TILES);

    world.write("level/level.tmx", &map("1,1"));
    world.write("town/a.bmp", b"broken");
    world.apply();
    assert!(code(&world).1.ends_with("it belongs to asset 2, with which something is wrong"), "{:?}", code(&world));
    world.write("town/a.bmp", &picture(16, 8, 1));
    write_manifest(
        &mut world,
        2,
        "town",
        r#"{"file": "town.bmp"}"#,
        r#""format": "TILES/indexed_v1", "metadata": {"tile_size": 16}"#,
    );
    world.apply();
    let told = code(&world).1;
    assert!(told.contains("8 × 8 pixels, those of the map 8 × 8, and those of asset 2 16 × 16"), "{told}");
}
