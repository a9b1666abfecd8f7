//! `plan` and `pack --explain`: what a pack would do or did for each asset, and why. `--timings`: where its time went; where
//! those may be written is in `tests/process/timings.rs`.
//! That plan and pack agree in any history is told in `tests/histories`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use crate::space::{CACHE, TestSpace, entry, files_below, manifest};
use crate::wav::Wav;

/// Three DATA assets and a sound, packed.
fn packed() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g"), ("h", "h")]), ("c", &[("i", "i")])]);
    let sound = manifest(4, "beep", r#"{"file": "beep.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    space.write("assets/beep/asset.json", sound);
    space.write("assets/beep/beep.wav", Wav::default().bytes());
    space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(4, "beep")]);
    space.pack();
    space
}

/// The result of a run in JSON.
#[track_caller]
fn result(space: &TestSpace, arguments: &[&str]) -> Value {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    run.lines().pop().unwrap_or_else(|| panic!("{}", run.stderr))
}

/// What was planned for each asset, and then done: outcome and reasons, in short.
#[track_caller]
fn planned_and_done(space: &TestSpace) -> BTreeMap<u64, String> {
    let before = files_below(space.path());
    let plan = result(space, &["plan"]);
    assert_eq!(plan["status"], "SUCCESS", "{plan}");
    assert_eq!(files_below(space.path()), before, "a plan writes nothing");
    let pack = result(space, &["pack", "--explain"]);
    assert_eq!(plan["assets"], pack["explained"]);
    let decisions = plan["assets"].as_array().unwrap();
    let count = |outcome: &str| decisions.iter().filter(|decision| decision["outcome"] == outcome).count();
    for (field, outcome) in
        [("derived_asset_count", "DERIVED"), ("reused_asset_count", "REUSED"), ("blocked_asset_count", "BLOCKED")]
    {
        assert_eq!(plan[field], count(outcome), "{plan}");
    }
    assert_eq!(pack["derived_asset_count"], count("DERIVED"));
    let words = |decision: &Value| {
        let reasons = decision["reasons"].as_array().unwrap().iter().map(|reason| {
            let changes = reason["changes"].as_array().into_iter().flatten();
            changes.fold(reason["reason"].as_str().unwrap().to_owned(), |words, change| {
                let what = change.get("path").or(change.get("field")).unwrap_or(&Value::Null);
                format!("{words} {} {}", change["change"].as_str().unwrap(), what.as_str().unwrap_or_default())
            })
        });
        format!("{}: {}", decision["outcome"].as_str().unwrap(), reasons.collect::<Vec<_>>().join(", "))
    };
    decisions.iter().map(|decision| (decision["asset_id"].as_u64().unwrap(), words(decision))).collect()
}

/// Expects what is planned and done for these assets; the others are unchanged.
#[track_caller]
fn expect(space: &TestSpace, expected: &[(u64, &str)]) {
    let mut done = planned_and_done(space);
    for (id, words) in expected {
        assert_eq!(done.remove(id).as_deref(), Some(*words), "asset {id}");
    }
    for (id, words) in done {
        assert_eq!(words, "REUSED: UNCHANGED", "asset {id}");
    }
}

