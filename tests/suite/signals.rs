//! SIGINT and SIGTERM while a command is at work: exit code 130, and nothing is left behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::space::{TestSpace, manifest};

/// A workspace in which every command has something to do.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let old = manifest(2, "b", r#""f""#).replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/b/asset.json", old);
    space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "f"}"#));
    space
}

/// Every file below `folder` with its size and time, without reading it.
fn stamps(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut stamps = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        if metadata.is_dir() {
            stamps.append(&mut self::stamps(&path));
        } else {
            stamps.insert(path, (metadata.len(), metadata.modified().unwrap()));
        }
    }
    stamps
}

/// Sends `signal` to the command `arguments` once it works, and expects a clean end.
fn expect_cancelled(space: &TestSpace, arguments: &[&str], signal: &str) {
    let before = stamps(&space.path().join("assets"));
    let mut command = space.command(arguments);
    let mut working = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(working.try_wait().unwrap().is_none(), "{arguments:?} ended before the signal");
    let sent = Command::new("kill").args([signal, &working.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let started = Instant::now();
    let status = working.wait().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{arguments:?} took {:?}", started.elapsed());
    assert_eq!(status.code(), Some(130), "{arguments:?}");
    assert!(!space.path().join("build").exists(), "{arguments:?} left build/");
    assert_eq!(stamps(&space.path().join("assets")), before, "{arguments:?}");
}

#[test]
fn a_command_that_waits_for_the_lane_ends_at_a_signal() {
    let space = space();
    let holder = File::open(space.path().join("assets/.prometeu")).unwrap();
    holder.lock().unwrap();
    for arguments in [&["pack"][..], &["verify", "--reproduce"], &["migrate"], &["add", "new"], &["doctor", "--fix"]] {
        for signal in ["-INT", "-TERM"] {
            expect_cancelled(&space, arguments, signal);
        }
    }
}

#[test]
fn a_command_that_reads_ends_at_a_signal() {
    let space = space();
    // A file of zeros that takes no room, and long to read. It is not among what is compared.
    let large = space.path().join("large");
    File::create(&large).unwrap().set_len(64 << 30).unwrap();
    fs::rename(&large, space.path().join("assets/a/f")).unwrap();
    for arguments in [&["check"][..], &["status"], &["plan"], &["pack"], &["verify", "--reproduce"]] {
        expect_cancelled(&space, arguments, "-INT");
    }
}
