//! `papack verify --reproduce`: the same bytes, however they are packed, and a workspace that stays as it is.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::space::{TestSpace, files_below};

const REPRODUCE: [&str; 4] = ["verify", "--reproduce", "--message-format", "json"];

/// Every file with what changes when it is rewritten, whatever its bytes.
fn identities(folder: &Path) -> BTreeMap<String, (u64, i64, i64, Vec<u8>)> {
    let identity = |(name, content): (String, Vec<u8>)| {
        let metadata = fs::metadata(folder.join(&name)).unwrap();
        (name, (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), content))
    };
    files_below(folder).into_iter().map(identity).collect()
}

/// Reproduces, which must leave everything as it is. Returns the exit code and the result.
#[track_caller]
fn reproduce(space: &TestSpace) -> (i32, Value) {
    let before = identities(space.path());
    let run = space.run(&REPRODUCE);
    assert!(identities(space.path()) == before, "it changed something");
    assert!(!space.path().join("build/.staging").exists());
    assert!(before.keys().any(|name| name.starts_with("build/")) || !space.path().join("build").exists());
    (run.code, run.lines().pop().unwrap())
}

#[test]
fn a_person_reads_what_was_compared() {
    let space = TestSpace::copy_of("demo");
    let shown = || {
        let run = space.run(&["verify", "--reproduce"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout
    };
    let filters = [(r"in \d+\.\d\d s", "in [time]"), (r"\d+ threads", "[n] threads")];
    insta::with_settings!({ filters => filters }, {
        insta::assert_snapshot!(shown(), @r"
          Reproduced 17 assets, 367.5 KiB, the same in 3 packings in [time]
                     packing 1: 1 thread, folders as found, 17 derived, 0 reused
                     packing 2: [n] threads, folders reordered, 17 derived, 0 reused
                     packing 3: [n] threads, folders reordered, 0 derived, 17 reused
                     build/ is not up to date: not compared
                     content ff1cf3b077e96fc1e23243b39907fe2a23445e24d1e53c59c75c64e4d4ba7105
        ");
    });
    space.pack();
    assert!(shown().contains("build/ is up to date: compared too"), "{}", shown());
}

#[test]
fn known_workspaces_are_reproduced_before_and_after_they_are_packed() {
    for name in ["tests/golden/empty", "tests/golden/w101", "tests/golden/w102", "tests/golden/w104", "demo"] {
        let space = TestSpace::copy_of(name);
        fs::create_dir_all(space.path().join("assets")).unwrap();
        let (code, result) = reproduce(&space);
        assert_eq!((code, &result["status"], &result["differences"]), (0, &json!("SUCCESS"), &json!([])), "{name}");
        assert_eq!(result["build_up_to_date"], json!(false), "{name}");

        let packed = space.pack_json().1.pop().unwrap();
        let (code, result) = reproduce(&space);
        assert_eq!((code, &result["build_up_to_date"]), (0, &json!(true)), "{name}");
        assert_eq!(result["packed_asset_count"], packed["packed_asset_count"], "{name}");
        let bytes: usize = space.build().values().map(Vec::len).sum();
        assert_eq!(result["output_bytes"], json!(bytes), "{name}");
        let sidecar: Value = serde_json::from_slice(&space.read("build/asset_table_metadata.json")).unwrap();
        assert_eq!(result["content_blake3"], sidecar["content_blake3"], "{name}");
        let count = packed["packed_asset_count"].as_u64().unwrap();
        let packings = result["packings"].as_array().unwrap().iter();
        let counts: Vec<_> = packings.map(|it| (&it["derived_asset_count"], &it["reused_asset_count"])).collect();
        let (none, all) = (json!(0), json!(count));
        assert_eq!(counts, [(&all, &none), (&all, &none), (&none, &all)], "{name}");
    }
}

#[test]
fn outputs_that_were_altered_are_not_up_to_date() {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let mut altered = space.read("build/assets.pa");
    let last = altered.len() - 1;
    altered[last] ^= 1;
    space.write("build/assets.pa", altered);
    let (code, result) = reproduce(&space);
    assert_eq!((code, &result["build_up_to_date"], &result["diagnostics"]), (0, &json!(false), &json!([])));
}

#[test]
fn a_promotion_that_was_cut_short_is_left_for_a_pack_to_complete() {
    let space = TestSpace::with_assets(&[("a", &[("f", "first")]), ("b", &[("g", "")])]);
    space.write("assets/b/g", vec![7; 3 << 20]);
    space.pack();
    let id = "0123456789abcdefghij";
    let identity = blake3::hash(b"[]").to_hex().to_string();
    let file = json!({ "name": "preload.json", "size": 2, "identity": identity });
    let journal = json!({ "schema_version": 1, "operation_id": id, "files": [file] });
    space.write("build/.staging/journal.json", journal.to_string());
    space.write(&format!("build/.staging/{id}/preload.json"), "[]");
    space.write("build/.staging/zzzzzzzzzzzzzzzzzzzz/spool", "of a dead operation");
    let before = identities(space.path());
    let run = space.run(&REPRODUCE);
    assert_eq!((run.code, &run.lines().pop().unwrap()["build_up_to_date"]), (0, &json!(true)));
    assert!(identities(space.path()) == before, "it changed something");
    assert!(space.pack().stderr.contains("PROMOTION_COMPLETED"));
}

#[test]
fn what_is_wrong_with_the_workspace_is_told_once_as_a_pack_would() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("b", &[("g", "2")])]);
    space.write("assets/c/asset.json", "{}");
    let unregistered = |result: &Value| {
        let found = result["diagnostics"].as_array().unwrap().iter();
        found.filter(|found| found["code"] == "ASSET_UNREGISTERED").count()
    };
    let (code, result) = reproduce(&space);
    assert_eq!((code, unregistered(&result)), (0, 1), "{result}");

    fs::remove_file(space.path().join("assets/b/g")).unwrap();
    let (code, result) = reproduce(&space);
    assert_eq!((code, &result["status"]), (1, &json!("GATE_FAILED")));
    let packed = space.pack_json().1.pop().unwrap();
    assert_eq!(result["diagnostics"], packed["diagnostics"]);
    assert_eq!(result["differences"], json!([]));
    // With the excerpt of what was read.
    let shown = space.run(&["verify", "--reproduce"]);
    assert!(shown.stderr.contains(r#""artifacts": [{"file": "g"}]"#), "{}", shown.stderr);

    space.write("assets/b/g", "2");
    fs::create_dir_all(space.path().join("build/assets.pa")).unwrap();
    let run = space.run(&REPRODUCE);
    assert_eq!((run.code, &run.lines().pop().unwrap()["diagnostics"][0]["code"]), (1, &json!("OUTPUT_BLOCKED")));
}

#[test]
fn its_events_are_those_of_three_packings_in_one_stream() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("b", &[("g", "2")])]);
    let mut lines = space.run(&REPRODUCE).lines();
    assert_eq!(lines.pop().unwrap()["type"], "result");
    for (sequence, line) in lines.iter().enumerate() {
        assert_eq!((&line["sequence"], &line["operation_id"]), (&json!(sequence), &lines[0]["operation_id"]), "{line}");
    }
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    let packing = ["SNAPSHOT_FROZEN", "GATE_FINISHED", "ASSEMBLED"];
    let expected = [&["OPERATION_STARTED"][..], &packing, &packing, &packing, &["OPERATION_FINISHED"]].concat();
    let steps: Vec<_> = kinds.iter().copied().filter(|kind| !kind.starts_with("ASSET_")).collect();
    assert_eq!(steps, expected);
    let finished = lines.iter().filter(|line| line["kind"] == "ASSET_FINISHED");
    let outcomes: Vec<_> = finished.map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["DERIVED", "DERIVED", "DERIVED", "DERIVED", "REUSED", "REUSED"]);
}

