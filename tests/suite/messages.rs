//! How faults read: in the words of somebody who draws and composes, with the place, the figures, and what to do.

use std::fs;
use std::os::unix::fs::symlink;

use crate::pictures::{indexed, png, rgba, rgba_of};
use crate::space::{TestSpace, entry, manifest, uuid};
use crate::wav::Wav;

/// What `check` shows of a workspace of two assets that `spoil` changed, without the last line.
fn shown(spoil: impl FnOnce(&TestSpace)) -> String {
    let space = TestSpace::with_assets(&[
        ("ui", &[("atlas.txt", "a"), ("icons.txt", "i"), ("frames/f1.txt", "1"), ("frames/f2.txt", "2")]),
        ("music", &[("title.txt", "t")]),
    ]);
    spoil(&space);
    let shown = space.run(&["check"]).stderr;
    let (faults, hint) = shown.trim_end().rsplit_once('\n').unwrap();
    assert!(hint.starts_with("For more about a code: papack explain "), "{shown}");
    faults.trim_end().to_owned()
}

/// The same, of a manifest in which `from` became `to`.
fn edited(from: &str, to: &str) -> String {
    shown(|space| edit(space, "assets/music/asset.json", from, to))
}

fn edit(space: &TestSpace, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(space.read(path)).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    space.write(path, text.replacen(from, to, 1));
}

/// The same, of an artifact list.
fn listed(artifacts: &str) -> String {
    shown(|space| space.write("assets/ui/asset.json", manifest(1, "ui", artifacts)))
}

