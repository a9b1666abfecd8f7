//! Promotions that stopped between two renames, and places of outputs that something else takes: every command that looks
//! tells of it, and those that change documents go on.

use std::io;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use papack_engine::fs::{FileSystem, RealFs};
use papack_engine::{
    Cancel, CheckRequest, DoctorRequest, Levels, ManageRequest, NextAction, PackRequest, PlanRequest, Session, Status,
    StatusRequest, Task,
};
use papack_queries::diagnostic::Diagnostic;
use serde_json::Value;

use crate::crash::{between_generations, kill_while_promoting};
use crate::generations::{edit, expected, pack, published, staging, workspace};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::memory::MemoryFs;
use crate::space::{TestSpace, manifest};

const JOURNAL: &str = "build/.staging/journal.json";
const EPERM: i32 = 1;

/// The outputs, in the order in which they are renamed.
const NAMES: [&str; 4] = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];

/// What was told, in a word each.
fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
    let word = |found: &Diagnostic| {
        format!("{:?} {} {}", found.severity, found.code, found.path.as_deref().unwrap_or_default())
    };
    diagnostics.iter().map(word).collect()
}

/// The file system `fs`, where nothing can be renamed to the output `name` as long as the flag is set. The system says so
/// before, if it is `foreseen`, from when the journal is there.
fn with_obstacle(fs: &MemoryFs, name: &str, foreseen: bool) -> (Arc<dyn FileSystem>, Arc<AtomicBool>) {
    let is_there = Arc::new(AtomicBool::new(true));
    let hook = {
        let (is_there, fs, place) = (Arc::clone(&is_there), fs.clone(), format!("build/{name}"));
        move |call: Call<'_>| {
            let has_journal = || fs.tree("build/.staging").contains_key("journal.json");
            let is_meant = match call.operation {
                Operation::Rename => true,
                Operation::CanRename => foreseen && has_journal(),
                _ => false,
            };
            let fails = is_meant && call.path == place && is_there.load(Ordering::Relaxed);
            if fails { Err(io::Error::from_raw_os_error(EPERM)) } else { Ok(()) }
        }
    };
    (HookedFs::new(Arc::new(fs.clone()), hook), is_there)
}

fn new_session(fs: &Arc<dyn FileSystem>) -> Session {
    hooked::session(Arc::clone(fs))
}

#[test]
fn a_rename_that_fails_for_good_is_taken_back_or_told_by_everybody() {
    for foreseen in [true, false] {
        for name in NAMES {
            let fs = workspace();
            pack(Arc::new(fs.clone()));
            edit(&fs, 2);
            let (hooked, is_there) = with_obstacle(&fs, name, foreseen);
            let result = new_session(&hooked).pack(&PackRequest::default(), &|_| {});
            let (place, context) = (format!("build/{name}"), format!("{name}, {foreseen}: {:#?}", result.diagnostics));
            assert_eq!((result.status, result.execution_started), (Status::PublicationFailed, true), "{context}");
            if name == NAMES[0] {
                assert_eq!(told(&result.diagnostics), [format!("Error OUTPUT_IRREPLACEABLE {place}")], "{context}");
                assert!(published(&fs) == expected(1) && staging(&fs).is_empty(), "{context}");
                continue;
            }
            let stuck = format!("Error PROMOTION_STUCK {place}");
            assert_eq!(told(&result.diagnostics), [stuck], "{context}");
            let mix = published(&fs);
            assert!(mix != expected(1) && mix != expected(2), "{context}");
            everybody_tells(&hooked, &place, foreseen);
            assert!(published(&fs) == mix && staging(&fs).contains_key(".staging/journal.json"), "{context}");

            is_there.store(false, Ordering::Relaxed);
            let result = new_session(&hooked).pack(&PackRequest::default(), &|_| {});
            assert_eq!(result.status, Status::Success, "{context}");
            assert_eq!(told(&result.diagnostics), ["Info PROMOTION_COMPLETED build"], "{context}");
            let clean = MemoryFs::empty();
            for (path, content) in fs.tree("assets") {
                content.into_iter().for_each(|content| clean.write(&format!("assets/{path}"), content));
            }
            pack(Arc::new(clean.clone()));
            assert!(published(&fs) == published(&clean) && staging(&fs).is_empty(), "{context}");
        }
    }
}

