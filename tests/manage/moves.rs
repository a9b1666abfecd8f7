//! `papack mv`.

use std::fs;
use std::os::unix::fs::symlink;

use papack_queries::diagnostic::Code;
use serde_json::json;

use crate::space::{Run, TestSpace, entry, manifest};
use crate::{changes, files, json, refuses, registry, roots};

/// Assets 1 at `a`, 2 at `ui/b` and 3 at `c`, which is not packed, and the empty folder `gfx`.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("ui/b", &[("g", "g")]), ("c", &[("h", "h")])]);
    let excluded = entry(3, "c").replace("true", "false");
    space.write_registry(&[entry(1, "a"), entry(2, "ui/b"), excluded]);
    fs::create_dir(space.path().join("assets/gfx")).unwrap();
    space
}

fn move_by_hand(space: &TestSpace, from: &str, to: &str) {
    let assets = space.path().join("assets");
    fs::rename(assets.join(from), assets.join(to)).unwrap();
}

#[test]
fn folder_and_registry_move_together_and_the_id_stays() {
    let space = workspace();
    space.pack();
    let packed = space.read("build/assets.pa");
    // By root, as a shell completes it; by id; by name.
    for (asset, root) in [("a/", "gfx/a/"), ("1", "x"), ("a", "gfx/ä ö")] {
        let run = space.run(&["mv", asset, root]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    insta::assert_snapshot!(space.run(&["mv", "ui/b", "ui/b2", "--dry-run"]).stdout, @r"
        Moved assets/ui/b to assets/ui/b2
    Relocated ui/b (asset 2) to ui/b2
      Dry run nothing was written
    ");
    assert_eq!(roots(&space), [(1, "gfx/ä ö".into()), (2, "ui/b".into()), (3, "c".into())]);
    assert_eq!(space.read("assets/gfx/ä ö/f"), b"f");
    assert!(!space.path().join("assets/a").exists());
    assert_eq!(registry(&space).next_asset_id, Some(1000));
    assert!(!registry(&space).entries[2].included_in_build, "what is excluded stays so");
    for left in ["cache/lane.json", "staged"] {
        assert!(!space.path().join("assets/.prometeu").join(left).exists());
    }
    space.pack();
    assert!(space.read("build/assets.pa") == packed, "a root is nothing to the runtime");
}

#[test]
fn folders_that_are_to_hold_an_asset_are_made() {
    let space = workspace();
    let shown = space.run(&["mv", "a", "characters/hero/a", "--dry-run"]).stdout;
    insta::assert_snapshot!(shown, @r"
      Created assets/characters
      Created assets/characters/hero
        Moved assets/a to assets/characters/hero/a
    Relocated a (asset 1) to characters/hero/a
      Dry run nothing was written
    ");
    assert!(!space.path().join("assets/characters").exists());
    // As a shell completes it, and as the registry has it.
    for (asset, root) in [("a", "assets/characters/hero/a"), ("ui/b", "characters/b"), ("1", "deep/er/still/a")] {
        assert_eq!(space.run(&["mv", asset, root]).code, 0, "{root}");
    }
    assert_eq!(roots(&space), [(1, "deep/er/still/a".into()), (2, "characters/b".into()), (3, "c".into())]);
    assert_eq!(space.run(&["check"]).code, 0);
    let mut command = space.command(&["mv", "1", "./made/here"]);
    command.current_dir(space.path().join("assets/gfx"));
    assert_eq!(Run::of(command).code, 0);
    assert_eq!(roots(&space)[0], (1, "gfx/made/here".into()));
}

#[test]
fn a_move_that_was_made_by_hand_is_followed() {
    let space = workspace();
    move_by_hand(&space, "ui/b", "gfx/b");
    let told = space.run(&["check"]);
    assert!(told.code == 1 && told.stderr.contains("papack mv 2 gfx/b"), "{}", told.stderr);
    let made = changes(&space, &["mv", "ui/b", "gfx/b"]);
    assert_eq!(made, [json!({"kind": "ASSET_RELOCATED", "asset_id": 2, "from": "ui/b", "to": "gfx/b"})]);
    assert_eq!(space.run(&["check"]).code, 0);
    assert_eq!(changes(&space, &["mv", "2", "gfx/b"]), Vec::<serde_json::Value>::new(), "again changes nothing");
    // The folder may stay, without its manifest.
    fs::create_dir_all(space.path().join("assets/ui/new")).unwrap();
    move_by_hand(&space, "gfx/b/asset.json", "ui/new/asset.json");
    move_by_hand(&space, "gfx/b/g", "ui/new/g");
    assert_eq!(changes(&space, &["mv", "gfx/b", "ui/new"]).len(), 1);
    assert_eq!(space.run(&["check"]).code, 0);
}

#[test]
fn only_the_spelling_may_change() {
    let space = workspace();
    changes(&space, &["mv", "ui/b", "ui/B"]);
    assert_eq!(roots(&space)[1], (2, "ui/B".into()));
    space.pack();
    move_by_hand(&space, "ui/B", "ui/b");
    assert_eq!(space.run(&["pack"]).code, 1);
    assert_eq!(changes(&space, &["mv", "ui/B", "ui/b"]).len(), 1);
    space.pack();
}

#[test]
fn what_is_in_the_way_is_told_and_nothing_moves() {
    type Spoil = fn(&TestSpace);
    let nothing: Spoil = |_| {};
    let cases: &[(&str, &str, Spoil, &str, &str)] = &[
        ("none", "x", nothing, "ASSET_UNKNOWN", r#"no registered asset has the id, root or name \"none\""#),
        ("4", "x", nothing, "ASSET_UNKNOWN", "papack list"),
        ("a", "gfx", nothing, "PLACE_TAKEN", "something is there already"),
        ("a", "x", |s| s.write("assets/x", ""), "PLACE_TAKEN", "something is there already"),
        ("a", "x", |s| symlink("gfx", s.path().join("assets/x")).unwrap(), "PLACE_TAKEN", "move it away"),
        ("a", "GFX", nothing, "PATH_SPELLING", r#"spelled \"gfx\""#),
        ("a", "GFX/x", nothing, "PATH_SPELLING", r#"spelled \"gfx\""#),
        ("a", "c/h/x", nothing, "FILE_MISSING", "is no folder"),
        ("a", "x/y", |s| symlink("gfx", s.path().join("assets/x")).unwrap(), "FILE_LINK", "a symbolic link"),
        ("a", "ui/b/x/y", nothing, "REGISTRY_CONFLICT", "lies inside the root of"),
        ("a", "ui/b/x", nothing, "REGISTRY_CONFLICT", r#"lies inside the root of \"ui/b\" (asset 2)"#),
        ("a", "a/x", nothing, "REGISTRY_CONFLICT", "the asset's own folder"),
        ("ui/b", "ui", nothing, "PLACE_TAKEN", "something is there already"),
        ("a", "c", nothing, "PLACE_TAKEN", "something is there already"),
        ("a", "../x", nothing, "PATH_INVALID", "component"),
        ("a", "../..", nothing, "PATH_INVALID", "such as ui/icons for assets/ui/icons"),
        ("a", ".x", nothing, "PATH_INVALID", "begins with"),
        ("a", "con", nothing, "PATH_INVALID", "device name"),
        ("a", "", nothing, "PATH_INVALID", "the path is empty"),
        ("a", "x", |s| fs::remove_dir_all(s.path().join("assets/a")).unwrap(), "ASSET_MISSING", "is not there"),
        // Gone, but what is there is another asset.
        (
            "a",
            "x",
            |s| {
                move_by_hand(s, "a", "x");
                s.write("assets/x/asset.json", manifest(9, "x", r#"{"file": "f"}"#));
            },
            "ASSET_MISSING",
            "is not there",
        ),
        (
            "a",
            "x",
            |s| {
                move_by_hand(s, "a", "elsewhere");
                symlink("elsewhere", s.path().join("assets/a")).unwrap();
            },
            "FILE_LINK",
            "a symbolic link",
        ),
        (
            "both",
            "x",
            |s| {
                s.write("assets/a/asset.json", manifest(1, "both", r#"{"file": "f"}"#));
                s.write("assets/c/asset.json", manifest(3, "both", r#"{"file": "h"}"#));
            },
            "ASSET_UNKNOWN",
            r#"\"a\" (asset 1) and \"c\" (asset 3) are both named"#,
        ),
        // The folder of `a` is another asset's now.
        (
            "a",
            "x",
            |s| {
                move_by_hand(s, "a", "gfx/a");
                move_by_hand(s, "c", "a");
            },
            "ASSET_UUID_MISMATCH",
            "holds another asset",
        ),
        ("a", "x", |s| s.write("assets/.prometeu/index.json", "{"), "JSON_SYNTAX", "ends too early"),
    ];
    for (asset, root, spoil, code, fragment) in cases {
        let space = workspace();
        spoil(&space);
        refuses(&space, &["mv", asset, root], code, fragment);
        refuses(&space, &["mv", asset, root, "--dry-run"], code, fragment);
    }
    assert!(cases.iter().all(|(.., code, _)| Code::ALL.iter().any(|known| known.to_string() == *code)));
}

#[test]
fn a_dry_run_writes_nothing() {
    let space = workspace();
    let before = files(&space);
    let (code, result) = json(&space, &["mv", "1", "gfx/a", "--dry-run"]);
    assert_eq!((code, &result["dry_run"]), (0, &json!(true)));
    assert!(files(&space) == before);
    assert_eq!(Some(&changes(&space, &["mv", "1", "gfx/a"])), result["changes"].as_array());
}

/// The codes of what `check` finds, each with the place and the help.
fn told(space: &TestSpace) -> Vec<String> {
    let (_, result) = json(space, &["check"]);
    let found = result["diagnostics"].as_array().unwrap();
    let line = |found: &serde_json::Value| {
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", text("code"), text("path"), text("help"))
    };
    found.iter().map(line).collect()
}

#[test]
fn an_asset_whose_old_folder_holds_another_one_was_moved_and_is_no_copy() {
    for is_packed in [true, false] {
        let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("b", &[("f", "2")])]);
        let first = entry(1, "a");
        let first = if is_packed { first } else { first.replace("true", "false") };
        space.write_registry(&[first, entry(2, "b")]);
        move_by_hand(&space, "a", "c");
        move_by_hand(&space, "b", "a");
        assert_eq!(
            told(&space),
            [
                "ASSET_MOVED assets/c/asset.json: tell the registry: papack mv 1 c",
                "ASSET_MOVED assets/a/asset.json: asset 1, which the registry has there, was moved too: papack doctor \
                 --fix follows both",
            ]
        );
        // A pack looks into what it does not pack as far as that tells where its own assets are.
        let packed = space.run(&["pack"]);
        assert_eq!(packed.stderr.matches("[ASSET_MOVED]").count(), 2, "{}", packed.stderr);
        let before = space.read("assets/c/asset.json");
        refuses(&space, &["add", "c"], "ASSET_MOVED", "papack mv 1 c");
        refuses(&space, &["add", "--all"], "ASSET_MOVED", "papack mv 1 c");
        assert!(space.read("assets/c/asset.json") == before, "the identity of asset 1");
        refuses(&space, &["rm", "1", "--delete-files"], "ASSET_UUID_MISMATCH", "holds another asset");
        refuses(&space, &["mv", "2", "a"], "REGISTRY_CONFLICT", "papack doctor --fix");
        assert_eq!(changes(&space, &["mv", "1", "c"]).len(), 1);
        assert_eq!(changes(&space, &["mv", "2", "a"]).len(), 1);
        assert_eq!(roots(&space), [(1, "c".into()), (2, "a".into())]);
        assert_eq!((space.run(&["check"]).code, told(&space)), (0, Vec::new()));
    }
}

#[test]
fn assets_that_changed_places_are_followed_at_once() {
    let space = workspace();
    move_by_hand(&space, "a", "x");
    move_by_hand(&space, "c", "a");
    move_by_hand(&space, "ui/b", "c");
    move_by_hand(&space, "x", "ui/b");
    assert!(told(&space).iter().all(|told| told.ends_with("papack doctor --fix follows both")), "{:?}", told(&space));
    refuses(&space, &["mv", "1", "ui/b"], "REGISTRY_CONFLICT", "papack doctor --fix");
    assert_eq!(changes(&space, &["doctor", "--fix"]).len(), 3);
    assert_eq!(roots(&space), [(1, "ui/b".into()), (2, "c".into()), (3, "a".into())]);
    assert_eq!((space.run(&["check"]).code, told(&space)), (0, Vec::new()));
    space.pack();
}

#[test]
fn the_help_for_a_moved_asset_is_a_way_out() {
    type Moves = [(&'static str, &'static str)];
    let cases: &[(&str, &Moves, &str)] = &[
        ("into another asset", &[("c", "a/c")], "move the folder assets/a/c back to assets/c, or out of assets/a"),
        ("to a name that is no root", &[("c", "x:y")], "rename the folder, then tell the registry with papack mv 3: "),
        ("to a root that looks like an id", &[("c", "2")], "papack mv 3 2"),
        (
            "over another asset",
            &[("a", "gone/a"), ("c", "a"), ("gone/a", ".old")],
            "papack rm 1 and then papack mv 3 a",
        ),
    ];
    for (case, moves, help) in cases {
        let space = workspace();
        fs::create_dir(space.path().join("assets/gone")).unwrap();
        for (from, to) in *moves {
            move_by_hand(&space, from, to);
        }
        let told = told(&space);
        let found =
            told.iter().find(|told| told.starts_with("ASSET_MOVED")).unwrap_or_else(|| panic!("{case}: {told:?}"));
        assert!(found.contains(help), "{case}: {found}");
        assert!(!told.iter().any(|told| told.starts_with("ASSET_UNREGISTERED")), "{case}: {told:?}");
        let (_, status) = json(&space, &["status"]);
        assert_eq!(status["workspace"]["assets"][2]["state"], "MOVED", "{case}");
    }
}

#[test]
fn of_several_new_places_the_first_that_can_be_one_is_offered() {
    let space = workspace();
    move_by_hand(&space, "c", "x");
    let manifest = space.read("assets/x/asset.json");
    for other in ["a/c", "b:", "y"] {
        space.write(&format!("assets/{other}/asset.json"), &manifest);
    }
    assert_eq!(told(&space), ["ASSET_MOVED assets/x/asset.json: tell the registry: papack mv 3 x"]);
    assert_eq!(changes(&space, &["mv", "3", "y"]).len(), 1);
    assert!(!told(&space).iter().any(|told| told.contains("papack add b:")), "{:?}", told(&space));
}
