//! Outputs that the system does not let anybody replace: that is foretold by those who look, and found out by a pack before
//! the first one is replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::namespace::run_with_mounts;
use crate::space::{Run, TestSpace, manifest};

const NOBODY: u32 = 65534;

/// A packed workspace, with an edit that waits to be packed: two outputs are to be replaced.
fn edited() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    space.pack();
    space.write("assets/a/f", "edited");
    space.write("assets/a/asset.json", manifest(1, "another name", r#"{"file": "f"}"#));
    space
}

/// The pack failed because of the output `name`, as `fragment` says, and all is as it was.
#[track_caller]
fn assert_refused(space: &TestSpace, before: &TestSpace, run: &Run, name: &str, fragment: &str) {
    assert_eq!(run.code, 4, "{}{}", run.stdout, run.stderr);
    let told = run.stderr.replace('\n', " ");
    assert!(told.contains("error[OUTPUT_IRREPLACEABLE]: this output cannot be replaced, so none was:"), "{told}");
    assert!(told.contains(&format!("--> build/{name}")) && told.contains("= help: "), "{told}");
    assert!(told.contains(fragment), "{told}");
    assert!(space.build() == before.build(), "an output was replaced, or something is left");
}

/// Everybody who looks foretells that the output `name` cannot be replaced, as `fragment` says, and changes nothing. A call of
/// the binary is made by `run`, where that can be.
#[track_caller]
fn assert_foretold(space: &TestSpace, name: &str, fragment: &str, run: impl Fn(&[&str]) -> Option<Run>) {
    for (arguments, exit, severity) in [
        (&["check"][..], 0, "WARNING"),
        (&["check", "--deny-warnings"], 1, "ERROR"),
        (&["status"], 0, "WARNING"),
        (&["plan"], 0, "WARNING"),
        (&["doctor"], 1, "ERROR"),
        (&["doctor", "--fix", "--dry-run"], 1, "ERROR"),
        // The last one, for it may remove an empty folder.
        (&["doctor", "--fix"], 1, "ERROR"),
    ] {
        let before = stamps(space);
        let Some(run) = run(&[arguments, &["--message-format", "json"]].concat()) else { return };
        assert_eq!(run.code, exit, "{arguments:?}: {}{}", run.stdout, run.stderr);
        let result = run.lines().pop().unwrap();
        let told = result["diagnostics"].as_array().unwrap().iter().filter(|it| it["code"] == "OUTPUT_IRREPLACEABLE");
        let [told] = told.collect::<Vec<_>>()[..] else { panic!("{arguments:?}: {result}") };
        assert_eq!((&told["severity"], &told["path"]), (&json!(severity), &json!(format!("build/{name}"))));
        assert!(told["message"].as_str().unwrap().contains(fragment) && told["help"].is_string(), "{told}");
        if *arguments == ["status"] {
            let next = &result["workspace"]["next_pack"];
            let found = ["action", "replaces", "error_count", "warning_count"].map(|field| &next[field]);
            assert_eq!(found, [&json!("FAIL"), &json!([]), &json!(1), &json!(0)], "as the pack itself will tell");
        }
        assert!(arguments.ends_with(&["--fix"]) || stamps(space) == before, "{arguments:?} changed something");
    }
}

/// What tells of any change of `build/` and of what is in it.
fn stamps(space: &TestSpace) -> Vec<(String, u64, i64, i64)> {
    let build = space.path().join("build");
    let inside = fs::read_dir(&build).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = inside.chain([build.clone()]).collect();
    paths.sort();
    let stamp = |path: PathBuf| {
        let found = fs::symlink_metadata(&path).unwrap();
        (path.display().to_string(), found.ino(), found.ctime(), found.ctime_nsec())
    };
    paths.into_iter().map(stamp).collect()
}

/// The workspace again, to be compared with.
fn copy(space: &TestSpace) -> TestSpace {
    let copy = TestSpace::empty();
    for (name, content) in crate::space::files_below(space.path()) {
        copy.write(&name, content);
    }
    copy
}

#[test]
fn an_output_with_an_attribute_that_forbids_it_is_not_replaced() {
    for (attribute, name) in [("i", "asset_table_metadata.json"), ("a", "assets.pa"), ("i", ".")] {
        let space = edited();
        let before = copy(&space);
        let path = space.path().join("build").join(name);
        // Without it, the folder itself could not get one.
        fs::create_dir(space.path().join("build/.staging")).unwrap();
        let change = |sign: &str| Command::new("chattr").arg(format!("{sign}{attribute}")).arg(&path).output();
        if !change("+").is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: no file can be made immutable here");
            return;
        }
        let told = if name == "." { "assets.pa" } else { name };
        let foretold = catch_unwind(AssertUnwindSafe(|| {
            assert_foretold(&space, told, "this user may not replace it", |arguments| Some(space.run(arguments)));
        }));
        let run = space.run(&["pack"]);
        assert!(change("-").unwrap().status.success());
        foretold.unwrap();
        let name = told;
        assert_refused(&space, &before, &run, name, "this user may not replace it (Operation not permitted");
        assert!(name == "assets.pa" || !space.path().join("build/.staging").exists(), "the staging folder is left");
        let run = space.pack();
        assert!(!run.stderr.contains("PROMOTION"), "there is nothing to complete: {}", run.stderr);
    }
}

