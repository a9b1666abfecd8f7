//! Every single call of a pack fails once, in each way in which a disk fails, or is the last before the process dies.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use papack_engine::fs::FileSystem;
use papack_engine::{PackRequest, PackResult, Status};
use papack_queries::diagnostic::{Code, Diagnostic};

use crate::generations::{Build, edit, expected, pack, published, spoil, staging, workspace};
use crate::hooked::{self, Call, HookedFs};
use crate::memory::{Disk, MemoryFs};
use crate::space::{entry, manifest};

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It fails with this error number, and all others work.
    Fails(i32),
    /// It is done, and fails nevertheless, as over a network.
    FailsLate,
    /// It and all after it fail.
    Dies,
}

const EIO: i32 = 5;
const EACCES: i32 = 13;
const ENOSPC: i32 = 28;

const FATES: [Fate; 5] = [Fate::Fails(EIO), Fate::Fails(ENOSPC), Fate::Fails(EACCES), Fate::FailsLate, Fate::Dies];

/// Where a pack begins, and what is published before and after it.
struct Start {
    name: &'static str,
    disk: Disk,
    /// Packs once in the same session before the calls are counted: the sources are of generation 1 meanwhile.
    warm: bool,
    old: Build,
    new: Build,
}

impl Start {
    /// Packs while the call number `at` meets its fate. Tells whether it was reached.
    fn pack(&self, fs: &MemoryFs, at: usize, fate: Fate) -> (PackResult, bool) {
        let (next, armed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(!self.warm)));
        let hook = {
            let (next, armed) = (Arc::clone(&next), Arc::clone(&armed));
            move |_: Call<'_>| {
                if !armed.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let now = next.fetch_add(1, Ordering::Relaxed);
                match fate {
                    Fate::Fails(number) if now == at => Err(io::Error::from_raw_os_error(number)),
                    Fate::Dies if now >= at => Err(io::Error::from_raw_os_error(EIO)),
                    _ => Ok(()),
                }
            }
        };
        let after = {
            let (next, armed) = (Arc::clone(&next), Arc::clone(&armed));
            move |_: Call<'_>| {
                // The call before was counted by `hook`.
                let is_hit = fate == Fate::FailsLate && next.load(Ordering::Relaxed) == at + 1;
                if armed.load(Ordering::Relaxed) && is_hit { Err(io::Error::other("it was done")) } else { Ok(()) }
            }
        };
        let hooked: Arc<dyn FileSystem> = HookedFs::with_after(Arc::new(fs.clone()), hook, after);
        let mut session = hooked::session(hooked);
        if self.warm {
            edit(fs, 1);
            assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::Success);
            edit(fs, 2);
            armed.store(true, Ordering::Relaxed);
        }
        let result = session.pack(&PackRequest::default(), &|_| {});
        (result, next.load(Ordering::Relaxed) > at)
    }
}

fn first_pack() -> Start {
    Start { name: "first pack", disk: workspace().disk(), warm: false, old: Build::new(), new: expected(1) }
}

fn second_generation() -> Start {
    let fs = workspace();
    pack(Arc::new(fs.clone()));
    edit(&fs, 2);
    Start { name: "second generation", disk: fs.disk(), warm: false, old: expected(1), new: expected(2) }
}

