//! `papack cache`: what it says of a cache, and that it removes that and nothing else.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::space::{CACHE, Run, TestSpace};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// A segment as the spec has it: the entry `key` has the result `r` and one payload.
fn segment(key: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"papackPS\x02\0\0\0\0\0\0\0r".to_vec();
    bytes.extend(payload);
    let mut index = Vec::new();
    for (offset, slice) in [(16_u64, &b"r"[..]), (17, payload)] {
        index.extend(blake3::hash(slice).as_bytes());
        index.extend(offset.to_le_bytes());
        index.extend((slice.len() as u64).to_le_bytes());
    }
    index.extend([key; 32]);
    [2_u32, 0, 1].iter().for_each(|number| index.extend(number.to_le_bytes()));
    let size = index.len() as u64;
    index.extend(size.to_le_bytes());
    [2_u32, 1].iter().for_each(|count| index.extend(count.to_le_bytes()));
    let mut hasher = blake3::Hasher::new_keyed(&blake3::derive_key("papack 2026-11-30 cache segment", &[0x5a; 32]));
    let code = hasher.update(&bytes[..16]).update(&index).finalize();
    [bytes, index, code.as_bytes().to_vec()].concat()
}

/// A workspace with three segments, the first of which was used last, and stamps and records.
fn filled() -> TestSpace {
    let space = space();
    let names = ["a", "b", "c"].map(|letter| letter.repeat(20));
    for (number, name) in (1..).zip(&names) {
        let payload = vec![7; 100_000 * usize::from(number)];
        space.write(&format!("{CACHE}/payloads/{name}"), segment(number, &payload));
    }
    space.write(&format!("{CACHE}/payloads/order"), names.map(|name| name + "\n").concat());
    space.write(&format!("{CACHE}/index"), vec![0; 2048]);
    space
}

