//! `papack new`.

use std::fs;

use serde_json::json;

use crate::pictures::rgba;
use crate::space::TestSpace;
use crate::wav::Wav;
use crate::{changes, files, json as run_json, refuses, roots};

/// Asset 1 at `old`, and loose files in `ui/font` and `ui/pics`.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("old", &[("f", "f")])]);
    space.write("assets/ui/font/b \"2\".bin", "2");
    space.write("assets/ui/font/a.bin", "1");
    space
}

fn text(space: &TestSpace, root: &str) -> String {
    let text = String::from_utf8(space.read(&format!("assets/{root}/asset.json"))).unwrap();
    let (before, rest) = text.split_once("\"asset_uuid\": \"").unwrap();
    format!("{before}\"asset_uuid\": \"…{}", &rest[36..])
}

#[test]
fn a_manifest_is_written_and_its_asset_packed() {
    let space = workspace();
    let run = space.run(&["new", "ui/font", "--format", "DATA/raw_v1"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
         Created assets/ui/font/asset.json
      Registered ui/font as asset 1000
    ");
    insta::assert_snapshot!(text(&space, "ui/font"), @r#"
    {
      "schema_version": 2,
      "asset_uuid": "…",
      "name": "ui_font",
      "artifacts": [{ "glob": "**" }],
      "output": {
        "format": "DATA/raw_v1"
      }
    }
    "#);
    assert_eq!(roots(&space), [(1, "old".to_owned()), (1000, "ui/font".to_owned())]);
    // The quote in a file's name breaks the rules of paths; without it all is well.
    fs::remove_file(space.path().join("assets/ui/font/b \"2\".bin")).unwrap();
    space.pack();
}

#[test]
fn a_folder_is_made_and_each_format_has_what_it_needs() {
    let space = workspace();
    let made = changes(&space, &["new", "ui/pics", "--format", "TILES/indexed_v1", "--tile-size", "8"]);
    assert_eq!(made[0], json!({"kind": "FOLDER_CREATED", "path": "assets/ui/pics"}));
    insta::assert_snapshot!(text(&space, "ui/pics"), @r#"
    {
      "schema_version": 2,
      "asset_uuid": "…",
      "name": "ui_pics",
      "artifacts": [{ "glob": "**/*.png" }],
      "output": {
        "format": "TILES/indexed_v1",
        "metadata": { "tile_size": 8 }
      }
    }
    "#);
    let told = space.run(&["check", "--message-format", "short"]);
    assert!(told.stdout.contains("GLOB_EMPTY") && told.stdout.contains(": 1 error"), "{}", told.stdout);
    space.write("assets/sfx/b.wav", "");
    space.write("assets/sfx/a.wav", "");
    changes(&space, &["new", "sfx/", "b.wav", "a.wav", "--format", "SOUNDS/pcm_v1"]);
    assert!(text(&space, "sfx").contains("[\n    { \"file\": \"b.wav\" },\n    { \"file\": \"a.wav\" }\n  ]"));
    changes(&space, &["new", "tiles", "--format", "TILES/indexed_v1"]);
    assert!(text(&space, "tiles").contains("\"tile_size\": 16"));
}

#[test]
fn what_is_in_the_way_is_told_and_nothing_is_made() {
    let space = workspace();
    space.write("assets/file", "");
    space.write("assets/twin/asset.json", "{}");
    let long = "x".repeat(129);
    for (root, file, code, fragment) in [
        ("old", "f", "PLACE_TAKEN", "it is registered as asset 1"),
        ("twin", "asset.json", "PLACE_TAKEN", "papack add assets/twin registers it"),
        ("file", "f", "PLACE_TAKEN", "something is there already"),
        ("UI", "f", "PATH_SPELLING", r#"spelled \"ui\""#),
        ("none/x", "f", "FILE_MISSING", "mkdir -p assets/none"),
        ("old/inner", "f", "FILE_MISSING", "not there"),
        ("ui/font", "c.bin", "FILE_MISSING", "not there"),
        ("ui/font", "../font/a.bin", "PATH_INVALID", "component"),
        ("ui/font", "A.bin", "PATH_SPELLING", r#"spelled \"ui/font/a.bin\""#),
        ("../x", "f", "PATH_INVALID", "component"),
        (".x", "f", "PATH_INVALID", "begins with"),
    ] {
        refuses(&space, &["new", root, file, "--format", "DATA/raw_v1"], code, fragment);
    }
    let twice = ["new", "ui/font", "a.bin", "a.bin", "--format", "DATA/raw_v1"];
    refuses(&space, &twice, "ARTIFACT_REPEATED", r#"\"a.bin\" is named twice"#);
    refuses(&space, &["new", "old/inner", "--format", "DATA/raw_v1"], "REGISTRY_CONFLICT", "lies inside");
    refuses(&space, &["new", &long, "--format", "DATA/raw_v1"], "FIELD_INVALID", "this one has 129");
    let before = files(&space);
    for arguments in [
        &["new"][..],
        &["new", "x"],
        &["new", "x", "--format", "tiles"],
        &["new", "x", "--format", "DATA/raw_v1", "--tile-size", "8"],
        &["new", "x", "--format", "TILES/indexed_v1", "--tile-size", "9"],
    ] {
        assert_eq!(space.run(arguments).code, 2, "{arguments:?}");
    }
    assert!(!space.path().join("assets/x").exists());
    changes(&space, &["new", "x", "--format", "DATA/raw_v1", "--dry-run"]);
    assert!(files(&space) == before && !space.path().join("assets/x").exists());
    // A name is taken: "o_ld" of the folder o/ld.
    fs::create_dir(space.path().join("assets/o")).unwrap();
    changes(&space, &["rename", "old", "o_ld"]);
    refuses(&space, &["new", "o/ld", "--format", "DATA/raw_v1"], "ASSET_NAME_TAKEN", "o_ld");
}

#[test]
fn tiles_are_as_large_as_fits_all_pictures() {
    let space = workspace();
    space.write("assets/ui/pics/wide.png", rgba(32, 16, [1, 2, 3, 255]));
    changes(&space, &["new", "ui/pics", "--format", "TILES/indexed_v1"]);
    assert!(text(&space, "ui/pics").contains("\"tile_size\": 16"));
    space.write("assets/small/deep/a.png", rgba(32, 24, [1, 2, 3, 255]));
    space.write("assets/small/b.png", rgba(32, 16, [1, 2, 3, 255]));
    space.write("assets/small/.hidden.png", rgba(1, 1, [1, 2, 3, 255]));
    space.write("assets/small/other.bin", rgba(1, 1, [1, 2, 3, 255]));
    changes(&space, &["new", "small", "--format", "TILES/indexed_v1"]);
    assert!(text(&space, "small").contains("\"tile_size\": 8"));
    space.run(&["rm", "old"]);
    fs::remove_dir_all(space.path().join("assets/ui/font")).unwrap();
    space.pack();
    space.write("assets/odd/a.png", rgba(16, 16, [1, 2, 3, 255]));
    space.write("assets/odd/b.png", rgba(20, 16, [1, 2, 3, 255]));
    refuses(&space, &["new", "odd", "--format", "TILES/indexed_v1"], "TILES_SIZE", "a width of 16 or 24, without");
    let (_, told) = run_json(&space, &["new", "odd", "--format", "TILES/indexed_v1"]);
    assert_eq!(told["diagnostics"][0]["path"], "assets/odd/b.png");
    assert!(told["diagnostics"][0]["message"].as_str().unwrap().contains("20 × 16"), "{told}");
    // What is named decides, not what lies beside it; and who names a size is asked nothing.
    changes(&space, &["new", "odd", "a.png", "--format", "TILES/indexed_v1", "--dry-run"]);
    changes(&space, &["new", "odd", "--format", "TILES/indexed_v1", "--tile-size", "8"]);
}

#[test]
fn loops_are_detected_where_a_sound_has_one() {
    let space = workspace();
    let looping = |kind| Wav { smpl: Some((kind, 1, 2)), ..Wav::default() }.bytes();
    for (root, sounds, detects) in [
        ("plain", &[("a.wav", Wav::default().bytes())][..], false),
        ("one", &[("a.wav", Wav::default().bytes()), ("b.wav", looping(0))], true),
        ("backward", &[("a.wav", looping(2))], false),
        ("to_the_end", &[("a.wav", Wav { smpl: Some((0, 1, 4)), ..Wav::default() }.bytes())], true),
        ("broken", &[("a.wav", b"RIFF".to_vec())], false),
    ] {
        for (file, sound) in sounds {
            space.write(&format!("assets/{root}/{file}"), sound);
        }
        changes(&space, &["new", root, "--format", "SOUNDS/pcm_v1"]);
        assert_eq!(text(&space, root).contains(r#""metadata": { "loops": "DETECT" }"#), detects, "{root}");
    }
    let told = space.run(&["check", "--message-format", "short"]).stdout;
    assert!(!told.contains("assets/one"), "{told}");
}

#[test]
fn a_loop_that_a_new_asset_does_without_is_told() {
    let space = workspace();
    let looping = |kind| Wav { smpl: Some((kind, 1, 2)), ..Wav::default() }.bytes();
    space.write("assets/sfx/a.wav", looping(1));
    space.write("assets/sfx/b.wav", Wav::default().bytes());
    space.write("assets/sfx/c.wav", looping(2));
    for options in [&["--dry-run"][..], &[]] {
        let run = space.run(&[&["new", "sfx", "--format", "SOUNDS/pcm_v1"], options].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        insta::allow_duplicates! { insta::assert_snapshot!(run.stderr, @r"
        info[SOUNDS_LOOP_IGNORED]: the new asset has `loops` `OFF`, since the loop of this sound cannot be used: the loop at byte 100 has type 1 (alternating); only 0 (forward) is allowed
        --> assets/sfx/a.wav
         = help: make it one forward loop within the sound, and set `loops` to `DETECT`; else nothing

        info[SOUNDS_LOOP_IGNORED]: the new asset has `loops` `OFF`, since the loop of this sound cannot be used: the loop at byte 100 has type 2 (backward); only 0 (forward) is allowed
        --> assets/sfx/c.wav
         = help: make it one forward loop within the sound, and set `loops` to `DETECT`; else nothing
        "); }
    }
    assert!(!text(&space, "sfx").contains("loops"));
    // One that can be used decides for all.
    space.write("assets/more/a.wav", looping(1));
    space.write("assets/more/b.wav", looping(0));
    let run = space.run(&["new", "more", "--format", "SOUNDS/pcm_v1"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(text(&space, "more").contains(r#""loops": "DETECT""#));
}
