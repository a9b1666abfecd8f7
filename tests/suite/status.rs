//! `papack status`: a workspace at a glance.

use std::fs;

use serde_json::json;

use crate::space::{CACHE, TestSpace, entry, files_below, manifest};

fn preloading(id: usize, root: &str, file: &str, slot: u8) -> String {
    let output = r#"{ "format": "DATA/raw_v1" }"#;
    let preload = format!(r#"{output}, "preload": {{ "enabled": true, "slot": {slot} }}"#);
    manifest(id, root, &format!(r#"{{"file": "{file}"}}"#)).replace(output, &preload)
}

/// A workspace that has a bit of everything.
fn odd_space() -> TestSpace {
    let space = TestSpace::with_assets(&[
        ("ready", &[("a.txt", "aaa")]),
        ("faulty", &[("b.txt", "b")]),
        ("missing", &[("c.txt", "c")]),
        ("moved", &[("d.txt", "d")]),
        ("out", &[("e.txt", "e")]),
    ]);
    let mut entries: Vec<_> =
        ["ready", "faulty", "missing", "moved"].iter().zip(1..).map(|(root, id)| entry(id, root)).collect();
    entries.push(entry(5, "out").replace("true", "false"));
    space.write_registry(&entries);
    space.write("assets/ready/asset.json", preloading(1, "ready", "a.txt", 3));
    space.write("assets/ready/unused.txt", "x");
    fs::remove_file(space.path().join("assets/faulty/b.txt")).unwrap();
    fs::remove_dir_all(space.path().join("assets/missing")).unwrap();
    fs::rename(space.path().join("assets/moved"), space.path().join("assets/elsewhere")).unwrap();
    space.write("assets/copy/asset.json", manifest(1, "ready", r#"{"file": "a.txt"}"#));
    space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "a.txt"}"#));
    space.write("assets/ready/inner/asset.json", manifest(10, "inner", r#"{"file": "a.txt"}"#));
    let older = manifest(5, "out", r#""e.txt""#).replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/out/asset.json", older);
    space
}

#[test]
fn a_person_sees_what_is_there_and_what_is_odd() {
    let space = odd_space();
    let before = files_below(space.path());
    let run = space.run(&["status"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    fs::remove_dir_all(space.path().join(CACHE)).unwrap();
    assert_eq!(files_below(space.path()), before, "nothing but the cache is written");
    insta::assert_snapshot!(run.stdout, @r"
    5 assets registered (4 in the build): 2 ready, 1 faulty, 1 missing, 1 moved

    bank    assets  payload  free slots  used slots
    TILES        0      0 B          16
    SOUNDS       0      0 B          16
    DATA         2      3 B          15  3: ready (asset 1)

    faulty                papack check says what is wrong                   faulty (asset 2)
    missing               restore the folder, or: papack rm 3               missing (asset 3)
    moved                 papack mv 4 elsewhere                             moved (asset 4)
    not registered        papack add new                                    new
    copied                give it a name of its own, then: papack add copy  copy
    inside another asset  move it out                                       ready/inner
    unused files          no artifact entry takes them                      ready/inner/asset.json, ready/unused.txt
    older version         papack migrate rewrites them                      assets/out/asset.json

    Next pack: blocked by 3 errors, 1 warning; papack check says what is wrong
    ");
}

#[test]
fn a_program_gets_all_of_it() {
    let space = odd_space();
    let lines = space.run(&["status", "--message-format", "json"]).lines();
    let result = lines.last().unwrap();
    let workspace = &result["workspace"];
    assert_eq!(
        workspace["counts"],
        json!({
            "registered": 5, "included": 4, "ready": 2, "faulty": 1, "missing": 1, "moved": 1, "unused_files": 2,
        })
    );
    assert_eq!(
        workspace["assets"][0],
        json!({
            "asset_id": 1, "asset_name": "ready", "root": "ready", "included_in_build": true, "state": "READY",
            "format": "DATA/raw_v1", "bank": "DATA", "payload_bytes": 3, "preload_slot": 3,
            "unused_files": ["inner/asset.json", "unused.txt"],
        })
    );
    assert_eq!(
        workspace["assets"][3],
        json!({
            "asset_id": 4, "asset_name": null, "root": "moved", "included_in_build": true, "state": "MOVED",
            "format": null, "bank": null, "payload_bytes": null, "preload_slot": null, "unused_files": null,
        })
    );
    assert_eq!(
        workspace["unmanaged"],
        json!([
            { "root": "copy", "relation": "COPIED", "asset_id": 1 },
            { "root": "elsewhere", "relation": "MOVED", "asset_id": 4 },
            { "root": "new", "relation": "NEW" },
            { "root": "ready/inner", "relation": "NESTED", "outer": "ready" },
        ])
    );
    assert_eq!(workspace["needs_migration"], json!(["assets/out/asset.json"]));
    let data = &workspace["banks"][2];
    assert_eq!(data["used_slots"], json!([{ "slot": 3, "asset_id": 1 }]));
    assert_eq!(data["free_slots"].as_array().unwrap().len(), 15);
    assert_eq!(workspace["next_pack"]["action"], "FAIL");
}

#[test]
fn what_a_pack_would_do_next_is_what_it_does() {
    let space = TestSpace::with_assets(&[("a", &[("1.txt", "one")])]);
    let next = || {
        let lines = space.run(&["status", "--message-format", "json"]).lines();
        let next = &lines.last().unwrap()["workspace"]["next_pack"];
        (next["action"].as_str().unwrap().to_owned(), next["replaces"].as_array().unwrap().len())
    };
    assert_eq!(next(), ("PACK".to_owned(), 4));
    space.pack();
    assert_eq!(next(), ("NOTHING".to_owned(), 0));
    assert!(space.pack().stdout.contains("Up to date"));

    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    assert_eq!(next(), ("PACK".to_owned(), 1));
    space.pack();
    space.write("assets/a/1.txt", "two");
    assert_eq!(next(), ("PACK".to_owned(), 2));
    space.write("assets/a/asset.json", "{");
    assert_eq!(next(), ("FAIL".to_owned(), 0));
    assert_eq!(space.run(&["pack"]).code, 1);
}

#[test]
fn a_workspace_that_cannot_be_looked_at_has_no_status() {
    let space = TestSpace::empty();
    assert_eq!(space.run(&["status"]).code, 2);
}

#[test]
fn a_link_in_the_way_of_everything_is_told() {
    let space = TestSpace::with_assets(&[("a", &[("1.txt", "one")])]);
    fs::rename(space.path().join("assets"), space.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", space.path().join("assets")).unwrap();
    let run = space.run(&["status"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[FILE_LINK]"), "{}", run.stderr);
    let lines = space.run(&["status", "--message-format", "json"]).lines();
    assert_eq!(lines.last().unwrap()["status"], "GATE_FAILED");
    assert_eq!(lines.last().unwrap()["workspace"], json!(null));
}

#[test]
fn a_journal_that_stops_every_pack_is_seen_before() {
    let space = TestSpace::with_assets(&[("a", &[("1.txt", "one")])]);
    space.pack();
    space.write("build/.staging/journal.json", r#"{"schema_version":9}"#);
    let run = space.run(&["status", "--message-format", "json"]);
    let lines = run.lines();
    let next = &lines.last().unwrap()["workspace"]["next_pack"];
    assert_eq!((&next["action"], &next["recovers"], &next["error_count"]), (&json!("FAIL"), &json!([]), &json!(1)));
    assert!(run.stdout.contains("JOURNAL_UNKNOWN"), "{}", run.stdout);
    assert_eq!(space.run(&["pack"]).code, 4);
}

#[test]
fn an_empty_workspace_says_what_to_do_next_and_cut_lists_how_to_see_all() {
    let space = TestSpace::with_assets(&[]);
    let told = space.run(&["status"]).stdout;
    assert!(told.contains("No assets yet: put pictures") && told.contains("papack new FOLDER"), "{told}");
    for n in 0..10 {
        space.write(&format!("assets/pics{n}/a.png"), "");
        space.write(&format!("assets/made{n}/asset.json"), manifest(20 + n, &format!("made{n}"), r#"{"file": "f"}"#));
    }
    let told = space.run(&["status"]).stdout;
    assert!(told.contains("and 2 folders more (papack status -v lists all)"), "{told}");
    assert!(told.contains("papack add --all") && told.contains("made7, and 2 more (-v lists all)"), "{told}");
    assert!(!told.contains("No assets yet"), "{told}");
    assert!(!space.run(&["status", "-v"]).stdout.contains("more ("));
}

/// Each command that the status of an odd workspace names works when it is pasted.
#[test]
fn the_commands_that_are_named_work() {
    for command in ["rm 3", "mv 4 elsewhere", "add new", "add copy", "migrate"] {
        let space = odd_space();
        let told = space.run(&["status"]).stdout;
        assert!(told.contains(&format!("papack {command}")), "{command}: {told}");
        // The help says that a copy needs a name of its own first.
        let copy = space.read("assets/copy/asset.json");
        space.write("assets/copy/asset.json", String::from_utf8(copy).unwrap().replace("ready", "second"));
        let run = space.run(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(run.code, 0, "{command}: {}", run.stderr);
    }
}
