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

/// A workspace with one asset of this file and `output`, on which its format works for long.
fn laborious(file: &str, content: Vec<u8>, output: &str) -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[])]);
    space.write(&format!("assets/a/{file}"), content);
    let entry = format!(r#"{{"file": "{file}"}}"#);
    space.write("assets/a/asset.json", manifest(1, "a", &entry).replace("\"DATA/raw_v1\"", output));
    space
}

/// A mono WAVE of so many frames, to be resampled to a rate that has next to nothing in common with its own.
fn resampled(frames: u32) -> TestSpace {
    let mut file = [b"RIFF".as_slice(), &(36 + frames * 2).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
    file.extend([48_000, 96_000, 16 << 16 | 2].map(u32::to_le_bytes).as_flattened());
    file.extend([b"data".as_slice(), &(frames * 2).to_le_bytes()].concat());
    file.extend((0..frames).flat_map(|frame| (frame as u16).to_le_bytes()));
    laborious("song.wav", file, r#""SOUNDS/pcm_v1", "metadata": {"sample_rate": 44101}"#)
}

/// A picture of 24 bits with as many colours as it has pixels, to be dithered.
fn dithered(width: u32, height: u32) -> TestSpace {
    let size = width * height * 3;
    let mut file = [b"BM".as_slice(), &(54 + size).to_le_bytes(), &[0; 4], &54_u32.to_le_bytes()].concat();
    file.extend([40, width, height, 24 << 16 | 1, 0, size, 0, 0, 0, 0].map(u32::to_le_bytes).as_flattened());
    file.extend((0..width * height).flat_map(|pixel| {
        let [blue, green, red, _] = pixel.wrapping_mul(0x9e_3779).to_le_bytes();
        [blue, green, red]
    }));
    let output = r#""TILES/indexed_v1", "metadata": {"tile_size": 8, "colors": 15, "dither": "ORDERED"}"#;
    laborious("photo.bmp", file, output)
}

#[test]
fn a_command_whose_format_works_for_long_ends_at_a_signal() {
    let space = resampled(4_000_000);
    for arguments in [&["pack"][..], &["check"], &["pack", "--check"]] {
        expect_cancelled(&space, arguments, "-INT");
    }
}

/// The most that formats have to do for one asset: it ends within a second or two of the signal, whenever that comes.
#[test]
#[ignore = "long tier"]
fn the_longest_work_of_formats_ends_at_a_signal() {
    for (name, space) in [("resampled", resampled(67_000_000)), ("dithered", dithered(4096, 4096))] {
        let mut command = space.command(&["pack"]);
        let started = Instant::now();
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(), "{name}");
        let whole = started.elapsed();
        fs::remove_dir_all(space.path().join("build")).unwrap();
        fs::remove_dir_all(space.path().join(crate::space::CACHE)).unwrap();
        let mut longest = Duration::ZERO;
        for part in 1..8 {
            let mut command = space.command(&["pack"]);
            let mut working = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(whole * part / 10);
            assert!(working.try_wait().unwrap().is_none(), "{name} ended before the signal");
            let signalled = Instant::now();
            assert!(Command::new("kill").args(["-INT", &working.id().to_string()]).status().unwrap().success());
            assert_eq!(working.wait().unwrap().code(), Some(130), "{name}");
            longest = longest.max(signalled.elapsed());
        }
        println!("{name}: {whole:?} to its end, at most {longest:?} from a signal to the end");
        assert!(longest < Duration::from_secs(2), "{name}: {longest:?}");
    }
}
