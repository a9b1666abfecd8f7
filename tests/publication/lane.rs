//! The lane, as those see it who find it taken.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use camino::Utf8Path;
use papack_engine::fs::{FileSystem as _, RealFs};
use papack_engine::{CheckRequest, EventKind, PackRequest, Status};

use crate::generations::workspace;
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::space::{TestSpace, files_below};

const NOTE: &str = "assets/.prometeu/cache/lane.json";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")])])
}

/// Whoever holds the lane, without saying who it is.
fn hold(space: &TestSpace) -> File {
    let holder = File::open(space.path().join("assets/.prometeu")).unwrap();
    holder.lock().unwrap();
    holder
}

#[test]
fn who_holds_the_lane_and_since_when_is_told() {
    let space = space();
    let (frozen, is_frozen) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let (frozen, goes_on) = (Mutex::new(frozen), Mutex::new(goes_on));
    std::thread::scope(|scope| {
        let packing = scope.spawn(|| {
            space.session().pack(&PackRequest::default(), &|event| {
                if matches!(event.kind, EventKind::SnapshotFrozen { .. }) {
                    frozen.lock().unwrap().send(()).unwrap();
                    goes_on.lock().unwrap().recv().unwrap();
                }
            })
        });
        is_frozen.recv().unwrap();
        std::thread::sleep(Duration::from_millis(1100));
        let holder = format!("another operation holds the workspace: pack, process {}, for ", std::process::id());
        let refused = space.run(&["pack", "--no-wait"]);
        assert_eq!(refused.code, 5);
        assert!(refused.stderr.contains(&format!("error[LANE_BUSY]: {holder}")), "{}", refused.stderr);
        assert!(!refused.stderr.contains("for 0 s"), "{}", refused.stderr);

        let mut waiting = space.command(&["pack"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(300));
        go_on.send(()).unwrap();
        let mut shown = String::new();
        waiting.stderr.take().unwrap().read_to_string(&mut shown).unwrap();
        assert_eq!(waiting.wait().unwrap().code(), Some(0));
        assert!(shown.contains(&holder) && shown.contains(" s; waiting for it to end"), "{shown}");
        assert_eq!(packing.join().unwrap().status, Status::Success);
    });
    // The note went with its holder. The folder is the cache's now.
    assert!(!space.path().join(NOTE).exists() && space.path().join(NOTE).with_file_name("index").exists());
}

#[test]
fn a_folder_of_caches_that_was_there_stays() {
    let space = space();
    space.write("assets/.prometeu/cache/other", "x");
    // Of a holder that was killed.
    space.write(NOTE, r#"{"schema_version":1,"pid":1,"operation":"pack","since_ms":1}"#);
    space.pack();
    assert!(!space.path().join(NOTE).exists());
    assert_eq!(space.read("assets/.prometeu/cache/other"), b"x");
}

#[test]
fn a_note_that_nobody_can_believe_is_left_out() {
    let believable = r#"{"schema_version":1,"pid":7,"operation":"pack","since_ms":1}"#;
    let notes = [
        Vec::new(),
        b"{".to_vec(),
        vec![b' '; 10 << 20],
        vec![b'['; 1000],
        believable.replace("\"pack\"", "\"\\u001b[31mred\\nlines\"").into(),
        believable.replace("pack", &"x".repeat(100)).into(),
        believable.replace(":7", ":-7").into(),
        believable.replace("_version\":1", "_version\":2").into(),
        believable.replace("since_ms\":1", "since_ms\":18446744073709551615").into(),
        believable.replace('}', r#","more":1}"#).into(),
    ];
    let space = space();
    let _holder = hold(&space);
    let told = || {
        let run = space.run(&["pack", "--no-wait", "--message-format", "short"]);
        assert_eq!(run.code, 5, "{}", run.stdout);
        run.stdout.lines().next().unwrap().to_owned()
    };
    for note in notes {
        space.write(NOTE, &note);
        let shown = String::from_utf8_lossy(&note[..note.len().min(80)]).into_owned();
        assert!(told().ends_with("error[LANE_BUSY]: another operation holds the workspace"), "{shown}: {}", told());
    }
    space.write(NOTE, believable);
    assert!(told().contains("another operation holds the workspace: pack, process 7, for "), "{}", told());
    // Nor is anything else in its place a danger.
    fs::remove_file(space.path().join(NOTE)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", space.path().join(NOTE)).unwrap();
    assert!(told().ends_with("holds the workspace"), "{}", told());
}

#[test]
fn the_note_is_looked_at_only_after_the_lane_was_found_taken_twice() {
    let fs = workspace();
    let _holder = fs.try_lock(Utf8Path::new("assets/.prometeu")).unwrap().unwrap();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let calls = Arc::clone(&calls);
        move |call: Call<'_>| {
            calls.lock().unwrap().push((call.operation, call.path.to_string()));
            Ok(())
        }
    };
    let mut session = hooked::session(HookedFs::new(Arc::new(fs), hook));
    let result = session.pack(&PackRequest { no_wait: true, ..PackRequest::default() }, &|_| {});
    assert_eq!(result.status, Status::LaneBusy);
    let lane = || (Operation::Lock, "assets/.prometeu".to_owned());
    let opened = |path: &str| (Operation::Open, path.to_owned());
    assert_eq!(*calls.lock().unwrap(), [opened("papack.toml"), lane(), lane(), opened(NOTE)]);
}

#[test]
fn a_note_that_cannot_be_written_stops_nothing() {
    let space = space();
    space.write("assets/.prometeu/cache", "a file where the folder belongs");
    space.pack();
    assert_eq!(space.read("assets/.prometeu/cache"), b"a file where the folder belongs");
    fs::remove_file(space.path().join("assets/.prometeu/cache")).unwrap();
    fs::create_dir_all(space.path().join(NOTE)).unwrap();
    space.pack();
    assert!(space.path().join(NOTE).is_dir());
}

const INDEX: &str = "assets/.prometeu/cache/index";

#[test]
fn a_check_leaves_the_cache_alone_while_somebody_is_in_the_lane() {
    let space = space();
    let cached = || files_below(&space.path().join("assets/.prometeu/cache"));
    let checks = AtomicUsize::new(0);
    let result = space.session().pack(&PackRequest::default(), &|event| {
        if matches!(event.kind, EventKind::SnapshotFrozen { .. } | EventKind::GateFinished { .. }) {
            let before = cached();
            assert_eq!(space.run(&["check"]).code, 0);
            assert!(cached() == before, "{:?}", cached().keys());
            checks.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert_eq!((result.status, checks.into_inner()), (Status::Success, 2));
    assert!(space.path().join(INDEX).exists());
    // The note of a holder that was killed keeps nobody from it.
    fs::remove_file(space.path().join(INDEX)).unwrap();
    space.write(NOTE, r#"{"schema_version":1,"pid":1,"operation":"pack","since_ms":1}"#);
    assert_eq!(space.run(&["check"]).code, 0);
    assert!(space.path().join(INDEX).exists());
}

#[test]
fn a_check_never_keeps_anybody_from_the_lane() {
    let space = space();
    let root = space.path().to_owned();
    let calls = Arc::new(AtomicUsize::new(0));
    let hook = {
        let calls = Arc::clone(&calls);
        move |_: Call<'_>| {
            let lane = RealFs::new(&root).unwrap().try_lock(Utf8Path::new("assets/.prometeu")).unwrap();
            assert!(lane.is_some(), "the lane is taken");
            calls.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    };
    let real = Arc::new(RealFs::new(space.path()).unwrap());
    let result = hooked::session(HookedFs::new(real, hook)).check(&CheckRequest::default(), &|_| {});
    assert_eq!(result.status, Status::Success);
    assert!(space.path().join(INDEX).exists() && calls.load(Ordering::Relaxed) > 20);
}

/// A pack, or another check, ends at any moment of a check that looked before.
#[test]
fn a_check_replaces_no_index_but_the_one_that_it_opened() {
    for command in ["pack", "check"] {
        for had_index in [false, true] {
            for moment in [Operation::Open, Operation::Create, Operation::Write] {
                let space = Arc::new(space());
                if had_index {
                    assert_eq!(space.run(&["check"]).code, 0);
                    space.write("assets/a/f", "edited");
                }
                let left = Arc::new(Mutex::new(None));
                let hook = {
                    let (space, left) = (Arc::clone(&space), Arc::clone(&left));
                    move |call: Call<'_>| {
                        let is_input = call.path == "assets/a/f" || call.path.as_str().contains("/index-");
                        if call.operation == moment && is_input && left.lock().unwrap().is_none() {
                            assert_eq!(space.run(&[command]).code, 0);
                            *left.lock().unwrap() = Some(space.read(INDEX));
                        }
                        Ok(())
                    }
                };
                let real = Arc::new(RealFs::new(space.path()).unwrap());
                let mut session = hooked::session(HookedFs::new(real, hook));
                assert_eq!(session.check(&CheckRequest::default(), &|_| {}).status, Status::Success);
                let left = left.lock().unwrap().take().expect("the moment came");
                let context = format!("{command} at {moment:?}, {had_index}");
                assert!(space.read(INDEX) == left, "{context}: the index is another one");
                let names = files_below(&space.path().join("assets/.prometeu/cache")).into_keys();
                assert!(!names.into_iter().any(|name| name.contains("index-")), "{context}: litter");
                // What the session knows now, it may replace.
                space.write("assets/a/f", "edited again");
                assert_eq!(session.check(&CheckRequest::default(), &|_| {}).status, Status::Success);
                assert!(space.read(INDEX) != left, "{context}: nothing is kept any more");
            }
        }
    }
}
