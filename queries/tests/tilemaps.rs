//! `DATA/tilemap_v1`: what programs save, and what becomes of it; and files that are none of theirs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "memory/mod.rs"]
mod memory;

use std::fmt::Write as _;

use data_encoding::BASE64;
use memory::Memory;
use papack_queries::content::{ContentStore as _, Outcome};
use papack_queries::formats::tilemap::{AskedTileset, TilesetFault, TilesetPlace};
use papack_queries::formats::{Format, Part, Source};
use proptest::prelude::*;
use serde_json::{Value, json};

const PLACE: TilesetPlace = TilesetPlace { asset_id: 7, tile_size: 8, columns: 4, first_tile: 10, tile_count: 16 };

/// What becomes of files, and the payload.
fn derive(files: &[(&str, &[u8], Option<Part>)], asked: &[AskedTileset]) -> (Outcome, Vec<u8>) {
    let memory = Memory::default();
    let contents: Vec<_> = files.iter().map(|(_, bytes, _)| memory.put(bytes).unwrap()).collect();
    let named = files.iter().zip(&contents);
    let sources: Vec<_> =
        named.map(|((path, _, part), content)| Source { path, content: *content, part: part.as_ref() }).collect();
    let outcome = Format::DataTilemapV1.derive(&sources, asked, &memory).unwrap();
    // What is asked for can always be told.
    Format::DataTilemapV1.tilesets(&sources, &memory).unwrap();
    let bytes = outcome.payload.as_ref().map_or(Vec::new(), |payload| memory.read(payload.id).unwrap());
    (outcome, bytes)
}

fn town() -> [AskedTileset; 1] {
    [AskedTileset { picture: "../town/town.png".to_owned(), found: Ok(PLACE) }]
}

/// What becomes of one good file.
fn packed(path: &str, text: &str, part: Option<Part>) -> (Value, Vec<u32>) {
    let (outcome, bytes) = derive(&[(path, text.as_bytes(), part)], &town());
    let payload = outcome.payload.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics));
    let words = bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default())).collect();
    (serde_json::from_str(&payload.metadata).unwrap(), words)
}

/// The codes and messages of what is wrong with one file.
fn told(path: &str, bytes: &[u8]) -> Vec<String> {
    let (outcome, _) = derive(&[(path, bytes, None)], &town());
    outcome.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
}

fn tmx(map: &str, inside: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><!DOCTYPE map><map orientation="orthogonal" width="2" height="1" tilewidth="8" tileheight="8" {map}>
        <tileset firstgid="1" name="town" tilewidth="8" tileheight="8" tilecount="16" columns="4"><image source="../town/town.png"/></tileset>
        {inside}</map>"#
    )
}

/// A map in JSON with a list of layers.
fn json_map(layers: &str) -> String {
    format!(
        r#"{{"orientation":"orthogonal","width":2,"height":1,"tilewidth":8,"tileheight":8,"tilesets":[{{"firstgid":1,"name":"town","tilewidth":8,"tileheight":8,"tilecount":16,"columns":4,"image":"../town/town.png"}}],"layers":[{layers}]}}"#
    )
}

