//! What a killed process leaves on a real disk, and what the next one makes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use papack_engine::fs::RealFs;

use crate::generations::pack_until;
use crate::space::TestSpace;

pub type Build = BTreeMap<String, Vec<u8>>;

/// A workspace that was packed and then edited so that all four outputs change; and both generations.
pub fn between_generations() -> (TestSpace, Build, Build) {
    let edit = |space: &TestSpace, content: &str| {
        space.write("assets/a/f", content);
        let manifest = crate::space::manifest(1, content, r#"{"file": "f"}"#);
        let slot = content.len();
        space.write(
            "assets/a/asset.json",
            manifest
                .replace("\"output\"", &format!("\"preload\": {{\"enabled\": true, \"slot\": {slot}}},\n  \"output\"")),
        );
    };
    let space = TestSpace::with_assets(&[("a", &[("f", "")]), ("b", &[("g", "unchanged")])]);
    edit(&space, "second");
    space.pack();
    let new = space.build();
    edit(&space, "old");
    space.pack();
    let old = space.build();
    edit(&space, "second");
    assert_eq!((old.len(), new.len()), (4, 4));
    assert!(old.iter().zip(&new).all(|(old, new)| old.1 != new.1), "all four differ");
    (space, old, new)
}

/// Kills a pack at the changing call number `at`. Tells whether it was reached.
fn kill_at(space: &TestSpace, at: usize) -> bool {
    pack_until(Arc::new(RealFs::new(space.path()).unwrap()), at)
}

/// Kills a pack when its journal is there.
pub fn kill_while_promoting(space: &TestSpace) {
    for at in 0.. {
        kill_at(space, at);
        if space.path().join("build/.staging/journal.json").exists() {
            return;
        }
    }
}

/// The published files, without what lies in the staging folder.
pub fn published(space: &TestSpace) -> Build {
    space.build().into_iter().filter(|(name, _)| !name.starts_with(".staging/")).collect()
}

#[test]
fn a_process_killed_at_any_call_leaves_what_the_next_one_heals() {
    let mut mixes = 0;
    for at in 0.. {
        let (space, old, new) = between_generations();
        if !kill_at(&space, at) {
            break;
        }
        // Every published file is whole, of the one generation or of the other.
        let build = published(&space);
        assert_eq!(build.len(), 4, "call {at}");
        for (name, content) in &build {
            assert!(*content == old[name] || *content == new[name], "call {at}: {name} is torn");
        }
        mixes += usize::from(build != old && build != new);
        // An operation that only passes through the lane heals, even if it cannot pack.
        space.write("assets/a/asset.json", "broken");
        assert_eq!(space.run(&["pack"]).code, 1, "call {at}");
        let healed = published(&space);
        assert!(healed == old || healed == new, "call {at}: a mix outlived the next operation");
    }
    assert!(mixes > 0, "no kill between two renames was met");
}

#[test]
fn a_journal_of_another_version_stops_everything_and_is_not_touched() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    for (journal, fragment) in [
        (r#"{"schema_version": 2, "whatever": true}"#, "journal version 2 is not supported: this papack reads 1"),
        (r#"{"schema_version": 1, "operation_id": "../../../../../../etc", "files": []}"#, "operation id is malformed"),
        (
            r#"{"schema_version": 1, "operation_id": "aaaaaaaaaaaaaaaaaaaa", "files": [{"name": "../x", "size": 1, "identity": ""}]}"#,
            "is no output of papack",
        ),
        (
            r#"{"schema_version": 1, "operation_id": "aaaaaaaaaaaaaaaaaaaa", "files": [{"name": "assets.pa", "size": 1, "identity": "no"}]}"#,
            "the digest of assets.pa is malformed",
        ),
        ("", "no journal"),
    ] {
        space.write("build/.staging/journal.json", journal);
        let before = space.build();
        let run = space.run(&["pack"]);
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(run.stderr.contains(fragment), "{}", run.stderr);
        assert_eq!(space.build(), before);
    }
    std::fs::remove_dir_all(space.path().join("build/.staging")).unwrap();
    space.pack();
}

#[test]
fn a_blocked_output_leaves_an_earlier_promotion_for_later() {
    let (space, _, new) = between_generations();
    // Killed between the renames.
    kill_while_promoting(&space);
    let preload = space.path().join("build/preload.json");
    std::fs::remove_file(&preload).unwrap();
    std::fs::create_dir(&preload).unwrap();
    // Large enough to need a spool.
    space.write("assets/b/g", vec![7; 3 << 20]);
    let before = space.build();
    assert_eq!(space.run(&["pack"]).code, 1);
    assert!(space.build() == before, "the staged generation was touched");
    std::fs::remove_dir(&preload).unwrap();
    space.write("assets/b/g", "unchanged");
    let run = space.pack();
    assert!(run.stdout.contains("Up to date"), "recovery had nothing left to complete: {}", run.stdout);
    assert!(space.build() == new);
}

#[test]
fn a_staged_file_that_was_removed_or_altered_is_never_success() {
    for alter in [None, Some(0xff)] {
        let (space, _, new) = between_generations();
        kill_while_promoting(&space);
        let staging = std::fs::read_dir(space.path().join("build/.staging")).unwrap();
        let folder = staging.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
        let staged = folder.join("asset_table.json");
        match alter {
            None => std::fs::remove_file(staged).unwrap(),
            // At its size.
            Some(mask) => {
                let mut bytes = std::fs::read(&staged).unwrap();
                bytes[10] ^= mask;
                std::fs::write(staged, bytes).unwrap();
            }
        }
        let run = space.pack();
        assert!(run.stderr.contains("warning[PROMOTION_DROPPED]"), "{}", run.stderr);
        assert_eq!(space.build(), new);
    }
}

#[test]
fn a_journal_that_is_a_link_stops_everything() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    std::fs::create_dir_all(space.path().join("build/.staging")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", space.path().join("build/.staging/journal.json")).unwrap();
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("error[JOURNAL_UNKNOWN]"), "{}", run.stderr);
}

#[test]
fn litter_of_dead_operations_is_cleared_away() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    // Whether there is anything to write or not.
    for _ in 0..2 {
        space.write("build/.staging/deaddeaddeaddeaddead/assets.pa", "half");
        space.write("build/.staging/deaddeaddeaddeaddead/deeper/x", "x");
        space.write("build/.staging/file", "x");
        space.pack();
        assert!(!space.path().join("build/.staging").exists());
    }
}