/// Contents that the store does not keep in memory.
fn with_a_spool() -> Start {
    let fs = workspace();
    let entries = [entry(1, "a"), entry(2, "b"), entry(3, "c")].join(", ");
    let registry = format!(r#"{{"schema_version": 2, "next_asset_id": 4, "assets": [{entries}]}}"#);
    fs.write("assets/.prometeu/index.json", registry);
    fs.write("assets/c/asset.json", manifest(3, "c", r#"{"file": "f"}"#));
    fs.write("assets/c/f", vec![7; (1 << 20) + 1]);
    let published_with = |generation| {
        let fs = MemoryFs::of(fs.disk());
        edit(&fs, generation);
        pack(Arc::new(fs.clone()));
        (published(&fs), fs.disk())
    };
    let ((old, disk), (new, _)) = (published_with(1), published_with(2));
    let fs = MemoryFs::of(disk);
    edit(&fs, 2);
    Start { name: "with a spool", disk: fs.disk(), warm: false, old, new }
}

/// A session that packed before, and takes what did not change from the published file.
fn same_session() -> Start {
    let fs = workspace();
    Start { name: "same session", disk: fs.disk(), warm: true, old: expected(1), new: expected(2) }
}

/// A promotion of generation 2 that was cut between its renames; the sources are of generation 3 since.
fn recovery() -> Start {
    let start = second_generation();
    for at in 0.. {
        let fs = MemoryFs::of(start.disk.clone());
        start.pack(&fs, at, Fate::Dies);
        let build = published(&fs);
        if build != start.old && build != start.new {
            edit(&fs, 3);
            return Start { name: "recovery", disk: fs.disk(), warm: false, old: expected(2), new: expected(3) };
        }
    }
    unreachable!("a promotion has several renames")
}

/// Whether the result says truly what was published.
fn check_result(start: &Start, fs: &MemoryFs, before: &Build, result: &PackResult, fate: Fate) {
    let build = published(fs);
    let (is_old, is_new) = (build == start.old, build == start.new);
    match (result.status, fate) {
        (_, Fate::Dies) => assert_whole(start, before, &build),
        (Status::Success, _) => assert!(is_new, "success with another build"),
        // Only permissions are a property of the workspace. Without the lane, nothing is completed either.
        (Status::GateFailed, Fate::Fails(EACCES)) => {
            assert!((is_old || build == *before) && !result.execution_started);
        }
        (Status::ExecutionFailed, _) => assert!(is_old || build == *before),
        (Status::PublicationFailed, _) => {
            assert!(is_old || is_new || build == *before, "a mix was left");
            let left = staging(fs);
            assert!(
                left.is_empty() || left.contains_key(".staging/journal.json"),
                "nobody needs what is staged: {left:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(result.companions.is_some(), result.status == Status::Success);
    let told = result.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(told, result.status != Status::Success, "{:#?}", result.diagnostics);
}

fn assert_whole(start: &Start, before: &Build, build: &Build) {
    for file in build {
        let is_known = [&start.old, &start.new, before].into_iter().any(|known| known.contains(file));
        assert!(is_known, "{} is torn", file.0);
    }
}

/// What the next operations in the lane make of it.
fn check_healing(start: &Start, fs: &MemoryFs) {
    let sources = fs.tree("assets/a")["asset.json"].clone().unwrap();
    spoil(fs);
    assert_eq!(pack(Arc::new(fs.clone())).status, Status::GateFailed);
    let build = published(fs);
    assert!(build == start.old || build == start.new, "a mix outlived the next operation");
    assert!(staging(fs).is_empty(), "the next operation left litter");
    fs.write("assets/a/asset.json", sources);
    let result = pack(Arc::new(fs.clone()));
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    assert!(published(fs) == start.new && staging(fs).is_empty(), "the next pack did not heal");
}

/// Lets every call of a pack meet the fates that `fates` chooses for it. Tells how many calls there were.
fn every_call(start: &Start, fates: impl Fn(usize) -> Vec<Fate>) -> usize {
    for at in 0.. {
        for fate in fates(at) {
            let fs = MemoryFs::of(start.disk.clone());
            let before = published(&fs);
            let (result, reached) = start.pack(&fs, at, fate);
            if !reached {
                assert_eq!(result.status, Status::Success);
                return at;
            }
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                check_result(start, &fs, &before, &result, fate);
                check_healing(start, &fs);
            }));
            assert!(outcome.is_ok(), "{}: call {at} {fate:?}: {:#?}", start.name, result.diagnostics);
        }
    }
    unreachable!("a pack ends")
}

fn every_start(fates: impl Fn(usize) -> Vec<Fate>) {
    for start in [first_pack(), second_generation(), with_a_spool(), same_session(), recovery()] {
        let calls = every_call(&start, &fates);
        println!("{}: {calls} calls", start.name);
        assert!(calls > 60, "{}: only {calls} calls", start.name);
    }
}

#[test]
fn a_pack_survives_the_failure_of_each_of_its_calls() {
    every_start(|at| vec![FATES[at % 3], FATES[3 + at % 2]]);
}

/// The sources of a generation; in those of the second one the other asset is not registered any more.
fn edit_all(fs: &MemoryFs, generation: u8) {
    edit(fs, generation);
    let entries = if generation == 2 { entry(1, "a") } else { [entry(1, "a"), entry(2, "b")].join(", ") };
    let registry = format!(r#"{{"schema_version": 2, "next_asset_id": 3, "assets": [{entries}]}}"#);
    fs.write("assets/.prometeu/index.json", registry);
}

/// What a session took in before a call failed, it does not take for done: neither where the sources stay so, nor where
/// they become again what they were.
#[test]
fn a_session_forgets_nothing_when_a_call_fails() {
    for (fate, then) in [(EIO, 2), (EACCES, 2), (EIO, 1)] {
        let clean = workspace();
        edit_all(&clean, then);
        let told = pack(Arc::new(clean.clone())).diagnostics;
        assert_eq!(told.len(), usize::from(then == 2), "only the other asset is told of");
        for at in 0.. {
            let fs = workspace();
            let calls = Arc::new(AtomicUsize::new(0));
            let hook = {
                let calls = Arc::clone(&calls);
                move |_: Call<'_>| match calls.fetch_add(1, Ordering::Relaxed) {
                    now if now == at => Err(io::Error::from_raw_os_error(fate)),
                    _ => Ok(()),
                }
            };
            let mut session = hooked::session(HookedFs::new(Arc::new(fs.clone()), hook));
            let mut pack = |first_call| {
                calls.store(first_call, Ordering::Relaxed);
                session.pack(&PackRequest::default(), &|_| {})
            };
            let never = usize::MAX / 2;
            assert_eq!(pack(never).status, Status::Success);
            edit_all(&fs, 2);
            pack(0);
            let is_reached = calls.load(Ordering::Relaxed) > at;
            edit_all(&fs, then);
            let result = pack(never);
            let moment = format!("call {at} fails with {fate}, then {then}: {:#?}", result.diagnostics);
            assert!(result.status == Status::Success && published(&fs) == published(&clean), "{moment}");
            let told_now = result.diagnostics.iter().filter(|found| !is_of_the_past(found));
            assert!(told_now.eq(&told), "{moment}");
            if !is_reached {
                assert!(at > 60, "only {at} calls");
                break;
            }
        }
    }
}

fn is_of_the_past(found: &Diagnostic) -> bool {
    matches!(found.code, Code::PromotionCompleted | Code::CacheDropped)
}

#[test]
#[ignore = "long tier"]
fn a_pack_survives_each_failure_of_each_of_its_calls() {
    every_start(|_| FATES.to_vec());
}
