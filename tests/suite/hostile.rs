//! Strangers' projects: nothing outside is read, nothing hangs, nothing panics.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::space::{TestSpace, entry, manifest};

/// Packs, within a time that no honest workspace of this size needs, and gives code and standard error.
fn pack(space: &TestSpace) -> (i32, String) {
    let started = Instant::now();
    let run = space.run(&["pack"]);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    (run.code, run.stderr)
}

#[test]
fn special_files_are_errors_and_never_waited_for() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    for place in ["assets/a/f", "assets/a/asset.json", "assets/.prometeu/index.json"] {
        let saved = space.read(place);
        fs::remove_file(space.path().join(place)).unwrap();
        assert!(Command::new("mkfifo").arg(space.path().join(place)).status().unwrap().success());
        let (code, shown) = pack(&space);
        assert_eq!(code, 1, "{place}: {shown}");
        assert!(shown.contains("FILE_NOT_REGULAR"), "{place}: {shown}");
        fs::remove_file(space.path().join(place)).unwrap();
        space.write(place, saved);
    }
    assert_eq!(pack(&space).0, 0);
}

#[test]
fn links_at_every_level_are_refused() {
    let outside = TestSpace::with_assets(&[("a", &[("f", "outside")])]);
    for place in
        ["assets/a", "assets/a/asset.json", "assets/a/f", "assets/.prometeu/index.json", "assets/.prometeu", "assets"]
    {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
        let path = space.path().join(place);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        symlink(outside.path().join(place), &path).unwrap();
        let (code, shown) = pack(&space);
        assert_eq!(code, 1, "{place}: {shown}");
        assert!(shown.contains("error[FILE_LINK]"), "{place}: {shown}");
        assert!(!space.path().join("build/assets.pa").exists());
    }
}

#[test]
fn files_that_may_not_be_read_are_told() {
    if fs::read_dir("/root").is_ok() {
        eprintln!("skipped: permissions do not bind the superuser");
        return;
    }
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let path = space.path().join("assets/a/f");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let (code, shown) = pack(&space);
    assert_eq!(code, 1);
    assert!(shown.contains("FILE_FORBIDDEN"), "{shown}");
}

#[test]
fn names_that_are_no_utf8_are_skipped_with_a_warning() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let name = std::ffi::OsStr::from_bytes(b"\xff\x1b[31m.png");
    fs::write(space.path().join("assets/a").join(name), "x").unwrap();
    let (code, shown) = pack(&space);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("warning[NAME_NOT_UTF8]"), "{shown}");
    assert!(!shown.contains('\x1b'), "a name must not reach the terminal raw: {shown:?}");
}

#[test]
fn what_a_terminal_might_obey_is_never_printed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    // Strict JSON allows all of these in strings.
    let key = "k\u{9b}31m\u{202e}\u{2028}\u{200b}é";
    let text = manifest(1, "a", r#"{"file": "f"}"#).replace("\"output\"", &format!("\"{key}\": 1, \"output\""));
    space.write("assets/a/asset.json", text);
    let (code, shown) = pack(&space);
    assert_eq!(code, 1);
    assert!(shown.contains("error[FIELD_UNKNOWN]") && shown.contains('é'), "{shown}");
    assert!(!shown.contains(['\u{9b}', '\u{202e}', '\u{2028}', '\u{200b}']), "{shown:?}");
}

#[test]
fn the_deepest_pipeline_packs_and_verifies() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let deep = format!("v1\", \"pipeline\": {{\"a\": {}{}}}", "[".repeat(61), "]".repeat(61));
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}"#).replace("v1\"", &deep));
    assert_eq!(pack(&space), (0, String::new()));
    let run = space.run(&["verify", "build/assets.pa"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_folder_that_is_deeper_than_any_path_is_survived() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let mut folder = space.path().join("assets/a");
    for _ in 0..200 {
        folder.push("d");
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("f"), "x").unwrap();
    assert_eq!(pack(&space).0, 0);
    // A glob that would reach below says that it cannot.
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**/f"}"#));
    let (code, shown) = pack(&space);
    assert_eq!(code, 1);
    assert!(shown.contains("error[FILE_FORBIDDEN]") && shown.contains("lies too deep"), "{shown}");
    fs::remove_dir_all(space.path().join("assets/a/d")).unwrap();
    fs::create_dir_all(space.path().join("assets/a").join("d/".repeat(64))).unwrap();
    fs::write(space.path().join("assets/a").join("d/".repeat(63)).join("g"), "x").unwrap();
    fs::write(space.path().join("assets/a").join("d/".repeat(64)).join("g"), "x").unwrap();
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "**/g"}"#));
    let (code, shown) = pack(&space);
    assert_eq!(code, 1);
    assert!(shown.contains("error[PATH_INVALID]") && shown.contains("65 components"), "{shown}");
}

