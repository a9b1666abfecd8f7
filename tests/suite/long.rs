//! The long tier: `.ci/long` runs these.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::space::{TestSpace, entry, manifest};

fn many_assets(count: usize, content: impl Fn(usize) -> Vec<u8>) -> TestSpace {
    let space = TestSpace::empty();
    let mut entries = Vec::new();
    for id in 1..=count {
        let root = format!("g{}/a{id}", id % 100);
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &root, r#"{"file": "f"}"#));
        space.write(&format!("assets/{root}/f"), content(id));
        entries.push(entry(id, &root));
    }
    let text = format!(r#"{{"schema_version": 2, "next_asset_id": {}, "assets": [{}]}}"#, count + 1, entries.join(","));
    space.write("assets/.prometeu/index.json", text);
    space
}

/// Real processes, killed at real moments, in both directions between two generations.
#[test]
#[ignore = "long tier"]
fn a_thousand_killed_processes_leave_whole_files_and_one_generation() {
    let space = many_assets(40, |id| vec![id as u8; 50_000]);
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

/// A disk that is full at any point: `build/` stays as it was, and nothing is left behind.
#[test]
#[ignore = "long tier"]
fn a_full_disk_leaves_build_as_it_was() {
    let space = many_assets(3, |id| vec![id as u8; 400_000]);
    let disk = TestSpace::empty();
    for kib in [1300, 1500, 2000, 2600, 3200, 3800, 6000] {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "papack-test"])
            .arg(disk.path())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: this user cannot mount a small disk");
            return;
        }
        let outcome = std::panic::catch_unwind(|| full_disk(&space, disk.path()));
        assert!(Command::new("umount").arg(disk.path()).status().unwrap().success());
        println!("{kib} KiB: exit codes {:?}", outcome.unwrap());
    }
}

fn full_disk(space: &TestSpace, disk: &Path) -> Vec<i32> {
    for (name, content) in crate::space::files_below(space.path()) {
        let path = disk.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let pack = || {
        let output =
            Command::new(env!("CARGO_BIN_EXE_papack")).args(["pack", "--workspace"]).arg(disk).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let build = disk.join("build");
    let (first, shown) = pack();
    if first != 0 {
        assert_eq!(first, 3, "{shown}");
        assert!(shown.contains("error[IO]: No space left on device"), "{shown}");
        assert!(!build.exists(), "a failed first pack leaves nothing");
        return vec![first];
    }
    let before = crate::space::files_below(&build);
    fs::write(disk.join("assets/g1/a1/f"), vec![9; 400_000]).unwrap();
    let (second, shown) = pack();
    assert!(matches!(second, 0 | 3), "{shown}");
    if second == 3 {
        assert!(crate::space::files_below(&build) == before, "a failed pack changed build/");
    }
    vec![first, second]
}

/// Runs the binary, which must succeed, and tells its peak memory in KiB, where there is a tool that measures it.
fn peak_kib_of(arguments: &[&str], space: &TestSpace) -> Option<u64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_papack")])
        .args(arguments)
        .arg("--workspace")
        .arg(space.path())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no /usr/bin/time");
        return None;
    };
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{shown}");
    Some(shown.trim().parse().unwrap())
}

/// Memory stays near a few kilobytes an asset, and time near that of ten times fewer, ten times.
#[test]
#[ignore = "long tier"]
fn a_hundred_thousand_assets_pack() {
    for count in [10_000, 100_000] {
        let space = many_assets(count, |id| id.to_string().into_bytes());
        let started = Instant::now();
        let Some(kib) = peak_kib_of(&["pack"], &space) else { return };
        println!("{count} assets: {:?}, peak {kib} KiB, {} B an asset", started.elapsed(), kib * 1024 / count as u64);
        assert!(kib * 1024 < 64 * 1024 * 1024 + 16 * 1024 * count as u64, "out of proportion");
    }
}

/// One large file goes through in pieces.
#[test]
#[ignore = "long tier"]
fn a_large_file_is_never_in_memory() {
    let space = many_assets(1, |_| Vec::new());
    let file = fs::File::create(space.path().join("assets/g1/a1/f")).unwrap();
    file.set_len(3 << 30).unwrap();
    let Some(kib) = peak_kib_of(&["pack"], &space) else { return };
    println!("3 GiB in one file: peak {kib} KiB");
    assert!(kib < 100 * 1024);
}

/// Two packs are compared piece by piece: what is in memory is the stores' budgets, however much there is.
#[test]
#[ignore = "long tier"]
fn large_packs_are_reproduced_in_little_memory() {
    for mib in [100, 400] {
        // Half of it in files that are spooled at once, half in files that are kept as long as the budget lasts.
        let space = many_assets(mib / 2 + mib, |id| {
            let size = if id <= mib / 2 { (1 << 20) + 1 } else { 1 << 19 };
            let mut content = vec![0; size];
            content[..8].copy_from_slice(&id.to_le_bytes());
            content
        });
        let started = Instant::now();
        let Some(kib) = peak_kib_of(&["verify", "--reproduce"], &space) else { return };
        println!("{mib} MiB: {:?}, peak {kib} KiB", started.elapsed());
        assert!(kib < (2 * 64 + 50) * 1024, "{kib} KiB");
        assert!(!space.path().join("build").exists());
    }
}
