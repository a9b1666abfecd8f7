//! Every way in which a pack can fail, by its real cause, through the binary: the exit code, the reason, and `build/` as
//! it was.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use camino::Utf8Path;
use papack_engine::Status;
use papack_engine::fs::FileSystem;

use crate::generations::{edit, expected, pack, published, spoil, staging, workspace};
use crate::hooked::HookedFs;
use crate::space::{KEY, Run, TestSpace, files_below};

/// A packed workspace, with an edit that waits to be packed.
fn edited() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    space.pack();
    space.write("assets/a/f", "edited");
    space
}

const NOBODY: u32 = 65534;

fn is_root(space: &TestSpace) -> bool {
    fs::metadata(space.path()).unwrap().uid() == 0
}

/// Gives the workspace to somebody whom permissions bind, and returns what runs the binary as that one; none, with the reason
/// printed, where that cannot be.
fn unprivileged(space: &TestSpace) -> Option<impl Fn(&[&str]) -> Run> {
    let is_root = is_root(space);
    if is_root {
        let owned = Command::new("chown").arg("-R").arg(NOBODY.to_string()).arg(space.path()).status();
        let runs = Command::new(env!("CARGO_BIN_EXE_papack")).arg("--version").uid(NOBODY).output();
        if !owned.is_ok_and(|status| status.success()) || !runs.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: the tests run as root, and nobody else may run papack");
            return None;
        }
    }
    Some(move |arguments: &[&str]| {
        let mut command = space.command(arguments);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        Run::of(command)
    })
}

/// Runs a pack as somebody whom permissions bind.
fn pack_unprivileged(space: &TestSpace) -> Option<Run> {
    unprivileged(space).map(|run| run(&["pack"]))
}

const LITTER: &str = "build/.staging/k3J9sZuyXw4ndm06D9nc";
const MORE_LITTER: &str = "build/.staging/zyXw4ndm06D9nck3J9su";

/// As [`edited`], and with what runs the binary where root left something in a staging folder of this owner and mode.
fn with_litter(space: &TestSpace, owner: u32, mode: u32) -> Option<impl Fn(&[&str]) -> Run> {
    if !is_root(space) {
        eprintln!("skipped: only root makes files of others");
        return None;
    }
    let run = unprivileged(space)?;
    let staging = space.path().join("build/.staging");
    [LITTER, MORE_LITTER].iter().for_each(|folder| space.write(&format!("{folder}/spool"), ""));
    chown(&staging, Some(owner), None).unwrap();
    fs::set_permissions(&staging, Permissions::from_mode(mode)).unwrap();
    Some(run)
}

fn clear_away(space: &TestSpace) {
    [LITTER, MORE_LITTER].iter().for_each(|folder| fs::remove_dir_all(space.path().join(folder)).unwrap());
}

const IRREMOVABLE: &str = "warning[LEFTOVER]: an operation that was cut short left this, and papack cannot remove it";

#[test]
fn litter_that_cannot_be_removed_is_told_and_stops_nobody() {
    let space = edited();
    let Some(run) = with_litter(&space, NOBODY, 0o755) else { return };
    for end in ["Packed", "Up to date"] {
        let pack = run(&["pack"]);
        assert_eq!(pack.code, 0, "{}", pack.stderr);
        assert!(pack.stdout.contains(end), "{}", pack.stdout);
        assert_eq!(pack.stderr.matches("LEFTOVER]").count(), 1, "{}", pack.stderr);
        assert!(pack.stderr.contains(IRREMOVABLE) && pack.stderr.contains(LITTER), "{}", pack.stderr);
    }
    let rename = run(&["rename", "a", "other"]);
    assert_eq!((rename.code, rename.stderr.as_str()), (0, ""), "documents have nothing to do with it");

    let doctor = run(&["doctor", "--message-format", "json"]);
    let result = doctor.lines().pop().unwrap();
    assert_eq!(
        (&result["diagnostics"][0]["code"], &result["diagnostics"][0]["path"]),
        (&"LEFTOVER".into(), &LITTER.into())
    );
    let fix = run(&["doctor", "--fix"]);
    assert_eq!((fix.code, fix.stdout.as_str()), (1, "        Left 0 errors, 2 warnings\n"), "{}", fix.stderr);
    assert!(fix.stderr.contains(LITTER) && fix.stderr.contains(MORE_LITTER), "{}", fix.stderr);
    clear_away(&space);
    assert_eq!(run(&["doctor", "--fix"]).code, 0);
}

