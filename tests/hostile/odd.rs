//! What is odd and no fault: it is packed as it is. And what is shown of names that somebody chose with care.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::space::{TestSpace, entry, manifest};

/// Packs, and gives code and standard error.
fn pack(space: &TestSpace) -> (i32, String) {
    let run = space.run(&["pack"]);
    (run.code, run.stderr)
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

/// A program is told every character; a person's log gets none that a terminal might obey.
#[test]
fn names_reach_programs_as_they_are() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    for name in ["q\u{7f}b", "e\u{1b}[31mred"] {
        space.write(&format!("assets/{name}/asset.json"), "{}");
        let check = |format| space.run(&["check", "--message-format", format]);
        let path = format!("assets/{name}/asset.json");
        let lines = check("json").lines();
        assert!(lines.iter().any(|line| line["path"] == path), "{lines:?}");
        assert!(!check("github").stdout.contains(['\u{7f}', '\u{1b}']));
    }
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
fn what_120_globs_are_warned_of_is_told_once_and_hides_no_file() {
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
    assert!(shown.contains("at 120 places of 120 globs") && shown.matches("GLOB_ORDER]").count() == 1, "{shown}");
    assert!(space.read("build/assets.pa").ends_with(b"102last"));
    list.push(r#"{"file": "missing.bin"}"#.to_owned());
    space.write("assets/a/asset.json", manifest(1, "a", &list.join(",")));
    assert_eq!(pack(&space).0, 1);
}
