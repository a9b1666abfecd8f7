//! `papack add`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use papack_queries::schema::manifest;
use serde_json::json;

use crate::space::{TestSpace, entry, manifest, uuid};
use crate::{changes, files, json as run_json, refuses, registry, roots};

/// Asset 1 at `old`, and `next_asset_id` 1000.
fn workspace() -> TestSpace {
    TestSpace::with_assets(&[("old", &[("f", "f")])])
}

/// Puts an unregistered DATA asset at `root`, with the uuid of the asset `id`.
fn put(space: &TestSpace, root: &str, id: usize) {
    space.write(&format!("assets/{root}/asset.json"), manifest(id, &root.replace('/', "_"), r#"{"file": "f"}"#));
    space.write(&format!("assets/{root}/f"), root);
}

fn without_identity(root: &str) -> String {
    manifest(7, root, r#"{"file": "f"}"#).replace(&format!("  \"asset_uuid\": \"{}\",\n", uuid(7)), "")
}

#[test]
fn assets_are_registered_under_the_next_ids_and_packed() {
    let space = workspace();
    put(&space, "ui/font", 2);
    put(&space, "ui/atlas", 3);
    put(&space, "music", 4);
    let before = files(&space);
    let run = space.run(&["add", "ui/font/", "music", "ui/font"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
      Registered ui/font as asset 1000
      Registered music as asset 1001
    ");
    assert_eq!(
        String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap(),
        format!(
            "{{\n  \"schema_version\": 2,\n  \"next_asset_id\": 1002,\n  \"assets\": [\n    {},\n    {},\n    {}\n  ]\n}}\n",
            entry(1, "old"),
            entry(2, "ui/font").replace("\"asset_id\": 2", "\"asset_id\": 1000"),
            entry(4, "music").replace("\"asset_id\": 4", "\"asset_id\": 1001"),
        )
    );
    // The rest is as it was, and nothing is left lying about.
    let mut after = files(&space);
    after.insert("assets/.prometeu/index.json".into(), before["assets/.prometeu/index.json"].clone());
    assert!(after == before);
    assert!(!space.path().join("assets/.prometeu/cache").exists());

    assert_eq!(changes(&space, &["add", "--all"]).len(), 1);
    assert_eq!(roots(&space).last().unwrap(), &(1002, "ui/atlas".to_owned()));
    let packed = space.pack();
    assert!(packed.stdout.contains("4 assets"), "{}", packed.stdout);
}

#[test]
fn registering_again_changes_nothing() {
    let space = workspace();
    put(&space, "new", 2);
    changes(&space, &["add", "new"]);
    let before = files(&space);
    for arguments in [&["add", "new"][..], &["add", "old", "new"], &["add", "--all"]] {
        let run = space.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (0, "  Up to date nothing to change\n"));
    }
    assert!(files(&space) == before);
}

#[test]
fn a_manifest_without_identity_gets_one_and_keeps_its_text() {
    let space = workspace();
    let text = without_identity("new").replace('\n', "\r\n").replace("\"name\":", "\"name\"  :");
    space.write("assets/new/asset.json", &text);
    space.write("assets/new/f", "f");
    let path = space.path().join("assets/new/asset.json");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let made = changes(&space, &["add", "new"]);
    let identity = made[0]["asset_uuid"].as_str().unwrap().to_owned();
    assert_eq!(made[0], json!({"kind": "IDENTITY_GIVEN", "path": "assets/new/asset.json", "asset_uuid": identity}));
    assert_eq!(made[1], json!({"kind": "ASSET_REGISTERED", "asset_id": 1000, "asset_uuid": identity, "root": "new"}));
    let expected = text.replacen("2,\r\n", &format!("2,\r\n  \"asset_uuid\": \"{identity}\",\r\n"), 1);
    assert_eq!(String::from_utf8(space.read("assets/new/asset.json")).unwrap(), expected);
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o640);
    space.pack();
}

#[test]
fn a_copy_gets_an_identity_of_its_own() {
    let space = workspace();
    // Two copies of a registered asset, and two of one that is not.
    for (root, id) in [("copy", 1), ("nocopy", 2), ("other/copy", 1), ("twice", 2)] {
        put(&space, root, id);
    }
    let warned = space.run(&["check", "--message-format", "short"]);
    assert!(warned.stdout.contains("ASSET_COPIED"), "{}", warned.stdout);
    let before = files(&space);
    let made = changes(&space, &["add", "--all"]);
    let identified: Vec<_> = made.iter().filter(|change| change["kind"] == "IDENTITY_GIVEN").collect();
    let paths: Vec<_> = identified.iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["assets/copy/asset.json", "assets/other/copy/asset.json", "assets/twice/asset.json"]);
    let after = files(&space);
    for (path, content) in &before {
        let is_edited = paths.contains(&path.as_str()) || path.ends_with("index.json");
        assert_eq!(after[path] == *content, !is_edited, "{path}");
    }
    let registry = registry(&space);
    assert_eq!(registry.next_asset_id, Some(1004));
    for entry in &registry.entries {
        let text = space.read(&format!("assets/{}/asset.json", entry.root));
        assert_eq!(manifest::parse("m", &text).0.asset_uuid.unwrap().0, entry.asset_uuid, "{}", entry.root);
    }
    space.pack();
}

/// The text of a manifest for the uuid `id` that is preloaded into slot 3 of its bank.
fn preloaded(id: usize, name: &str) -> String {
    let text = manifest(id, name, r#"{"file": "f"}"#);
    text.trim_end().strip_suffix('}').unwrap().trim_end().to_owned()
        + ",\n  \"preload\": { \"enabled\": true, \"slot\": 3 }\n}\n"
}

#[test]
fn a_name_or_slot_of_another_asset_of_the_build_is_refused_with_the_way_on() {
    let space = workspace();
    space.write("assets/old/asset.json", preloaded(1, "old"));
    for (root, id) in [("copy", 1), ("x/other", 2)] {
        space.write(&format!("assets/{root}/asset.json"), preloaded(id, "old"));
        space.write(&format!("assets/{root}/f"), "f");
    }
    let run = space.run(&["add", "copy"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr, @r#"
    error[ASSET_NAME_TAKEN]: the name "old" is taken
     --> assets/copy/asset.json:4:11
      |
    4 |   "name": "old",
      |           ^^^^^
      |
      = note: claimed by "old" (asset 1): assets/old/asset.json
      = help: give the asset another name in assets/copy/asset.json, or the other one: papack rename 1 NAME

    error[PRELOAD_SLOT_TAKEN]: slot 3 of the asset's bank is taken
     --> assets/copy/asset.json:7:41
      |
    7 |   "preload": { "enabled": true, "slot": 3 }
      |                                         ^
      |
      = note: claimed by "old" (asset 1): assets/old/asset.json
      = help: give the asset another slot in assets/copy/asset.json (0 is free), or free this one: papack preload 1 --off

    For more about a code: papack explain ASSET_NAME_TAKEN
    "#);
    // Other names, and yet one slot.
    space.write("assets/copy/asset.json", preloaded(1, "copy"));
    space.write("assets/x/other/asset.json", preloaded(2, "other"));
    refuses(&space, &["add", "copy"], "PRELOAD_SLOT_TAKEN", "(0 is free), or free this one: papack preload 1 --off");
    // Two of one call: neither has an id yet that could be named.
    changes(&space, &["preload", "old", "--off"]);
    refuses(&space, &["add", "--all"], "PRELOAD_SLOT_TAKEN", "slot 3 of the asset's bank is taken");
    let (_, told) = run_json(&space, &["add", "--all"]);
    let fault = &told["diagnostics"][0];
    assert_eq!(fault["help"], "give the asset another slot in assets/x/other/asset.json (0 is free)");
    assert_eq!(fault["related"], json!([{"message": r#"claimed by "copy""#, "path": "assets/copy/asset.json"}]));
    changes(&space, &["add", "copy"]);
    // What is not in the build claims nothing.
    refuses(&space, &["add", "x/other"], "PRELOAD_SLOT_TAKEN", "papack preload 1000 --off");
    changes(&space, &["exclude", "copy"]);
    changes(&space, &["add", "x/other"]);
    space.pack();
}

#[test]
fn what_is_wrong_with_an_asset_or_its_place_is_told_and_nothing_is_written() {
    type Spoil = fn(&TestSpace);
    let cases: &[(&str, Spoil, &str, &str)] = &[
        ("none", |_| {}, "FILE_MISSING", "the file is not there"),
        ("../outside", |_| {}, "PATH_INVALID", r#"a \"..\" component"#),
        ("a//b", |_| {}, "PATH_INVALID", "empty component"),
        (".hidden", |s| put(s, ".hidden", 2), "PATH_INVALID", r#"begins with \".\""#),
        ("", |_| {}, "PATH_INVALID", "the path is empty"),
        ("NEW", |s| put(s, "new", 2), "PATH_SPELLING", r#"spelled \"new\""#),
        ("old/inner", |s| put(s, "old/inner", 2), "REGISTRY_CONFLICT", r#"inside the root of \"old\" (asset 1)"#),
        ("link", |s| symlink("old", s.path().join("assets/link")).unwrap(), "FILE_LINK", "symbolic link"),
        (
            "new",
            |s| {
                fs::create_dir(s.path().join("assets/new")).unwrap();
                symlink("../old/asset.json", s.path().join("assets/new/asset.json")).unwrap();
            },
            "FILE_LINK",
            "the file is a symbolic link",
        ),
        ("new", |s| s.write("assets/new/asset.json/f", ""), "FILE_NOT_REGULAR", "this is a folder"),
        ("new", |s| s.write("assets/new/asset.json", "{"), "JSON_SYNTAX", "ends too early"),
        (
            "new",
            |s| s.write("assets/new/asset.json", manifest(2, " n", r#"{"file": "f"}"#)),
            "FIELD_INVALID",
            "white space",
        ),
        (
            "new",
            |s| s.write("assets/new/asset.json", manifest(2, "n", "").replace("version\": 2", "version\": 3")),
            "SCHEMA_VERSION",
            "this papack reads 1 to 2",
        ),
        (
            "new",
            |s| fs::rename(s.path().join("assets/old"), s.path().join("assets/new")).unwrap(),
            "ASSET_MOVED",
            "papack mv 1 new",
        ),
        (
            "new",
            |s| {
                put(s, "new", 2);
                s.write_registry(&[entry(1, "new/deeper")]);
            },
            "REGISTRY_CONFLICT",
            r#"\"new/deeper\" (asset 1) lies inside the root \"new\""#,
        ),
        (
            "new",
            |s| {
                put(s, "new", 2);
                s.write(
                    "assets/.prometeu/index.json",
                    r#"{"schema_version": 2, "next_asset_id": 1, "assets": [], "a": 1}"#,
                );
            },
            "FIELD_UNKNOWN",
            r#"unknown field \"a\""#,
        ),
        (
            "new",
            |s| {
                put(s, "new", 2);
                s.write(
                    "assets/.prometeu/index.json",
                    r#"{"schema_version": 2, "next_asset_id": 2147483647, "assets": []}"#,
                );
            },
            "FIELD_INVALID",
            "the last asset_id, 2147483646, is spent",
        ),
        (
            "new",
            |s| {
                put(s, "new", 1);
                s.write("assets/.prometeu/staged", "");
            },
            "PLACE_TAKEN",
            "a file is where papack needs a folder",
        ),
    ];
    for (root, spoil, code, fragment) in cases {
        let space = workspace();
        spoil(&space);
        refuses(&space, &["add", root], code, fragment);
    }
}

/// Somebody put pictures into a folder, and wants them packed.
#[test]
fn a_folder_without_a_manifest_is_told_with_what_writes_one() {
    let space = workspace();
    space.write("assets/pic tures/hero.png", "");
    let help = "the folder has no manifest yet: papack new 'assets/pic tures' writes one";
    refuses(&space, &["add", "pic tures"], "FILE_MISSING", help);
    refuses(&space, &["add", "./assets/pic tures/"], "FILE_MISSING", help);
    refuses(&space, &["add", "nowhere"], "FILE_MISSING", "there is no such folder; papack status lists");
}

#[test]
fn one_fault_among_many_assets_keeps_all_from_being_registered() {
    let space = workspace();
    put(&space, "good", 2);
    space.write("assets/without/asset.json", without_identity("without"));
    space.write("assets/without/f", "");
    space.write("assets/bad/asset.json", "{}");
    refuses(&space, &["add", "good", "without", "bad"], "FIELD_MISSING", "schema_version");
    refuses(&space, &["add", "--all"], "FIELD_MISSING", "schema_version");
    assert_eq!(changes(&space, &["add", "good", "without"]).len(), 3);
}

#[test]
fn an_asset_inside_another_is_not_among_all() {
    let space = workspace();
    put(&space, "old/inner", 2);
    put(&space, "new", 3);
    changes(&space, &["add", "--all"]);
    assert_eq!(roots(&space), [(1, "old".to_owned()), (1000, "new".to_owned())]);
}

#[test]
fn the_last_id_is_given_and_then_no_more() {
    let space = workspace();
    let registry = format!(
        "{{\"schema_version\": 1, \"next_asset_id\": 2147483646, \"assets\": [{{\"asset_id\": 1, \"asset_uuid\": \"{}\", \
         \"root\": \"old\"}}]}}",
        uuid(1)
    );
    space.write("assets/.prometeu/index.json", registry);
    put(&space, "new", 2);
    put(&space, "newer", 3);
    changes(&space, &["add", "new"]);
    assert_eq!(roots(&space), [(1, "old".to_owned()), (2_147_483_646, "new".to_owned())]);
    refuses(&space, &["add", "newer"], "FIELD_INVALID", "2147483646");
    space.pack();
}

#[test]
fn a_dry_run_says_the_same_writes_nothing_and_needs_no_lane() {
    let space = workspace();
    put(&space, "new", 2);
    put(&space, "copy", 1);
    let before = files(&space);
    let lane = fs::File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    assert_eq!(space.run(&["add", "--all", "--no-wait"]).code, 5);
    let run = space.run(&["add", "--all", "--dry-run"]);
    drop(lane);
    assert_eq!(run.code, 0);
    let uuid_line = run.stdout.lines().next().unwrap().to_owned();
    assert!(uuid_line.starts_with("  Identified assets/copy/asset.json as "), "{uuid_line}");
    insta::assert_snapshot!(run.stdout.replace(&uuid_line, "  Identified …"), @r"
      Identified …
      Registered copy as asset 1000
      Registered new as asset 1001
         Dry run nothing was written
    ");
    assert!(files(&space) == before);
    let kinds = |changes: Vec<serde_json::Value>| changes.iter().map(|c| c["kind"].clone()).collect::<Vec<_>>();
    let foretold = kinds(changes(&space, &["add", "--all", "--dry-run"]));
    assert_eq!(kinds(changes(&space, &["add", "--all"])), foretold);
}

#[test]
fn the_stream_is_whole_and_the_result_is_last() {
    let space = workspace();
    put(&space, "new", 2);
    for (arguments, code, kinds) in [
        (["add", "new"], 0, &["OPERATION_STARTED", "GATE_FINISHED", "OPERATION_FINISHED"][..]),
        (["add", "none"], 1, &["OPERATION_STARTED", "DIAGNOSTIC", "GATE_FINISHED", "OPERATION_FINISHED"]),
    ] {
        let run = space.run(&[&arguments[..], &["--message-format", "json"]].concat());
        let mut lines = run.lines();
        let result = lines.pop().unwrap();
        assert_eq!((run.code, &result["type"]), (code, &json!("result")));
        let found: Vec<_> = lines.iter().map(|l| l["kind"].as_str().unwrap_or("DIAGNOSTIC")).collect();
        assert_eq!(found, kinds);
        for (index, line) in lines.iter().enumerate() {
            assert_eq!((&line["sequence"], &line["operation_id"]), (&json!(index), &result["operation_id"]));
        }
        assert_eq!(lines.last().unwrap()["result"]["changes"], result["changes"]);
    }
}

#[test]
fn roots_or_all_are_wanted_and_not_both() {
    let space = workspace();
    for arguments in [&["add"][..], &["add", "--all", "old"], &["mv", "old"], &["mv"], &["migrate", "old"]] {
        assert_eq!(space.run(arguments).code, 2, "{arguments:?}");
    }
    let empty = TestSpace::empty();
    assert_eq!(empty.run(&["add", "--all"]).code, 2);
}
