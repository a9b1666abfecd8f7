//! What a watch does about its builds: its outputs, its own writes, builds that are overtaken, and those that fail.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::space::{TestSpace, manifest};
use crate::watching::{Watch, count, is};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])])
}

#[test]
fn its_own_writes_start_nothing() {
    let space = space();
    let watch = Watch::start(&space);
    for round in 1..=10 {
        space.write("assets/a/f", format!("round {round}"));
        watch.settle(&space);
    }
    // Others that read, and what papack writes for others.
    space.run(&["status"]);
    space.run(&["check"]);
    space.pack();
    let builds = watch.results().len();
    assert!(builds >= 11);
    // Whatever the own writes would start begins after the next change, at the latest.
    space.write("assets/b/f", "last");
    watch.settle(&space);
    watch.until("the end of the last build", |lines| is(lines.last().unwrap(), "WAITING"));
    std::thread::sleep(Duration::from_millis(500));
    let (_, lines) = watch.end();
    let results: Vec<_> = lines.iter().filter(|line| line["type"] == "result").collect();
    assert_eq!(results.len(), builds + 1, "{results:#?}");
    // Each build was for something.
    assert!(results.iter().all(|result| result["up_to_date"] == false), "{results:#?}");
    let changed: Vec<_> = lines.iter().filter(|line| is(line, "CHANGED")).collect();
    assert!(
        changed.iter().all(|line| line["paths"]
            .as_array()
            .unwrap()
            .iter()
            .all(|path| { ["assets/a/f", "assets/b/f"].contains(&path.as_str().unwrap()) })),
        "{changed:?}"
    );
}

#[test]
fn outputs_that_were_deleted_or_altered_are_made_again() {
    let space = space();
    let watch = Watch::start(&space);
    let path = |name: &str| space.path().join(name);
    for _ in 0..3 {
        // A watch that is quick makes them again while they are still being deleted.
        drop(fs::remove_dir_all(path("build")));
        watch.settle(&space);
        fs::remove_file(path("build/preload.json")).unwrap();
        watch.settle(&space);
        let mut altered = space.read("build/assets.pa");
        *altered.last_mut().unwrap() ^= 1;
        space.write("build/assets.pa", altered);
        watch.settle(&space);
        // Replaced, as an atomic save does.
        space.write("other", "another file");
        fs::rename(path("other"), path("build/asset_table.json")).unwrap();
        watch.settle(&space);
        fs::rename(path("build"), path("aside")).unwrap();
        watch.settle(&space);
        fs::remove_dir_all(path("aside")).unwrap();
    }
    // Something else in their place is an error, until it is gone.
    for name in ["build", "build/preload.json", "build/.staging"] {
        drop(fs::remove_file(path(name)));
        drop(fs::remove_dir_all(path(name)));
        let other = if name == "build/preload.json" { "folder" } else { "file" };
        if other == "folder" {
            fs::create_dir(path("other")).unwrap();
        } else {
            space.write("other", "");
        }
        // An output that the watch makes in this very moment may be quicker.
        while fs::rename(path("other"), path(name)).is_err() {
            drop(fs::remove_file(path(name)));
            drop(fs::remove_dir_all(path(name)));
        }
        watch.until(name, |lines| {
            let last = lines.iter().rev().find(|line| line["type"] == "result").unwrap();
            last["diagnostics"].to_string().contains("OUTPUT_BLOCKED")
        });
        fs::rename(path(name), path("other")).unwrap();
        watch.settle(&space);
        drop(fs::remove_file(path("other")));
        drop(fs::remove_dir_all(path("other")));
    }
    // What lies there beside the outputs is nobody's business.
    let builds = watch.results().len();
    space.write("build/notes.txt", "mine");
    space.write("assets/a/f", "changed");
    watch.settle(&space);
    let (_, lines) = watch.end();
    assert!(lines.iter().filter(|line| line["type"] == "result").count() <= builds + 2);
    assert!(lines.iter().all(|line| !line.to_string().contains("notes.txt")));
}

