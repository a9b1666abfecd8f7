//! `papack include`, `exclude` and `rm`, and how assets are named.

use std::fs;

use serde_json::json;

use crate::space::{TestSpace, manifest};
use crate::{changes, files, refuses, registry, roots};

/// Assets 1 to 4.
fn workspace() -> TestSpace {
    TestSpace::with_assets(&[
        ("ui/font", &[("f", "f")]),
        ("ui/hud", &[("f", "f")]),
        ("music", &[("f", "f")]),
        ("ui/deep/er", &[("f", "f")]),
    ])
}

/// The ids of what is packed.
fn included(space: &TestSpace) -> Vec<u32> {
    registry(space).entries.iter().filter(|entry| entry.included_in_build).map(|entry| entry.asset_id).collect()
}

#[test]
fn assets_leave_the_build_and_come_back() {
    let space = workspace();
    space.pack();
    let all = space.build();
    let run = space.run(&["exclude", "ui/hud", "music", "music"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
        Excluded asset 2, ui/hud
        Excluded asset 3, music
    ");
    assert_eq!(included(&space), [1, 4]);
    assert!(space.pack().stdout.contains("2 assets"));
    assert_eq!(space.run(&["exclude", "2", "3"]).stdout, "  Up to date nothing to change\n");
    let made = changes(&space, &["include", "**"]);
    assert_eq!(made[0], json!({"kind": "ASSET_INCLUDED", "asset_id": 2, "root": "ui/hud"}));
    assert_eq!(made.len(), 2, "the others were included already");
    space.pack();
    assert!(space.build() == all);
}

#[test]
fn assets_are_named_by_id_root_name_or_pattern() {
    for (asked, expected) in [
        (&["4"][..], &[4][..]),
        (&["ui/font/"], &[1]),
        (&["ui/*"], &[1, 2]),
        (&["ui/**"], &[1, 2, 4]),
        (&["*"], &[3]),
        (&["mus?c", "ui/d*/**"], &[3, 4]),
        (&["the tune", "1"], &[1, 3]),
        // An id comes first, then a root, then a name.
        (&["2", "music"], &[2, 3]),
        (&["??"], &[1]),
    ] {
        let space = workspace();
        space.write("assets/music/asset.json", manifest(3, "the tune", r#"{"file": "f"}"#));
        space.write("assets/ui/font/asset.json", manifest(1, "??", r#"{"file": "f"}"#));
        space.write("assets/ui/hud/asset.json", manifest(2, "music", r#"{"file": "f"}"#));
        let made = changes(&space, &[&["exclude"], asked].concat());
        let ids: Vec<_> = made.iter().map(|change| change["asset_id"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "{asked:?}");
    }
}

#[test]
fn what_names_no_asset_changes_nothing() {
    let space = workspace();
    space.write("assets/music/asset.json", "{");
    refuses(&space, &["exclude", "ui/font", "none"], "ASSET_UNKNOWN", r#"the id, root or name \"none\""#);
    refuses(&space, &["exclude", "music/*"], "ASSET_UNKNOWN", r#"no root matches \"music/*\""#);
    refuses(&space, &["rm", "ui/f**t"], "PATH_INVALID", "no valid pattern");
    refuses(&space, &["rm", "5"], "ASSET_UNKNOWN", "papack list");
    refuses(&space, &["rm", ""], "ASSET_UNKNOWN", "");
    refuses(&space, &["mv", "ui/*", "x"], "ASSET_UNKNOWN", "means 2 assets");
    let hostile = format!("{}x", "*a".repeat(400));
    refuses(&space, &["rm", &hostile], "ASSET_UNKNOWN", "no root matches");
    for command in ["include", "exclude", "rm"] {
        assert_eq!(space.run(&[command]).code, 2);
    }
    // What is wrong with a manifest is no reason to keep its asset.
    changes(&space, &["exclude", "music"]);
}

#[test]
fn an_asset_that_is_removed_keeps_its_files_and_its_id_is_spent() {
    let space = workspace();
    let before = files(&space);
    assert_eq!(changes(&space, &["rm", "ui/*", "--dry-run"]).len(), 2);
    assert!(files(&space) == before);
    let run = space.run(&["rm", "4", "music"]);
    insta::assert_snapshot!(run.stdout, @r"
      Unregistered asset 3, music
      Unregistered asset 4, ui/deep/er
    ");
    assert_eq!(roots(&space), [(1, "ui/font".into()), (2, "ui/hud".into())]);
    assert_eq!(registry(&space).next_asset_id, Some(1000));
    for (path, content) in files(&space) {
        assert!(path.ends_with("index.json") || before[&path] == content, "{path}");
    }
    changes(&space, &["add", "music"]);
    assert_eq!(roots(&space)[2], (1000, "music".into()));
    // One that is gone can be removed too.
    fs::remove_dir_all(space.path().join("assets/ui/font")).unwrap();
    let told = space.run(&["check"]);
    assert!(told.stderr.contains("papack rm"), "{}", told.stderr);
    changes(&space, &["rm", "ui/font"]);
    assert_eq!(space.run(&["check"]).code, 0);
    // The last one leaves an empty registry.
    changes(&space, &["rm", "**"]);
    assert_eq!(
        String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap(),
        "{\n  \"schema_version\": 2,\n  \"next_asset_id\": 1001,\n  \"assets\": []\n}\n"
    );
}

/// An id is what documents write. A root that merely parses as a number is a root.
#[test]
fn a_root_that_looks_like_a_number_is_no_id() {
    let space = TestSpace::with_assets(&[("x", &[("f", "f")]), ("y", &[("f", "f")]), ("02", &[("f", "f")])]);
    assert_eq!(space.run(&["rm", "02"]).code, 0);
    assert_eq!(roots(&space), [(1, "x".to_owned()), (2, "y".to_owned())]);
    for asked in ["01", "+1"] {
        refuses(&space, &["rm", asked], "ASSET_UNKNOWN", asked);
    }
}
