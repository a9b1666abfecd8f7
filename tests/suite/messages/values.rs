//! Fields of the documents, and their values.

use super::{edit, edited, shown};
use crate::space::uuid;

#[test]
fn fields_of_a_manifest() {
    insta::assert_snapshot!(edited("\"name\"", "\"nmae\""), @r#"
    error[FIELD_UNKNOWN]: unknown field "nmae"
     --> assets/music/asset.json:4:3
      |
    4 |   "nmae": "music",
      |   ^^^^^^
      |
      = note: in asset 2
      = help: did you mean "name"? (the fields here are "schema_version", "asset_uuid", "name", "artifacts", "output", "preload")

    error[FIELD_MISSING]: the field "name" is missing
     --> assets/music/asset.json:1:1
      |
    1 | {
      | ^
      |
      = note: in asset 2
    "#);
    insta::assert_snapshot!(edited("{ \"format\"", "{ \"colour_depth\": 4, \"format\""), @r#"
    error[FIELD_UNKNOWN]: unknown field "colour_depth"
     --> assets/music/asset.json:6:15
      |
    6 |   "output": { "colour_depth": 4, "format": "DATA/raw_v1" }
      |               ^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: the fields here are "format", "codec", "metadata", "pipeline"
    "#);
    insta::assert_snapshot!(edited("\"music\"", "null"), @r#"
    error[FIELD_INVALID]: expected a string, found null
     --> assets/music/asset.json:4:11
      |
    4 |   "name": null,
      |           ^^^^
      |
      = note: in asset 2
    "#);
    insta::assert_snapshot!(edited("\"music\"", "\" music\""), @r#"
    error[FIELD_INVALID]: the name begins or ends with white space
     --> assets/music/asset.json:4:11
      |
    4 |   "name": " music",
      |           ^^^^^^^^
      |
      = note: in asset 2
    "#);
    insta::assert_snapshot!(edited("\"name\": \"music\",", "\"name\": \"music\", \"name\": \"title\","), @r#"
    error[JSON_DUPLICATE_KEY]: the key "name" occurs twice in one object
     --> assets/music/asset.json:4:20
      |
    4 |   "name": "music", "name": "title",
      |                    ^^^^^^
      |
      = note: in asset 2 "music"
    "#);
    insta::assert_snapshot!(edited("\"schema_version\": 2", "\"schema_version\": \"2\""), @r#"
    error[FIELD_INVALID]: expected an integer, found a string
     --> assets/music/asset.json:2:21
      |
    2 |   "schema_version": "2",
      |                     ^^^
      |
      = note: in asset 2
      = help: write 2 without quotes
    "#);
}

#[test]
fn values_of_a_manifest() {
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"Tiles/Indexed_v1\""), @r#"
    error[FIELD_INVALID]: unknown format "Tiles/Indexed_v1"
     --> assets/music/asset.json:6:25
      |
    6 |   "output": { "format": "Tiles/Indexed_v1" }
      |                         ^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: did you mean "TILES/indexed_v1"? (the formats are "TILES/indexed_v1", "SOUNDS/pcm_v1", "DATA/raw_v1" and "DATA/tilemap_v1")
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"DATA/raw_v1\", \"codec\": \"LZ4\""), @r#"
    error[FIELD_INVALID]: unknown codec "LZ4"
     --> assets/music/asset.json:6:49
      |
    6 |   "output": { "format": "DATA/raw_v1", "codec": "LZ4" }
      |                                                 ^^^^^
      |
      = note: in asset 2 "music"
      = help: the only codec is "NONE"
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"SOUNDS/pcm_v1\", \"metadata\": { \"loops\": \"detect\" }"), @r#"
    error[FIELD_INVALID]: "loops" is "OFF" or "DETECT", not "detect"
     --> assets/music/asset.json:6:65
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "loops": "detect" } }
      |                                                                 ^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: did you mean "DETECT"? (OFF ignores loops, DETECT takes the first of a file)
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"TILES/indexed_v1\", \"metadata\": { \"tile_size\": 24 }"), @r#"
    error[FIELD_INVALID]: a tile has 8, 16 or 32 pixels, not 24
     --> assets/music/asset.json:6:72
      |
    6 |   "output": { "format": "TILES/indexed_v1", "metadata": { "tile_size": 24 } }
      |                                                                        ^^
      |
      = note: in asset 2 "music"
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"TILES/indexed_v1\""), @r#"
    error[FIELD_MISSING]: this format needs "tile_size" in "metadata"
     --> assets/music/asset.json:6:25
      |
    6 |   "output": { "format": "TILES/indexed_v1" }
      |                         ^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: write "metadata": { "tile_size": 8 } beside it; a tile has 8, 16 or 32 pixels
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"DATA/raw_v1\", \"metadata\": { \"user\": { \"gain\": 0.5 } }"), @r#"
    error[JSON_NUMBER]: 0.5 is no integer; only integers are allowed here
     --> assets/music/asset.json:6:72
      |
    6 |   "output": { "format": "DATA/raw_v1", "metadata": { "user": { "gain": 0.5 } } }
      |                                                                        ^^^
      |
      = note: in asset 2 "music"
      = help: use a smaller unit, 50 percent instead of 0.5, or a string
    "#);
    insta::assert_snapshot!(edited("\"output\"", "\"preload\": { \"enabled\": true, \"slot\": 16 },\n  \"output\""), @r#"
    error[FIELD_INVALID]: 16 is out of range; 0 to 15 are allowed
     --> assets/music/asset.json:6:41
      |
    6 |   "preload": { "enabled": true, "slot": 16 },
      |                                         ^^
      |
      = note: in asset 2 "music"
    "#);
    insta::assert_snapshot!(edited("\"file\": \"title.txt\"", "\"file\": \"title.txt\", \"except\": []"), @r#"
    error[FIELD_INVALID]: "except" goes with "glob", not with "file"
     --> assets/music/asset.json:5:49
      |
    5 |   "artifacts": [{"file": "title.txt", "except": []}],
      |                                                 ^^
      |
      = note: in asset 2 "music"
    "#);
    insta::assert_snapshot!(edited("{\"file\": \"title.txt\"}", ""), @r#"
    error[FIELD_INVALID]: an asset takes 1 to 65536 entries, these are 0
     --> assets/music/asset.json:5:16
      |
    5 |   "artifacts": [],
      |                ^^
      |
      = note: in asset 2 "music"
    "#);
}

#[test]
fn fields_of_the_registry() {
    let edited = |from: &str, to: &str| shown(|space| edit(space, "assets/.prometeu/index.json", from, to));
    insta::assert_snapshot!(edited("\"asset_id\": 2", "\"asset_id\": 1"), @r#"
    error[REGISTRY_CONFLICT]: asset_id 1 is already taken by "ui" (asset 1)
     --> assets/.prometeu/index.json:6:19
      |
    6 |     { "asset_id": 1, "asset_uuid": "00000000-0000-4000-8000-000000000002", "root": "music", "included_in_build": true }
      |                   ^
      |
      = help: give one a new id: papack doctor --renumber music, or --renumber ui
    "#);
    insta::assert_snapshot!(edited("\"root\": \"music\"", "\"root\": \"ui/frames\""), @r#"
    error[REGISTRY_CONFLICT]: the root "ui/frames" lies inside the root "ui" of another asset
     --> assets/.prometeu/index.json:6:84
      |
    6 |     { "asset_id": 2, "asset_uuid": "00000000-0000-4000-8000-000000000002", "root": "ui/frames", "included_in_build": true }
      |                                                                                    ^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(edited("\"included_in_build\"", "\"included\""), @r#"
    error[FIELD_UNKNOWN]: unknown field "included"
     --> assets/.prometeu/index.json:5:90
      |
    5 |     { "asset_id": 1, "asset_uuid": "00000000-0000-4000-8000-000000000001", "root": "ui", "included": true },
      |                                                                                          ^^^^^^^^^^
      |
      = help: did you mean "included_in_build"? (the fields here are "asset_id", "asset_uuid", "root", "included_in_build")

    error[FIELD_MISSING]: the field "included_in_build" is missing
     --> assets/.prometeu/index.json:5:5
      |
    5 |     { "asset_id": 1, "asset_uuid": "00000000-0000-4000-8000-000000000001", "root": "ui", "included": true },
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(edited("\"next_asset_id\": 1000", "\"next_asset_id\": 2"), @r#"
    error[FIELD_INVALID]: asset_id 2 is not below "next_asset_id", which is 2
     --> assets/.prometeu/index.json:6:19
      |
    6 |     { "asset_id": 2, "asset_uuid": "00000000-0000-4000-8000-000000000002", "root": "music", "included_in_build": true }
      |                   ^
      |
      = help: raise "next_asset_id", the id of the next new asset, above every id: papack doctor --fix
    "#);
    insta::assert_snapshot!(edited(&uuid(2), "not-a-uuid"), @r#"
    error[FIELD_INVALID]: "not-a-uuid" is no lower-case, hyphenated UUID
     --> assets/.prometeu/index.json:6:36
      |
    6 |     { "asset_id": 2, "asset_uuid": "not-a-uuid", "root": "music", "included_in_build": true }
      |                                    ^^^^^^^^^^^^
      |
      = help: a UUID looks like 3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01
    "#);
}

#[test]
fn fields_in_the_wrong_object() {
    let beside = |field: &str| edited(r#""format": "DATA/raw_v1""#, &format!(r#""format": "DATA/raw_v1", {field}"#));
    let top = |field: &str| edited(r#""name": "music""#, &format!(r#""name": "music", {field}"#));
    let said = [
        beside(r#""loops": "DETECT""#),
        beside(r#""tile_size": 8"#),
        beside(r#""metadata": { "format": "DATA/raw_v1" }"#),
        top(r#""format": "DATA/raw_v1""#),
        top(r#""user": {}"#),
        top(r#""slot": 3"#),
        top(r#""glob": "*.txt""#),
        // Which fields there are depends on the format, so the list is right here.
        beside(r#""metadata": { "loops": "DETECT" }"#),
    ];
    let lines = said.iter().flat_map(|said| said.lines());
    let told = lines.filter_map(|line| line.strip_prefix("error[").or_else(|| line.trim().strip_prefix("= help: ")));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    FIELD_UNKNOWN]: unknown field "loops"
    "loops" belongs into output.metadata
    FIELD_UNKNOWN]: unknown field "tile_size"
    "tile_size" belongs into output.metadata
    FIELD_UNKNOWN]: unknown field "format"
    "format" belongs into output
    FIELD_UNKNOWN]: unknown field "format"
    "format" belongs into output
    FIELD_UNKNOWN]: unknown field "user"
    "user" belongs into output.metadata
    FIELD_UNKNOWN]: unknown field "slot"
    "slot" belongs into preload
    FIELD_UNKNOWN]: unknown field "glob"
    "glob" belongs into an entry of artifacts
    FIELD_UNKNOWN]: unknown field "loops"
    the fields here are "user"
    "#);
}
