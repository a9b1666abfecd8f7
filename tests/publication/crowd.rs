//! Many processes that pack one workspace at once, while somebody edits it and somebody else reads the outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::space::{TestSpace, manifest};

const PROCESSES: usize = 16;

/// What the editor writes: one of these contents, under one of these names of the asset.
const CONTENTS: [&str; 4] = ["", "one", "two", "three"];
const NAMES: [&str; 2] = ["first name", "second name"];

fn edit_content(space: &TestSpace, content: &str) {
    // In place: for a moment the file is empty, which is a content of its own.
    fs::write(space.path().join("assets/a/f"), content).unwrap();
}

fn edit_name(space: &TestSpace, name: &str) {
    // As editors do it.
    space.write("assets/.new", manifest(1, name, r#"{"file": "f"}"#));
    fs::rename(space.path().join("assets/.new"), space.path().join("assets/a/asset.json")).unwrap();
}

fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("g", "unchanged"), ("h", "too")])]);
    edit_name(&space, NAMES[0]);
    space
}

type Build = BTreeMap<String, Vec<u8>>;

/// What a clean pack gives, for all that the editor may have written.
fn clean_builds() -> Vec<Build> {
    let states = CONTENTS.iter().flat_map(|content| NAMES.iter().map(move |name| (content, name)));
    let clean = states.map(|(content, name)| {
        let space = workspace();
        edit_content(&space, content);
        edit_name(&space, name);
        space.pack();
        space.build()
    });
    clean.collect()
}

/// Packs in many processes at once. Each must end with the truth.
fn pack_together(space: &TestSpace) -> usize {
    let start = || {
        let mut command = space.command(&["pack", "--message-format", "json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
    let mut unstable = 0;
    for process in running {
        let output = process.wait_with_output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        match output.status.code() {
            Some(0) => assert!(shown.lines().last().unwrap().contains(r#""status":"SUCCESS""#), "{shown}"),
            Some(3) if shown.contains("FILE_UNSTABLE") => unstable += 1,
            other => panic!("{other:?}: {shown}"),
        }
    }
    unstable
}

fn edit_until(done: &AtomicBool, space: &TestSpace) {
    for round in 0.. {
        if done.load(Ordering::Relaxed) {
            return;
        }
        edit_content(space, CONTENTS[round % CONTENTS.len()]);
        edit_name(space, NAMES[round % 3 % NAMES.len()]);
        // Long enough for a file to be read between two edits, and many edits in one round.
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
}

/// Reads the outputs all the time. Tells how often, and which builds were seen in `assets.pa`.
fn read_until(done: &AtomicBool, space: &TestSpace, clean: &[Build]) -> (usize, BTreeSet<usize>) {
    let (mut reads, mut seen) = (0, BTreeSet::new());
    while !done.load(Ordering::Relaxed) {
        for name in clean[0].keys() {
            let bytes = space.read(&format!("build/{name}"));
            let of = clean.iter().position(|build| build[name] == bytes);
            assert!(of.is_some(), "{name} is what no clean pack gives");
            if name == "assets.pa" {
                seen.extend(of);
            }
        }
        reads += 1;
    }
    (reads, seen)
}

fn crowd(rounds: usize) {
    let clean = clean_builds();
    let space = workspace();
    space.pack();
    let (done, unstable) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (reads, seen) = std::thread::scope(|scope| {
        scope.spawn(|| edit_until(&done, &space));
        let reader = scope.spawn(|| read_until(&done, &space, &clean));
        let rounds = std::panic::catch_unwind(|| {
            for round in 0..rounds {
                unstable.fetch_add(pack_together(&space), Ordering::Relaxed);
                assert!(clean.contains(&space.build()), "round {round}: a mix of generations, or litter");
            }
        });
        done.store(true, Ordering::Relaxed);
        assert!(rounds.is_ok());
        reader.join().unwrap()
    });
    println!(
        "{} packs, {} of them met a file that never rested; {reads} times all outputs were read, of {} builds",
        rounds * PROCESSES,
        unstable.into_inner(),
        seen.len()
    );
    assert!(reads > rounds && seen.len() > 1);
    assert_eq!(pack_together(&space), 0, "nobody edits any more");
    let end = space.build();
    assert_eq!(space.run(&["verify", "build/assets.pa"]).code, 0);
    fs::remove_dir_all(space.path().join("build")).unwrap();
    space.pack();
    assert!(space.build() == end, "the end is not what a clean pack gives");
}

#[test]
fn a_crowd_leaves_what_one_leaves() {
    crowd(3);
}

#[test]
#[ignore = "long tier"]
fn a_crowd_leaves_what_one_leaves_each_of_fifty_times() {
    crowd(50);
}
