//! Roots and files as a shell completes them.

use crate::space::{Run, TestSpace, manifest};
use crate::{registry, roots};

/// Runs the binary in `folder` of the workspace.
fn run_in(space: &TestSpace, folder: &str, arguments: &[&str]) -> Run {
    let mut command = space.command(arguments);
    command.current_dir(space.path().join(folder));
    Run::of(command)
}

/// Assets 1 and 2 at `ui/font` and `font`, and loose files in `ui/hud` and `src`.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("ui/font", &[("f", "f")]), ("font", &[("f", "f")])]);
    space.write("assets/ui/hud/deep/a.bin", "a");
    space.write("assets/ui/loose.bin", "l");
    space.write("src/main", "");
    space
}

#[test]
fn a_root_may_be_a_path_from_the_current_folder() {
    for (folder, named, expected) in [
        ("", "ui/hud", "ui/hud"),
        ("", "assets/ui/hud/", "ui/hud"),
        ("", "./assets/ui/hud", "ui/hud"),
        ("assets", "./ui/hud", "ui/hud"),
        ("assets/ui", "hud", "ui/hud"),
        ("assets/ui", "assets/ui/hud", "ui/hud"),
        ("assets/ui/hud", ".", "ui/hud"),
        ("assets/ui/hud/deep", "..", "ui/hud"),
        ("src", "../assets/ui/hud", "ui/hud"),
        // As it is named, if that is there.
        ("assets/ui", "new", "new"),
        ("assets/ui", "./new", "ui/new"),
        ("assets/ui", "hud/new", "ui/hud/new"),
        ("", "assets/ui/new", "ui/new"),
    ] {
        let space = workspace();
        space.write(&format!("assets/{expected}/f"), "f");
        let run = run_in(&space, folder, &["new", named, "--format", "DATA/raw_v1"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{named} in {folder}");
        assert_eq!(roots(&space).pop(), Some((1000, expected.to_owned())), "{named} in {folder}");
    }
}

#[test]
fn what_leads_elsewhere_is_refused() {
    for (folder, named, code) in [
        ("", "../assets/ui/hud", "PATH_INVALID"),
        ("", "build/ui", "FILE_MISSING"),
        ("", "./src", "PATH_INVALID"),
        ("assets", "..", "PATH_INVALID"),
        ("assets", ".", "PATH_INVALID"),
        ("", "/assets/ui/hud", "PATH_INVALID"),
    ] {
        let space = workspace();
        let run = run_in(&space, folder, &["new", named, "--format", "DATA/raw_v1"]);
        assert!(run.code == 1 && run.stderr.contains(code), "{named} in {folder}: {}", run.stderr);
        assert_eq!(roots(&space).len(), 2);
    }
}

#[test]
fn files_may_be_paths_from_the_current_folder() {
    for (folder, root, file) in [
        ("", "ui/hud", "deep/a.bin"),
        ("", "assets/ui/hud", "assets/ui/hud/deep/a.bin"),
        ("", "ui/hud", "./assets/ui/hud/deep/a.bin"),
        ("assets/ui/hud/deep", "..", "a.bin"),
        ("assets/ui", "hud", "hud/deep/a.bin"),
        ("assets", "ui/hud", "ui/hud/deep/a.bin"),
    ] {
        let space = workspace();
        let run = run_in(&space, folder, &["new", root, file, "--format", "DATA/raw_v1"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{file} in {folder}");
        let text = String::from_utf8(space.read("assets/ui/hud/asset.json")).unwrap();
        assert!(text.contains(r#"[{ "file": "deep/a.bin" }]"#), "{file} in {folder}: {text}");
    }
    let space = workspace();
    let run = run_in(&space, "", &["new", "ui/hud", "assets/ui/loose.bin", "--format", "DATA/raw_v1"]);
    let expected = "error[PATH_INVALID]: the file is not below assets/ui/hud\n--> assets/ui/loose.bin\n";
    assert!(run.code == 1 && run.stderr.starts_with(expected), "{}", run.stderr);
}

#[test]
fn registered_assets_are_found_by_such_paths_too() {
    for (folder, named, expected) in [
        ("", "assets/ui/font/", 1),
        ("assets/ui", "./font", 1),
        ("assets/ui/font", ".", 1),
        // A root as the registry has it comes before one as seen from here.
        ("assets/ui", "font", 2),
    ] {
        let space = workspace();
        let run = run_in(&space, folder, &["exclude", named]);
        assert_eq!(run.code, 0, "{named} in {folder}: {}", run.stderr);
        let excluded = registry(&space).entries.into_iter().find(|entry| !entry.included_in_build);
        assert_eq!(excluded.map(|entry| entry.asset_id), Some(expected), "{named} in {folder}");
    }
    let space = workspace();
    assert_eq!(run_in(&space, "assets/ui", &["mv", "./font", "./hud/font"]).code, 0);
    assert_eq!(roots(&space)[0], (1, "ui/hud/font".to_owned()));
    space.write("assets/ui/late/asset.json", manifest(7, "late", r#"{"file": "f"}"#));
    space.write("assets/ui/late/f", "f");
    assert_eq!(run_in(&space, "assets/ui", &["add", "late/"]).code, 0);
    assert_eq!(roots(&space)[2], (1000, "ui/late".to_owned()));
}
