//! Faulty workspaces: exit code 1, the file and the reason, and `build/` as it was.

use std::fs;
use std::os::unix::fs::symlink;

use crate::space::{TestSpace, entry, manifest, uuid};

/// Spoils a packed workspace, packs again, and gives what standard error shows.
fn fault(spoil: impl FnOnce(&TestSpace)) -> String {
    let space =
        TestSpace::with_assets(&[("ui/a", &[("one.txt", "one"), ("two.txt", "two")]), ("b", &[("b.bin", "bbb")])]);
    space.pack();
    let before = space.build();
    spoil(&space);
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("Failed") && run.stdout.contains("build/ is as it was"), "{}", run.stdout);
    assert_eq!(space.build(), before);
    run.stderr
}

#[test]
fn a_missing_file_is_shown_where_it_is_named() {
    let shown = fault(|space| fs::remove_file(space.path().join("assets/ui/a/two.txt")).unwrap());
    insta::assert_snapshot!(shown, @r#"
    error[FILE_MISSING]: "two.txt": the file is not there
     --> assets/ui/a/asset.json:5:47
      |
    5 |   "artifacts": [{"file": "one.txt"}, {"file": "two.txt"}],
      |                                               ^^^^^^^^^
      |
      = note: in asset 1 "ui/a"
      = help: papack looks for it at assets/ui/a/two.txt

    For more about a code: papack explain FILE_MISSING
    "#);
}

#[test]
fn broken_json_is_shown_where_it_breaks() {
    let shown = fault(|space| {
        space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "b.bin"},"#));
    });
    insta::assert_snapshot!(shown, @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected ']'
     --> assets/b/asset.json:5:35
      |
    5 |   "artifacts": [{"file": "b.bin"},],
      |                                   ^
      |
      = note: in asset 2
      = help: take out the comma before it: the last of a list has none behind it

    For more about a code: papack explain JSON_SYNTAX
    "#);
}

#[test]
fn a_newer_document_is_told_as_such() {
    let shown = fault(|space| {
        space.write("assets/b/asset.json", manifest(2, "b", "1").replace("\": 2,", "\": 3,\n  \"new_field\": true,"));
    });
    insta::assert_snapshot!(shown, @r#"
    error[SCHEMA_VERSION]: schema version 3 of the manifest is not supported: this papack reads 1 to 2
     --> assets/b/asset.json:2:21
      |
    2 |   "schema_version": 3,
      |                     ^
      |
      = note: in asset 2
      = help: update papack, or save the document with the version that this papack reads

    For more about a code: papack explain SCHEMA_VERSION
    "#);
}

#[test]
fn a_link_is_never_followed() {
    let shown = fault(|space| {
        space.write("secret.txt", "secret");
        let file = space.path().join("assets/b/b.bin");
        fs::remove_file(&file).unwrap();
        symlink(space.path().join("secret.txt"), file).unwrap();
    });
    insta::assert_snapshot!(shown, @r#"
    warning[FILE_LINK]: a symbolic link below assets/ is skipped
    --> assets/b/b.bin

    error[FILE_LINK]: "b.bin": the file is a symbolic link
     --> assets/b/asset.json:5:26
      |
    5 |   "artifacts": [{"file": "b.bin"}],
      |                          ^^^^^^^
      |
      = note: in asset 2 "b"
      = help: links are not followed below assets/: put the file itself there

    For more about a code: papack explain FILE_LINK
    "#);
}

#[test]
fn a_wrong_picture_names_the_pixel() {
    let shown = fault(|space| {
        let tiles = manifest(2, "b", r#"{"file": "b.bin"}"#)
            .replace("DATA/raw_v1\"", "TILES/indexed_v1\", \"metadata\": {\"tile_size\": 8}");
        space.write("assets/b/asset.json", tiles);
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 8, 8);
        encoder.set_color(png::ColorType::Rgba);
        let mut pixels = [0; 256];
        pixels[4 * 19 + 3] = 128;
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        space.write("assets/b/b.bin", png);
    });
    insta::assert_snapshot!(shown, @r#"
    error[TILES_ALPHA]: the pixel at (3, 2) has alpha 128; only 0 and 255 are allowed
    --> assets/b/b.bin
     = note: in asset 2 "b"
     = help: turn off soft edges; or set "alpha" to 128 in "metadata", by which such pixels become opaque from 128 on, and transparent below

    For more about a code: papack explain TILES_ALPHA
    "#);
}

#[test]
fn every_fault_of_a_run_is_reported() {
    let shown = fault(|space| {
        space.write_registry(&[entry(1, "ui/a"), entry(2, "b"), entry(3, "gone"), entry(2, "again")]);
        fs::remove_file(space.path().join("assets/ui/a/one.txt")).unwrap();
        space.write("assets/b/asset.json", "{}");
    });
    for code in ["REGISTRY_CONFLICT", "FILE_MISSING", "FIELD_MISSING", "ASSET_MISSING"] {
        assert!(shown.contains(code), "{code}: {shown}");
    }
}

#[test]
fn a_broken_registry_is_one_fault_and_not_a_heap() {
    let shown = fault(|space| space.write("assets/.prometeu/index.json", "{\"schema_version\": 2,\n<<<<<<< HEAD\n"));
    insta::assert_snapshot!(shown, @r"
    error[JSON_SYNTAX]: this is no JSON: unexpected '<'
     --> assets/.prometeu/index.json:2:1
      |
    2 | <<<<<<< HEAD
      | ^
      |
      = help: a merge was not finished: keep one of its sides, and take out these marks

    For more about a code: papack explain JSON_SYNTAX
    ");
}

#[test]
fn notices_block_nothing() {
    let space = TestSpace::with_assets(&[("a", &[("1", "1"), ("10", "10"), ("2", "2")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    space.write("assets/new/asset.json", manifest(7, "new", r#"{"glob": "*"}"#));
    symlink("a", space.path().join("assets/link")).unwrap();
    let shown = space.pack().stderr;
    insta::assert_snapshot!(shown, @r#"
    warning[FILE_LINK]: a symbolic link below assets/ is skipped
    --> assets/link

    info[ASSET_UNREGISTERED]: this asset is not registered, so it is not packed
    --> assets/new/asset.json
     = help: register it with: papack add new

    warning[GLOB_ORDER]: files are taken in byte order: "10" comes before "2"
     --> assets/a/asset.json:5:26
      |
    5 |   "artifacts": [{"glob": "*"}],
      |                          ^^^
      |
      = note: in asset 1 "a"
      = help: number them with leading zeros, or list the files one by one

    For more about a code: papack explain FILE_LINK
    "#);
}

#[test]
fn what_stands_in_the_place_of_an_output_is_never_touched() {
    for (place, found) in [
        ("build", "a file"),
        ("build/.staging", "a file"),
        ("build/assets.pa", "a folder"),
        ("build/preload.json", "a symbolic link"),
    ] {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
        let path = space.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match found {
            "a file" => fs::write(&path, "precious").unwrap(),
            "a folder" => fs::create_dir(&path).unwrap(),
            _ => symlink("/etc/hostname", &path).unwrap(),
        }
        let run = space.run(&["pack"]);
        assert_eq!(run.code, 1, "{place}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("error[OUTPUT_BLOCKED]: {found} is where papack puts")), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("--> {place}")), "{}", run.stderr);
        let after = fs::symlink_metadata(&path).unwrap();
        assert_eq!((after.is_file(), after.is_dir()), (found == "a file", found == "a folder"));
    }
    // A link in the place of build/ leads nowhere.
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let target = TestSpace::empty();
    symlink(target.path(), space.path().join("build")).unwrap();
    assert_eq!(space.run(&["pack"]).code, 1);
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0);
}

#[test]
fn a_uuid_of_another_asset_is_told() {
    let shown = fault(|space| {
        let text = manifest(2, "b", r#"{"file": "b.bin"}"#).replace(&uuid(2), &uuid(1));
        space.write("assets/b/asset.json", text);
    });
    assert!(shown.contains("error[ASSET_UUID_MISMATCH]: the registry knows this asset as"), "{shown}");
}
