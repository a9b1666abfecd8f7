//! `papack check`: the whole workspace, nothing emitted.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::sync::Mutex;

use papack_engine::{CheckRequest, EventKind, PackRequest, Session, Status};
use serde_json::{Value, json};

use crate::space::{CACHE, TestSpace, entry, files_below, manifest};

/// Asset 1 is included in the build, asset 2 is not.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("in", &[("a.txt", "a")]), ("out", &[("b.txt", "b")])]);
    space.write_registry(&[entry(1, "in"), excluded(2, "out")]);
    space
}

fn excluded(id: usize, root: &str) -> String {
    entry(id, root).replace("true", "false")
}

/// What a command finds: code, severity and path of each diagnostic.
fn found(space: &TestSpace, command: &str) -> (i32, Vec<String>) {
    let run = space.run(&[command, "--message-format", "json"]);
    let lines = run.lines();
    let diagnostics = lines.iter().filter(|line| line["type"] == "diagnostic");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let found = diagnostics.map(|d| format!("{} {} {}", text(&d["severity"]), text(&d["code"]), text(&d["path"])));
    (run.code, found.collect())
}

#[test]
fn a_sound_workspace_is_checked_and_left_alone() {
    let space = space();
    let files = || {
        let mut files = files_below(space.path());
        files.retain(|path, _| !path.starts_with(CACHE));
        files
    };
    let before = files();
    let run = space.run(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("2 assets: nothing is wrong"), "{}", run.stdout);
    assert_eq!(files(), before);
    assert!(!space.path().join("build").exists());
}

#[test]
fn assets_outside_the_build_are_looked_into_down_to_their_files() {
    let space = space();
    space.write(
        "assets/out/asset.json",
        manifest(2, "out", r#"{"file": "b.png"}"#).replace(
            r#"{ "format": "DATA/raw_v1" }"#,
            r#"{ "format": "TILES/indexed_v1", "metadata": { "tile_size": 8 } }"#,
        ),
    );
    space.write("assets/out/b.png", "no picture");
    let expected = vec!["WARNING PNG_INVALID assets/out/b.png".to_owned()];
    assert_eq!(found(&space, "check"), (0, expected));
    assert_eq!(space.run(&["check", "--deny-warnings"]).code, 1);
    // A pack reads nothing of what it does not pack.
    assert_eq!(found(&space, "pack"), (0, Vec::new()));
}

