//! Nothing is derived twice: what one operation derived, the next one takes, whichever of them it is.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::space::{CACHE, TestSpace, entry, files_below, manifest};
use crate::wav::Wav;

const NONE: [u64; 0] = [];

/// Two sounds, a sound outside the build set, and data.
fn space() -> TestSpace {
    let space = TestSpace::empty();
    for (id, root) in [(1, "one"), (2, "two"), (3, "out")] {
        let text = manifest(id, root, r#"{"file": "s.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
        space.write(&format!("assets/{root}/asset.json"), text);
        write_sound(&space, root, id as u8);
    }
    space.write("assets/data/asset.json", manifest(4, "data", r#"{"file": "f"}"#));
    space.write("assets/data/f", "data");
    let out = entry(3, "out").replace("true", "false");
    space.write_registry(&[entry(1, "one"), entry(2, "two"), out, entry(4, "data")]);
    space
}

fn write_sound(space: &TestSpace, root: &str, value: u8) {
    space.write(&format!("assets/{root}/s.wav"), Wav { data: vec![value; 4000], ..Wav::default() }.bytes());
}

/// What came of each asset, by its id; the operation must not be told as failed. What is of no asset is left out.
#[track_caller]
fn outcomes(space: &TestSpace, command: &str) -> BTreeMap<u64, String> {
    let run = space.run(&[command, "--message-format", "json"]);
    assert_eq!(run.code, 0, "{command}: {}", run.stdout);
    let outcome = |line: Value| {
        let event = (line["kind"] == "ASSET_FINISHED").then_some(line)?;
        Some((event["asset_id"].as_u64()?, event["outcome"].as_str()?.to_owned()))
    };
    run.lines().into_iter().filter_map(outcome).collect()
}

/// The ids of the assets that `command` derives.
#[track_caller]
fn derived(space: &TestSpace, command: &str) -> Vec<u64> {
    outcomes(space, command).into_iter().filter(|(_, outcome)| outcome == "DERIVED").map(|(id, _)| id).collect()
}

#[test]
fn what_one_operation_derives_no_other_one_does() {
    for first in ["check", "status", "list"] {
        for second in ["check", "status", "list", "pack"] {
            let space = space();
            assert_eq!(derived(&space, first), [1, 2, 3, 4], "{first}");
            // What another process finds in the cache is believed, and all of it: not even a stamp may have rested.
            assert_eq!(derived(&space, second), NONE, "{second} after {first}");
            // An edit is derived once, by whoever comes first.
            write_sound(&space, "two", 77);
            write_sound(&space, "out", 78);
            assert_eq!(derived(&space, first), [2, 3], "{first} after an edit");
            assert_eq!(derived(&space, second), NONE, "{second} after {first} after an edit");
            // So is an asset that gets into the build set later, and one that is as it was before.
            assert_eq!(space.run(&["include", "out"]).code, 0);
            write_sound(&space, "two", 2);
            assert_eq!(derived(&space, first), NONE, "{first} after a revert");
            assert_eq!(derived(&space, "pack"), NONE, "a pack after {first} after a revert");
            let clean = TestSpace::empty();
            files_below(&space.path().join("assets")).into_iter().for_each(|(path, content)| {
                if !path.starts_with(".prometeu/cache") {
                    clean.write(&format!("assets/{path}"), content);
                }
            });
            clean.pack();
            assert!(space.build() == clean.build(), "{first}, {second}: the outputs are those of a clean pack");
        }
    }
}

#[test]
fn a_pack_says_that_it_takes_what_a_look_derived() {
    let space = space();
    space.pack();
    let reasons = |id: usize| {
        let lines = space.run(&["pack", "--explain", "--message-format", "json"]).lines();
        let decision = lines.last().unwrap()["explained"].as_array().unwrap().iter().find(|it| it["asset_id"] == id);
        let decision = decision.unwrap().clone();
        let reasons = decision["reasons"].as_array().unwrap().iter().map(|reason| reason["reason"].to_string());
        (decision["outcome"].as_str().unwrap().to_owned(), reasons.collect::<Vec<_>>().join(" "))
    };
    write_sound(&space, "one", 9);
    assert_eq!(derived(&space, "status"), [1, 3], "what is not in the build set is no part of a pack");
    assert_eq!(reasons(1), ("REUSED".into(), r#""INPUTS_CHANGED" "RECALLED""#.into()));
    write_sound(&space, "two", 9);
    assert_eq!(derived(&space, "check"), NONE, "the same bytes were derived for another asset");
    assert_eq!(reasons(2), ("REUSED".into(), r#""INPUTS_CHANGED" "RECALLED""#.into()));
}

#[test]
fn where_nothing_can_be_kept_all_is_derived_again_and_nothing_said() {
    let space = space();
    space.write(CACHE, "in the way of the cache");
    for command in ["check", "status", "list", "status"] {
        assert_eq!(derived(&space, command), [1, 2, 3, 4], "{command}");
        let run = space.run(&[command]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command}");
    }
    assert_eq!(derived(&space, "pack"), [1, 2, 4]);
    assert_eq!(space.read(CACHE), b"in the way of the cache");
}

/// A check that is not told to keeps nothing: that of the outputs.
#[test]
fn a_check_of_the_outputs_keeps_nothing() {
    let space = space();
    assert_eq!(space.run(&["pack", "--check"]).code, 1);
    assert!(!space.path().join(CACHE).exists());
}

/// What looks keep is within the bounds of what packs keep.
#[test]
fn looks_keep_no_more_segments_than_packs() {
    let space = space();
    for round in 0..40 {
        write_sound(&space, "one", 100 + round);
        assert_eq!(derived(&space, "check"), if round == 0 { vec![1, 2, 3, 4] } else { vec![1] }, "round {round}");
        let names = fs::read_dir(space.path().join(CACHE).join("payloads")).unwrap();
        // At most 32 segments, and the order of their use.
        assert!(names.count() <= 33, "round {round}");
    }
}