#[test]
fn somebody_elses_output_in_a_sticky_folder_is_not_replaced() {
    let space = edited();
    if fs::metadata(space.path()).unwrap().uid() != 0 {
        eprintln!("skipped: only root makes files of others");
        return;
    }
    assert!(Command::new("chown").args(["-R", &NOBODY.to_string()]).arg(space.path()).status().unwrap().success());
    let build = space.path().join("build");
    chown(&build, Some(0), None).unwrap();
    fs::set_permissions(&build, Permissions::from_mode(0o1777)).unwrap();
    chown(build.join("asset_table.json"), Some(1), None).unwrap();
    let before = copy(&space);
    let command = |arguments: &[&str]| {
        let mut command = space.command(arguments);
        command.uid(NOBODY).gid(NOBODY);
        command
    };
    if command(&["--help"]).output().is_err() {
        eprintln!("skipped: nobody else may run papack here");
        return;
    }
    let run = |arguments: &[&str]| Some(Run::of(command(arguments)));
    assert_foretold(&space, "asset_table.json", "this user may not replace it (Operation not permitted", run);
    let pack = || Run::of(command(&["pack"]));
    assert_refused(&space, &before, &pack(), "asset_table.json", "the sticky bit of build/");
    assert!(!build.join(".staging").exists());

    // Nor is a new one put into a folder that may not be written, although what is staged may.
    fs::create_dir(build.join(".staging")).unwrap();
    fs::set_permissions(build.join(".staging"), Permissions::from_mode(0o777)).unwrap();
    for name in space.build().keys() {
        fs::remove_file(build.join(name)).unwrap();
    }
    fs::set_permissions(&build, Permissions::from_mode(0o755)).unwrap();
    let before = copy(&space);
    assert_foretold(&space, "assets.pa", "this user may not replace it (Permission denied", run);
    assert_refused(&space, &before, &pack(), "assets.pa", "this user may not replace it (Permission denied");
    // Nor is a staging folder made there.
    fs::remove_dir(build.join(".staging")).unwrap();
    assert_foretold(&space, "assets.pa", "this user may not replace it (Permission denied", run);
    assert_eq!(pack().code, 3);
}

/// Runs the binary with `arguments` where `mount` was run before.
fn run_mounted(space: &TestSpace, mount: &str, arguments: &[&str]) -> Option<Run> {
    run_with_mounts(space, &format!("({mount}) || exit 77\npapack {}", arguments.join(" ")))
}

