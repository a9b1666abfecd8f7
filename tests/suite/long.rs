//! The long tier: `.ci/long` runs these.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::space::TestSpace;

/// Packs, and tells the peak memory of the process in KiB, where there is a tool that measures it.
fn peak_kib_of_pack(space: &TestSpace) -> Option<u64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_papack"), "pack", "--workspace"])
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
        let space = TestSpace::with_many(count, |id| id.to_string().into_bytes());
        let started = Instant::now();
        let Some(kib) = peak_kib_of_pack(&space) else { return };
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
    let Some(kib) = peak_kib_of_pack(&space) else { return };
    println!("3 GiB in one file: peak {kib} KiB");
    assert!(kib < 100 * 1024);
}
