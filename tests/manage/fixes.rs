//! Fixes in diagnostics, and `papack check --fix`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use papack_queries::diagnostic::{Edit, apply_edits};
use serde_json::{Value, json};

use crate::migrate::{old_manifest, old_registry};
use crate::space::{TestSpace, manifest, uuid};
use crate::{files, json};

const REGISTRY: &str = "assets/.prometeu/index.json";
const A: &str = "assets/a/asset.json";

/// Assets 1 at `a` and 2 at `b`, with one file each.
fn workspace() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f.bin", "f")]), ("b", &[("g.bin", "g")])])
}

fn text(space: &TestSpace, path: &str) -> String {
    String::from_utf8(space.read(path)).unwrap()
}

/// Replaces `from`, which is there once, in the file at `path`.
#[track_caller]
fn replace(space: &TestSpace, path: &str, from: &str, to: &str) {
    let before = text(space, path);
    assert_eq!(before.matches(from).count(), 1, "{from} in {before}");
    space.write(path, before.replace(from, to));
}

/// What a check finds with this code and has fixes.
fn found(space: &TestSpace, code: &str) -> Vec<Value> {
    let (_, result) = json(space, &["check"]);
    let found = result["diagnostics"].as_array().unwrap().iter();
    found.filter(|found| found["code"] == code && found.get("fixes").is_some()).cloned().collect()
}

/// The edits of a fix.
fn edits(fix: &Value) -> Vec<Edit> {
    serde_json::from_value(fix["edits"].clone()).unwrap()
}

/// One kind of fix.
struct Case {
    /// How the workspace is spoilt.
    spoil: fn(&TestSpace),
    code: &'static str,
    title: &'static str,
    is_safe: bool,
    /// The document that is edited.
    path: &'static str,
    /// What is replaced there by what, from its text when it is spoilt.
    change: (&'static str, &'static str),
}