/// The table of `docs/spec/inputs.md`: what the walk reports, and how much it matters.
#[test]
fn the_table_of_severities_holds() {
    type Spoil = fn(&TestSpace);
    let rows: &[(&str, Spoil, &[&str])] = &[
        (
            "a fault in the registry",
            |space| space.write("assets/.prometeu/index.json", "{"),
            &["ERROR JSON_SYNTAX assets/.prometeu/index.json"],
        ),
        (
            "a manifest that the registry does not know",
            |space| space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "x"}"#)),
            &["INFO ASSET_UNREGISTERED assets/new/asset.json"],
        ),
        (
            "… and that is broken, which is no worse",
            |space| space.write("assets/new/asset.json", r#"{"schema_version": 3}"#),
            &["INFO ASSET_UNREGISTERED assets/new/asset.json", "INFO SCHEMA_VERSION assets/new/asset.json"],
        ),
        (
            "an asset of the build set was moved",
            |space| rename(space, "assets/in", "assets/else"),
            &["ERROR ASSET_MOVED assets/else/asset.json"],
        ),
        (
            "… its files were, and the folder stayed",
            |space| {
                std::fs::create_dir(space.path().join("assets/else")).unwrap();
                rename(space, "assets/in/asset.json", "assets/else/asset.json");
            },
            &["ERROR ASSET_MOVED assets/else/asset.json"],
        ),
        (
            "another asset was moved",
            |space| rename(space, "assets/out", "assets/else"),
            &["WARNING ASSET_MOVED assets/else/asset.json"],
        ),
        (
            "an asset was copied",
            |space| space.write("assets/copy/asset.json", manifest(1, "in", r#"{"file": "a.txt"}"#)),
            &["WARNING ASSET_COPIED assets/copy/asset.json"],
        ),
        (
            "an asset of the build set is gone",
            |space| std::fs::remove_dir_all(space.path().join("assets/in")).unwrap(),
            &["ERROR ASSET_MISSING assets/in"],
        ),
        (
            "… its manifest is",
            |space| std::fs::remove_file(space.path().join("assets/in/asset.json")).unwrap(),
            &["ERROR ASSET_MISSING assets/in/asset.json"],
        ),
        (
            "another asset is gone",
            |space| std::fs::remove_dir_all(space.path().join("assets/out")).unwrap(),
            &["WARNING ASSET_MISSING assets/out"],
        ),
        (
            "two preloads share bank and slot",
            |space| {
                for (id, root) in [(1, "in"), (2, "out")] {
                    let file = if id == 1 { "a.txt" } else { "b.txt" };
                    let text = manifest(id, root, &format!(r#"{{"file": "{file}"}}"#));
                    let preload = r#"{ "format": "DATA/raw_v1" }, "preload": { "enabled": true, "slot": 3 }"#;
                    let text = text.replace(r#"{ "format": "DATA/raw_v1" }"#, preload);
                    space.write(&format!("assets/{root}/asset.json"), text);
                }
                space.write_registry(&[entry(1, "in"), entry(2, "out")]);
            },
            &["ERROR PRELOAD_SLOT_TAKEN assets/in/asset.json", "ERROR PRELOAD_SLOT_TAKEN assets/out/asset.json"],
        ),
        (
            "two assets of the build set share a name",
            |space| {
                space.write("assets/out/asset.json", manifest(2, "in", r#"{"file": "b.txt"}"#));
                space.write_registry(&[entry(1, "in"), entry(2, "out")]);
            },
            &["ERROR ASSET_NAME_TAKEN assets/in/asset.json", "ERROR ASSET_NAME_TAKEN assets/out/asset.json"],
        ),
        (
            "… or one that is not packed",
            |space| space.write("assets/out/asset.json", manifest(2, "in", r#"{"file": "b.txt"}"#)),
            &[],
        ),
        ("a file that nothing uses", |space| space.write("assets/in/unused.txt", "x"), &[]),
        (
            "a link that a walk meets",
            |space| symlink("a.txt", space.path().join("assets/in/link")).unwrap(),
            &["WARNING FILE_LINK assets/in/link"],
        ),
    ];
    for (name, spoil, expected) in rows {
        let space = space();
        spoil(&space);
        let is_error = expected.iter().any(|found| found.starts_with("ERROR"));
        for command in ["check", "pack"] {
            let (code, found) = found(&space, command);
            assert_eq!(found, *expected, "{name}: {command}");
            assert_eq!(code, i32::from(is_error), "{name}: {command}");
        }
    }
}

fn rename(space: &TestSpace, from: &str, to: &str) {
    std::fs::rename(space.path().join(from), space.path().join(to)).unwrap();
}

#[test]
fn a_fault_outside_the_build_set_is_a_warning_and_one_inside_an_error() {
    for (root, severity, code) in [("in", "ERROR", 1), ("out", "WARNING", 0)] {
        let space = space();
        space.write(&format!("assets/{root}/asset.json"), r#"{"schema_version": 2, "colour": 1}"#);
        let (exit, found) = found(&space, "check");
        assert_eq!(exit, code);
        assert!(found.contains(&format!("{severity} FIELD_UNKNOWN assets/{root}/asset.json")), "{found:?}");
        assert!(found.iter().all(|found| found.starts_with(severity)), "{found:?}");
    }
}

#[test]
fn several_places_of_one_moved_asset_are_all_named() {
    let space = space();
    rename(&space, "assets/in", "assets/here");
    space.write("assets/there/asset.json", manifest(1, "in", r#"{"file": "a.txt"}"#));
    let run = space.run(&["check"]);
    insta::assert_snapshot!(run.stderr, @r#"
    error[ASSET_MOVED]: the asset was moved: the registry has it in "in", its manifest is in "here"
    --> assets/here/asset.json
     = note: in asset 1
     = note: where the registry has it: assets/in
     = note: a manifest with the same asset_uuid: assets/there/asset.json
     = help: tell the registry: papack mv 1 here

    For more about a code: papack explain ASSET_MOVED
    "#);
}

#[test]
fn a_command_in_a_help_text_can_be_pasted() {
    let space = space();
    space.write("assets/it's new/asset.json", manifest(9, "new", r#"{"file": "x"}"#));
    let run = space.run(&["check"]);
    assert!(run.stderr.contains(r"papack add 'it'\''s new'"), "{}", run.stderr);
}

#[test]
fn blocked_outputs_hide_nothing_else() {
    let space = space();
    space.write("build/assets.pa/file", "mine");
    space.write("assets/in/asset.json", "{");
    let expected = ["ERROR OUTPUT_BLOCKED build/assets.pa", "ERROR JSON_SYNTAX assets/in/asset.json"];
    for command in ["check", "pack"] {
        assert_eq!(found(&space, command), (1, expected.map(str::to_owned).to_vec()), "{command}");
    }
    assert_eq!(space.build(), BTreeMap::from([("assets.pa/file".to_owned(), b"mine".to_vec())]));
}

#[test]
fn a_check_is_a_stream_that_ends_with_its_result() {
    let space = space();
    let lines = space.run(&["check", "--message-format", "json"]).lines();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap_or("result")).collect();
    assert_eq!(kinds[..2], ["OPERATION_STARTED", "SNAPSHOT_FROZEN"]);
    assert_eq!(kinds[kinds.len() - 3..], ["GATE_FINISHED", "OPERATION_FINISHED", "result"]);
    let mut result = lines.last().unwrap().clone();
    for volatile in ["operation_id", "elapsed_ms"] {
        assert!(result.as_object_mut().unwrap().remove(volatile).is_some());
    }
    assert_eq!(
        result,
        json!({
            "type": "result", "schema_version": 1, "status": "SUCCESS", "checked_asset_count": 2,
            "error_count": 0, "warning_count": 0, "recovers": [], "dry_run": false,
            "applied_fixes": [], "diagnostics": [], "allowed_diagnostic_count": 0,
        })
    );
}

#[test]
fn a_session_checks_again_only_what_changed_and_still_packs() {
    let space = space();
    let mut session = space.session();
    let derived = |session: &mut Session| {
        let derived = Mutex::new(Vec::new());
        let result = session.check(&CheckRequest::default(), &|event| {
            if let EventKind::AssetFinished { asset_id, outcome } = &event.kind
                && format!("{outcome:?}") == "Derived"
            {
                derived.lock().unwrap().push(*asset_id);
            }
        });
        assert_eq!(result.status, Status::Success);
        let mut derived = derived.into_inner().unwrap();
        derived.sort_unstable();
        derived
    };
    assert_eq!(derived(&mut session), [1, 2]);
    assert_eq!(derived(&mut session), [0; 0]);
    space.write("assets/out/b.txt", "B");
    assert_eq!(derived(&mut session), [2]);
    // No content was kept, and the outputs are those of a clean pack all the same.
    let result = session.pack(&PackRequest::default(), &|_| {});
    assert_eq!(result.status, Status::Success);
    let clean = TestSpace::empty();
    for (path, bytes) in files_below(&space.path().join("assets")) {
        clean.write(&format!("assets/{path}"), bytes);
    }
    clean.pack();
    assert_eq!(space.build(), clean.build());
}

/// A manifest inside the root of an asset is looked at, and is one of its artifact files: its bytes are read first as the
/// one, and are needed as the other.
#[test]
fn a_manifest_that_is_an_artifact_file_is_no_failure() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**"}"#));
    space.write("assets/a/inner/asset.json", "{}");
    let run = space.run(&["check"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("error"), "{}", run.stderr);
}