#[track_caller]
fn cache(space: &TestSpace, arguments: &[&str]) -> Value {
    let run = space.run(&[&["cache", "--message-format", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.lines().pop().unwrap()
}

fn names(space: &TestSpace, folder: &str) -> Vec<String> {
    let names = fs::read_dir(space.path().join(folder)).into_iter().flatten();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn human(run: &Run) -> &str {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    &run.stdout
}

#[test]
fn where_nothing_is_kept_nothing_is_shown_and_nothing_made() {
    let space = space();
    insta::assert_snapshot!(human(&space.run(&["cache"])), @r"
    assets/.prometeu/cache: 0 B
      payloads            0 B  0 entries in 0 files; at most 1.0 GiB
      stamps and records  0 B
      other files         0 B
      key                      from PAPACK_CACHE_KEY
    ");
    for arguments in [&["show"][..], &["prune"], &["clear"]] {
        let shown = cache(&space, arguments);
        assert_eq!(shown["cache"]["total_bytes"], 0);
        assert_eq!(shown["removed_bytes"], 0);
        assert!(!space.path().join(CACHE).exists());
    }
}

#[test]
fn what_is_kept_is_shown_pruned_and_cleared() {
    let space = filled();
    insta::assert_snapshot!(human(&space.run(&["cache"])), @r"
    assets/.prometeu/cache: 588.6 KiB
      payloads            586.5 KiB  3 entries in 3 files; at most 1.0 GiB
      stamps and records    2.0 KiB
      other files              63 B
      key                            from PAPACK_CACHE_KEY
    ");
    insta::assert_snapshot!(human(&space.run(&["cache", "--message-format", "short"])), @"588.6 KiB in assets/.prometeu/cache");
    let shown = cache(&space, &[]);
    assert_eq!(shown["task"], "SHOW");
    let contents = &shown["cache"];
    assert_eq!(contents["payloads"]["segment_count"], 3);
    assert_eq!(contents["payloads"]["entry_count"], 3);
    let payloads = contents["payloads"]["bytes"].as_u64().unwrap();
    assert_eq!(payloads, 3 * segment(0, b"").len() as u64 + 600_000);
    assert_eq!((&contents["index_bytes"], &contents["other_bytes"]), (&2048.into(), &63.into()));
    assert_eq!(contents["total_bytes"], payloads + 2048 + 63);

    // Within its bound all stays.
    assert_eq!(cache(&space, &["prune"])["removed_bytes"], 0);
    // The one that was not used for longest goes first.
    insta::assert_snapshot!(human(&space.run(&["cache", "prune", "--max-size", "300KiB"])), @"      Pruned 293.2 KiB removed from the payloads, 295.4 KiB left in all");
    assert_eq!(names(&space, &format!("{CACHE}/payloads")), ["a".repeat(20), "b".repeat(20), "order".into()]);
    assert_eq!(cache(&space, &["prune", "--max-size", "200000"])["cache"]["payloads"]["segment_count"], 1);
    insta::assert_snapshot!(human(&space.run(&["cache", "prune", "--max-size", "0"])), @"      Pruned 97.9 KiB removed from the payloads, 2.0 KiB left in all");
    assert_eq!(names(&space, CACHE), ["index", "payloads"]);

    let space = filled();
    insta::assert_snapshot!(human(&space.run(&["cache", "clear"])), @"     Cleared 588.6 KiB removed, 0 B left");
    assert!(names(&space, CACHE).is_empty());
    space.pack();
}

#[test]
fn what_nobody_can_use_is_pruned() {
    let space = filled();
    let name = |letter: &str| format!("{CACHE}/payloads/{}", letter.repeat(20));
    let sound = space.read(&name("a"));
    space.write(&name("b"), &sound[..sound.len() - 1]);
    space.write(&name("c"), [&b"papackPS\x01"[..], &sound[9..]].concat());
    space.write(&format!("{}.new", name("d")), "half");
    space.write(&format!("{CACHE}/payloads/deeper/file"), "litter");
    let shown = cache(&space, &[]);
    assert_eq!(shown["cache"]["payloads"]["segment_count"], 1);
    assert!(shown["cache"]["other_bytes"].as_u64().unwrap() > 200_000);
    let pruned = cache(&space, &["prune"]);
    assert_eq!(pruned["cache"]["payloads"]["segment_count"], 1);
    assert_eq!(pruned["cache"]["other_bytes"], 21, "the order");
    assert_eq!(names(&space, &format!("{CACHE}/payloads")), ["a".repeat(20), "order".into()]);
    // What is not in the folder of the payloads is for clear, and so not said to be nothing.
    space.write(&format!("{CACHE}/junk"), vec![0; 50_000]);
    insta::assert_snapshot!(human(&space.run(&["cache", "prune"])), @"      Pruned 0 B removed from the payloads, 148.7 KiB left in all");
}

#[test]
fn whatever_lies_there_is_cleared_and_links_are_not_followed() {
    let (space, outside) = (space(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("precious"), "precious").unwrap();
    let deep = format!("{CACHE}/{}deep", "folder/".repeat(200));
    space.write(&deep, "x");
    let cache_folder = space.path().join(CACHE);
    fs::write(cache_folder.join(OsStr::from_bytes(b"caf\xe9")), "x").unwrap();
    symlink(outside.path(), cache_folder.join("payloads")).unwrap();
    symlink(outside.path().join("precious"), cache_folder.join("index")).unwrap();
    fs::create_dir(cache_folder.join("links")).unwrap();
    symlink("../../../..", cache_folder.join("links/up")).unwrap();
    assert!(Command::new("mkfifo").arg(cache_folder.join("fifo")).status().unwrap().success());
    let registry = space.read("assets/.prometeu/index.json");

    assert_eq!(cache(&space, &[])["cache"]["payloads"]["segment_count"], 0);
    cache(&space, &["prune"]);
    assert!(!cache_folder.join("payloads").is_symlink());
    assert_eq!(cache(&space, &["clear"])["cache"]["total_bytes"], 0);
    assert!(names(&space, CACHE).is_empty());
    assert_eq!(fs::read(outside.path().join("precious")).unwrap(), b"precious");
    assert_eq!(space.read("assets/.prometeu/index.json"), registry);
    assert_eq!(space.read("assets/a/f"), b"f");
}

#[test]
fn a_link_in_the_place_of_the_cache_is_left_alone() {
    let (space, outside) = (space(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("precious"), "precious").unwrap();
    symlink(outside.path(), space.path().join(CACHE)).unwrap();
    for action in ["show", "prune", "clear"] {
        let run = space.run(&["cache", action]);
        assert_eq!(run.code, 1, "{}", run.stdout);
        assert!(run.stderr.contains("error[PLACE_TAKEN]: this is not the folder of the cache"), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    fs::remove_file(space.path().join(CACHE)).unwrap();
    space.write(CACHE, "a file");
    assert_eq!(space.run(&["cache", "clear"]).code, 1);
    assert_eq!(space.read(CACHE), b"a file");
    // Nor is anything done where the whole folder is a link.
    let linked = TestSpace::empty();
    fs::create_dir(linked.path().join("assets")).unwrap();
    symlink(space.path().join("assets/.prometeu"), linked.path().join("assets/.prometeu")).unwrap();
    for action in ["show", "prune", "clear"] {
        let run = linked.run(&["cache", action]);
        assert!(run.code == 1 && run.stderr.contains("error[FILE_LINK]"), "{}", run.stderr);
    }
}

#[test]
fn who_only_looks_does_not_wait() {
    let space = filled();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    assert_eq!(cache(&space, &["show", "--no-wait"])["cache"]["payloads"]["segment_count"], 3);
    for action in ["prune", "clear"] {
        let run = space.run(&["cache", action, "--no-wait"]);
        assert!(run.code == 5 && run.stderr.contains("error[LANE_BUSY]"), "{}", run.stderr);
    }
    assert_eq!(names(&space, &format!("{CACHE}/payloads")).len(), 4);
}

#[test]
fn a_promotion_that_was_cut_short_is_left_to_who_writes_outputs() {
    let space = filled();
    space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#);
    cache(&space, &["clear"]);
    assert!(space.path().join("build/.staging/journal.json").exists());
}

#[test]
fn sizes_are_read_with_and_without_units() {
    let space = filled();
    for (size, kept) in
        [("1GiB", 3), ("1.5 GiB", 3), ("600MiB", 3), ("610000b", 3), ("590kib", 3), ("500KIB", 2), ("0", 0)]
    {
        let pruned = cache(&space, &["prune", "--max-size", size]);
        assert_eq!(pruned["cache"]["payloads"]["segment_count"], kept, "{size}");
    }
    for size in ["", "MiB", "-1", "1.5", "0.1KiB", "1  GiB", "200MB", "99999999999GiB", "20000000000GiB"] {
        let run = space.run(&["cache", "prune", &format!("--max-size={size}")]);
        assert_eq!(run.code, 2, "{size}: {}", run.stderr);
    }
    let run = space.run(&["cache", "prune", "--max-size", "200MB"]);
    assert!(
        run.stderr.contains("a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB"),
        "{}",
        run.stderr
    );
    for arguments in [&["cache", "--max-size", "1"][..], &["cache", "clear", "--max-size", "1"]] {
        let run = space.run(arguments);
        assert!(run.code == 2 && run.stderr.contains("--max-size is for papack cache prune alone"), "{}", run.stderr);
    }
    assert_eq!(space.run(&["cache", "purge"]).code, 2);
}
