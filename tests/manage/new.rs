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
    space.write("assets/ui/font/b.bin", "2");
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
    let run = space.run(&["new", "ui/font"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
         Created assets/ui/font/asset.json: DATA/raw_v1, **, 2 files
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
    space.pack();
}

/// Files below `assets/`, the arguments of `new`, and the entries and the format that the manifest has.
type Found<'c> = (&'c [(&'c str, Vec<u8>)], &'c [&'c str], &'c str, &'c str);

#[test]
fn the_format_is_found_from_bytes_and_names() {
    let picture = || rgba(8, 8, [1, 2, 3, 255]);
    let sound = || Wav::default().bytes();
    let cases: &[Found<'_>] = &[
        (&[("x/a.png", picture())], &["x"], r#"[{ "glob": "**/*.png" }]"#, "TILES/indexed_v1"),
        (&[("x/a.PNG", picture())], &["x"], r#"[{ "glob": "**/*.PNG" }]"#, "TILES/indexed_v1"),
        (
            &[("x/a.png", picture()), ("x/d/B.PNG", picture())],
            &["x"],
            "[\n    { \"glob\": \"**/*.PNG\" },\n    { \"glob\": \"**/*.png\" }\n  ]",
            "TILES/indexed_v1",
        ),
        (&[("x/a.Wav", sound())], &["x"], r#"[{ "glob": "**/*.Wav" }]"#, "SOUNDS/pcm_v1"),
        (&[("x/a.txt", b"t".to_vec()), ("x/b", b"u".to_vec())], &["x"], r#"[{ "glob": "**" }]"#, "DATA/raw_v1"),
        // The bytes say what the name does not.
        (&[("x/a.dat", picture())], &["x", "a.dat"], r#"[{ "file": "a.dat" }]"#, "TILES/indexed_v1"),
        (&[("x/a", sound())], &["x", "a"], r#"[{ "file": "a" }]"#, "SOUNDS/pcm_v1"),
        // What is named or asked for goes before what lies beside it.
        (&[("x/a.png", picture()), ("x/b.wav", sound())], &["x", "b.wav"], r#"[{ "file": "b.wav" }]"#, "SOUNDS/pcm_v1"),
        (
            &[("x/a.png", picture()), ("x/b.wav", sound())],
            &["x", "--format", "sounds"],
            r#"[{ "glob": "**/*.wav" }]"#,
            "SOUNDS/pcm_v1",
        ),
        (&[("x/a.png", picture())], &["x", "--format", "data"], r#"[{ "glob": "**" }]"#, "DATA/raw_v1"),
        (&[("x/a.ogg", b"OggS\0".to_vec())], &["x", "--format", "data"], r#"[{ "glob": "**" }]"#, "DATA/raw_v1"),
        (&[("x/a.png", picture())], &["x", "--format", "tiles"], r#"[{ "glob": "**/*.png" }]"#, "TILES/indexed_v1"),
        (&[("x/a.png", picture())], &["x", "--tile-size", "8"], r#"[{ "glob": "**/*.png" }]"#, "TILES/indexed_v1"),
        // What globs leave out, and what is hidden, is nothing.
        (
            &[
                ("x/a.png", picture()),
                ("x/a.png~", b"x".to_vec()),
                ("x/.d/x", b"x".to_vec()),
                ("x/a.psd", b"x".to_vec()),
            ],
            &["x"],
            r#"[{ "glob": "**/*.png" }]"#,
            "TILES/indexed_v1",
        ),
    ];
    for (files, arguments, artifacts, format) in cases {
        let space = workspace();
        space.write("assets/.papackignore", "*.psd\n");
        files.iter().for_each(|(path, bytes)| space.write(&format!("assets/{path}"), bytes));
        changes(&space, &[&["new"], *arguments].concat());
        let text = text(&space, "x");
        assert!(text.contains(&format!("\"artifacts\": {artifacts},")), "{arguments:?}: {text}");
        assert!(text.contains(&format!("\"format\": \"{format}\"")), "{arguments:?}: {text}");
        let told = space.run(&["check", "--message-format", "short"]);
        assert_eq!(told.code, 0, "{}", told.stdout);
    }
}

/// Files below `assets/x`, the arguments of `new`, and the code and a part of the message that refuse it.
type Refused<'c> = (&'c [(&'c str, &'c [u8])], &'c [&'c str], &'c str, &'c str);

#[test]
fn what_the_next_pack_would_refuse_is_refused_and_nothing_is_written() {
    let picture = rgba(8, 8, [1, 2, 3, 255]);
    let sound = Wav::default().bytes();
    let cases: &[Refused<'_>] = &[
        (&[("a.png", b"\xff\xd8 a JPEG")], &["x"], "PNG_INVALID", "the file is no PNG"),
        (&[("a.png", &rgba(8, 8, [1, 2, 3, 128]))], &["x"], "TILES_ALPHA", "alpha"),
        (&[("a.png", &rgba(16, 8, [0; 4]))], &["x", "--tile-size", "16"], "TILES_SIZE", "height of 8 pixels"),
        (&[("a.wav", b"ID3 an MP3")], &["x"], "WAV_INVALID", ""),
        (&[("a/s.wav", &sound), ("b/s.wav", &sound)], &["x"], "SOUNDS_NAME_TAKEN", "s"),
        (&[("b \"2\".bin", b"x")], &["x"], "PATH_INVALID", "not every operating system"),
        (&[("a", b"x"), ("A", b"x")], &["x"], "PATH_AMBIGUOUS", "differs only in case"),
        (
            &[("a.png", &picture), ("b.wav", &sound), ("c", b"x"), ("d", b"x")],
            &["x"],
            "FORMAT_UNCLEAR",
            "2 other files",
        ),
        (&[("a.png", &picture), ("b.txt", b"x")], &["x", "a.png", "b.txt"], "FORMAT_UNCLEAR", "1 picture"),
        // Its name does not say so, and no pattern takes it.
        (&[("a.dat", &picture)], &["x"], "GLOB_EMPTY", "there is no .png, .aseprite, .ase, .gif, .bmp file"),
        (&[("a.txt", b"x")], &["x", "--format", "tiles"], "GLOB_EMPTY", "file for the asset; there is"),
        (&[(".hidden", b"x"), ("a.tmp", b"x")], &["x"], "GLOB_EMPTY", "there is no file"),
        // No sound or picture becomes data by accident.
        (&[("a.wv", b"wvpk\0")], &["x"], "FORMAT_UNCLEAR", "the file is a WavPack, which no format reads"),
        (&[("a.wv", b"wvpk\0")], &["x", "a.wv"], "FORMAT_UNCLEAR", "a WavPack"),
        (
            &[("a.dat", b"qoif\0\0\0\x08"), ("b.jpg", b"\xff\xd8\xff\xe0"), ("c.txt", b"x")],
            &["x"],
            "FORMAT_UNCLEAR",
            r#"2 files are pictures or sounds of kinds that no format reads: "assets/x/a.dat" is a QOI; "assets/x/b.jpg" is"#,
        ),
        (&[], &["x"], "FILE_MISSING", "the folder of the asset is not there"),
    ];
    for (there, arguments, code, fragment) in cases {
        let space = workspace();
        there.iter().for_each(|(path, bytes)| space.write(&format!("assets/x/{path}"), bytes));
        let before = files(&space);
        for dry in [&[][..], &["--dry-run"]] {
            let (exit, told) = run_json(&space, &[&["new"], *arguments, dry].concat());
            let found = told["diagnostics"].as_array().unwrap();
            assert_eq!((exit, &told["changes"]), (1, &json!([])), "{told}");
            assert!(!found.is_empty() && found.iter().all(|found| found["code"] == *code), "{code}: {told}");
            assert!(found[0]["message"].as_str().unwrap().contains(fragment), "{fragment}: {told}");
            // The id that the asset would have had is not given.
            assert!(found.iter().all(|found| found.get("asset_id").is_none_or(serde_json::Value::is_null)), "{told}");
            assert!(files(&space) == before, "{arguments:?} changed files");
        }
    }
    // The manifest of which papack speaks is not there.
    let space = workspace();
    space.write("assets/x/b \"2\".bin", "x");
    let (_, told) = run_json(&space, &["new", "x"]);
    assert!(told["diagnostics"][0].get("span").is_none(), "{told}");
    let space = workspace();
    space.write("assets/.papackignore", "[");
    refuses(&space, &["new", "ui/font"], "IGNORE_INVALID", "is no pattern");
}

#[test]
fn warnings_of_the_next_pack_are_told_before() {
    let space = workspace();
    for frame in ["1", "2", "10"] {
        space.write(&format!("assets/x/{frame}.png"), rgba(8, 8, [1, 2, 3, 255]));
    }
    space.write("assets/x/2 (1).png", "no picture");
    let (code, told) = run_json(&space, &["new", "x"]);
    let codes: Vec<_> = told["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect();
    assert_eq!((code, codes), (0, vec![json!("GLOB_ORDER"), json!("FILES_LEFT_OUT")]), "{told}");
    assert_eq!(told["changes"][0]["file_count"], 3);
    space.pack();
}

/// Loose folders, one of which can become no asset.
fn loose() -> TestSpace {
    let space = workspace();
    space.write("assets/ui/icons/a.PNG", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/ui/icons/deep/b.PNG", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/my sounds/a.wav", Wav::default().bytes());
    space.write("assets/my sounds/readme.txt", "x");
    space.write("assets/mixed/a.png", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/mixed/a.wav", Wav::default().bytes());
    space
}

#[test]
fn all_loose_folders_are_proposed_and_made() {
    let space = loose();
    space.write("assets/logo.png", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/theme.WAV", Wav::default().bytes());
    let before = files(&space);
    let run = space.run(&["new", "--all"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r"
         Created assets/my sounds/asset.json: SOUNDS/pcm_v1, **/*.wav, 1 file
         Created assets/ui/icons/asset.json: TILES/indexed_v1, **/*.PNG, 2 files
      Registered my sounds as asset 1000
      Registered ui/icons as asset 1001
         Dry run nothing was written
            Note papack new --all --yes makes them
    ");
    assert!(run.stderr.contains("warning[FORMAT_UNCLEAR]") && run.stderr.contains("assets/mixed"), "{}", run.stderr);
    let loose = "warning[PATH_INVALID]: no asset is made of 2 pictures and sounds that lie directly in assets/";
    assert!(run.stderr.contains(loose) && run.stderr.contains("assets/logo.png\n"), "{}", run.stderr);
    assert!(files(&space) == before);
    let made = changes(&space, &["new", "--all", "--yes"]);
    let manifest = |path: &str, format: &str, pattern: &str, file_count: u32| json!({"kind": "MANIFEST_CREATED", "path": path, "format": format, "artifacts": [pattern], "file_count": file_count});
    assert_eq!(made[0], manifest("assets/my sounds/asset.json", "SOUNDS/pcm_v1", "**/*.wav", 1));
    assert_eq!(made[1], manifest("assets/ui/icons/asset.json", "TILES/indexed_v1", "**/*.PNG", 2));
    assert_eq!(roots(&space)[1..], [(1000, "my sounds".to_owned()), (1001, "ui/icons".to_owned())]);
    space.pack();
    assert_eq!(changes(&space, &["new", "--all", "--yes"]), Vec::<serde_json::Value>::new());
}

#[test]
fn folders_that_the_next_pack_would_refuse_are_passed_over() {
    let space = loose();
    fs::remove_dir_all(space.path().join("assets/mixed")).unwrap();
    space.write("assets/broken/a.wav", "no sound");
    space.write("assets/odd/a.png", rgba(20, 16, [1, 2, 3, 255]));
    // Two folders of one name; and two of which one takes no name, since no asset is made of it.
    space.write("assets/ui_icons/a.png", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/bad/one/a.png", rgba(20, 16, [1, 2, 3, 255]));
    space.write("assets/bad_one/a.png", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/wide/a.png", rgba(8, 8, [1, 2, 3, 255]));
    space.write("assets/wide/b.png", rgba(16, 8, [1, 2, 3, 255]));
    space.write("assets/wide/c.png", rgba(32, 8, [1, 2, 3, 255]));
    for arguments in [&["new", "--all"][..], &["new", "--all", "--yes"]] {
        let run = space.run(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        insta::allow_duplicates! { insta::assert_snapshot!(run.stderr, @r#"
        warning[TILES_SIZE]: no asset is made of the folder "bad/one": no tile size fits: the picture is 20 × 16 pixels, not whole tiles of 8
        --> assets/bad/one/a.png
         = help: mend its files, or name those to take; papack new bad/one says all that is wrong

        warning[WAV_INVALID]: no asset is made of the folder "broken": the file is no WAVE: it is text; a WAVE begins with `RIFF` (byte 0)
        --> assets/broken/a.wav
         = help: mend its files, or name those to take; papack new broken says all that is wrong

        warning[TILES_SIZE]: no asset is made of the folder "odd": no tile size fits: the picture is 20 × 16 pixels, not whole tiles of 8
        --> assets/odd/a.png
         = help: mend its files, or name those to take; papack new odd says all that is wrong

        warning[ASSET_NAME_TAKEN]: no asset is made of the folder "ui_icons": the name "ui_icons" is taken
        --> assets/ui_icons
         = help: rename the folder, or give the other asset another name; papack new ui_icons says which

        warning[TILES_SIZE]: no asset is made of the folder "wide": the width of 16 pixels differs from that of a.png, the asset's first image: 8, and 1 more error
        --> assets/wide/b.png
         = help: mend its files, or name those to take; papack new wide says all that is wrong

        For more about a code: papack explain TILES_SIZE
        "#); }
    }
    let made = roots(&space)[1..].to_vec();
    let expected = [(1000, "bad_one"), (1001, "my sounds"), (1002, "ui/icons")];
    assert_eq!(made, expected.map(|(id, root)| (id, root.to_owned())));
    space.pack();
}

#[test]
fn all_goes_without_a_root_and_yes_with_all() {
    let space = loose();
    for arguments in [
        &["new", "--yes"][..],
        &["new", "x", "--all"],
        &["new", "--all", "--format", "tiles"],
        &["new", "--all", "--tile-size", "8"],
        &["new", "--all", "--yes", "--dry-run"],
        &["new", "ui/icons", "--yes"],
    ] {
        assert_eq!(space.run(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn what_is_in_the_way_is_told_and_nothing_is_made() {
    let space = workspace();
    space.write("assets/file", "");
    space.write("assets/logo.png", "");
    space.write("assets/twin/asset.json", "{}");
    let long = "x".repeat(129);
    space.write("assets/old/inner/f", "f");
    space.write(&format!("assets/{long}/f"), "f");
    for (root, file, code, fragment) in [
        ("old", "f", "PLACE_TAKEN", "it is registered as asset 1"),
        ("twin", "asset.json", "PLACE_TAKEN", "papack add assets/twin registers it, or says what is wrong with it"),
        ("file", "f", "PLACE_TAKEN", "this is a file, and an asset is made of a folder"),
        ("file", "f", "PLACE_TAKEN", "put it into a folder below assets/, and name that"),
        (
            "logo.png",
            "f",
            "PLACE_TAKEN",
            "mkdir assets/logo && mv assets/logo.png assets/logo && papack new assets/logo",
        ),
        ("ui/font/a.bin", "f", "PLACE_TAKEN", "papack new assets/ui/font a.bin"),
        ("UI", "f", "PATH_SPELLING", r#"spelled \"ui\""#),
        ("none/x", "f", "FILE_MISSING", "mkdir -p assets/none/x"),
        ("old/inner", "g", "FILE_MISSING", "not there"),
        ("ui/font", "c.bin", "FILE_MISSING", "not there"),
        ("ui/font", "../font/a.bin", "PATH_INVALID", "component"),
        ("ui/font", "A.bin", "PATH_SPELLING", r#"spelled \"ui/font/a.bin\""#),
        ("ui/font", "*.bin", "PATH_INVALID", "without quotes the shell expands one"),
        ("ui/font", "a.bni", "FILE_MISSING", "did you mean a.bin?"),
        ("../x", "f", "PATH_INVALID", "component"),
        ("/abs/x", "f", "PATH_INVALID", "copy their folder to where assets are"),
        (".", "f", "PATH_INVALID", "such as ui/icons for assets/ui/icons"),
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
        &["new", "x", "--format", "TILES"],
        &["new", "x", "--format", "DATA/raw_v1", "--tile-size", "8"],
        &["new", "x", "--format", "TILES/indexed_v1", "--tile-size", "9"],
    ] {
        assert_eq!(space.run(arguments).code, 2, "{arguments:?}");
    }
    changes(&space, &["new", "ui/font", "--dry-run"]);
    assert!(files(&space) == before);
    // A name is taken: "o_ld" of the folder o/ld.
    space.write("assets/o/ld/f", "f");
    changes(&space, &["rename", "old", "o_ld"]);
    refuses(&space, &["new", "o/ld", "--format", "DATA/raw_v1"], "ASSET_NAME_TAKEN", "papack rename 1 NAME");
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
    space.pack();
    space.write("assets/odd/a.png", rgba(16, 16, [1, 2, 3, 255]));
    space.write("assets/odd/b.png", rgba(20, 16, [1, 2, 3, 255]));
    refuses(&space, &["new", "odd", "--format", "TILES/indexed_v1"], "TILES_SIZE", "a canvas of 24 × 16 pixels");
    let (_, told) = run_json(&space, &["new", "odd", "--format", "TILES/indexed_v1"]);
    assert_eq!(told["diagnostics"][0]["path"], "assets/odd/b.png");
    assert!(told["diagnostics"][0]["message"].as_str().unwrap().contains("20 × 16"), "{told}");
    // What is named decides, not what lies beside it; and who names a size is asked nothing.
    changes(&space, &["new", "odd", "a.png", "--format", "TILES/indexed_v1", "--dry-run"]);
    let (code, told) = run_json(&space, &["new", "odd", "--tile-size", "8"]);
    let message = told["diagnostics"][0]["message"].as_str().unwrap();
    assert_eq!((code, message), (1, "the width of 20 pixels is no positive multiple of the tile size 8"));
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
        insta::allow_duplicates! { insta::assert_snapshot!(run.stderr, @r#"
        info[SOUNDS_LOOP_IGNORED]: the new asset has "loops" "OFF", since the loop of this sound cannot be used: the loop at byte 100 has type 1 (alternating); only 0 (forward) is allowed
        --> assets/sfx/a.wav
         = help: do nothing if the sound is not to repeat; else make it one forward loop within the sound, and set "loops" in "output.metadata" to "DETECT"

        info[SOUNDS_LOOP_IGNORED]: the new asset has "loops" "OFF", since the loop of this sound cannot be used: the loop at byte 100 has type 2 (backward); only 0 (forward) is allowed
        --> assets/sfx/c.wav
         = help: do nothing if the sound is not to repeat; else make it one forward loop within the sound, and set "loops" in "output.metadata" to "DETECT"
        "#); }
    }
    assert!(!text(&space, "sfx").contains("loops"));
    // One that cannot be used decides for all.
    space.write("assets/more/a.wav", looping(1));
    space.write("assets/more/b.wav", looping(0));
    let run = space.run(&["new", "more", "--message-format", "short"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let told: Vec<_> = run.stdout.lines().filter(|line| line.contains("SOUNDS_LOOP_IGNORED")).collect();
    let [unusable, ignored] = told[..] else { panic!("{}", run.stdout) };
    assert!(unusable.starts_with("assets/more/a.wav") && unusable.contains("type 1"), "{unusable}");
    assert!(ignored.starts_with("assets/more/b.wav"), "{ignored}");
    assert!(!text(&space, "more").contains("loops"));
}

#[test]
fn an_export_is_left_out_where_its_original_is_there() {
    let picture = || rgba(16, 16, [1, 2, 3, 255]);
    let sprite = include_bytes!("../../demo/assets/actors/lamp/lamp.aseprite");
    let space = workspace();
    space.write("assets/x/hero.aseprite", sprite);
    space.write("assets/x/hero.png", picture());
    let run = space.run(&["new", "x"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(format!("{}{}", run.stderr, run.stdout), @r#"
    info[FILES_LEFT_OUT]: "hero.png" is left out: it is taken for an export of "hero.aseprite"
    --> assets/x
     = help: name the files that the asset is to have, if others are meant: papack new assets/x, and each FILE

         Created assets/x/asset.json: TILES/indexed_v1, **/*.aseprite, 1 file
      Registered x as asset 1000
    "#);
    assert!(text(&space, "x").contains(r#""artifacts": [{ "glob": "**/*.aseprite" }],"#));
    // Others of its kind are taken.
    space.write("assets/y/hero.aseprite", sprite);
    space.write("assets/y/hero.png", picture());
    space.write("assets/y/tree.png", picture());
    assert_eq!(space.run(&["new", "y"]).code, 0);
    let entries = r#"{ "glob": "**/*.png", "except": ["hero.png"] }"#;
    assert!(text(&space, "y").contains(entries), "{}", text(&space, "y"));
    // Without this, the two would be one sample.
    space.write("assets/z/step.wav", Wav::default().bytes());
    space.write("assets/z/step.flac", b"fLaC\0");
    assert_eq!(space.run(&["new", "z"]).code, 0);
    assert!(text(&space, "z").contains(r#""artifacts": [{ "glob": "**/*.wav" }],"#));
    // Who names both has both.
    space.write("assets/n/hero.aseprite", sprite);
    space.write("assets/n/hero.png", picture());
    assert_eq!(space.run(&["new", "n", "hero.png", "hero.aseprite"]).code, 0);
}