#[test]
fn a_deep_root_has_as_many_levels_below_it_as_any() {
    let space = TestSpace::with_assets(&[]);
    let root = vec!["r"; 40].join("/");
    let below = vec!["d"; 40].join("/");
    space.write_registry(&[entry(1, &root)]);
    space.write(&format!("assets/{root}/asset.json"), manifest(1, "a", r#"{"glob": "**"}"#));
    space.write(&format!("assets/{root}/{below}/f"), "deep");
    let (code, shown) = pack(&space);
    assert_eq!(code, 0, "{shown}");
    assert!(space.read("build/assets.pa").ends_with(b"deep"));
}

#[test]
fn a_path_too_long_for_one_call_is_read_all_the_same() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    // Longer than PATH_MAX, made step by step; no asset needs it.
    let script = "d=$(printf 'x%.0s' $(seq 200)); for i in $(seq 30); do mkdir $d && cd $d || exit 1; done";
    let status = Command::new("bash").args(["-c", script]).current_dir(space.path().join("assets")).status().unwrap();
    assert!(status.success());
    assert_eq!(pack(&space), (0, String::new()));
}

#[test]
fn a_hundred_warnings_hide_no_file() {
    let space = TestSpace::with_assets(&[("a", &[("last.bin", "last")])]);
    let mut list = Vec::new();
    for folder in 0..120 {
        for name in ["1", "10", "2"] {
            space.write(&format!("assets/a/d{folder:03}/{name}"), name);
        }
        list.push(format!(r#"{{"glob": "d{folder:03}/*"}}"#));
    }
    list.push(r#"{"file": "last.bin"}"#.to_owned());
    space.write("assets/a/asset.json", manifest(1, "a", &list.join(",")));
    let (code, shown) = pack(&space);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("20 more faults of the artifact list are not shown"), "{shown}");
    assert!(space.read("build/assets.pa").ends_with(b"102last"));
    list.push(r#"{"file": "missing.bin"}"#.to_owned());
    space.write("assets/a/asset.json", manifest(1, "a", &list.join(",")));
    assert_eq!(pack(&space).0, 1);
}

#[test]
fn bombs_and_liars_are_cheap() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let tiles = manifest(1, "a", r#"{"file": "f"}"#)
        .replace("DATA/raw_v1\"", "TILES/indexed_v1\", \"metadata\": {\"tile_size\": 8}");
    // A PNG whose header claims four billion pixels a side, and one with the largest sheet and no data.
    for (width, height) in [(u32::MAX, u32::MAX), (4096, 4096)] {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        space.write("assets/a/f", png);
        space.write("assets/a/asset.json", &tiles);
        assert_eq!(pack(&space).0, 1);
    }
    // Many patterns that each look at many files.
    let patterns = vec![r#"{"glob": "**/*a*a*a*a*a*a*a*b"}"#; 50].join(",");
    space.write("assets/a/asset.json", manifest(1, "a", &patterns));
    for index in 0..200 {
        space.write(&format!("assets/a/{}{index}", "a".repeat(150)), "");
    }
    assert_eq!(pack(&space).0, 1);
}

#[test]
fn a_registry_of_many_faults_is_answered_quickly() {
    let space = TestSpace::with_assets(&[]);
    let entries: Vec<_> = (0..20_000).map(|_| entry(1, "a")).collect();
    space.write_registry(&entries);
    let (code, shown) = pack(&space);
    assert_eq!(code, 1);
    assert!(shown.contains("more faults of this file are not shown"), "{shown}");
}
