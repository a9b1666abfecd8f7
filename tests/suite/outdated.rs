//! `pack --check` and `plan --exit-code`: whether a pack has something to do.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::space::{TestSpace, manifest};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])])
}

/// The exit code of `pack --check`, and what it says of the outputs.
fn check(space: &TestSpace) -> (i32, Value) {
    let run = space.run(&["pack", "--check", "--message-format", "json"]);
    (run.code, run.lines().pop().unwrap()["would_replace"].take())
}

/// The exit code of `plan --exit-code`.
fn plan(space: &TestSpace) -> i32 {
    space.run(&["plan", "--exit-code"]).code
}

/// Everything in the workspace, with its inode and the time of its last change.
fn stamps(space: &TestSpace) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![space.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let stat = entry.metadata().unwrap();
            found.insert(entry.path(), (stat.ino(), stat.ctime(), stat.ctime_nsec()));
            if stat.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// What somebody does to a packed workspace.
type Deed = fn(&TestSpace);

#[test]
fn every_output_that_a_pack_would_replace_is_named_and_no_other() {
    let all = |found: &str| {
        let names = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];
        Value::Array(names.iter().map(|name| json!({ "name": name, "found": found })).collect())
    };
    let cases: [(&str, Deed, Value, bool); 8] = [
        ("nothing", |_| {}, json!([]), false),
        ("a touched input", |space| space.write("assets/a/f", "one"), json!([]), false),
        (
            "a changed input",
            |space| space.write("assets/a/f", "1"),
            json!([
                { "name": "assets.pa", "found": "DIFFERENT" },
                { "name": "asset_table.json", "found": "DIFFERENT" },
                { "name": "asset_table_metadata.json", "found": "DIFFERENT" },
            ]),
            true,
        ),
        ("no outputs", |space| fs::remove_dir_all(space.path().join("build")).unwrap(), all("MISSING"), true),
        (
            "no pack",
            |space| fs::remove_file(space.path().join("build/assets.pa")).unwrap(),
            json!([
                { "name": "assets.pa", "found": "MISSING" },
            ]),
            true,
        ),
        (
            "an altered companion",
            |space| space.write("build/preload.json", "[] "),
            json!([
                { "name": "preload.json", "found": "DIFFERENT" },
            ]),
            true,
        ),
        (
            "no cache",
            |space| fs::remove_dir_all(space.path().join("assets/.prometeu/cache")).unwrap(),
            json!([]),
            false,
        ),
        (
            "copied outputs",
            |space| {
                let pack = space.read("build/assets.pa");
                fs::remove_file(space.path().join("build/assets.pa")).unwrap();
                space.write("build/assets.pa", pack);
            },
            json!([]),
            false,
        ),
    ];
    for (what, deed, expected, is_outdated) in cases {
        let space = space();
        space.pack();
        deed(&space);
        let before = stamps(&space);
        let (code, found) = check(&space);
        assert_eq!((code, &found), (i32::from(is_outdated), &expected), "{what}");
        // Without the cache, a plan does not know what the format would give.
        assert_eq!(plan(&space), i32::from(is_outdated || what == "no cache"), "{what}");
        assert_eq!(stamps(&space), before, "{what}: something was written");
        // A pack does what was told.
        let (_, lines) = space.pack_json();
        let replaced =
            lines.iter().find(|line| line["kind"] == "PROMOTED").map_or(json!([]), |line| line["replaced"].clone());
        let names: Vec<_> = found.as_array().unwrap().iter().map(|output| output["name"].clone()).collect();
        assert_eq!(replaced, Value::Array(names), "{what}");
        assert_eq!((check(&space), plan(&space)), ((0, json!([])), 0), "{what}");
    }
}

#[test]
fn people_are_told_what_to_do() {
    let space = space();
    space.pack();
    assert!(space.run(&["pack", "--check"]).stdout.starts_with("  Up to date 2 assets"));
    space.write("build/preload.json", "");
    fs::remove_file(space.path().join("build/assets.pa")).unwrap();
    let run = space.run(&["pack", "--check"]);
    let said = "build/assets.pa is missing, build/preload.json differs; papack pack replaces them\n";
    assert_eq!((run.code, run.stdout.as_str()), (1, format!("    Outdated {said}").as_str()));
    let run = space.run(&["pack", "--check", "-q"]);
    assert_eq!((run.stdout.as_str(), run.stderr), ("", format!("not up to date: {said}")));
    let run = space.run(&["pack", "--check", "--message-format", "github"]);
    let line = format!("not up to date: {said}");
    assert_eq!((run.code, run.stdout), (1, format!("::error title=papack::{line}{line}")));
    let run = space.run(&["plan", "--exit-code", "--message-format", "short"]);
    assert!(run.stdout.ends_with("to replace: assets.pa is missing, preload.json differs\n"), "{}", run.stdout);
}

/// What a pack is refused for, the check is refused for, with nothing compared.
#[test]
fn what_blocks_a_pack_blocks_the_check() {
    let cases: [(&str, Deed); 3] = [
        ("FILE_MISSING", |space| fs::remove_file(space.path().join("assets/a/f")).unwrap()),
        ("OUTPUT_BLOCKED", |space| {
            fs::remove_dir_all(space.path().join("build")).unwrap();
            symlink("/tmp", space.path().join("build")).unwrap();
        }),
        ("JOURNAL_UNKNOWN", |space| space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#)),
    ];
    for (code, deed) in cases {
        let space = space();
        space.pack();
        deed(&space);
        let run = space.run(&["pack", "--check", "--message-format", "json"]);
        let result = run.lines().pop().unwrap();
        assert_eq!((run.code, &result["status"]), (1, &"GATE_FAILED".into()), "{code}");
        assert_eq!(result["diagnostics"][0]["code"], code);
        assert_eq!(result.get("would_replace"), None);
        assert_eq!(plan(&space), 1, "{code}");
    }
}

#[test]
fn it_explains_as_a_pack_does() {
    let space = space();
    space.pack();
    space.write("assets/a/f", "1");
    let explained = |arguments: &[&str]| {
        let run = space.run(&[&["pack", "--explain", "--message-format", "json"], arguments].concat());
        run.lines().pop().unwrap()["explained"].take()
    };
    let by_check = explained(&["--check"]);
    assert_eq!(by_check[0]["reasons"][0]["reason"], "INPUTS_CHANGED");
    assert_eq!(by_check, explained(&[]));
    assert_eq!(explained(&["--check"]), explained(&[]));
}

/// It holds the lane, so that it never compares half a promotion; and no note tells of it, since nothing is written.
#[test]
fn it_waits_for_the_lane() {
    let space = space();
    space.pack();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    assert_eq!(space.run(&["pack", "--check", "--no-wait"]).code, 5);
    let waiting =
        space.command(&["pack", "--check", "--message-format", "json"]).stdout(std::process::Stdio::piped()).spawn();
    let waiting = waiting.unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    drop(lane);
    let output = waiting.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("LANE_BUSY"));
}

/// An unregistered manifest is no input of the pack: nothing is to be done for it.
#[test]
fn what_is_not_packed_is_nothing_to_do() {
    let space = space();
    space.pack();
    space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "f"}"#));
    assert_eq!((check(&space), plan(&space)), ((0, json!([])), 0));
}
