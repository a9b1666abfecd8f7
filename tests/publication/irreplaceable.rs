//! Outputs that the system does not let anybody replace: that is found out before the first one is replaced.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

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
        let run = space.run(&["pack"]);
        assert!(change("-").unwrap().status.success());
        let name = if name == "." { "assets.pa" } else { name };
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
    let pack = || {
        let mut command = space.command(&["pack"]);
        command.uid(NOBODY).gid(NOBODY);
        command
    };
    if pack().arg("--help").output().is_err() {
        eprintln!("skipped: nobody else may run papack here");
        return;
    }
    assert_refused(&space, &before, &Run::of(pack()), "asset_table.json", "the sticky bit of build/");
    assert!(!build.join(".staging").exists());

    // Nor is a new one put into a folder that may not be written, although what is staged may.
    fs::create_dir(build.join(".staging")).unwrap();
    fs::set_permissions(build.join(".staging"), Permissions::from_mode(0o777)).unwrap();
    for name in space.build().keys() {
        fs::remove_file(build.join(name)).unwrap();
    }
    fs::set_permissions(&build, Permissions::from_mode(0o755)).unwrap();
    let before = copy(&space);
    assert_refused(&space, &before, &Run::of(pack()), "assets.pa", "this user may not replace it (Permission denied");
}

#[test]
fn an_output_that_is_a_mount_or_lies_on_another_one_is_not_replaced() {
    let cases = [
        (
            "cp build/preload.json p; mount --bind p build/preload.json",
            "preload.json",
            "another file is mounted over it",
        ),
        (
            "mkdir build/.staging; mount -t tmpfs papack build/.staging",
            "assets.pa",
            "build/.staging/ is on another mount",
        ),
        (
            "mkdir build/.staging; mount --bind build/.staging build/.staging",
            "assets.pa",
            "on another mount than build/",
        ),
    ];
    for (mount, name, fragment) in cases {
        let space = edited();
        let preload = "\"preload\": {\"enabled\": true, \"slot\": 3},\n  \"output\"";
        space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "g"}"#).replace("\"output\"", preload));
        let before = copy(&space);
        let script = format!("({mount}) || exit 77\npapack pack");
        let Some(run) = run_with_mounts(&space, &script) else { return };
        assert_refused(&space, &before, &run, name, fragment);
        space.pack();
    }
}