#[test]
fn each_cause_is_told_and_done() {
    let space = packed();
    expect(&space, &[]);

    space.write("assets/a/f", "other");
    expect(&space, &[(1, "DERIVED: INPUTS_CHANGED FILE_CHANGED f")]);

    // One more file, one less, and an order.
    space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "h"}, {"file": "g"}"#));
    space.write("assets/c/asset.json", manifest(3, "c", r#"{"file": "j"}"#));
    space.write("assets/c/j", "j");
    let both = "DERIVED: INPUTS_CHANGED FILE_ADDED j FILE_REMOVED i";
    expect(&space, &[(2, "DERIVED: INPUTS_CHANGED ORDER "), (3, both)]);

    // What the payload does not depend on.
    let text = String::from_utf8(space.read("assets/a/asset.json")).unwrap();
    space.write("assets/a/asset.json", text.replace("\"a\"", "\"renamed\""));
    expect(&space, &[(1, "REUSED: INPUTS_UNCHANGED")]);

    // An asset that is new, one that is broken, and one that is repaired.
    space.write("assets/d/asset.json", manifest(5, "d", r#"{"file": "k"}"#));
    space.write("assets/d/k", "k");
    let ids = [(1, "a"), (2, "b"), (3, "c"), (4, "beep"), (5, "d")];
    space.write_registry(&ids.map(|(id, root)| entry(id, root)));
    fs::remove_file(space.path().join("assets/c/j")).unwrap();
    expect(&space, &[(3, "BLOCKED: FAULTY"), (5, "DERIVED: NOT_KNOWN_BEFORE")]);
    space.write("assets/c/j", "j");
    expect(&space, &[(3, "DERIVED: BLOCKED_BEFORE")]);
}

#[test]
fn what_was_derived_before_is_recalled_and_what_is_lost_derived_again() {
    let space = packed();
    let quiet = space.read("assets/beep/beep.wav");
    space.write("assets/beep/beep.wav", Wav { data: vec![9; 64], ..Wav::default() }.bytes());
    expect(&space, &[(4, "DERIVED: INPUTS_CHANGED FILE_CHANGED beep.wav")]);
    space.write("assets/beep/beep.wav", quiet);
    expect(&space, &[(4, "REUSED: INPUTS_CHANGED FILE_CHANGED beep.wav, RECALLED")]);

    // The bytes of a sound are in assets.pa and in the cache. Those of data are in its files, too.
    fs::remove_dir_all(space.path().join("build")).unwrap();
    expect(&space, &[]);
    fs::remove_dir_all(space.path().join("build")).unwrap();
    space.forget_payloads();
    expect(&space, &[(4, "DERIVED: BYTES_MISSING")]);
    fs::remove_dir_all(space.path().join("build")).unwrap();
    fs::remove_dir_all(space.path().join(CACHE)).unwrap();
    let all = planned_and_done(&space);
    assert!(all.len() == 4 && all.values().all(|words| words == "DERIVED: NOT_KNOWN_BEFORE"), "{all:?}");
}

/// What one thread derives is no reason for another one to reuse it: then plan and pack could not agree.
#[test]
fn equal_assets_are_decided_alike() {
    let space = TestSpace::empty();
    let ids = 1..=8;
    for id in ids.clone() {
        let text = manifest(id, &format!("s{id}"), r#"{"file": "s.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
        space.write(&format!("assets/s{id}/asset.json"), text);
        space.write(&format!("assets/s{id}/s.wav"), Wav { data: vec![7; 4000], ..Wav::default() }.bytes());
    }
    space.write_registry(&ids.map(|id| entry(id, &format!("s{id}"))).collect::<Vec<_>>());
    space.pack();
    for _ in 0..5 {
        fs::remove_dir_all(space.path().join("build")).unwrap();
        space.forget_payloads();
        let all = planned_and_done(&space);
        assert!(all.len() == 8 && all.values().all(|words| words == "DERIVED: BYTES_MISSING"), "{all:?}");
    }
}

#[test]
fn a_check_in_between_hides_no_change() {
    let space = packed();
    let changed = Wav { data: vec![9; 64], ..Wav::default() };
    space.write("assets/a/f", "other");
    space.write("assets/beep/beep.wav", changed.bytes());
    for _ in 0..2 {
        assert_eq!(result(&space, &["check"])["status"], "SUCCESS");
    }
    let data = "REUSED: INPUTS_CHANGED FILE_CHANGED f, RECALLED";
    expect(&space, &[(1, data), (4, "REUSED: INPUTS_CHANGED FILE_CHANGED beep.wav, RECALLED")]);
    expect(&space, &[]);
    // A change that was taken back is none.
    space.write("assets/a/f", "third");
    result(&space, &["check"]);
    space.write("assets/a/f", "other");
    result(&space, &["check"]);
    expect(&space, &[]);
}

#[test]
fn contents_are_told_from_what_to_what() {
    let space = packed();
    space.write("assets/a/f", "other");
    let content = |bytes: &str| json!({ "digest": blake3::hash(bytes.as_bytes()).to_string(), "size": bytes.len() });
    let change = json!({ "change": "FILE_CHANGED", "path": "f", "from": content("f"), "to": content("other") });
    let reasons = json!([{ "reason": "INPUTS_CHANGED", "changes": [change] }]);
    let expected = json!({ "asset_id": 1, "asset_name": "a", "outcome": "DERIVED", "reasons": reasons });
    let plan = result(&space, &["plan"]);
    assert_eq!((&plan["assets"][0], &plan["up_to_date"]), (&expected, &json!(false)));
    // Only who asks is told.
    assert_eq!(result(&space, &["pack"]).get("explained"), None);
    // Once the stamps of files and outputs have aged.
    std::thread::sleep(std::time::Duration::from_millis(50));
    space.pack();
    let plan = result(&space, &["plan"]);
    assert_eq!((&plan["up_to_date"], &plan["derived_asset_count"]), (&json!(true), &json!(0)));
    assert_eq!(result(&space, &["plan", "--rehash"])["up_to_date"], false);
}

#[test]
fn people_are_told_what_changed_first() {
    let space = packed();
    space.write("assets/a/f", "other");
    space.write("assets/b/asset.json", manifest(2, "b\u{202e}", r#"{"file": "g"}"#));
    fs::remove_file(space.path().join("assets/c/i")).unwrap();
    let run = space.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (lines, planned) = run.stdout.trim_end().rsplit_once('\n').unwrap();
    insta::assert_snapshot!(lines, @r"
    blocked  3  c          something is wrong with it; papack check says what
     derive  1  a          f: 1 B (9ab388be…) → 5 B (3f796163…)
     derive  2  b\u{202e}  h: removed, 1 B (c3af7b11…)
      reuse  1 asset: unchanged
    ");
    assert!(
        planned
            .starts_with("     Planned 4 assets: 2 to derive, 1 to reuse, 1 blocked; a pack would fail: 1 error in "),
        "{planned}"
    );
    assert!(run.stderr.contains("error[FILE_MISSING]"), "{}", run.stderr);
    assert!(run.stderr.contains("\n2 |") || run.stderr.contains("asset.json:"), "{}", run.stderr);

    let all = space.run(&["plan", "-v"]).stdout;
    assert!(all.contains("reuse  4  beep       unchanged"), "{all}");
    assert_eq!(
        space.run(&["plan", "--message-format", "short"]).stdout.lines().last(),
        planned[13..].split(" in ").next()
    );
    let packed = space.run(&["pack", "--explain"]);
    assert_eq!(packed.code, 1);
    assert!(packed.stdout.contains("derived  1  a") && packed.stdout.contains("Failed"), "{}", packed.stdout);
}

#[test]
fn a_plan_of_many_names_some_and_counts_the_others() {
    let space = TestSpace::with_many(40, |id| id.to_string().into_bytes());
    let usual = space.run(&["plan"]).stdout;
    assert!(usual.lines().count() == 18 && usual.contains("and 24 more"), "{usual}");
    assert_eq!(space.run(&["plan", "-v"]).stdout.lines().count(), 41);
}

/// The events of `--timings`, with what is needed of each.
fn trace(space: &TestSpace) -> Vec<Value> {
    let events: Vec<Value> = serde_json::from_slice(&space.read("trace.json")).unwrap();
    for event in &events {
        assert_eq!(event["ph"], "X", "{event}");
        let is_number = |field: &str| event[field].as_f64().is_some_and(|number| number >= 0.0);
        assert!(["ts", "dur", "pid", "tid"].into_iter().all(is_number), "{event}");
        assert!(event["name"].is_string() && event["cat"].is_string() && event["args"].is_object(), "{event}");
    }
    events
}

fn span(event: &Value) -> (f64, f64) {
    let start = event["ts"].as_f64().unwrap();
    (start, start + event["dur"].as_f64().unwrap())
}

#[test]
fn timings_cover_the_operation_and_nest() {
    let space = TestSpace::copy_of("demo");
    for jobs in ["1", "4"] {
        drop(fs::remove_dir_all(space.path().join("build")));
        drop(fs::remove_dir_all(space.path().join(CACHE)));
        let run = space.run(&["pack", "--timings", "trace.json", "--jobs", jobs]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let events = trace(&space);
        let whole = span(&events[0]);
        assert_eq!(events[0]["name"], "operation");
        let threads: BTreeSet<u64> = events.iter().map(|event| event["tid"].as_u64().unwrap()).collect();
        assert!(threads.len() <= jobs.parse().unwrap(), "{threads:?}");
        // On one thread, one holds the other whole, or they are apart. A microsecond is lost in figures.
        for (index, event) in events.iter().enumerate() {
            let (start, end) = span(event);
            assert!(whole.0 <= start && end <= whole.1 + 1.0, "{event}");
            for other in events[index + 1..].iter().filter(|other| other["tid"] == event["tid"]) {
                let (other_start, other_end) = span(other);
                assert!(other_end <= end + 1.0 || other_start + 1.0 >= end, "{event}\n{other}");
            }
        }
        let named = |name: &str| events.iter().filter(|event| event["name"] == name).collect::<Vec<_>>();
        let steps = ["enter lane", "recover", "survey", "snapshot", "derive", "gate", "assemble", "stage", "promote"];
        for name in [&steps[..], &["assets.pa", "asset_table.json", "preload.json", "write cache"]].concat() {
            assert_eq!(named(name).len(), 1, "{name}");
        }
        let covered: f64 = steps.iter().flat_map(|name| named(name)).map(|event| event["dur"].as_f64().unwrap()).sum();
        assert!(covered > (whole.1 - whole.0) / 2.0, "{covered} of {whole:?}");
        let assets: BTreeSet<u64> =
            named("asset").iter().map(|event| event["args"]["asset_id"].as_u64().unwrap()).collect();
        assert_eq!(assets.len(), 17);
    }
}

#[test]
fn timings_are_taken_of_what_fails_and_of_what_has_nothing_to_do() {
    let space = packed();
    for (arguments, expected) in [(&["pack"][..], "survey"), (&["plan"], "read cache"), (&["check"], "derive")] {
        let run = space.run(&[arguments, &["--timings", "trace.json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?} {}", run.stderr);
        assert!(trace(&space).iter().any(|event| event["name"] == expected), "{arguments:?}");
    }
    fs::remove_file(space.path().join("assets/a/f")).unwrap();
    assert_eq!(space.run(&["pack", "--timings", "trace.json"]).code, 1);
    assert!(trace(&space).iter().any(|event| event["name"] == "gate"));
}

#[test]
fn a_plan_tells_that_a_pack_would_fail() {
    let space = packed();
    // Nothing of what was packed changes: only an asset outside of the build set, and the place of an output.
    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    fs::create_dir(space.path().join("build/preload.json")).unwrap();
    let human = space.run(&["plan"]).stdout;
    let planned = human.lines().find(|line| line.contains("Planned")).unwrap();
    assert!(planned.contains("4 assets: ") && planned.contains("; a pack would fail: 1 error"), "{human}");
    let short = space.run(&["plan", "--message-format", "short"]).stdout;
    assert!(short.lines().last().unwrap().ends_with("; a pack would fail: 1 error"), "{short}");
    assert_eq!(space.run(&["pack"]).code, 1);

    // Nothing changed since a pack that succeeded, with a warning that is an error to this one.
    fs::remove_dir(space.path().join("build/preload.json")).unwrap();
    space.write("assets/copy/asset.json", manifest(1, "copy", r#"{"file": "f"}"#));
    // The second one finds the clock past what was just written, and so knows its stamps for the plan.
    space.pack();
    std::thread::sleep(std::time::Duration::from_millis(50));
    space.pack();
    let denied = space.run(&["plan", "--deny-warnings", "--message-format", "short"]).stdout;
    assert_eq!(denied.lines().last(), Some("4 assets: nothing to derive; a pack would fail: 1 error"));
    assert_eq!(
        space.run(&["plan", "--message-format", "short"]).stdout.lines().last(),
        Some("4 assets: nothing to do")
    );
}