/// A promotion that is stuck at `place` is told by each service as it concerns it; where the system does not say before that
/// a rename fails, it is one that was cut short.
fn everybody_tells(fs: &Arc<dyn FileSystem>, place: &str, foreseen: bool) {
    let stuck = |severity: &str| format!("{severity} PROMOTION_STUCK {place}");
    let seen = if foreseen { stuck("Error") } else { format!("Warning LEFTOVER {JOURNAL}") };

    let checked = new_session(fs).check(&CheckRequest::default(), &|_| {});
    let status = if foreseen { Status::GateFailed } else { Status::Success };
    assert_eq!((checked.status, told(&checked.diagnostics)), (status, vec![seen.clone()]));
    let planned = new_session(fs).plan(&PlanRequest::default(), &|_| {});
    assert_eq!((planned.status, told(&planned.diagnostics)), (Status::Success, vec![seen.clone()]));
    let status = new_session(fs).status(&StatusRequest::default(), &|_| {});
    let next = status.workspace.unwrap().next_pack;
    assert_eq!(told(&status.diagnostics), std::slice::from_ref(&seen));
    let recovers = [&checked.recovers, &planned.recovers, &next.recovers].map(|outputs| !outputs.is_empty());
    assert_eq!(recovers, [!foreseen; 3]);
    assert_eq!((next.action == NextAction::Fail, next.warning_count), (foreseen, 0));
    let doctor = new_session(fs).doctor(&DoctorRequest::default(), &|_| {});
    assert!(
        doctor.status == Status::GateFailed && told(&doctor.diagnostics).contains(&seen),
        "{:?}",
        doctor.diagnostics
    );

    let packed = new_session(fs).pack(&PackRequest::default(), &|_| {});
    assert_eq!((packed.status, packed.execution_started), (Status::PublicationFailed, false));
    assert_eq!(told(&packed.diagnostics), [stuck("Error")]);
    let fix = DoctorRequest { fix: true, ..DoctorRequest::default() };
    let doctor = new_session(fs).doctor(&fix, &|_| {});
    assert!(doctor.status == Status::GateFailed && told(&doctor.diagnostics).contains(&stuck("Warning")));
    let task = Task::Rename { asset: "1".into(), name: "renamed".into() };
    let request =
        ManageRequest { task, dry_run: false, no_wait: false, levels: Levels::default(), cancel: Cancel::default() };
    let renamed = new_session(fs).manage(&request, &|_| {});
    assert_eq!((renamed.status, renamed.changes.len()), (Status::Success, 1));
    assert_eq!(told(&renamed.diagnostics), [stuck("Warning")]);
}

/// Runs the binary, and gives its exit code and what it told.
fn run(space: &TestSpace, arguments: &[&str]) -> (i32, Vec<String>) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let result = run.lines().pop().unwrap_or_else(|| panic!("{arguments:?}: {}", run.stderr));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let word = |found: &Value| format!("{} {}", text(&found["severity"]), text(&found["code"]));
    (run.code, result["diagnostics"].as_array().unwrap().iter().map(word).collect())
}

/// No pack can publish for `code`, but ends with the exit code `pack_exit`. All commands but that one do their work, and tell
/// it; a doctor that mends with this severity.
fn commands_go_on(space: &TestSpace, code: &str, pack_exit: i32, of_doctor: &str) {
    let told = |severity: &str| format!("{severity} {code}");
    space.write("assets/c/f", "f");
    for (arguments, exit, severity) in [
        (&["check"][..], 1, "ERROR"),
        (&["check", "--rehash"], 1, "ERROR"),
        (&["status"], 0, "ERROR"),
        (&["plan"], 0, "ERROR"),
        (&["doctor"], 1, "ERROR"),
        (&["pack"], pack_exit, "ERROR"),
        (&["doctor", "--fix", "--dry-run"], 1, "ERROR"),
        (&["doctor", "--fix"], 1, of_doctor),
        (&["new", "c", "--format", "DATA/raw_v1"], 0, "WARNING"),
        (&["add", "--all"], 0, "WARNING"),
        (&["mv", "b", "d"], 0, "WARNING"),
        (&["rename", "c", "other"], 0, "WARNING"),
        (&["preload", "c", "--next"], 0, "WARNING"),
        (&["exclude", "c"], 0, "WARNING"),
        (&["include", "c"], 0, "WARNING"),
        (&["rm", "c", "--delete-files"], 0, "WARNING"),
        (&["migrate"], 0, "WARNING"),
        (&["pack"], pack_exit, "ERROR"),
    ] {
        let (found, diagnostics) = run(space, arguments);
        assert_eq!((found, diagnostics.contains(&told(severity))), (exit, true), "{arguments:?}: {diagnostics:?}");
    }
    assert_eq!(run(space, &["cache", "prune"]), (0, vec![]));
    assert_eq!(run(space, &["cache", "clear"]), (0, vec![]));
    assert!(space.path().join("assets/d/g").exists() && !space.path().join("assets/c").exists());
}

