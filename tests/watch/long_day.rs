//! A day of edits.

use std::fs;

use crate::space::{TestSpace, manifest};
use crate::watching::{Watch, is};

/// The memory that the process `id` holds, in KiB.
fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Edits of all kinds, each built: the process does not grow by them.
#[test]
#[ignore = "takes minutes"]
fn a_day_of_edits_does_not_grow_it() {
    let space = TestSpace::with_many(300, |id| vec![1; id * 20]);
    let root = |number: usize| {
        let id = number % 300 + 1;
        (id, format!("g{}/a{id}", id % 100))
    };
    for (id, root) in (0..300).map(root) {
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &root, r#"{"glob": "**/*"}"#));
    }
    let watch = Watch::start_long(&space);
    let path = |number: usize, name: &str| space.path().join("assets").join(root(number).1).join(name);
    let edit = |number: usize| {
        let content = vec![(number % 251) as u8; number % 300 * 20 + number % 7];
        fs::write(path(number, ".f.tmp"), content).unwrap();
        fs::rename(path(number, ".f.tmp"), path(number, "f")).unwrap();
        // A name that was never there, and will not be again.
        if number.is_multiple_of(4) {
            fs::create_dir(path(number, &format!("new{number}"))).unwrap();
            fs::write(path(number, &format!("new{number}/f")), "new").unwrap();
        } else if number % 4 == 2 {
            fs::remove_dir_all(path(number - 2, &format!("new{}", number - 2))).unwrap();
        }
        // Each is built before the next.
        watch.until("the build", |lines| lines.iter().filter(|line| is(line, "WAITING")).count() > number + 1);
    };
    (0..500).for_each(edit);
    let early = resident(watch.id());
    (500..2500).for_each(edit);
    let late = resident(watch.id());
    println!("{early} KiB after 500 edits, {late} KiB after 2,500");
    assert!(late < early + early / 10 + 2048, "{early} KiB after 500 edits, {late} KiB after 2,500");
    watch.settle(&space);
}

/// The names of files that are no more are remembered only up to a point.
#[test]
#[ignore = "takes minutes"]
fn files_that_are_no_more_are_forgotten() {
    let space = TestSpace::with_assets(&[("a", &[("f", "one")]), ("b", &[("f", "two")])]);
    space.write("assets/b/asset.json", manifest(2, "b", r#"{"glob": "**/*"}"#));
    let watch = Watch::start_long(&space);
    let mut held = Vec::new();
    for round in 0..12 {
        drop(fs::rename(space.path().join("assets/b/files"), space.path().join(format!("away{round}"))));
        (0..6000).for_each(|number| space.write(&format!("aside/{round}-{number}"), "x"));
        fs::rename(space.path().join("aside"), space.path().join("assets/b/files")).unwrap();
        watch.settle(&space);
        held.push(resident(watch.id()));
    }
    println!("{held:?} KiB after rounds with 6,000 other files each");
    // Of 48,000 more names it would hold a third more.
    assert!(held[11] < held[3] + held[3] / 5, "{held:?}");
}