#[test]
fn an_output_that_is_a_mount_or_lies_on_another_one_is_not_replaced() {
    let cases = [
        (
            "cp build/preload.json p; mount --bind p build/preload.json",
            "preload.json",
            "another file is mounted over it",
        ),
        ("mount -t tmpfs papack build/.staging", "assets.pa", "build/.staging/ is on another mount"),
        ("mount --bind build/.staging build/.staging", "assets.pa", "on another mount than build/"),
    ];
    for (mount, name, fragment) in cases {
        let space = edited();
        let preload = "\"preload\": {\"enabled\": true, \"slot\": 3},\n  \"output\"";
        space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "g"}"#).replace("\"output\"", preload));
        fs::create_dir(space.path().join("build/.staging")).unwrap();
        let before = copy(&space);
        let run = |arguments: &[&str]| run_mounted(&space, mount, arguments);
        assert_foretold(&space, name, fragment, run);
        let Some(run) = run(&["pack"]) else { return };
        assert_refused(&space, &before, &run, name, fragment);
        space.pack();
    }
    let space = edited();
    let mount = "mount --bind build build; mount -o remount,bind,ro build";
    assert_foretold(&space, "assets.pa", "its file system is read-only", |arguments| {
        run_mounted(&space, mount, arguments)
    });
}

/// It is worth a warning, but the next pack need not replace it, and a reproduction replaces nothing.
#[test]
fn an_output_that_need_not_be_replaced_stops_nobody() {
    let space = edited();
    let preload = space.path().join("build/preload.json");
    let change = |change: &str| Command::new("chattr").arg(change).arg(&preload).output();
    if !change("+i").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file can be made immutable here");
        return;
    }
    let result = |arguments: &[&str]| {
        let run = space.run(&[arguments, &["--message-format", "json"]].concat());
        (run.code, run.lines().pop().unwrap())
    };
    let ((_, status), (_, reproduced), pack) =
        (result(&["status"]), result(&["verify", "--reproduce"]), result(&["pack"]));
    let (_, afterwards) = result(&["status"]);
    assert!(change("-i").unwrap().status.success());
    let next = &status["workspace"]["next_pack"];
    assert_eq!((&next["action"], &next["error_count"], &next["warning_count"]), (&json!("PACK"), &json!(0), &json!(0)));
    assert_eq!(status["diagnostics"][0]["code"], "OUTPUT_IRREPLACEABLE");
    assert_eq!((&reproduced["status"], &reproduced["diagnostics"]), (&json!("SUCCESS"), &json!([])));
    assert_eq!((pack.0, &pack.1["diagnostics"]), (0, &json!([])));
    assert_eq!(afterwards["workspace"]["next_pack"]["action"], "NOTHING");
}

/// With outputs that are right there is nothing to replace. Where they are not, whatever would keep the pack from that is told.
#[test]
fn a_check_of_the_outputs_tells_only_what_a_pack_would_have_to_replace() {
    let space = edited();
    space.pack();
    let pack = space.path().join("build/assets.pa");
    let change = |change: &str| Command::new("chattr").arg(change).arg(&pack).output();
    if !change("+i").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file can be made immutable here");
        return;
    }
    let check = || {
        let run = space.run(&["pack", "--check", "--deny-warnings", "--message-format", "json"]);
        let found = run.lines().pop().unwrap()["diagnostics"].take();
        let found = found.as_array().unwrap().iter();
        (run.code, found.map(|found| format!("{} {}", found["code"], found["path"])).collect::<Vec<_>>())
    };
    let current = check();
    space.write("build/preload.json", "");
    let other_outdated = check();
    space.write("assets/a/f", "edited again");
    let outdated = check();
    assert!(change("-i").unwrap().status.success());
    assert_eq!((current, other_outdated), ((0, vec![]), (1, vec![])));
    assert_eq!(outdated, (1, vec![r#""OUTPUT_IRREPLACEABLE" "build/assets.pa""#.to_owned()]));
}