#[test]
fn the_lane_is_not_waited_for_where_that_is_not_wanted() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")])]);
    let holder = File::open(space.path().join("assets/.prometeu")).unwrap();
    holder.lock().unwrap();
    let run = space.run(&[&REPRODUCE[..], &["--no-wait"]].concat());
    assert_eq!((run.code, &run.lines().pop().unwrap()["status"]), (5, &json!("LANE_BUSY")));
    drop(holder);
    assert_eq!(space.run(&[&REPRODUCE[..], &["--no-wait"]].concat()).code, 0);
}

#[test]
fn a_file_and_a_workspace_exclude_each_other() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")])]);
    space.pack();
    let file = "build/assets.pa";
    for wrong in [
        &["verify", "--no-wait"][..],
        &["verify", "--deny-warnings"],
        &["verify", "--allow", "IO"],
        &["verify", file, "--reproduce"],
        &["verify", file, "--workspace", "."],
        &["verify", file, "--no-wait"],
        &["verify", "--reproduce", "--jobs", "1"],
    ] {
        let run = space.run(wrong);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong:?}");
        assert!(run.stderr.contains("Usage: papack verify"), "{}", run.stderr);
    }
    let elsewhere = TestSpace::empty();
    assert_eq!(elsewhere.run(&["verify", "--reproduce"]).code, 2);
    let workspace = space.path().to_str().unwrap();
    assert_eq!(elsewhere.run(&["verify", "--reproduce", "--workspace", workspace]).code, 0);
    assert_eq!(space.run(&["verify", file]).code, 0);
}