#[test]
fn a_staging_folder_of_somebody_else_is_named() {
    // Without a spool, and with one.
    for size in [1, 3 << 20] {
        let space = edited();
        space.write("assets/b/g", vec![7; size]);
        let before = space.build();
        let Some(run) = with_litter(&space, 0, 0o755) else { return };
        let pack = run(&["pack"]);
        let told = pack.stderr.replace('\n', " ");
        assert_eq!(pack.code, 3, "{told}");
        assert!(told.contains("error[IO]: Permission denied (os error 13), so build/.staging/"), "{told}");
        assert!(told.contains("/ cannot be made") && told.contains(IRREMOVABLE), "{told}");
        assert!(size > 1 || told.contains("--> build/.staging "), "{told}");
        clear_away(&space);
        assert_eq!(space.build(), before);
    }
}

#[test]
fn a_staging_folder_that_may_not_be_looked_into_is_in_the_way_of_packs_only() {
    let space = edited();
    let Some(run) = with_litter(&space, 0, 0o700) else { return };
    for (arguments, exit, severity) in [
        (&["check"][..], 1, "error"),
        (&["doctor"], 1, "error"),
        (&["doctor", "--fix"], 1, "error"),
        (&["rename", "a", "other"], 0, "warning"),
        (&["pack"], 1, "error"),
    ] {
        let run = run(arguments);
        let fault = format!("{severity}[OUTPUT_BLOCKED]: papack may not look into this folder\n");
        assert_eq!(run.code, exit, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(&fault) && run.stderr.contains("--> build/.staging\n"), "{}", run.stderr);
    }
}

#[test]
fn a_gate_that_refuses_exits_with_1() {
    let space = edited();
    let before = space.build();
    space.write("assets/a/asset.json", "broken");
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[JSON_SYNTAX]"), "{}", run.stderr);
    assert_eq!(space.build(), before);
}

#[test]
fn a_file_that_may_not_be_read_is_refused_by_the_gate() {
    for (path, place) in [("assets/a/f", "assets/a/f"), ("assets/.prometeu/index.json", "index.json")] {
        let space = edited();
        let before = space.build();
        fs::set_permissions(space.path().join(path), Permissions::from_mode(0o000)).unwrap();
        let Some(run) = pack_unprivileged(&space) else { return };
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("error[FILE_FORBIDDEN]") && run.stderr.contains(place), "{}", run.stderr);
        assert_eq!(space.build(), before);
    }
}

#[test]
fn a_build_folder_that_may_not_be_written_exits_with_3() {
    let space = edited();
    let before = space.build();
    let build = space.path().join("build");
    fs::set_permissions(&build, Permissions::from_mode(0o555)).unwrap();
    let run = pack_unprivileged(&space);
    fs::set_permissions(&build, Permissions::from_mode(0o755)).unwrap();
    let Some(run) = run else { return };
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("error[IO]: Permission denied"), "{}", run.stderr);
    assert!(run.stderr.contains("help: papack must be allowed to write below build/"), "{}", run.stderr);
    assert_eq!(space.build(), before);
}

#[test]
fn a_file_that_is_written_all_the_time_exits_with_3() {
    const SIZE: usize = 64 << 20;
    let space = edited();
    let before = space.build();
    space.write("assets/a/f", vec![1; SIZE]);
    let file = OpenOptions::new().write(true).open(space.path().join("assets/a/f")).unwrap();
    let done = AtomicBool::new(false);
    let run = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                file.write_all_at(b"2", 7).unwrap();
                std::thread::yield_now();
            }
        });
        let run = space.run(&["pack"]);
        done.store(true, Ordering::Relaxed);
        run
    });
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("error[FILE_UNSTABLE]") && run.stderr.contains("assets/a/f"), "{}", run.stderr);
    assert_eq!(space.build(), before);
    space.pack();
}