#[test]
fn commands_go_on_beside_an_output_that_stays() {
    let (space, _, new) = between_generations();
    kill_while_promoting(&space);
    let staged = |name: &&&str| {
        let folders = std::fs::read_dir(space.path().join("build/.staging")).unwrap();
        folders.map(|folder| folder.unwrap().path()).any(|folder| folder.join(name).exists())
    };
    let last = space.path().join("build").join(NAMES.iter().rfind(staged).unwrap());
    let attribute = |change: &str, path: &Path| Command::new("chattr").arg(change).arg(path).output();
    if !attribute("+i", &last).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file can be made immutable here");
        return;
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        commands_go_on(&space, "PROMOTION_STUCK", 4, "WARNING");
    }));
    assert!(attribute("-i", &last).unwrap().status.success());
    outcome.unwrap();
    assert_eq!(run(&space, &["pack"]), (0, vec!["INFO PROMOTION_COMPLETED".to_owned()]));
    assert!(space.build()["assets.pa"] == new["assets.pa"], "what was moved is the same to a game");
}

#[test]
fn commands_go_on_beside_a_journal_that_nobody_understands() {
    for journal in [r#"{"schema_version": 99}"#, "damaged", ""] {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
        space.pack();
        space.write(JOURNAL, journal);
        commands_go_on(&space, "JOURNAL_UNKNOWN", 4, "WARNING");
        assert_eq!(space.read(JOURNAL), journal.as_bytes());
    }
}

#[test]
fn commands_go_on_where_something_else_is_in_the_place_of_an_output() {
    type Take = fn(&Path);
    let takes_place: [(&str, Take); 6] = [
        ("build/assets.pa", |place| symlink("/etc/hostname", place).unwrap()),
        ("build/preload.json", |place| {
            assert!(Command::new("mkfifo").arg(place).status().unwrap().success());
        }),
        ("build/asset_table.json", |place| std::fs::create_dir(place).unwrap()),
        ("build/.staging", |place| std::fs::write(place, "precious").unwrap()),
        ("build", |place| symlink("/tmp", place).unwrap()),
        ("build", |place| std::fs::write(place, "precious").unwrap()),
    ];
    for (name, take) in takes_place {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
        let place = space.path().join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        take(&place);
        let before = std::fs::symlink_metadata(&place).unwrap();
        commands_go_on(&space, "OUTPUT_BLOCKED", 1, "ERROR");
        let after = std::fs::symlink_metadata(&place).unwrap();
        assert_eq!((before.ino(), before.ctime_nsec()), (after.ino(), after.ctime_nsec()), "{name} is left alone");

        let fix = space.run(&["doctor", "--fix"]);
        assert!(fix.stderr.contains(&format!("--> {name}")) && fix.stderr.contains("= help: move it away"), "{name}");
        assert_eq!(fix.stdout, "        Left 1 error, 0 warnings\n");
    }
}

/// A promotion that was cut short is not completed through something that is none of papack's, nor is what it needs removed.
#[test]
fn a_promotion_waits_until_the_places_are_free() {
    let (space, _, new) = between_generations();
    kill_while_promoting(&space);
    let place = space.path().join("build/asset_table_metadata.json");
    let old = std::fs::read(&place).unwrap();
    std::fs::remove_file(&place).unwrap();
    std::fs::create_dir(&place).unwrap();
    assert_eq!(run(&space, &["rename", "a", "other"]), (0, vec!["WARNING OUTPUT_BLOCKED".to_owned()]));
    assert!(run(&space, &["doctor", "--fix"]).1.contains(&"ERROR OUTPUT_BLOCKED".to_owned()));
    let dry = space.run(&["doctor", "--fix", "--dry-run"]);
    assert!(dry.code == 1 && !dry.stdout.contains("Removed"), "{}", dry.stdout);
    std::fs::remove_dir(&place).unwrap();
    std::fs::write(&place, old).unwrap();
    assert_eq!(run(&space, &["doctor", "--fix"]), (0, vec!["INFO PROMOTION_COMPLETED".to_owned()]));
    assert!(space.build() == new);
}

/// A check at any moment of a promotion: what runs was not cut short.
#[test]
fn a_promotion_that_runs_is_told_by_nobody() {
    let space = Arc::new(TestSpace::with_assets(&[("a", &[("f", "f")])]));
    space.pack();
    space.write("assets/a/f", "edited");
    space.write("assets/a/asset.json", manifest(1, "another name", r#"{"file": "f"}"#));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let (space, seen) = (Arc::clone(&space), Arc::clone(&seen));
        move |call: Call<'_>| {
            if call.operation == Operation::Rename && call.path.parent().is_some_and(|folder| folder == "build") {
                assert!(space.path().join(JOURNAL).exists());
                seen.lock().unwrap().extend([run(&space, &["check"]), run(&space, &["plan"])]);
            }
            Ok(())
        }
    };
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), hook);
    let result = hooked::session(fs).pack(&PackRequest::default(), &|_| {});
    assert_eq!(result.status, Status::Success, "{:?}", result.diagnostics);
    let seen = seen.lock().unwrap();
    assert!(seen.len() >= 4 && seen.iter().all(|seen| *seen == (0, vec![])), "{seen:?}");
}
