//! An animated sprite from its manifest to the pack: which part of it is taken, and what depends on that.

use serde_json::{Value, json};

use crate::space::{TestSpace, manifest};

/// Four frames of 8 × 8 pixels, of which the tag `run` has the second and the third.
const SPRITE: &[u8] = include_bytes!("../fuzz/seeds/sprites/animated.aseprite");

fn write(space: &TestSpace, part: &str) {
    let output = r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#;
    let entry = format!(r#"{{"glob": "*.aseprite"{part}}}"#);
    space.write("assets/hero/asset.json", manifest(1, "hero", &entry).replace("\"DATA/raw_v1\"", output));
}

/// Packs, and gives the metadata of the asset as a reader has them.
fn packed(space: &TestSpace) -> Value {
    let pack = space.run(&["pack"]);
    assert_eq!((pack.code, pack.stderr.as_str()), (0, ""));
    assert_eq!(space.run(&["verify", "build/assets.pa"]).code, 0);
    let sidecar: Value = serde_json::from_slice(&space.read("build/asset_table_metadata.json")).unwrap();
    sidecar["assets"][0]["metadata"].clone()
}

#[test]
fn what_is_taken_of_a_sprite_is_packed_and_nothing_else_is() {
    let space = TestSpace::with_assets(&[("hero", &[])]);
    space.write("assets/hero/hero.aseprite", SPRITE);
    write(&space, "");
    let all = packed(&space);
    assert_eq!((all["height"].as_u64(), all["tags"].as_array().unwrap().len()), (Some(32), 3));

    write(&space, r#", "tag": "run""#);
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    assert!(plan.to_string().contains(&json!({ "change": "PART", "path": "hero.aseprite" }).to_string()), "{plan}");
    let run = packed(&space);
    assert_eq!(run["tags"], json!([{"direction": "PING_PONG", "first_sheet": 0, "name": "run", "sheet_count": 2}]));
    assert_eq!((run["height"].as_u64(), run["sheets"][0]["duration_ms"].as_u64()), (Some(16), Some(110)));

    write(&space, r#", "tag": "run", "layer": ["body"], "frame": [1, 1]"#);
    assert_eq!(packed(&space)["height"], 8);

    // Back to what was packed at first: it is remembered, and the same.
    write(&space, "");
    assert_eq!(packed(&space), all);
}

#[test]
fn what_a_manifest_may_say_of_a_part() {
    let space = TestSpace::with_assets(&[("hero", &[])]);
    space.write("assets/hero/hero.aseprite", SPRITE);
    for (part, message) in [
        (r#", "frame": [2, 1]"#, "the first frame, 2, comes behind the last, 1"),
        (r#", "frame": [1]"#, "a range of frames has two numbers, the first and the last; these are 1"),
        (r#", "frame": "all""#, r#""frame" is a number, two numbers in an array, or "ALL", not "all""#),
        (r#", "frame": -1"#, "-1"),
        (r#", "layer": []"#, "an entry names 1 to 256 layers, these are 0"),
        (r#", "layer": "body""#, "expected an array, found a string"),
        (r#", "tag": """#, "the name is empty"),
        (r#", "slice": 1"#, "expected a string, found an integer"),
        (r#", "tag": "jump""#, r#"the file has no tag "jump"; it has "run", "all", "run""#),
    ] {
        write(&space, part);
        let check = space.run(&["check"]);
        assert_eq!(check.code, 1, "{part}");
        assert!(check.stderr.contains(message), "{part}: {}", check.stderr);
    }
    write(&space, r#", "frame": 0"#);
    let text = String::from_utf8(space.read("assets/hero/asset.json")).unwrap();
    space.write(
        "assets/hero/asset.json",
        text.replace("TILES/indexed_v1", "DATA/raw_v1").replace(r#", "metadata": { "tile_size": 8 }"#, ""),
    );
    assert!(space.run(&["check"]).stderr.contains("error[PART_MISSING]: the format takes whole files"));
}