#[test]
fn something_else_in_the_place_of_an_output_exits_with_1() {
    let space = edited();
    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    fs::create_dir(space.path().join("build/preload.json")).unwrap();
    let before = space.build();
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[OUTPUT_BLOCKED]: a folder is where papack puts a file"), "{}", run.stderr);
    assert_eq!(space.build(), before);
}

/// Somebody clears the staging folder away, before every call.
#[test]
fn a_staging_folder_that_vanishes_is_never_success_with_less() {
    let (old, new) = (expected(1), expected(2));
    let mut statuses = std::collections::BTreeMap::<String, usize>::new();
    for at in 0.. {
        let fs = workspace();
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
        edit(&fs, 2);
        let next = Arc::new(AtomicUsize::new(0));
        let hook = {
            let (fs, next) = (fs.clone(), Arc::clone(&next));
            move |_: crate::hooked::Call<'_>| {
                if next.fetch_add(1, Ordering::Relaxed) == at {
                    drop(fs.rename(Utf8Path::new("build/.staging"), Utf8Path::new("gone")));
                }
                Ok(())
            }
        };
        let result = pack(HookedFs::new(Arc::new(fs.clone()), hook));
        if at >= next.load(Ordering::Relaxed) {
            break;
        }
        *statuses.entry(format!("{:?}", result.status)).or_default() += 1;
        let build = published(&fs);
        match result.status {
            Status::Success => assert!(build == new, "call {at}"),
            Status::ExecutionFailed => assert!(build == old, "call {at}"),
            // What was to come next is gone: only a pack can make one generation again.
            Status::PublicationFailed => {
                assert!(build.iter().all(|file| old.contains(file) || new.contains(file)), "call {at}");
            }
            other => panic!("call {at}: {other:?}"),
        }
        spoil(&fs);
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::GateFailed, "call {at}");
        edit(&fs, 2);
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success, "call {at}");
        assert!(published(&fs) == new && staging(&fs).is_empty(), "call {at}");
    }
    println!("{statuses:?}");
    assert_eq!(statuses.len(), 3, "{statuses:?}");
}

/// A disk that is full at any point: `build/` stays as it was, and nothing is left behind.
#[test]
fn a_full_disk_exits_with_3() {
    let space = TestSpace::with_many(3, |id| vec![id as u8; 400_000]);
    let disk = TestSpace::empty();
    let mut codes = Vec::new();
    for kib in [1300, 1500, 2000, 2600, 3200, 3800, 6000] {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "papack-test"])
            .arg(disk.path())
            .stderr(std::process::Stdio::null())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: this user cannot mount a small disk");
            return;
        }
        let outcome = std::panic::catch_unwind(|| full_disk(&space, disk.path()));
        assert!(Command::new("umount").arg(disk.path()).status().unwrap().success());
        codes.extend(outcome.unwrap());
    }
    assert!(codes.contains(&3) && codes.contains(&0), "{codes:?}");
}

fn full_disk(space: &TestSpace, disk: &Path) -> Vec<i32> {
    for (name, content) in files_below(space.path()) {
        let path = disk.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let pack = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
        command.args(["pack", "--workspace"]).arg(disk).env("PAPACK_CACHE_KEY", KEY);
        Run::of(command)
    };
    let build = disk.join("build");
    let first = pack();
    if first.code != 0 {
        assert_eq!(first.code, 3, "{}", first.stderr);
        assert!(first.stderr.contains("error[IO]: No space left on device"), "{}", first.stderr);
        assert!(!build.exists(), "a failed first pack leaves nothing");
        return vec![first.code];
    }
    let before = files_below(&build);
    fs::write(disk.join("assets/g1/a1/f"), vec![9; 400_000]).unwrap();
    let second = pack();
    assert!(matches!(second.code, 0 | 3), "{}", second.stderr);
    if second.code == 3 {
        assert!(files_below(&build) == before, "a failed pack changed build/");
    }
    vec![first.code, second.code]
}
