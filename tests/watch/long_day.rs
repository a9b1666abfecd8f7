//! A day of edits.

use std::fs;

use crate::space::TestSpace;
use crate::watching::Watch;

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
    let watch = Watch::start(&space);
    let edit = |number: usize| {
        let id = number % 300 + 1;
        let root = format!("assets/g{}/a{id}", id % 100);
        let builds = watch.results().len();
        space.write(&format!("{root}/f.tmp"), vec![(number % 251) as u8; id * 20 + number % 7]);
        fs::rename(space.path().join(format!("{root}/f.tmp")), space.path().join(format!("{root}/f"))).unwrap();
        if number.is_multiple_of(10) {
            // A name that was never there, and will not be again.
            space.write(&format!("{root}/new{number}/f"), "new");
            fs::remove_dir_all(space.path().join(format!("{root}/new{}", number.saturating_sub(3000)))).ok();
        }
        watch.until("the build", |lines| lines.iter().filter(|line| line["type"] == "result").count() > builds);
    };
    (0..500).for_each(edit);
    let early = resident(watch.id());
    (500..4000).for_each(edit);
    let late = resident(watch.id());
    println!("{early} KiB after 500 edits, {late} KiB after 4,000");
    assert!(late < early + early / 10 + 2048, "{early} KiB after 500 edits, {late} KiB after 4,000");
    watch.settle(&space);
}