const CASES: [Case; 22] = [
    Case {
        spoil: |space| replace(space, A, "\"DATA/raw_v1\" }", "\"DATA/raw_v1\",\r\n}"),
        code: "JSON_SYNTAX",
        title: "Take out the comma",
        is_safe: true,
        path: A,
        change: ("\"DATA/raw_v1\",\r\n}", "\"DATA/raw_v1\"\r\n}"),
    },
    Case {
        spoil: |space| replace(space, A, "\"name\"", "\"nmae\""),
        code: "FIELD_UNKNOWN",
        title: "Rename \"nmae\" to \"name\"",
        is_safe: true,
        path: A,
        change: ("\"nmae\"", "\"name\""),
    },
    Case {
        // Either may be meant.
        spoil: |space| replace(space, A, "\"name\": \"a\"", "\"nmae\": \"a\", \"namee\": \"b\""),
        code: "FIELD_UNKNOWN",
        title: "Rename \"nmae\" to \"name\"",
        is_safe: false,
        path: A,
        change: ("\"nmae\"", "\"name\""),
    },
    Case {
        spoil: |space| replace(space, REGISTRY, "\"root\": \"a\"", "\"roots\": \"a\""),
        code: "FIELD_UNKNOWN",
        title: "Rename \"roots\" to \"root\"",
        is_safe: true,
        path: REGISTRY,
        change: ("\"roots\"", "\"root\""),
    },
    Case {
        spoil: |space| replace(space, A, "\"DATA/raw_v1\"", "\"data/RAW_v1\""),
        code: "FIELD_INVALID",
        title: "Write \"DATA/raw_v1\"",
        is_safe: true,
        path: A,
        change: ("\"data/RAW_v1\"", "\"DATA/raw_v1\""),
    },
    Case {
        // It may be that of a newer papack.
        spoil: |space| replace(space, A, "\"DATA/raw_v1\"", "\"DATA/raw_v2\""),
        code: "FIELD_INVALID",
        title: "Write \"DATA/raw_v1\"",
        is_safe: false,
        path: A,
        change: ("\"DATA/raw_v2\"", "\"DATA/raw_v1\""),
    },
    Case {
        spoil: |space| replace(space, A, "\"DATA/raw_v1\"", "\"DATA/raw_v1\", \"codec\": \"none\""),
        code: "FIELD_INVALID",
        title: "Write \"NONE\"",
        is_safe: true,
        path: A,
        change: ("\"none\"", "\"NONE\""),
    },
    Case {
        spoil: |space| {
            let sounds = "\"SOUNDS/pcm_v1\", \"metadata\": { \"loops\": \"DETEKT\" }";
            replace(space, A, "\"DATA/raw_v1\"", sounds);
        },
        code: "FIELD_INVALID",
        title: "Write \"DETECT\"",
        is_safe: true,
        path: A,
        change: ("\"DETEKT\"", "\"DETECT\""),
    },
    Case {
        spoil: |space| replace(space, REGISTRY, "1000", "\"1000\""),
        code: "FIELD_INVALID",
        title: "Write 1000 without quotes",
        is_safe: true,
        path: REGISTRY,
        change: ("\"1000\"", "1000"),
    },
    Case {
        spoil: |space| {
            replace(space, REGISTRY, &uuid(1), &uuid(10));
            replace(space, A, &uuid(1), &uuid(10).to_uppercase());
        },
        code: "FIELD_INVALID",
        title: "Write \"00000000-0000-4000-8000-00000000000a\"",
        is_safe: true,
        path: A,
        change: ("00000000000A", "00000000000a"),
    },
    Case {
        spoil: |space| replace(space, A, "\"name\": \"a\"", "\"name\": \"a\" ,\n  \"name\": \"a\""),
        code: "JSON_DUPLICATE_KEY",
        title: "Take out the second \"name\"",
        is_safe: true,
        path: A,
        change: (" ,\n  \"name\": \"a\"", ""),
    },
    Case {
        spoil: |space| replace(space, A, "\"name\": \"a\"", "\"name\": \"a\", \"name\": \"c\""),
        code: "JSON_DUPLICATE_KEY",
        title: "Take out the second \"name\"",
        is_safe: false,
        path: A,
        change: (", \"name\": \"c\"", ""),
    },
    Case {
        spoil: |space| {
            space.write("assets/a/Sub/Ä.bin", "f");
            replace(space, A, "\"f.bin\"", "\"sub/ä.bin\"");
        },
        code: "PATH_SPELLING",
        title: "Write \"Sub/ä.bin\"",
        is_safe: true,
        path: A,
        // One folder at a time; the last one in the next round.
        change: ("\"sub/ä.bin\"", "\"Sub/ä.bin\""),
    },
    Case {
        spoil: |space| {
            space.write("assets/a/Sub/g.bin", "f");
            replace(space, A, "\"file\": \"f.bin\"", "\"glob\": \"sub/*.bin\"");
        },
        code: "PATH_SPELLING",
        title: "Write \"Sub/*.bin\"",
        is_safe: true,
        path: A,
        change: ("\"sub/*.bin\"", "\"Sub/*.bin\""),
    },
    Case {
        spoil: |space| replace(space, A, "\"f.bin\"", "\"ff.bin\""),
        code: "FILE_MISSING",
        title: "Write \"f.bin\"",
        is_safe: false,
        path: A,
        change: ("\"ff.bin\"", "\"f.bin\""),
    },
    Case {
        spoil: |space| replace(space, A, &uuid(1), &uuid(7)),
        code: "ASSET_UUID_MISMATCH",
        title: "Give it the asset_uuid of the registry",
        is_safe: false,
        path: A,
        change: ("000000000007", "000000000001"),
    },
    Case {
        spoil: |space| {
            space.write("assets/c/asset.json", manifest(3, "c", r#"{"file": "f"}"#));
            space.write("assets/c/f", "c");
        },
        code: "ASSET_UNREGISTERED",
        title: "Register \"c\" as asset 1000",
        is_safe: false,
        path: REGISTRY,
        change: ("", ""),
    },
    Case {
        spoil: |space| {
            space.write(REGISTRY, "{\"schema_version\":2,\"next_asset_id\":1,\"assets\":[]}");
            fs::remove_dir_all(space.path().join("assets/b")).unwrap();
        },
        code: "ASSET_UNREGISTERED",
        title: "Register \"a\" as asset 1",
        is_safe: false,
        path: REGISTRY,
        change: ("", ""),
    },
    Case {
        spoil: |space| fs::rename(space.path().join("assets/a"), space.path().join("assets/z")).unwrap(),
        code: "ASSET_MOVED",
        title: "Tell the registry that asset 1 is in \"z\"",
        is_safe: true,
        path: REGISTRY,
        change: ("\"root\": \"a\"", "\"root\": \"z\""),
    },
    Case {
        spoil: |space| space.write("assets/c/asset.json", space.read(A)),
        code: "ASSET_COPIED",
        title: "Give the copy an identity of its own",
        is_safe: false,
        path: "assets/c/asset.json",
        change: ("00000000-0000-4000-8000-000000000001", "fb9e9089-e53f-886e-9b10-3f821952f6e1"),
    },
    Case {
        spoil: |space| space.write(A, old_manifest(1, "a", "f.bin")),
        code: "SCHEMA_OLDER",
        title: "Rewrite the document in the current version",
        is_safe: true,
        path: A,
        change: ("", ""),
    },
    Case {
        spoil: |space| space.write(REGISTRY, old_registry(&[(2, "b"), (1, "a")])),
        code: "SCHEMA_OLDER",
        title: "Rewrite the document in the current version",
        is_safe: true,
        path: REGISTRY,
        change: ("", ""),
    },
];

/// The command that does what a fix does, of which the case states no change.
fn command(code: &str, space: &TestSpace) -> Vec<&'static str> {
    match code {
        "SCHEMA_OLDER" => vec!["migrate"],
        _ if space.path().join("assets/c").exists() => vec!["add", "c"],
        _ => vec!["add", "a"],
    }
}

#[test]
fn each_fix_says_what_it_does_and_does_it() {
    for case in CASES {
        let Case { spoil, code, title, is_safe, path, change: (from, to) } = case;
        let space = workspace();
        spoil(&space);
        let spoilt = text(&space, path);
        let found = found(&space, code);
        let fixes: Vec<_> = found.iter().flat_map(|found| found["fixes"].as_array().unwrap()).collect();
        let fix = fixes.iter().find(|fix| fix["title"] == title).unwrap_or_else(|| panic!("{title}: {found:#?}"));
        assert_eq!(fix["is_safe"], is_safe, "{title}");
        let edits = edits(fix);
        assert!(edits.iter().all(|edit| edit.path == path), "{title}");
        let fixed = apply_edits(&spoilt, &edits).unwrap();
        if from.is_empty() {
            let other = workspace();
            spoil(&other);
            assert_eq!(other.run(&command(code, &other)).code, 0, "{title}");
            assert_eq!(meaning(&fixed), meaning(&text(&other, path)), "{title}: as the command does it");
            if spoilt.contains("\n  ]\n}\n") || code == "SCHEMA_OLDER" {
                assert_eq!(fixed, text(&other, path), "{title}: byte for byte");
            }
        } else {
            assert_eq!(fixed, spoilt.replace(from, to), "{title}");
        }

        let before = files(&space);
        let (_, result) = json(&space, &["check", "--fix"]);
        let applied = result["applied_fixes"].as_array().unwrap();
        if is_safe {
            assert_eq!(applied[0], json!({ "code": code, "title": title, "path": path }), "{title}: {result}");
            let is_left = |left: &Value| left["code"] == code && left["fixes"][0]["is_safe"] == true;
            assert!(!result["diagnostics"].as_array().unwrap().iter().any(is_left), "{title}: {result}");
            assert!(applied.len() > 1 || text(&space, path) == fixed, "{title}");
        } else {
            assert_eq!(result["applied_fixes"], json!([]), "{title}");
            assert!(without_cache(files(&space)) == without_cache(before), "{title}");
            space.write(path, &fixed);
            let (_, result) = json(&space, &["check"]);
            let has_it = |left: &&Value| left["fixes"][0]["title"] == title;
            assert_eq!(result["diagnostics"].as_array().unwrap().iter().find(has_it), None, "{title}");
        }
    }
}

#[test]
fn all_but_the_oldest_of_several_assets_with_a_slot_are_offered_one_each() {
    let space = TestSpace::with_assets(&[
        ("a", &[("f", "f")]),
        ("b", &[("f", "f")]),
        ("c", &[("f", "f")]),
        ("d", &[("f", "f")]),
    ]);
    let slots = [("a", 1), ("b", 1), ("c", 0), ("d", 1)];
    for (root, slot) in slots {
        let preload = format!("\"DATA/raw_v1\" }}, \"preload\": {{ \"enabled\": true, \"slot\": {slot} }}");
        replace(&space, &format!("assets/{root}/asset.json"), "\"DATA/raw_v1\" }", &preload);
    }
    let fixes: Vec<_> = found(&space, "PRELOAD_SLOT_TAKEN")
        .iter()
        .map(|found| (found["asset_id"].as_u64().unwrap(), found["fixes"][0].clone()))
        .collect();
    let told: Vec<_> = fixes.iter().map(|(id, fix)| (*id, fix["title"].as_str().unwrap())).collect();
    assert_eq!(told, [(2, "Preload it into slot 2"), (4, "Preload it into slot 3")]);
    for (_, fix) in fixes {
        let edits = edits(&fix);
        space.write(&edits[0].path, apply_edits(&text(&space, &edits[0].path), &edits).unwrap());
    }
    assert_eq!(json(&space, &["check"]).0, 0);
}

#[test]
fn what_is_remembered_of_a_moved_asset_is_fixed_in_the_registry_as_it_is_now() {
    let space = workspace();
    fs::rename(space.path().join("assets/a"), space.path().join("assets/z")).unwrap();
    let moved = |command| {
        let (code, result) = json(&space, &[command]);
        let found = result["diagnostics"].as_array().unwrap().iter();
        let fixes: Vec<_> = found.filter_map(|found| found.get("fixes")).map(|fixes| edits(&fixes[0])).collect();
        (code, fixes)
    };
    for (command, code, space_before) in [("check", 1, ""), ("check", 1, " \n"), ("pack", 1, ""), ("status", 0, "\n\n")]
    {
        let before = format!("{space_before}{}", text(&space, REGISTRY));
        space.write(REGISTRY, &before);
        let (found, fixes) = moved(command);
        assert_eq!((found, fixes.len()), (code, 1), "{command}");
        let expected = before.replace("\"root\": \"a\"", "\"root\": \"z\"");
        assert_eq!(apply_edits(&before, &fixes[0]).unwrap(), expected, "{command}");
    }
}

fn meaning(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn without_cache(files: std::collections::BTreeMap<String, Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    files.into_iter().filter(|(path, _)| !path.contains(".prometeu/cache/")).collect()
}

#[test]
fn what_is_fixed_is_told_and_what_is_left_decides() {
    let space = workspace();
    replace(&space, A, "\"name\"", "\"nmae\"");
    replace(&space, A, "\"artifacts\"", "\"artefacts\"");
    fs::set_permissions(space.path().join(A), PermissionsExt::from_mode(0o600)).unwrap();
    let before = files(&space);
    let run = space.run(&["check", "--fix", "--dry-run"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(timeless(&run.stdout), @r#"
    Would fix assets/a/asset.json: Rename "nmae" to "name" [FIELD_UNKNOWN]
    Would fix assets/a/asset.json: Rename "artefacts" to "artifacts" [FIELD_UNKNOWN]
      Dry run nothing was written
       Failed 2 fixes would be applied; 2 assets: 4 errors, in TIME
    "#);
    assert!(without_cache(files(&space)) == without_cache(before), "a dry run writes nothing");
    let run = space.run(&["check", "--fix"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(timeless(&run.stdout), @r#"
        Fixed assets/a/asset.json: Rename "nmae" to "name" [FIELD_UNKNOWN]
        Fixed assets/a/asset.json: Rename "artefacts" to "artifacts" [FIELD_UNKNOWN]
      Checked 2 fixes applied; 2 assets: nothing is wrong, in TIME
    "#);
    assert_eq!(fs::metadata(space.path().join(A)).unwrap().permissions().mode() & 0o777, 0o600);
    for left in ["cache/lane.json", "staged"] {
        assert!(!space.path().join("assets/.prometeu").join(left).exists());
    }
    assert_eq!(json(&space, &["check", "--fix"]).1["applied_fixes"], json!([]), "again there is nothing to do");

    // Something else is left, which no fix mends.
    fs::remove_file(space.path().join("assets/b/g.bin")).unwrap();
    replace(&space, A, "\"name\"", "\"nmae\"");
    let run = space.run(&["check", "--fix", "--message-format", "short"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout, @r#"
    assets/b/asset.json:5:26: error[FILE_MISSING]: "g.bin": the file is not there
    1 fix applied; 2 assets: 1 error
    "#);
}

/// `text` with another time in its place.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(", in ") {
        Some((before, _)) => format!("{before}, in TIME"),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
