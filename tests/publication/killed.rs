//! Real processes, killed at real moments.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::space::{TestSpace, manifest};

/// In both directions between two generations.
#[test]
#[ignore = "long tier"]
fn a_thousand_killed_processes_leave_whole_files_and_one_generation() {
    let space = TestSpace::with_many(40, |id| vec![id as u8; 50_000]);
    let edit = |generation: u8| {
        space.write("assets/g1/a1/f", vec![generation; 50_000]);
        space.write("assets/g1/a1/asset.json", manifest(1, &format!("generation {generation}"), r#"{"file": "f"}"#));
    };
    let generations: Vec<_> = (0..2)
        .map(|generation| {
            edit(generation);
            space.pack();
            space.build()
        })
        .collect();
    edit(0);
    let whole = Instant::now();
    space.pack();
    let span = whole.elapsed().as_micros() as u64 * 3 / 2;
    let (mut killed, mut interrupted) = (0, 0);
    for round in 0..1000_u64 {
        edit((round % 2) as u8);
        let mut packing = space.command(&["pack"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(round * 7919 % span));
        packing.kill().unwrap();
        killed += u32::from(!packing.wait().unwrap().success());
        interrupted += u32::from(space.path().join("build/.staging").exists());
        for (name, content) in space.build().iter().filter(|(name, _)| !name.starts_with(".staging/")) {
            assert!(generations.iter().any(|generation| generation[name] == *content), "round {round}: {name} is torn");
        }
        // The next operation that takes the lane, whether it can pack or not.
        if round % 3 == 0 {
            space.write("assets/g1/a1/asset.json", "broken");
            assert_eq!(space.run(&["pack"]).code, 1);
            let build = space.build();
            let of = generations.iter().position(|generation| generation["assets.pa"] == build["assets.pa"]).unwrap();
            assert!(build == generations[of], "round {round}: a mix of generations");
        }
    }
    println!("{killed} of 1000 processes were killed, {interrupted} of them while they were staging");
    assert!(killed > 100 && interrupted > 0);
}
