//! The long tier: `.ci/long` runs these.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::space::{KEY, TestSpace};

/// Runs the binary, which must succeed, and tells its peak memory in KiB, where there is a tool that measures it.
fn peak_kib_of(arguments: &[&str], space: &TestSpace) -> Option<u64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_papack")])
        .args(arguments)
        .arg("--workspace")
        .arg(space.path())
        .env("PAPACK_CACHE_KEY", KEY)
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
        let space = TestSpace::with_many(count, |id| id.to_string().into_bytes());
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
    let space = TestSpace::with_many(1, |_| Vec::new());
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
        let space = TestSpace::with_many(mib / 2 + mib, |id| {
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