#[test]
fn a_newer_change_overtakes_a_build() {
    let space = space();
    let watch = Watch::start(&space);
    // A file of zeros that takes no room, and long to read.
    let large = space.path().join("large");
    File::create(&large).unwrap().set_len(64 << 30).unwrap();
    fs::rename(&large, space.path().join("assets/a/f")).unwrap();
    let builds = watch.results().len();
    watch.until("the long build", |lines| {
        lines.iter().filter(|line| line["kind"] == "OPERATION_STARTED").count() > builds
    });
    std::thread::sleep(Duration::from_millis(100));
    let started = Instant::now();
    space.write("assets/b/f", "changed");
    watch.until("its cancellation", |lines| {
        lines.iter().any(|line| line["type"] == "result" && line["status"] == "CANCELLED")
    });
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    // The change that the overtaken build was for is not forgotten.
    space.write("assets/a/f", "small again");
    watch.settle(&space);
    let (_, lines) = watch.end();
    assert_eq!(lines.iter().filter(|line| line["type"] == "result" && line["status"] == "SUCCESS").count(), 2);
}

#[test]
fn changes_that_never_cease_do_not_put_a_build_off_forever() {
    let space = space();
    let watch = Watch::start(&space);
    let before = watch.results().len();
    let started = Instant::now();
    let mut round = 0;
    let succeeded = |results: Vec<Value>| results.iter().skip(before).filter(|r| r["status"] == "SUCCESS").count();
    while succeeded(watch.results()) < 3 {
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", watch.results());
        round += 1;
        space.write("assets/b/f", format!("round {round}"));
        std::thread::sleep(Duration::from_millis(20));
    }
    watch.settle(&space);
}

/// A file that is written to all the time cannot be packed; the watch tries again by itself.
#[test]
fn a_build_that_failed_is_tried_again() {
    let space = space();
    let watch = Watch::start(&space);
    // The journal of a papack to come stops every build, and goes without a notice that the watch gets.
    fs::create_dir(space.path().join("build/.staging")).unwrap();
    fs::write(space.path().join("build/.staging/journal.json"), r#"{"schema_version": 99}"#).unwrap();
    space.write("assets/a/f", "changed");
    watch.until("a second try", |lines| count(lines, "RETRYING") >= 2);
    let results = watch.results();
    assert!(results.iter().rev().take(2).all(|result| result["status"] == "PUBLICATION_FAILED"), "{results:?}");
    let after: Vec<_> = watch
        .lines()
        .iter()
        .filter(|line| is(line, "RETRYING"))
        .map(|line| line["after_ms"].as_u64().unwrap())
        .collect();
    assert!(after.windows(2).all(|pair| pair[1] == pair[0] * 2), "{after:?}");
    assert_eq!(after[0], 1000);
    fs::remove_file(space.path().join("build/.staging/journal.json")).unwrap();
    watch.settle(&space);
}

/// A pack that was killed while it replaced the outputs.
#[test]
fn the_first_build_says_what_it_recovered_and_the_next_one_nothing() {
    let space = space();
    let operation = "k3J9sZuyXw4ndm06D9nc";
    let file = json!({ "name": "preload.json", "size": 2, "identity": blake3::hash(b"[]").to_string() });
    let journal = json!({ "schema_version": 1, "operation_id": operation, "files": [file] });
    space.write(&format!("build/.staging/{operation}/preload.json"), "[]");
    space.write("build/.staging/journal.json", journal.to_string());
    let watch = Watch::start(&space);
    watch.until("the first build", |lines| is(lines.last().unwrap(), "WAITING"));
    space.write("assets/a/f", "changed");
    // What is published is there before the result is printed.
    let has_result = |line: &&Value| line["recovered"].is_array();
    watch.until("the second build", |lines| lines.iter().filter(has_result).count() > 1);
    let recovered: Vec<_> = watch.results().iter().map(|result| result["recovered"].clone()).collect();
    assert_eq!(recovered[0], json!(["preload.json"]));
    assert!(recovered.len() > 1 && recovered[1..].iter().all(|names| *names == json!([])), "{recovered:?}");
}

#[test]
fn other_operations_take_the_lane_between_builds() {
    let space = space();
    let watch = Watch::start(&space);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.try_lock().unwrap();
    space.write("assets/a/f", "changed");
    watch.until("the notice that it waits", |lines| {
        lines.iter().any(|line| line["type"] == "diagnostic" && line["code"] == "LANE_BUSY")
    });
    drop(lane);
    watch.until("the build", |lines| count(lines, "WAITING") >= 2);
    space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "f"}"#));
    space.write("assets/new/f", "new");
    assert_eq!(space.run(&["add", "new"]).code, 0);
    watch.settle(&space);
    assert_eq!(watch.results().pop().unwrap()["packed_asset_count"], 3);
}