/// The same, of files in a format.
fn derived(output: &str, files: &[(&str, Vec<u8>)]) -> String {
    shown(|space| {
        let text = manifest(1, "ui", r#"{"glob": "source/**"}"#).replace(r#""DATA/raw_v1""#, output);
        space.write("assets/ui/asset.json", text);
        for (name, bytes) in files {
            space.write(&format!("assets/ui/source/{name}"), bytes);
        }
    })
}

fn tiles(files: &[(&str, Vec<u8>)]) -> String {
    derived(r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#, files)
}

fn sounds(files: &[(&str, Vec<u8>)]) -> String {
    derived(r#""SOUNDS/pcm_v1", "metadata": { "loops": "DETECT" }"#, files)
}

#[test]
fn texts_that_are_no_json() {
    insta::assert_snapshot!(edited("\"name\": \"music\",", "\"name\": \"music\""), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected '"'
     --> assets/music/asset.json:5:3
      |
    5 |   "artifacts": [{"file": "title.txt"}],
      |   ^
      |
      = note: in asset 2
      = help: is a comma or a colon missing before it?
    "#);
    insta::assert_snapshot!(edited("\"music\",", "'music',"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected "'"
     --> assets/music/asset.json:4:11
      |
    4 |   "name": 'music',
      |           ^
      |
      = note: in asset 2
      = help: texts are in straight double quotes: "…"
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"music,"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected the end of the line
     --> assets/music/asset.json:4:18
      |
    4 |   "name": "music,
      |                  ^
      |
      = note: in asset 2
      = help: a text ends on its own line: is its closing quote missing?
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"music\", // the title"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected '/'
     --> assets/music/asset.json:4:20
      |
    4 |   "name": "music", // the title
      |                    ^
      |
      = note: in asset 2
      = help: JSON has no comments: take it out
    "#);
    insta::assert_snapshot!(edited("\"name\"", "name"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected 'n'
     --> assets/music/asset.json:4:3
      |
    4 |   name: "music",
      |   ^
      |
      = note: in asset 2
      = help: names of fields are in double quotes
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\" }\n}", "\"DATA/raw_v1\" }"), @r#"
    error[JSON_SYNTAX]: the document ends too early
     --> assets/music/asset.json:7:1
      |
    7 |
      | ^
      |
      = note: in asset 2
      = help: a closing "}", "]" or quote is missing
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"\u{1b}[31mmusic\u{202e}\","), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected control character U+001B
     --> assets/music/asset.json:4:12
      |
    4 |   "name": "␛[31mmusic�",
      |            ^
      |
      = note: in asset 2
      = help: take it out, or write it as an escape, such as \t for a tab
    "#);
    insta::assert_snapshot!(edited("{\n", "\u{feff}{\n"), @r"
    error[JSON_SYNTAX]: the file begins with a byte-order mark
     --> assets/music/asset.json:1:1
      |
    1 | �{
      | ^
      |
      = note: in asset 2
      = help: save it as UTF-8 without BOM
    ");
    insta::assert_snapshot!(shown(|space| space.write("assets/music/asset.json", b"{\n  \"name\": \"caf\xe9\"\n}")), @r"
    error[JSON_SYNTAX]: the file is not UTF-8: byte 0xe9 at offset 16
    --> assets/music/asset.json:2:15
     = note: in asset 2
     = help: save it as UTF-8
    ");
}

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
    insta::assert_snapshot!(edited("\"DATA/raw_v1\"", "\"Tiles/Indexed_v1\""), @r#"
    error[FIELD_INVALID]: unknown format "Tiles/Indexed_v1"
     --> assets/music/asset.json:6:25
      |
    6 |   "output": { "format": "Tiles/Indexed_v1" }
      |                         ^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: did you mean "TILES/indexed_v1"? (the formats are "TILES/indexed_v1", "SOUNDS/pcm_v1" and "DATA/raw_v1")
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
    error[FIELD_INVALID]: "loops" cannot be "detect"
     --> assets/music/asset.json:6:65
      |
    6 |   "output": { "format": "SOUNDS/pcm_v1", "metadata": { "loops": "detect" } }
      |                                                                 ^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: did you mean "DETECT"? (it is "OFF" or "DETECT")
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
      = help: give the newer of the two the id that "next_asset_id" says, and raise that by one
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
      = help: set "next_asset_id" to 3 or more: it is the id of the next new asset
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
fn files_that_are_named() {
    insta::assert_snapshot!(listed(r#"{"file": "iconz.txt"}"#), @r#"
    error[FILE_MISSING]: "iconz.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "iconz.txt"}],
      |                          ^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: did you mean "icons.txt"?
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "f1.txt"}"#), @r#"
    error[FILE_MISSING]: "f1.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "f1.txt"}],
      |                          ^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: a file of this name is at "frames/f1.txt": write its whole path below the asset's root
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "boss/walk.txt"}"#), @r#"
    error[FILE_MISSING]: "boss/walk.txt": the file is not there
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "boss/walk.txt"}],
      |                          ^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: papack looks for it at assets/ui/boss/walk.txt
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "Atlas.txt"}"#), @r#"
    error[PATH_SPELLING]: "Atlas.txt": the name on disk is spelled "atlas.txt"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "Atlas.txt"}],
      |                          ^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: spell it exactly so; other operating systems would not find it
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "frames"}"#), @r#"
    error[FILE_NOT_REGULAR]: "frames": this is a folder, not a file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames"}],
      |                          ^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: to take the files in it, write {"glob": "frames/*"}
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "../music/title.txt"}"#), @r#"
    error[PATH_INVALID]: "../music/title.txt" is no valid path: the path has a ".." component
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "../music/title.txt"}],
      |                          ^^^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "frames\\f1.txt"}"#), @r#"
    error[PATH_INVALID]: "frames\\f1.txt" is no valid path: the path has a "\"; components are separated by "/"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames\\f1.txt"}],
      |                          ^^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"file": "atlas.txt"}, {"glob": "*.txt"}"#), @r#"
    error[ARTIFACT_REPEATED]: "atlas.txt" is listed twice: entry 1 of "artifacts" takes it already
     --> assets/ui/asset.json:5:49
      |
    5 |   "artifacts": [{"file": "atlas.txt"}, {"glob": "*.txt"}],
      |                                                 ^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: take one of the two out, or leave the file out of a pattern with "except"
    "#);
    let linked = |space: &TestSpace| {
        fs::remove_dir_all(space.path().join("assets/ui/frames")).unwrap();
        symlink("/", space.path().join("assets/ui/frames")).unwrap();
        space.write("assets/ui/asset.json", manifest(1, "ui", r#"{"file": "frames/f1.txt"}"#));
    };
    insta::assert_snapshot!(shown(linked), @r#"
    warning[FILE_LINK]: a symbolic link below assets/ is skipped
    --> assets/ui/frames

    error[FILE_LINK]: "frames/f1.txt": the folder "frames" is a symbolic link
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "frames/f1.txt"}],
      |                          ^^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: links are not followed below assets/: put the file itself there
    "#);
}

