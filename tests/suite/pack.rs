//! `papack pack` as a user meets it: results, events, exit codes, what is written and what is left alone.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::space::{Run, TestSpace, uuid};

fn two_assets() -> TestSpace {
    TestSpace::with_assets(&[("ui/a", &[("one.txt", "one"), ("two.txt", "two!")]), ("b", &[("b.bin", "bbb")])])
}

/// Inode and modification time: what changes when a file is rewritten, whatever its bytes.
fn identity(space: &TestSpace, name: &str) -> (u64, i64, i64) {
    let metadata = fs::metadata(space.path().join("build").join(name)).unwrap();
    (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
}

#[test]
fn a_person_reads_what_was_done() {
    let space = two_assets();
    let seconds = |text: String| {
        let start = text.find(", in ").unwrap();
        let end = start + text[start..].find(" s").unwrap();
        format!("{}, in [time]{}", &text[..start], &text[end + 2..])
    };
    insta::assert_snapshot!(seconds(space.pack().stdout), @r"
          Packed 2 assets, 10 B, in [time]
         Derived 2, 0 reused
       Published build/assets.pa and 3 companions
    ");
    insta::assert_snapshot!(seconds(space.pack().stdout), @"  Up to date 2 assets, 10 B, in [time]");
}

#[test]
fn the_demo_packs_without_any_fault() {
    let space = TestSpace::copy_of("demo");
    let (code, lines) = space.pack_json();
    let result = lines.last().unwrap();
    assert_eq!(code, 0);
    assert_eq!((&result["diagnostics"], &result["packed_asset_count"]), (&json!([]), &json!(17)));
    let table: Value = serde_json::from_slice(&space.read("build/asset_table.json")).unwrap();
    let banks: Vec<_> = table.as_array().unwrap().iter().map(|entry| entry["bank_type"].as_str().unwrap()).collect();
    for bank in ["TILES", "SOUNDS", "DATA"] {
        assert!(banks.iter().filter(|found| **found == bank).count() >= 3, "{bank}: {banks:?}");
    }
}

#[test]
fn json_is_a_stream_without_gaps_that_ends_with_the_result() {
    let space = two_assets();
    let (code, lines) = space.pack_json();
    assert_eq!(code, 0);
    let kinds: Vec<_> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    // The two assets are derived on any thread, so their events interleave.
    assert_eq!(kinds[..2], ["OPERATION_STARTED", "SNAPSHOT_FROZEN"]);
    assert_eq!(kinds[2..6].iter().filter(|kind| **kind == "ASSET_FINISHED").count(), 2);
    assert_eq!(kinds[6..], ["GATE_FINISHED", "ASSEMBLED", "STAGED", "PROMOTED", "OPERATION_FINISHED"]);
    let (result, events) = lines.split_last().unwrap();
    for (sequence, event) in events.iter().enumerate() {
        assert_eq!(event["sequence"], json!(sequence));
        assert_eq!(event["operation_id"], result["operation_id"]);
        assert_eq!(event["type"], "event");
    }
    let mut result = result.clone();
    assert_eq!(result["operation_id"].as_str().unwrap().len(), 20);
    result["operation_id"] = json!("id");
    result["elapsed_ms"] = json!(0);
    assert_eq!(
        result,
        json!({
            "type": "result", "schema_version": 1, "operation_id": "id", "status": "SUCCESS",
            "execution_started": true, "up_to_date": false, "build_dir": "build", "assets_pa": "assets.pa",
            "companions": {
                "asset_table": "asset_table.json", "preload": "preload.json",
                "asset_table_metadata": "asset_table_metadata.json",
            },
            "recovered": [],
            "packed_asset_count": 2, "derived_asset_count": 2, "reused_asset_count": 0, "faulty_asset_count": 0,
            "payload_bytes": 10,
            "elapsed_ms": 0, "diagnostics": [], "allowed_diagnostic_count": 0,
        })
    );
}

#[test]
fn a_diagnostic_is_a_line_of_its_own_and_part_of_the_result() {
    let space = two_assets();
    space.write("assets/b/b.bin", "x");
    fs::remove_file(space.path().join("assets/b/b.bin")).unwrap();
    let (code, lines) = space.pack_json();
    assert_eq!(code, 1);
    let (result, stream) = lines.split_last().unwrap();
    assert_eq!((&result["status"], &result["companions"]), (&json!("GATE_FAILED"), &Value::Null));
    assert_eq!(result["execution_started"], false);
    let found: Vec<_> = stream.iter().filter(|line| line["type"] == "diagnostic").collect();
    assert_eq!(found.len(), 1);
    let sequences: Vec<_> = stream.iter().map(|line| line["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (0..stream.len() as u64).collect::<Vec<_>>());
    let expected = json!({
        "code": "FILE_MISSING", "severity": "ERROR", "message": "\"b.bin\": the file is not there",
        "help": "papack looks for it at assets/b/b.bin", "data": {"kind": "VALUE", "found": "b.bin"},
        "path": "assets/b/asset.json", "pointer": "/artifacts/0/file",
        "span": {"start": 121, "end": 128, "line": 5, "column": 26, "end_line": 5, "end_column": 33}, "asset_id": 2, "asset_name": "b",
    });
    assert_eq!(result["diagnostics"], json!([expected]));
}

#[test]
fn the_sidecar_says_where_everything_came_from() {
    let space = two_assets();
    let manifest = format!(
        r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "näme", "artifacts": [{{"glob": "*.txt"}}],
           "output": {{"format": "DATA/raw_v1", "metadata": {{"user": {{"b": [1], "a": null}}}},
                      "pipeline": {{"z": 1.0, "float": 0.10, "big": 2e300, "deep": {{"n": null}}}}}},
           "preload": {{"enabled": true, "slot": 9}}}}"#,
        uuid(1)
    );
    space.write("assets/ui/a/asset.json", manifest);
    space.pack();
    let sidecar = space.read("build/asset_table_metadata.json");
    let value: Value = serde_json::from_slice(&sidecar).unwrap();
    let pack = space.read("build/assets.pa");
    let header_len = u32::from_le_bytes(pack[8..12].try_into().unwrap()) as usize;
    let header = &pack[32..32 + header_len];
    let hex = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let content = {
        let mut hasher = blake3::Hasher::new();
        for (id, payload) in [(1_u32, &b"onetwo!"[..]), (2, b"bbb")] {
            hasher.update(&id.to_le_bytes());
            hasher.update(&(payload.len() as u64).to_le_bytes());
            hasher.update(blake3::hash(payload).as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    };
    let metadata = json!({
        "entries": [{"name": "one.txt", "offset": 0, "size": 3}, {"name": "two.txt", "offset": 3, "size": 4}],
        "user": {"a": null, "b": [1]},
    });
    assert_eq!(
        value,
        json!({
            "schema_version": 2,
            "header": {"blake3": hex(header), "size": header_len},
            "payload": {"size": 10},
            "content_blake3": content,
            "assets": [
                {
                    "asset_id": 1, "asset_uuid": uuid(1), "asset_name": "näme", "root": "ui/a",
                    "format": "DATA/raw_v1", "bank_type": "DATA", "codec": "NONE", "decoded_size": 7,
                    "manifest": "assets/ui/a/asset.json",
                    "artifacts": [
                        {"path": "one.txt", "size": 3, "blake3": hex(b"one")},
                        {"path": "two.txt", "size": 4, "blake3": hex(b"two!")},
                    ],
                    "payload": {"offset": 0, "size": 7, "blake3": hex(b"onetwo!")},
                    "preload": {"enabled": true, "slot": 9}, "metadata": metadata,
                    "pipeline": {"z": 1, "float": 0.1, "big": 2e300, "deep": {"n": null}},
                },
                {
                    "asset_id": 2, "asset_uuid": uuid(2), "asset_name": "b", "root": "b",
                    "format": "DATA/raw_v1", "bank_type": "DATA", "codec": "NONE", "decoded_size": 3,
                    "manifest": "assets/b/asset.json",
                    "artifacts": [{"path": "b.bin", "size": 3, "blake3": hex(b"bbb")}],
                    "payload": {"offset": 7, "size": 3, "blake3": hex(b"bbb")},
                    "preload": {"enabled": false}, "metadata": {"entries": [{"name": "b.bin", "offset": 0, "size": 3}]},
                },
            ],
        })
    );
    // Canonical: what another implementation of RFC 8785 makes of the same document.
    let text = String::from_utf8(sidecar).unwrap();
    assert!(text.contains(r#""pipeline":{"big":2e+300,"deep":{"n":null},"float":0.1,"z":1}"#), "{text}");
    // The runtime is told nothing of it.
    let header: Value = serde_json::from_slice(header).unwrap();
    assert_eq!(
        header,
        json!({
            "asset_table": [
                {"asset_id": 1, "asset_name": "näme", "bank_type": "DATA", "codec": "NONE", "decoded_size": 7,
                 "metadata": metadata, "offset": 0, "size": 7},
                {"asset_id": 2, "asset_name": "b", "bank_type": "DATA", "codec": "NONE", "decoded_size": 3,
                 "metadata": {"entries": [{"name": "b.bin", "offset": 0, "size": 3}]}, "offset": 7, "size": 3},
            ],
            "preload": [{"asset_id": 1, "slot": 9}],
        })
    );
}

#[test]
fn nothing_is_rewritten_that_would_stay_the_same() {
    let space = two_assets();
    space.pack();
    let outputs = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];
    let before = outputs.map(|name| identity(&space, name));
    space.pack();
    assert_eq!(outputs.map(|name| identity(&space, name)), before);

    // An edit of `pipeline` concerns the sidecar alone.
    let manifest = String::from_utf8(space.read("assets/b/asset.json")).unwrap();
    space.write("assets/b/asset.json", manifest.replace("v1\"", "v1\", \"pipeline\": {\"q\": 1.5}"));
    let (_, lines) = space.pack_json();
    let promoted = lines.iter().find(|line| line["kind"] == "PROMOTED").unwrap();
    assert_eq!(promoted["replaced"], json!(["asset_table_metadata.json"]));
    let after = outputs.map(|name| identity(&space, name));
    assert_eq!(after[..3], before[..3]);
    assert_ne!(after[3], before[3]);
}

#[test]
fn outputs_that_were_deleted_or_altered_are_made_again() {
    let space = two_assets();
    space.pack();
    let good = space.build();
    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    let mut altered = good["assets.pa"].clone();
    *altered.last_mut().unwrap() ^= 1;
    space.write("build/assets.pa", altered);
    space.write("build/asset_table.json", "[]");
    let run = space.pack();
    assert!(run.stdout.contains("Packed"), "{}", run.stdout);
    assert_eq!(space.build(), good);
}

#[test]
fn files_of_others_in_build_are_left_alone() {
    let space = two_assets();
    space.write("build/notes.txt", "mine");
    space.write("build/cartridge/game.bin", "mine too");
    space.pack();
    let build = space.build();
    assert_eq!((&build["notes.txt"][..], &build["cartridge/game.bin"][..]), (&b"mine"[..], &b"mine too"[..]));
    assert_eq!(build.len(), 6);
}

#[test]
fn wrong_usage_and_no_workspace_exit_with_2() {
    let space = TestSpace::empty();
    for (arguments, fragment) in [
        (&["pack"][..], "no workspace here"),
        (&["pack", "--workspace", "."], "is no workspace: it has no assets/.prometeu/index.json"),
        (&["pack", "--workspace", "nowhere"], "is no workspace"),
        (&["pack", "--jobs", "0"], "invalid value '0'"),
        (&["pack", "--message-format", "xml"], "invalid value 'xml'"),
        (&["pakc"], "unrecognized subcommand 'pakc'"),
        (&[], "Usage: papack [OPTIONS] <COMMAND>"),
    ] {
        let run = space.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(fragment), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn the_lane_is_waited_for_or_not() {
    let space = two_assets();
    // Whoever holds the lane, in whatever process.
    let holder = File::open(space.path().join("assets/.prometeu")).unwrap();
    holder.lock().unwrap();
    let run = space.run(&["pack", "--no-wait"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("another operation holds the workspace"), "{}", run.stderr);
    let (code, lines) = {
        let run = space.run(&["pack", "--no-wait", "--message-format", "json"]);
        (run.code, run.lines())
    };
    assert_eq!((code, &lines.last().unwrap()["status"]), (5, &json!("LANE_BUSY")));

    let notices = tempfile::NamedTempFile::new().unwrap();
    let stderr = notices.reopen().unwrap();
    let mut waiting = space.command(&["pack"]).stderr(stderr).stdout(Stdio::null()).spawn().unwrap();
    let is_told = || fs::read_to_string(notices.path()).unwrap().contains("waiting for it to end");
    assert!((0..1000).any(|_| is_told() || {
        std::thread::sleep(Duration::from_millis(10));
        false
    }));
    assert!(!space.path().join("build").exists(), "it packed in spite of the lane");
    drop(holder);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    assert!(space.path().join("build/assets.pa").exists());
}

#[test]
fn many_packs_at_once_end_with_one_generation() {
    let space = two_assets();
    let start = || space.command(&["pack"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut running: Vec<_> = (0..6).map(|_| start()).collect();
    for process in &mut running {
        assert_eq!(process.wait().unwrap().code(), Some(0));
    }
    let together = space.build();
    fs::remove_dir_all(space.path().join("build")).unwrap();
    space.pack();
    assert_eq!(space.build(), together);
}

#[test]
fn short_and_github_output_are_one_line_a_fault() {
    let space = two_assets();
    fs::remove_file(space.path().join("assets/b/b.bin")).unwrap();
    let run = space.run(&["pack", "--message-format", "short"]);
    insta::assert_snapshot!(run.stdout, @r#"
    assets/b/asset.json:5:26: error[FILE_MISSING]: "b.bin": the file is not there
    not packed: 1 error
    "#);
    // Annotations name files relative to the repository.
    let run = space.run(&["pack", "--message-format", "github"]);
    insta::assert_snapshot!(run.stdout, @r#"
    ::error file=assets/b/asset.json,line=5,col=26,title=FILE_MISSING::"b.bin": the file is not there%0Apapack looks for it at assets/b/b.bin
    not packed: 1 error
    "#);
    let mut command = space.command(&["pack", "--message-format", "github"]);
    command.env("GITHUB_WORKSPACE", space.path().parent().unwrap());
    let folder = space.path().file_name().unwrap().to_str().unwrap();
    let run = Run::of(command);
    assert!(run.stdout.starts_with(&format!("::error file={folder}/assets/b/asset.json,line=5")), "{}", run.stdout);
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let space = two_assets();
    let mut command = space.command(&["pack", "--message-format", "json"]);
    let mut packing = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(packing.stdout.take());
    let output = packing.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(space.path().join("build/assets.pa").exists());
}
