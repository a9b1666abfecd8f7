//! `convert`: what files become, before there is a pack.

use std::fs;
use std::path::Path;

use papack_engine::OpenFile;
use serde_json::{Value, json};

use crate::space::{Run, TestSpace, files_below, manifest};

const ANIMATED: &[u8] = include_bytes!("../fuzz/seeds/sprites/animated.aseprite");
const RICH: &[u8] = include_bytes!("../fuzz/seeds/sprites/rich.aseprite");
const HALVES: &[u8] = include_bytes!("../fuzz/seeds/sprites/halves.gif");
const INDICES: &[u8] = include_bytes!("../fuzz/seeds/sprites/indices.bmp");

fn demo(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/assets").join(file)).unwrap()
}

/// Runs `convert` on `files` in a space that has no workspace.
fn convert(space: &TestSpace, files: &[&str], fields: &[&str]) -> Run {
    let fields = fields.iter().flat_map(|field| ["--set", field]);
    let arguments: Vec<_> = ["convert", "--to", "out"].into_iter().chain(fields).chain(files.iter().copied()).collect();
    space.run(&arguments)
}

/// The payload of an asset that takes `files`, with the manifest fields `part` and `metadata`.
fn payload(files: &[(String, Vec<u8>)], format: &str, part: &Value, metadata: &Value) -> Vec<u8> {
    let entries: Vec<_> = files
        .iter()
        .map(|(name, _)| {
            let mut entry = json!({"file": name});
            entry.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            entry.to_string()
        })
        .collect();
    let space = TestSpace::with_assets(&[("a", &[])]);
    let text = manifest(1, "a", &entries.join(","));
    let output = format!(r#""{format}", "metadata": {metadata}"#);
    space.write("assets/a/asset.json", text.replace("\"DATA/raw_v1\"", &output));
    for (name, bytes) in files {
        space.write(&format!("assets/a/{name}"), bytes);
    }
    let pack = space.pack();
    assert_eq!(pack.code, 0, "{}{}", pack.stdout, pack.stderr);
    let reader = OpenFile::reader(&space.path().join("build/assets.pa")).unwrap();
    reader.read(reader.asset(1).unwrap()).unwrap()
}

#[test]
fn what_is_written_packs_to_the_payload_of_the_file() {
    let whistle = demo("sfx/keeper/whistle.flac");
    let (tiles, sounds) = ("TILES/indexed_v1", "SOUNDS/pcm_v1");
    let none = json!({});
    for (name, bytes, format, part, metadata) in [
        ("hero.aseprite", ANIMATED, tiles, json!({}), json!({})),
        ("hero.aseprite", ANIMATED, tiles, json!({"tag": "run", "layer": ["body"]}), json!({"pad": "TOP"})),
        ("rich.aseprite", RICH, tiles, json!({"frame": 0}), json!({"alpha": 128, "colors": 3, "pad": "AROUND"})),
        ("half.gif", HALVES, tiles, json!({"frame": "ALL"}), json!({"pad": "BOTTOM_RIGHT"})),
        ("some.bmp", INDICES, tiles, json!({}), json!({"renumber": true, "pad": "TOP", "transparent": 0})),
        ("whistle.flac", &whistle, sounds, json!({}), json!({})),
        ("whistle.flac", &whistle, sounds, json!({}), json!({"sample_rate": 8000, "trim": 9, "normalize": 30000})),
    ] {
        let space = TestSpace::empty();
        space.write(name, bytes);
        let set = |fields: &Value| -> Vec<String> {
            fields.as_object().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        let fields = [set(&part), set(&metadata)].concat();
        let run = convert(&space, &[name], &fields.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, 0, "{name} {fields:?}: {}{}", run.stdout, run.stderr);
        let written: Vec<_> = files_below(&space.path().join("out")).into_iter().collect();

        let base = if format == tiles { json!({"tile_size": 8}) } else { json!({"loops": "DETECT"}) };
        let mut with_fields = base.clone();
        with_fields.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        let of_source = payload(&[(name.to_owned(), bytes.to_vec())], format, &part, &with_fields);
        assert_eq!(payload(&written, format, &none, &base), of_source, "{name} {fields:?}");
    }
}

#[test]
fn a_picture_has_the_name_of_its_file_and_several_have_a_folder() {
    let space = TestSpace::empty();
    space.write("hero.aseprite", ANIMATED);
    space.write("beep.flac", demo("sfx/keeper/whistle.flac"));
    let run =
        convert(&space, &["hero.aseprite", "beep.flac", "--message-format", "json"], &["tile_size=16", "pad=TOP"]);
    // A field of tiles is none of sounds.
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert_eq!(fs::read_dir(space.path().join("out")).map_or(0, Iterator::count), 0);

    let run = convert(&space, &["hero.aseprite", "beep.flac", "--message-format", "json"], &[]);
    let result = run.lines().pop().unwrap();
    let written: Vec<_> = result["files"].as_array().unwrap().iter().map(|file| file["written"].clone()).collect();
    let sheets: Vec<_> = (0..4).map(|number| format!("hero/sheet-{number}.png")).collect();
    assert_eq!(written, [json!(sheets), json!(["beep.wav"])]);
    assert_eq!(result["files"][0]["palettes"][0].as_array().unwrap().len(), 16, "{result}");
    assert_eq!(result["file_count"], 5);
}

#[test]
fn the_first_file_is_the_palette_of_the_others() {
    let space = TestSpace::empty();
    space.write("two.hex", "ff0000\n0000ff\n");
    space.write("hero.aseprite", ANIMATED);
    let run = convert(&space, &["two.hex", "hero.aseprite", "--message-format", "json"], &["palette=FIRST_FILE"]);
    let result = run.lines().pop().unwrap();
    assert_eq!(result["files"].as_array().unwrap().len(), 1, "{result}");
    let palette = result["files"][0]["palettes"][0].as_array().unwrap();
    assert_eq!(palette[1..3], [json!("#ff0000"), json!("#0000ff")]);

    fs::remove_dir_all(space.path().join("out")).unwrap();
    let alone = convert(&space, &["two.hex"], &["palette=FIRST_FILE"]);
    assert!(alone.stderr.contains("the first one gives the colours of the others"), "{}", alone.stderr);
}

#[test]
fn what_is_wrong_is_told_of_every_file_and_nothing_is_left() {
    let space = TestSpace::empty();
    space.write("hero.aseprite", ANIMATED);
    space.write("again/HERO.gif", HALVES);
    space.write("text.md", "# text");
    space.write("photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0");
    let files = ["hero.aseprite", "again/HERO.gif", "text.md", "photo.jpg", "missing.png"];
    let run = convert(&space, &files, &["frame=0", "pad=TOP"]);
    insta::assert_snapshot!(format!("{}\n{}", run.code, run.stderr), @r#"
    3
    error[PATH_AMBIGUOUS]: another of the files becomes "HERO.png", too
    --> again/HERO.gif
     = help: convert them to different folders, or rename one of them

    error[FORMAT_UNCLEAR]: the file is no picture and no sound: a pack takes it as it is, in an asset of the bank DATA
    --> text.md

    error[PNG_INVALID]: the file is no PNG: it is a JPEG; a PNG begins with its signature (byte 0)
    --> photo.jpg
     = help: export it as PNG from the drawing itself, since a JPEG has mixed its colours; renaming a file does not convert it

    error[IO]: No such file or directory (os error 2)
    --> missing.png

    For more about a code: papack explain PATH_AMBIGUOUS
    "#);
    // The folder was not there before.
    assert!(!space.path().join("out").exists());
    // A palette that is not there hides nothing.
    space.write("sound.flac", demo("sfx/keeper/whistle.flac"));
    let files = ["none.gpl", "text.md", "sound.flac", "hero.aseprite", "again/HERO.gif"];
    let run = convert(&space, &files, &["palette=FIRST_FILE", "pad=LEFT"]);
    insta::assert_snapshot!(format!("{}\n{}", run.code, run.stderr), @r#"
    3
    error[IO]: No such file or directory (os error 2)
    --> none.gpl

    error[FORMAT_UNCLEAR]: the file is no picture and no sound: a pack takes it as it is, in an asset of the bank DATA
    --> text.md

    error[FIELD_UNKNOWN]: unknown field "pad"
    --> sound.flac
     = help: the fields here are "loops", "channels", "sample_rate", "trim", "gain", "normalize", "user"

    error[FIELD_UNKNOWN]: unknown field "palette"
    --> sound.flac
     = help: the fields here are "loops", "channels", "sample_rate", "trim", "gain", "normalize", "user"

    error[FIELD_INVALID]: pad: "pad" is "BOTTOM_RIGHT", "AROUND" or "TOP", not "LEFT"
    --> hero.aseprite
     = help: BOTTOM_RIGHT adds pixels below and to the right, AROUND on all sides, TOP above and to both sides

    For more about a code: papack explain IO
    "#);

    space.write("out/hero.png", "mine");
    let run = convert(&space, &["hero.aseprite"], &["frame=0"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("OUTPUT_BLOCKED"), "{}", run.stderr);
    assert_eq!(space.read("out/hero.png"), b"mine");
}

#[test]
fn fields_are_read_as_a_manifest_has_them() {
    let space = TestSpace::empty();
    space.write("hero.aseprite", ANIMATED);
    let refused = |fields: &[&str]| {
        let run = convert(&space, &["hero.aseprite"], fields);
        assert_eq!(run.code, 1, "{fields:?}");
        assert!(!space.path().join("out").exists());
        run.stderr.lines().next().unwrap().to_owned()
    };
    insta::assert_snapshot!([
        refused(&["alpha=300"]),
        refused(&["alpha=1", "alpha=2"]),
        refused(&["colour=3"]),
        refused(&["file=hero.aseprite"]),
        refused(&["tag=10"]),
        refused(&["tag=walk"]),
        refused(&["tile_size=7"]),
    ].join("\n"),
        @r#"
    error[FIELD_INVALID]: alpha: 300 is out of range; 1 to 255 are allowed
    error[FIELD_INVALID]: the field "alpha" is set twice
    error[FIELD_UNKNOWN]: unknown field "colour"
    error[FIELD_UNKNOWN]: unknown field "file"
    error[FIELD_INVALID]: tag: expected a string, found an integer
    error[PART_MISSING]: the file has no tag "walk"; it has "run", "all", "run"
    error[FIELD_INVALID]: tile_size: a tile has 8, 16 or 32 pixels, not 7
    "#);
    let run = space.run(&["convert", "hero.aseprite", "--to", "out", "--set", "alpha"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("as in alpha=128"), "{}", run.stderr);
}