#[test]
fn patterns() {
    insta::assert_snapshot!(listed(r#"{"glob": "frame/*.txt"}"#), @r#"
    error[GLOB_EMPTY]: the pattern "frame/*.txt" matches no file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frame/*.txt"}],
      |                          ^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: there is no folder "frame"; did you mean "frames"?
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "frames/*.png"}"#), @r#"
    error[GLOB_EMPTY]: the pattern "frames/*.png" matches no file
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/*.png"}],
      |                          ^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: the folder "frames" has 2 files; the first is "frames/f1.txt"
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "Frames/*.txt"}"#), @r#"
    error[PATH_SPELLING]: "Frames": the name on disk is spelled "frames"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "Frames/*.txt"}],
      |                          ^^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: spell it exactly so; other operating systems would not find it
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "*.txt", "except": ["*"]}"#), @r#"
    error[GLOB_EMPTY]: "except" leaves out every file that "*.txt" matches
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "*.txt", "except": ["*"]}],
      |                          ^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(listed(r#"{"glob": "frames/a**"}"#), @r#"
    error[PATH_INVALID]: "frames/a**" is no valid pattern: "**" stands for whole components, not for a part of "a**"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/a**"}],
      |                          ^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(shown(|space| {
        space.write("assets/ui/frames/f10.txt", "10");
        space.write("assets/ui/asset.json", manifest(1, "ui", r#"{"glob": "frames/*"}"#));
    }), @r#"
    warning[GLOB_ORDER]: files are taken in byte order: "frames/f10.txt" comes before "frames/f2.txt"
     --> assets/ui/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "frames/*"}],
      |                          ^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: number them with leading zeros, or list the files one by one
    "#);
}

#[test]
fn assets_and_other_assets() {
    insta::assert_snapshot!(edited(&uuid(2), &uuid(3)), @r#"
    error[ASSET_UUID_MISMATCH]: the registry knows this asset as 00000000-0000-4000-8000-000000000002, not as 00000000-0000-4000-8000-000000000003
     --> assets/music/asset.json:3:17
      |
    3 |   "asset_uuid": "00000000-0000-4000-8000-000000000003",
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: if the folder was copied from another asset, give it the registry's asset_uuid
    "#);
    insta::assert_snapshot!(edited("\"name\": \"music\"", "\"name\": \"ui\""), @r#"
    error[ASSET_NAME_TAKEN]: the name "ui" is used by more than one asset of the build set
     --> assets/ui/asset.json:4:11
      |
    4 |   "name": "ui",
      |           ^^^^
      |
      = note: in asset 1 "ui"
      = note: also claimed by asset 2: assets/music/asset.json
      = help: rename one of them

    error[ASSET_NAME_TAKEN]: the name "ui" is used by more than one asset of the build set
     --> assets/music/asset.json:4:11
      |
    4 |   "name": "ui",
      |           ^^^^
      |
      = note: in asset 2 "ui"
      = note: also claimed by asset 1: assets/ui/asset.json
      = help: rename one of them
    "#);
    insta::assert_snapshot!(shown(|space| {
        for path in ["assets/ui/asset.json", "assets/music/asset.json"] {
            edit(space, path, "\"output\"", "\"preload\": { \"enabled\": true, \"slot\": 3 },\n  \"output\"");
        }
    }), @r#"
    error[PRELOAD_SLOT_TAKEN]: slot 3 of bank DATA is preloaded by more than one asset
     --> assets/ui/asset.json:6:41
      |
    6 |   "preload": { "enabled": true, "slot": 3 },
      |                                         ^
      |
      = note: in asset 1 "ui"
      = note: also claimed by asset 2: assets/music/asset.json
      = help: give one of them another slot; 0 is free

    error[PRELOAD_SLOT_TAKEN]: slot 3 of bank DATA is preloaded by more than one asset
     --> assets/music/asset.json:6:41
      |
    6 |   "preload": { "enabled": true, "slot": 3 },
      |                                         ^
      |
      = note: in asset 2 "music"
      = note: also claimed by asset 1: assets/ui/asset.json
      = help: give one of them another slot; 0 is free
    "#);
    insta::assert_snapshot!(shown(|space| fs::remove_dir_all(space.path().join("assets/music")).unwrap()), @r#"
    error[ASSET_MISSING]: the folder of a registered asset is not there
    --> assets/music
     = note: in asset 2
     = help: restore the folder, or correct "root" in assets/.prometeu/index.json if it was moved
    "#);
    insta::assert_snapshot!(shown(|space| {
        fs::rename(space.path().join("assets/music"), space.path().join("assets/score")).unwrap();
    }), @r#"
    error[ASSET_MOVED]: the asset was moved: the registry has it in "music", its manifest is in "score"
    --> assets/score/asset.json
     = note: in asset 2
     = note: where the registry has it: assets/music
     = help: tell the registry: papack mv music score
    "#);
    insta::assert_snapshot!(shown(|space| {
        space.write("assets/music copy/asset.json", space.read("assets/music/asset.json"));
    }), @r#"
    warning[ASSET_COPIED]: this asset is a copy: asset 2 in "music" has the same asset_uuid
     --> assets/music copy/asset.json:3:17
      |
    3 |   "asset_uuid": "00000000-0000-4000-8000-000000000002",
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: the asset that it is a copy of: assets/music/asset.json
      = help: register it with an identity of its own: papack add 'music copy'
    "#);
    insta::assert_snapshot!(shown(|space| space.write_registry(&[entry(1, "ui"), entry(2, "Music")])), @r#"
    error[ASSET_MOVED]: the asset was moved: the registry has it in "Music", its manifest is in "music"
    --> assets/music/asset.json
     = note: in asset 2
     = note: where the registry has it: assets/Music
     = help: tell the registry: papack mv Music music
    "#);
}

#[test]
fn pictures() {
    insta::assert_snapshot!(tiles(&[("photo.png", b"\xff\xd8\xff\xe0 a JPEG".to_vec())]), @r#"
    error[PNG_INVALID]: the file is no PNG: it is a JPEG; a PNG begins with its signature (byte 0)
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"
     = help: open it in a picture editor and export it as PNG; renaming a file does not convert it
    "#);
    let deep = png(8, 8, png::ColorType::Grayscale, png::BitDepth::Sixteen, None, &[0; 128]);
    insta::assert_snapshot!(tiles(&[("deep.png", deep)]), @r#"
    error[PNG_UNSUPPORTED]: the picture has 16 bits a channel (IHDR chunk at byte 8); up to 8 are read
    --> assets/ui/source/deep.png
     = note: in asset 1 "ui"
     = help: export it with 8 bits a channel
    "#);
    insta::assert_snapshot!(tiles(&[("a.png", rgba(20, 4, [0; 4])), ("b.png", rgba(16, 8, [0; 4]))]), @r#"
    error[TILES_SIZE]: the width of 20 pixels is no positive multiple of the tile size 8
    --> assets/ui/source/a.png
     = note: in asset 1 "ui"
     = help: give the canvas a width of 16 or 24, without scaling the picture; or correct "tile_size"

    error[TILES_SIZE]: the height of 4 pixels is no positive multiple of the tile size 8
    --> assets/ui/source/a.png
     = note: in asset 1 "ui"
     = help: give the canvas a height of 8, without scaling the picture; or correct "tile_size"

    error[TILES_SIZE]: the width of 16 pixels differs from that of source/a.png, the asset's first image: 20
    --> assets/ui/source/b.png
     = note: in asset 1 "ui"
     = help: all images of an asset are stacked, so give them one width, or make them assets of their own
    "#);
    insta::assert_snapshot!(tiles(&[("soft.png", rgba_of(8, 8, |pixel| [0, 0, 0, if pixel == 19 { 128 } else { 255 }]))]), @r#"
    error[TILES_ALPHA]: the pixel at (3, 2) has alpha 128; only 0 and 255 are allowed
    --> assets/ui/source/soft.png
     = note: in asset 1 "ui"
     = help: turn off soft edges: apply a threshold to the transparency
    "#);
    insta::assert_snapshot!(tiles(&[("many.png", indexed(32, 17))]), @r#"
    error[TILES_INDEX]: the pixel at (5, 1) has palette index 17; only 0 to 15 are allowed
    --> assets/ui/source/many.png
     = note: in asset 1 "ui"
     = help: move the colours that are used to the first 16 entries, or save the picture as RGB
    "#);
    insta::assert_snapshot!(tiles(&[("odd.png", indexed(4, 5))]), @r#"
    error[PNG_INDEX_BEYOND_PALETTE]: the pixel at (5, 1) has palette index 5, but the palette (PLTE) has 4 entries
    --> assets/ui/source/odd.png
     = note: in asset 1 "ui"
     = help: export the picture again: the program that wrote it made a mistake
    "#);
    insta::assert_snapshot!(tiles(&[("photo.png", rgba_of(16, 16, |pixel| [pixel as u8, 0, 0, 255]))]), @r#"
    error[TILES_COLOURS]: the image has 32 distinct colours in RGB565, at most 15 are allowed; the 16th first appears at (8, 7)
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"
     = help: reduce the colours, or split the picture: each file has a palette of its own

    warning[TILES_COLOURS_MERGED]: #000000 (first at (0, 0)) and #010000 (first at (1, 0)) become one RGB565 value, 0x0000
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"

    warning[TILES_COLOURS_MERGED]: #050000 (first at (5, 0)) and #060000 (first at (6, 0)) become one RGB565 value, 0x0800
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"

    warning[TILES_COLOURS_MERGED]: #0d0000 (first at (13, 0)) and #0e0000 (first at (14, 0)) become one RGB565 value, 0x1000
    --> assets/ui/source/photo.png
     = note: in asset 1 "ui"

    warning[TILES_COLOURS_MERGED]: at least 17 more of these in assets/ui/source/photo.png
    "#);
    insta::assert_snapshot!(tiles(&[("near.png", rgba_of(8, 8, |pixel| [16, u8::from(pixel == 1), 16, 255]))]), @r#"
    warning[TILES_COLOURS_MERGED]: #100010 (first at (0, 0)) and #100110 (first at (1, 0)) become one RGB565 value, 0x1002
    --> assets/ui/source/near.png
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(tiles(&[("tail.png", [rgba(8, 8, [0; 4]), b"made by me".to_vec()].concat())]), @r#"
    warning[PNG_TRAILING_BYTES]: the bytes after IEND are ignored: 10, from byte 72
    --> assets/ui/source/tail.png
     = note: in asset 1 "ui"
    "#);
}

#[test]
fn noises() {
    insta::assert_snapshot!(sounds(&[("song.wav", b"ID3 an MP3, renamed".to_vec())]), @r#"
    error[WAV_INVALID]: the file is no WAVE: it begins with `ID3 `, not `RIFF` (byte 0)
    --> assets/ui/source/song.wav
     = note: in asset 1 "ui"
     = help: open it in a sound editor and export it as WAV; renaming a file does not convert it
    "#);
    insta::assert_snapshot!(sounds(&[("packed.wav", Wav { tag: 2, ..Wav::default() }.bytes())]), @r#"
    error[WAV_UNSUPPORTED]: format tag 0x0002 (Microsoft ADPCM) (byte 20) is not read
    --> assets/ui/source/packed.wav
     = note: in asset 1 "ui"
     = help: save the sound as integer PCM of 8, 16, 24 or 32 bits, or as 32-bit float
    "#);
    insta::assert_snapshot!(sounds(&[("cut.wav", Wav { data: vec![0; 7], ..Wav::default() }.bytes())]), @r#"
    error[WAV_INVALID]: the `data` chunk at byte 36 has 7 bytes, which is no whole number of frames of 2 bytes
    --> assets/ui/source/cut.wav
     = note: in asset 1 "ui"
     = help: the file was probably cut off: export the sound again
    "#);
    insta::assert_snapshot!(sounds(&[("long.wav", Wav { riff_size: Some(4), ..Wav::default() }.bytes())]), @r#"
    error[WAV_INVALID]: the file has no `fmt ` chunk
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
     = help: chunks are only read up to byte 12 of 52, where the RIFF size (byte 4) ends them

    error[WAV_INVALID]: the file has no `data` chunk
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
     = help: chunks are only read up to byte 12 of 52, where the RIFF size (byte 4) ends them

    warning[WAV_INCONSISTENT]: the RIFF size (byte 4) makes the file end at byte 12, but it has 52 bytes
    --> assets/ui/source/long.wav
     = note: in asset 1 "ui"
    "#);
    let nan = [0.0_f32, f32::NAN].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    insta::assert_snapshot!(sounds(&[("nan.wav", Wav { tag: 3, bits: 32, data: nan, ..Wav::default() }.bytes())]), @r#"
    error[SOUNDS_SAMPLE]: frame 1, channel 0 (both from 0; byte 48) is NaN, not a number
    --> assets/ui/source/nan.wav
     = note: in asset 1 "ui"
    "#);
    insta::assert_snapshot!(sounds(&[("back.wav", Wav { smpl: Some((1, 3, 9)), ..Wav::default() }.bytes())]), @r#"
    error[SOUNDS_LOOP]: the loop at byte 100 has type 1 (alternating); only 0 (forward) is allowed
    --> assets/ui/source/back.wav
     = note: in asset 1 "ui"
     = help: make it one forward loop within the sound, or set "loops" to "OFF"

    error[SOUNDS_LOOP]: the loop at byte 104 goes from frame 3 to 9, but the file has 4 frames
    --> assets/ui/source/back.wav
     = note: in asset 1 "ui"
     = help: make it one forward loop within the sound, or set "loops" to "OFF"
    "#);
    insta::assert_snapshot!(sounds(&[("a/jump.wav", Wav::default().bytes()), ("b/jump.wav", Wav::default().bytes())]), @r#"
    error[SOUNDS_NAME_TAKEN]: the sample name `jump` is already taken by `source/a/jump.wav` of the same asset
    --> assets/ui/source/b/jump.wav
     = note: in asset 1 "ui"
     = note: takes the name `jump` first: assets/ui/source/a/jump.wav
     = help: rename one of the files: a sample is named after its file, without folder and extension
    "#);
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let list = |count: usize| {
        (0..count).map(|index| format!(r#"{{"file": "{index:05}.txt"}}"#)).collect::<Vec<_>>().join(", ")
    };
    insta::assert_snapshot!(listed(&format!("{}, {{\"flie\": 1}}, {}", list(400), list(400))).split("\n\n").next().unwrap(), @r#"
    error[FIELD_UNKNOWN]: unknown field "flie"
     --> assets/ui/asset.json:5:9218
      |
     ::: 
    5 | ... "00397.txt"}, {"file": "00398.txt"}, {"file": "00399.txt"}, {"flie": 1}, {"file": "00000.txt"}, {"file": "00001.txt"}, {"file": "...
      |                                                                  ^^^^^^
      |
      = note: in asset 1 "ui"
      = help: did you mean "file"? (the fields here are "file", "glob", "except")
    "#);
}