fn layer(data: &str) -> String {
    tmx("", &format!(r#"<layer name="ground" width="2" height="1"><data {data}</data></layer>"#))
}

const BANK: u32 = 1 << 20;

#[test]
fn every_form_of_cells_is_the_same() {
    let bytes: Vec<u8> = [3_u32, 0x8000_0001].iter().flat_map(|cell| cell.to_le_bytes()).collect();
    let deflated = |gzip: bool| {
        use flate2::write::{GzEncoder, ZlibEncoder};
        use std::io::Write as _;
        if gzip {
            let mut to = GzEncoder::new(Vec::new(), flate2::Compression::best());
            to.write_all(&bytes).unwrap();
            BASE64.encode(&to.finish().unwrap())
        } else {
            let mut to = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            to.write_all(&bytes).unwrap();
            BASE64.encode(&to.finish().unwrap())
        }
    };
    let (plain, zlib, gzip) = (BASE64.encode(&bytes), deflated(false), deflated(true));
    let (_, expected) = packed("m.tmx", &layer("encoding=\"csv\">3,\n2147483649\n"), None);
    assert_eq!(expected, [BANK + 12, (BANK + 10) | 1 << 31]);
    let of = |data: &str| packed("m.tmx", &layer(data), None).1;
    assert_eq!(of(&format!("encoding=\"base64\">\n   {plain}\n  ")), expected);
    assert_eq!(of(&format!("encoding=\"base64\" compression=\"zlib\">{zlib}")), expected);
    assert_eq!(of(&format!("encoding=\"base64\" compression=\"gzip\">{gzip}")), expected);
    assert_eq!(of("encoding=\"csv\">&#51;&#x2c;2147483649"), expected);
    assert_eq!(of("><tile gid=\"3\"/><tile gid=\"2147483649\"/>"), expected);
    // The same in JSON.
    let tileset = json!({"firstgid": 1, "name": "town", "tilewidth": 8, "tileheight": 8, "tilecount": 16, "columns": 4,
        "image": "../town/town.png"});
    let json = |layer: Value| {
        json!({"orientation": "orthogonal", "width": 2, "height": 1, "tilewidth": 8, "tileheight": 8, "infinite": false,
            "tilesets": [tileset], "layers": [layer]})
        .to_string()
    };
    for (data, more) in [
        (json!([3, 0x8000_0001_u32]), json!({})),
        (json!(plain), json!({"encoding": "base64"})),
        (json!(zlib), json!({"encoding": "base64", "compression": "zlib"})),
    ] {
        let mut layer = json!({"type": "tilelayer", "name": "ground", "width": 2, "height": 1, "data": data});
        layer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(packed("m.tmj", &json(layer), None).1, expected);
    }
}

#[test]
fn a_project_of_ldtk_gives_its_levels() {
    let tile = |x: u32, y: u32, number: u32, flips: u8| json!({"px": [x, y], "src": [0, 0], "t": number, "f": flips});
    let instance = |name: &str, kind: &str, more: Value| {
        let mut instance = json!({"__identifier": name, "__type": kind, "__cWid": 2, "__cHei": 2, "__gridSize": 8,
            "__tilesetDefUid": 5, "intGridCsv": [], "autoLayerTiles": [], "gridTiles": [], "entityInstances": []});
        instance.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        instance
    };
    let level = |name: &str| {
        json!({"identifier": name, "layerInstances": [
            instance("Things", "Entities", json!({"entityInstances": [{"__identifier": "Door", "px": [12, 16], "__pivot": [0.5, 1], "width": 8, "height": 16,
                "fieldInstances": [{"__identifier": "to", "__type": "Int", "__value": -4}, {"__identifier": "open", "__type": "Bool", "__value": true}, {"__identifier": "speed", "__type": "Float", "__value": 1},
                    {"__identifier": "note", "__value": ["a", {"b": 1}]}]}]})),
            instance("Ground", "Tiles", json!({"gridTiles": [tile(8, 8, 5, 3), tile(8, 8, 0, 0), tile(0, 0, 2, 0)]})),
            instance("Walls", "IntGrid", json!({"intGridCsv": [1, 0, -1, 2]})),
        ]})
    };
    let project = json!({"__header__": {"app": "LDtk"}, "jsonVersion": "1.5.3", "externalLevels": false,
        "defs": {"tilesets": [{"uid": 5, "identifier": "Town", "relPath": "../town/town.png", "pxWid": 32, "pxHei": 32,
            "tileGridSize": 8, "spacing": 0, "padding": 0}]},
        "levels": [level("One"), level("Two")]})
    .to_string();
    let two = Part { level: Some("Two".into()), ..Part::default() };
    let (metadata, words) = packed("world.ldtk", &project, Some(two));
    let kinds: Vec<_> = metadata["maps"][0]["layers"].as_array().unwrap().iter().map(|layer| &layer["kind"]).collect();
    assert_eq!(metadata["maps"][0]["name"], "Two");
    assert_eq!(kinds, ["VALUES", "TILES", "TILES", "OBJECTS"]);
    assert_eq!(words[..4], [1, 0, u32::MAX, 2]);
    assert_eq!(words[4..8], [BANK + 12, 0, 0, (BANK + 15) | 0xc000_0000]);
    // The second tile of the cell lies above the first.
    assert_eq!(words[8..12], [0, 0, 0, BANK + 10]);
    assert_eq!(words[12..15], [1, 2, 3]);
    assert_eq!(words[15..25], [1, 8, 0, 8, 16, 0, 2, 2, 0, 2]);
    assert_eq!(words[25..29], [0, (-4_i32).cast_unsigned(), 1, 1]);

    let (metadata, _) = packed("world.ldtk", &project, Some(Part { layers: vec!["Walls".into()], ..Part::default() }));
    assert_eq!(metadata["maps"].as_array().unwrap().len(), 2);
    assert_eq!(metadata["entries"][1]["name"], "1/0.values");
    let absent = Part { level: Some("Three".into()), ..Part::default() };
    let (outcome, _) = derive(&[("world.ldtk", project.as_bytes(), Some(absent))], &town());
    assert_eq!(outcome.diagnostics[0].message, "the file has no level \"Three\"; it has \"One\", \"Two\"");
}

#[test]
fn groups_give_their_names_and_what_is_not_read_is_told() {
    let layer =
        |name: &str| format!(r#"<layer name="{name}" width="2" height="1"><data encoding="csv">1,0</data></layer>"#);
    let inside = format!(
        r#"<group name="far"><group name="hills">{}</group><imagelayer name="sky"/></group>{}
        <objectgroup name="things" offsetx="3"><object id="3" x="1.5" y="-2.5" gid="2" rotation="45"><ellipse/></object></objectgroup>"#,
        layer("a"),
        layer("b")
    );
    let (metadata, words) = packed("m.tmx", &tmx("", &inside), None);
    let names: Vec<_> = metadata["maps"][0]["layers"].as_array().unwrap().iter().map(|layer| &layer["name"]).collect();
    assert_eq!(names, ["far/hills/a", "b", "things"]);
    // Halves are rounded up.
    assert_eq!(words[4 + 3..4 + 9], [3, 2, (-2_i32).cast_unsigned(), 0, 0, BANK + 11]);
    insta::assert_snapshot!(told("m.tmx", tmx("", &inside).as_bytes()).join("\n"), @r#"
    MAP_LEFT_OUT layers with a picture are left out: "far/sky"
    MAP_LEFT_OUT offsets of layers are left out: "things"
    MAP_LEFT_OUT shapes of objects beside points and rectangles are left out: "object 3: ellipse"
    MAP_LEFT_OUT rotations of objects are left out: "object 3"
    MAP_LEFT_OUT parts of pixels are left out: "object 3", and 1 more
    "#);
    let hills = Part { layers: vec!["far".into()], ..Part::default() };
    assert_eq!(packed("m.tmx", &tmx("", &inside), Some(hills)).1, [BANK + 10, 0]);
}

#[test]
fn what_is_wrong_is_told() {
    let objects = |object: &str| tmx("", &format!("<objectgroup name=\"o\">{object}</objectgroup>"));
    let cases: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("text", "a text".into()),
        ("cut short", tmx("", "")[..200].into()),
        ("no layer", tmx("", "")),
        ("isometric", tmx("", "").replace("orthogonal", "isometric")),
        ("infinite", tmx("infinite=\"1\"", "")),
        ("no size", tmx("", "").replace("width=\"2\"", "width=\"0\"")),
        ("no number", tmx("", "").replace("width=\"2\"", "width=\"2x\"")),
        ("no squares", tmx("", "").replace("tileheight=\"8\" ", "tileheight=\"16\" ")),
        ("too few cells", layer("encoding=\"csv\">1")),
        ("too many cells", layer("encoding=\"csv\">1,2,3")),
        ("not Base64", layer("encoding=\"base64\">*")),
        ("zstd", layer("encoding=\"base64\" compression=\"zstd\">AAAA")),
        ("no zlib", layer("encoding=\"base64\" compression=\"zlib\">AAAA")),
        ("no such tile", layer("encoding=\"csv\">0,17")),
        ("a template", objects("<object id=\"1\" template=\"t.tx\"/>")),
        ("far away", objects("<object id=\"1\" x=\"1e300\"/>")),
        ("no such tile of objects", objects("<object id=\"1\" gid=\"40\"/><object id=\"2\" gid=\"50\"/>")),
        ("an external tileset", tmx("", "<tileset firstgid=\"99\" source=\"t.tsx\"/>")),
        ("no columns", layer("encoding=\"csv\">1,2").replace("columns=\"4\"", "")),
        ("no firstgid", layer("encoding=\"csv\">1,2").replace("firstgid=\"1\"", "")),
        ("a margin", layer("encoding=\"csv\">0,1").replace("columns=\"4\"", "columns=\"4\" margin=\"1\"")),
        ("pictures", layer("encoding=\"csv\">1,2").replace("<image source=\"../town/town.png\"/>", "")),
        ("elsewhere", layer("encoding=\"csv\">1,2").replace("../town/town.png", "other.png")),
        (
            "huge",
            tmx("", "").replace("width=\"2\"", "width=\"4000000000\"").replace(
                "</map>",
                "<layer name=\"l\" width=\"4000000000\" height=\"1\"><data encoding=\"csv\"/></layer></map>",
            ),
        ),
        ("deep", format!("<map>{}", "<g>".repeat(100))),
        ("many groups", tmx("", &format!("{}{}", "<group name=\"g\">".repeat(33), "</group>".repeat(33)))),
        (
            "many groups of JSON",
            json_map(&format!("{}{}", "{\"type\":\"group\",\"name\":\"g\",\"layers\":[".repeat(33), "]}".repeat(33))),
        ),
        (
            "deep JSON",
            json_map(&format!("{}{}", "{\"type\":\"group\",\"name\":\"g\",\"layers\":[".repeat(70), "]}".repeat(70))),
        ),
        ("levels elsewhere", json!({"__header__": {}, "externalLevels": true, "defs": {}}).to_string()),
        ("no project", "{\"jsonVersion\": 1}".into()),
        ("a tileset alone", "<tileset name=\"t\"/>".into()),
    ];
    let mut all = String::new();
    for (what, text) in cases {
        writeln!(all, "{what}: {}", told("m.tmx", text.as_bytes()).join("\n    ")).unwrap();
    }
    insta::assert_snapshot!(all, @r#"
    nothing: MAP_INVALID the file is no map of Tiled and no project of LDtk
    text: MAP_INVALID the file is no map of Tiled and no project of LDtk
    cut short: MAP_INVALID byte 125: syntax error: attribute value not closed: `"` not found before end of input
    no layer: MAP_INVALID the maps of the asset have no layer
    isometric: MAP_UNSUPPORTED the map is isometric; only orthogonal ones are read
    infinite: MAP_UNSUPPORTED the map is infinite, and has no size
    no size: MAP_INVALID the map has 0 × 1 cells
    no number: MAP_INVALID width of the element "map" is no such number: "2x"
    no squares: MAP_UNSUPPORTED the cells of the map are 8 × 16 pixels, and no squares
    too few cells: MAP_INVALID the data of the layer "ground" are not those of its 2 cells
    too many cells: MAP_INVALID the data of the layer "ground" are not those of its 2 cells
    not Base64: MAP_INVALID the data of the layer "ground" are not those of its 2 cells
    zstd: MAP_UNSUPPORTED the layer "ground" is compressed with "zstd", which is not read
    no zlib: MAP_INVALID the data of the layer "ground" are not those of its 2 cells
    no such tile: MAP_TILE layer "ground", cell (1, 0): tile 16 of the tileset "town" is not in the bank of asset 7
    a template: MAP_UNSUPPORTED "object 1" is made by a template, which is not read
    far away: MAP_INVALID 1e300 is no position or size in pixels
    no such tile of objects: MAP_TILE layer "o", object 1: tile 39 of the tileset "town" is not in the bank of asset 7, and 1 more like it
    an external tileset: MAP_UNSUPPORTED the tileset "t.tsx" is none of the artifacts of the asset
    no columns: MAP_UNSUPPORTED the tileset "town" says neither how many columns nor how wide a picture it has
    no firstgid: MAP_INVALID the tileset "town" has no firstgid
    a margin: MAP_TILESET the tiles of the tileset "town" are 8 × 8 pixels with a margin or spacing, those of the map 8 × 8, and those of asset 7 8 × 8
    pictures: MAP_TILESET the tileset "town" is not made of one picture file, and is no part of a bank
    elsewhere: MAP_TILESET the tileset "town" has the picture "other.png", whose tiles are in no bank: it is no artifact of a registered asset
    huge: MAP_UNSUPPORTED the layers of the asset have more than 4194304 cells together
    deep: MAP_UNSUPPORTED the elements of the file are in more than 64 others, at "g"
    many groups: MAP_UNSUPPORTED the layer "g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/…" is in more than 32 groups
    many groups of JSON: MAP_UNSUPPORTED the layer "g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/…" is in more than 32 groups
    deep JSON: MAP_UNSUPPORTED the values of the file are more than 127 levels within each other: recursion limit exceeded at line 1 column 2544
    levels elsewhere: MAP_UNSUPPORTED the levels of the project are in files of their own
    no project: MAP_INVALID this is no project of LDtk: missing field `defs` at line 1 column 18
    a tileset alone: MAP_INVALID there is no map among the files of the asset, only tilesets
    "#);
}

/// Of a layer that is not chosen nothing is judged but how many there are.
#[test]
fn what_is_not_chosen_does_not_matter() {
    let zstd =
        r#"<layer name="packed" width="2" height="1"><data encoding="base64" compression="zstd">AA</data></layer>"#;
    let good = r#"<group name="far" offsetx="2"><layer name="ground" width="2" height="1"><data encoding="csv">1,0</data></layer></group>"#;
    let chosen = |layer: &str| Some(Part { layers: vec![layer.into()], ..Part::default() });
    let xml = tmx("", &format!("{zstd}{good}<group name=\"moved\" offsety=\"1\"/><imagelayer name=\"sky\"/>"));
    let json = json_map(
        r#"{"type":"tilelayer","name":"packed","width":2,"height":1,"encoding":"base64","compression":"zstd","data":"AA"},
        {"type":"group","name":"far","offsetx":2,"layers":[{"type":"tilelayer","name":"ground","width":2,"height":1,"data":[1,0]}]},
        {"type":"group","name":"moved","offsety":1,"layers":[]},{"type":"imagelayer","name":"sky"}"#,
    );
    for (file, text) in [("m.tmx", xml), ("m.tmj", json)] {
        let (outcome, bytes) = derive(&[(file, text.as_bytes(), chosen("far/ground"))], &town());
        let messages: Vec<_> = outcome.diagnostics.iter().map(|told| told.message.as_str()).collect();
        assert_eq!(messages, ["offsets of layers are left out: \"far\""], "{file}");
        assert_eq!(bytes, [BANK + 10, 0].map(u32::to_le_bytes).concat(), "{file}");
        let (outcome, _) = derive(&[(file, text.as_bytes(), chosen("near"))], &town());
        let [fault] = &outcome.diagnostics[..] else { panic!("{:#?}", outcome.diagnostics) };
        assert_eq!(
            fault.message, "the file has no layer \"near\"; it has \"packed\", \"far/ground\", \"sky\"",
            "{file}"
        );
    }
    // Layers of two grids, of which one is chosen; and a level that has none of it.
    let instance = |name: &str, grid: u32| json!({"__identifier": name, "__type": "IntGrid", "__cWid": 1, "__cHei": 1, "__gridSize": grid, "intGridCsv": [grid]});
    let project = json!({"jsonVersion": "1.5.3", "defs": {}, "levels": [
        {"identifier": "One", "layerInstances": [instance("Fine", 8), instance("Rough", 16)]},
        {"identifier": "Two", "layerInstances": [instance("Rough", 16)]}]})
    .to_string();
    let (metadata, words) = packed("w.ldtk", &project, chosen("Fine"));
    assert_eq!((metadata["maps"].as_array().unwrap().len(), words), (1, vec![8]));
    let [fault] = &told("w.ldtk", project.as_bytes())[..] else { panic!() };
    assert_eq!(fault, "MAP_UNSUPPORTED the layer \"Fine\" has another grid than the others of its level");
}

/// What a file is, its first element or the names at its top tell, and no word within it.
#[test]
fn words_within_a_file_do_not_tell_what_it_is() {
    let layer = r#"{"type":"tilelayer","name":"jsonVersion","width":2,"height":1,"data":[1,0]}"#;
    let map = json_map(layer)
        .replace("{\"orientation", "{\"properties\":{\"jsonVersion\":[{\"tilecount\":1}]},\"orientation");
    assert_eq!(packed("m.json", &map, None).1, [BANK + 10, 0]);
    let commented = self::layer("encoding=\"csv\">1,0").replace("<map ", "<!-- <tileset> --><map ");
    assert_eq!(packed("m.tmx", &commented, None).1, [BANK + 10, 0]);
    for text in ["<a><map/></a>", "{\"a\": {\"layers\": []}}", "{\"a\": \"layers\"}", "{\"layers", "<"] {
        let [fault] = &told("m.tmx", text.as_bytes())[..] else { panic!("{text}") };
        assert_eq!(fault, "MAP_INVALID the file is no map of Tiled and no project of LDtk", "{text}");
    }
}

/// Versions of Tiled before 0.15 save the size of the picture only.
#[test]
fn the_size_of_a_picture_tells_the_columns_of_an_old_tileset() {
    let old = |text: &str, sized: &str| text.replace(" tilecount=\"16\" columns=\"4\"", "").replace("<image ", sized);
    let map = old(&layer("encoding=\"csv\">6,16"), "<image width=\"39\" height=\"33\" ");
    assert_eq!(packed("m.tmx", &map, None).1, [BANK + 15, BANK + 25]);
    let told = told("m.tmx", map.replace("6,16", "6,17").as_bytes());
    assert_eq!(
        told,
        ["MAP_TILE layer \"ground\", cell (1, 0): tile 16 of the tileset \"town\" is not in the bank of asset 7"]
    );
    let json = json_map(r#"{"type":"tilelayer","name":"ground","width":2,"height":1,"data":[6,16]}"#);
    let json = json.replace(r#""tilecount":16,"columns":4"#, r#""imagewidth":32,"imageheight":32"#);
    assert_eq!(packed("m.tmj", &json, None).1, [BANK + 15, BANK + 25]);
}

#[test]
fn where_objects_stand_otherwise_is_told() {
    let objects = "<objectgroup name=\"o\"><object id=\"1\" gid=\"1\"/></objectgroup>";
    let aligned =
        |alignment: &str| tmx("", objects).replace("columns=", &format!("objectalignment=\"{alignment}\" columns="));
    assert!(told("m.tmx", aligned("bottomleft").as_bytes()).is_empty());
    assert_eq!(
        told("m.tmx", aligned("center").as_bytes()),
        ["MAP_LEFT_OUT object alignments of tilesets are left out: \"town\""]
    );
}

/// A tileset that is in no bank is told once, however many levels have its tiles.
#[test]
fn a_tileset_of_many_levels_is_told_once() {
    let tileset = json!({"uid": 1, "identifier": "Icons", "relPath": null, "embedAtlas": "LdtkIcons", "pxWid": 8, "pxHei": 8, "tileGridSize": 8});
    let layer = json!({"__identifier": "Ground", "__type": "Tiles", "__cWid": 1, "__cHei": 1, "__gridSize": 8, "__tilesetDefUid": 1,
        "gridTiles": [{"px": [0, 0], "t": 0}]});
    let levels: Vec<_> =
        (0..5).map(|number| json!({"identifier": format!("L{number}"), "layerInstances": [layer]})).collect();
    let project = json!({"jsonVersion": "1.5.3", "defs": {"tilesets": [tileset]}, "levels": levels}).to_string();
    assert_eq!(
        told("w.ldtk", project.as_bytes()),
        ["MAP_TILESET the tileset \"Icons\" is not made of one picture file, and is no part of a bank"]
    );
}

#[test]
fn what_is_asked_for_and_not_there_is_told_once_for_each_tileset() {
    let asked = [AskedTileset { picture: "../town/town.png".into(), found: Err(TilesetFault::Excluded(7)) }];
    let map = layer("encoding=\"csv\">1,2");
    let (outcome, _) = derive(&[("m.tmx", map.as_bytes(), None)], &asked);
    let [fault] = &outcome.diagnostics[..] else { panic!("{:#?}", outcome.diagnostics) };
    assert!(fault.message.ends_with("it belongs to asset 7, which is not in the build"), "{}", fault.message);
    assert_eq!(fault.help.as_deref(), Some("include the asset: papack include 7"));
    // A tileset that no cell uses is not missed.
    let map = layer("encoding=\"csv\">0,0");
    assert!(derive(&[("m.tmx", map.as_bytes(), None)], &asked).0.payload.is_some());
}

/// Two tilesets, of a picture that is no whole tiles wide and another one.
#[test]
fn a_tile_of_ldtk_is_one_of_its_own_tileset() {
    let project = |number: u32| {
        let tileset = |uid: u32, width: u32, path: &str| json!({"uid": uid, "identifier": path, "relPath": path, "pxWid": width, "pxHei": 16, "tileGridSize": 8});
        let layer = json!({"__identifier": "Ground", "__type": "Tiles", "__cWid": 1, "__cHei": 1, "__gridSize": 8, "__tilesetDefUid": 1,
            "gridTiles": [{"px": [0, 0], "t": number}]});
        json!({"jsonVersion": "1.5.3", "defs": {"tilesets": [tileset(1, 20, "../town/town.png"), tileset(2, 16, "other.png")]},
            "levels": [{"identifier": "One", "layerInstances": [layer]}]})
        .to_string()
    };
    // Three tiles in a row, of which the last one is cut off: the fourth begins the second row of the bank, which has four.
    assert_eq!(packed("w.ldtk", &project(3), None).1, [BANK + 14]);
    assert_eq!(
        told("w.ldtk", project(6).as_bytes()),
        ["MAP_TILE layer \"Ground\", cell (0, 0): tile 6 is none of the 6 of its tileset"]
    );
}

/// Two maps share a tileset that has a file of its own, which is read once, and told once to be broken with its fault.
#[test]
fn maps_share_tilesets_in_files_of_their_own() {
    let map = tmx("", "").replace("<tileset firstgid=\"1\"", "<tileset firstgid=\"1\" source=\"sets/town.tsx\"");
    let map = map.replace(
        "</map>",
        "<layer name=\"l\" width=\"2\" height=\"1\"><data encoding=\"csv\">0,4</data></layer></map>",
    );
    let tileset = r#"<tileset name="town" tilewidth="8" tileheight="8" tilecount="16" columns="4"><image source="../../town/town.png"/></tileset>"#;
    let derived = |tileset: &str| {
        let files = [
            ("a.tmx", map.as_bytes(), None),
            ("b.tmx", map.as_bytes(), None),
            ("sets/town.tsx", tileset.as_bytes(), None),
        ];
        let asked = [AskedTileset { picture: "sets/../../town/town.png".into(), found: Ok(PLACE) }];
        derive(&files, &asked)
    };
    let (_, bytes) = derived(tileset);
    let words: Vec<_> = bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words, [0, BANK + 13, 0, BANK + 13]);
    let (outcome, _) = derived("<tileset name=\"town\" columns=\"many\"/>");
    let messages: Vec<_> = outcome.diagnostics.iter().map(|found| found.message.as_str()).collect();
    insta::assert_snapshot!(messages.join("\n"), @r#"
    columns of the element "tileset" is no such number: "many"
    the tileset in "sets/town.tsx" cannot be read
    "#);
}

/// A layer whose text inflates to 64 MiB.
#[test]
fn what_inflates_to_much_is_not_inflated() {
    use std::io::Write as _;
    let mut to = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        to.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let text = layer(&format!("encoding=\"base64\" compression=\"zlib\">{}", BASE64.encode(&to.finish().unwrap())));
    let told = told("m.tmx", text.as_bytes());
    assert_eq!(told, ["MAP_INVALID the data of the layer \"ground\" are not those of its 2 cells"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_map_has_an_answer(at in 0_usize..2000, byte in any::<u8>(), end in 0_usize..2000, kind in 0..2) {
        let mut bytes = if kind == 0 {
            tmx("", "<layer name=\"a\" width=\"2\" height=\"1\"><data encoding=\"csv\">1,2</data></layer><objectgroup><object id=\"1\" x=\"3\"/></objectgroup>")
                .into_bytes()
        } else {
            include_bytes!("../../tests/fuzz/seeds/maps/world.ldtk").to_vec()
        };
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(end.max(1));
        let (outcome, _) = derive(&[("m.tmx", &bytes, None)], &town());
        prop_assert!(outcome.payload.is_some() || !outcome.diagnostics.is_empty());
    }
}
