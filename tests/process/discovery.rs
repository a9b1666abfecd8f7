//! Which workspace a command works on, where folders cannot be looked into: never another one than the nearest.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::space::{Run, TestSpace, entry, manifest};

const REGISTRY: &str = "assets/.prometeu/index.json";

/// Somebody who may not do everything.
const NOBODY: u32 = 65534;

/// A workspace around another one. Each has an asset 1.
fn nested() -> TestSpace {
    let space = TestSpace::with_assets(&[("outer", &[("f", "f")])]);
    space.write("inner/assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}"#));
    space.write("inner/assets/a/f", "f");
    let entry = entry(1, "a");
    let text = format!(r#"{{"schema_version": 2, "next_asset_id": 2, "assets": [{entry}]}}"#);
    space.write(&format!("inner/{REGISTRY}"), text);
    fs::create_dir_all(space.path().join("between/deep")).unwrap();
    space
}

/// Runs `script` in `space` as somebody who is refused what the modes of files refuse, with `$0` for the binary; none where
/// that cannot be.
pub fn run_unprivileged(space: &TestSpace, script: &str) -> Option<Run> {
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_papack")]).current_dir(space.path()).env("NO_COLOR", "1");
    if rustix::process::geteuid().is_root() {
        give_away(space.path());
        let mut probe = Command::new(env!("CARGO_BIN_EXE_papack"));
        if probe.arg("--version").uid(NOBODY).gid(NOBODY).output().is_err() {
            eprintln!("skipped: the binary cannot be run by somebody else than root");
            return None;
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    Some(Run::of(command))
}

fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give_away(&entry.unwrap().path()));
    }
}

/// Makes the folder usable again, for the next case and for whoever clears away.
pub fn reopen(space: &TestSpace, folder: &str) {
    fs::set_permissions(space.path().join(folder), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_workspace_that_cannot_be_opened_is_not_passed_over_for_one_above_it() {
    let space = nested();
    let registries = || (space.read(REGISTRY), space.read(&format!("inner/{REGISTRY}")));
    let before = registries();
    // May be searched, but not read; may be read, but not searched; neither.
    for mode in ["0311", "0600", "0000"] {
        for command in [
            "exclude 1",
            "pack",
            "check",
            "new b --format DATA/raw_v1",
            "rm 1 --delete-files",
            "watch --message-format human",
        ] {
            for (place, inner) in [("inner", "."), ("inner/assets", "..")] {
                let script = format!("cd {place}; chmod {mode} {inner}; exec \"$0\" {command}");
                let Some(run) = run_unprivileged(&space, &script) else { return };
                reopen(&space, "inner");
                assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{mode} {command}: {}", run.stderr);
                assert!(run.stderr.contains("inner") && run.stderr.contains("Permission denied"), "{}", run.stderr);
                assert_eq!(registries(), before, "{mode} {command}");
            }
        }
    }
}

#[test]
fn a_folder_that_may_only_be_searched_is_passed_over_where_it_holds_no_workspace() {
    let space = nested();
    let Some(run) = run_unprivileged(&space, "cd between/deep; chmod 0311 ..; exec \"$0\" exclude 1") else { return };
    reopen(&space, "between");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(String::from_utf8(space.read(REGISTRY)).unwrap().contains(r#""included_in_build": false"#));
}

#[test]
fn a_named_workspace_that_cannot_be_looked_into_is_told_as_such() {
    let space = nested();
    for (mode, command) in [("0311", "exclude 1"), ("0600", "exclude 1"), ("0000", "check"), ("0000", "pack")] {
        let script = format!("chmod {mode} inner; exec \"$0\" {command} --workspace inner");
        let Some(run) = run_unprivileged(&space, &script) else { return };
        reopen(&space, "inner");
        assert_eq!(run.code, 2, "{mode}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: inner: Permission denied"), "{mode}: {}", run.stderr);
    }
}

#[test]
fn no_workspace_is_made_of_a_folder_that_cannot_be_looked_into() {
    let space = nested();
    let everything = || crate::space::files_below(space.path());
    let before = everything();
    for (mode, folder) in [("0600", "inner"), ("0600", "inner/deeper"), ("0000", "inner"), ("0311", "inner")] {
        let Some(run) = run_unprivileged(&space, &format!("chmod {mode} inner; exec \"$0\" init {folder}")) else {
            return;
        };
        reopen(&space, "inner");
        assert!([1, 2].contains(&run.code), "{mode} {folder}: {}", run.stderr);
        assert!(run.stderr.to_lowercase().contains("permission"), "{mode} {folder}: {}", run.stderr);
        assert!(everything() == before, "{mode} {folder}");
    }
}

#[test]
fn that_no_more_files_can_be_opened_is_no_reason_to_look_elsewhere() {
    let space = nested();
    let before = space.read(REGISTRY);
    // Enough to load the program and to look at the folder, but not below it.
    for arguments in ["exclude 1", "exclude 1 --workspace ."] {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n 4; exec \"$0\" {arguments}");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_papack")]).current_dir(space.path().join("inner"));
        let run = Run::of(command);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("Too many open files"), "{}", run.stderr);
    }
    assert_eq!(space.read(REGISTRY), before);
}
