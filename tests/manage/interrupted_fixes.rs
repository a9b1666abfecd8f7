//! `check --fix` while disks fail, processes die, and others write.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use papack_engine::fs::RealFs;
use papack_engine::{CheckResult, Code, FixRequest, Status};

use crate::hooked::{self, Call, HookedFs, Operation};
use crate::space::{TestSpace, entry};
use crate::{files, json};

const A: &str = "assets/a/asset.json";
const B: &str = "assets/b/asset.json";

/// Two manifests with a fault that has a safe fix, and one that shows only then.
fn workspace() -> TestSpace {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    for path in [A, B] {
        let text = String::from_utf8(space.read(path)).unwrap();
        space.write(path, text.replace("\"output\": { \"format\"", "\"outputs\": { \"formats\""));
    }
    space
}

fn fix(space: &TestSpace, hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static) -> CheckResult {
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), hook);
    hooked::session(fs).fix(&FixRequest::default(), &|_| {})
}

#[test]
fn whatever_fails_documents_are_whole_and_what_is_told_is_true() {
    let expected = {
        let space = workspace();
        let result = fix(&space, |_| Ok(()));
        assert_eq!((result.status, result.applied_fixes.len()), (Status::Success, 4), "{:?}", result.diagnostics);
        [A, B].map(|path| space.read(path))
    };
    for dies in [false, true] {
        let mut interrupted = 0;
        // Reading, and keeping what was found, is what every check does.
        for at in 0.. {
            let space = workspace();
            let before = [A, B].map(|path| space.read(path));
            let next = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&next);
            let result = fix(&space, move |call| {
                if !call.operation.changes() || call.path.as_str().contains("/cache") {
                    return Ok(());
                }
                let now = counter.fetch_add(1, Ordering::Relaxed);
                let hit = if dies { now >= at } else { now == at };
                if hit { Err(io::Error::other("injected")) } else { Ok(()) }
            });
            if next.load(Ordering::Relaxed) <= at {
                break;
            }
            interrupted += 1;
            let context = format!("call {at}, {dies}: {:?}, {:?}", result.status, result.diagnostics);
            for (path, (before, after)) in [A, B].into_iter().zip(before.iter().zip(&expected)) {
                let now = space.read(path);
                let once = String::from_utf8(before.clone()).unwrap().replace("\"outputs\"", "\"output\"");
                assert!(now == *before || now == *after || now == once.as_bytes(), "{context}: {path} is torn");
                let told = result.applied_fixes.iter().filter(|fix| fix.path == path).count();
                let made = if now == *before { 0 } else { 1 + usize::from(now == *after) };
                assert_eq!(told, made, "{context}: {path}");
            }
            assert_eq!(fix(&space, |_| Ok(())).status, Status::Success, "{context}");
            assert!([A, B].map(|path| space.read(path)) == expected, "{context}: another end");
            let is_litter = |path: &String| ["/staged/", "/.papack-"].iter().any(|part| path.contains(part));
            assert!(!files(&space).keys().any(is_litter), "{context}: litter stays");
        }
        assert!(interrupted > 10, "only {interrupted} calls were met");
    }
}

#[test]
fn a_document_that_changed_meanwhile_is_left_alone() {
    let space = workspace();
    let path = space.path().join(B);
    let is_written = AtomicBool::new(false);
    let result = fix(&space, move |call| {
        // The first document is staged, so all were read.
        if call.operation == Operation::Create
            && call.path.as_str().contains("staged")
            && !is_written.swap(true, Ordering::Relaxed)
        {
            std::fs::write(&path, "mine")?;
        }
        Ok(())
    });
    assert_eq!(result.status, Status::ExecutionFailed);
    let found: Vec<_> = result.diagnostics.iter().map(|found| (found.code, found.path.as_deref())).collect();
    assert_eq!(found, [(Code::FileUnstable, Some(B))]);
    assert_eq!(space.read(B), b"mine");
    let told: Vec<_> = result.applied_fixes.iter().map(|fix| fix.path.as_str()).collect();
    assert_eq!(told, [A], "the other one was replaced before");
}

#[test]
fn fixing_waits_for_the_lane_or_fails_at_once() {
    let space = workspace();
    let lane = std::fs::File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let before = space.read(A);
    let (code, result) = json(&space, &["check", "--fix", "--no-wait"]);
    assert_eq!((code, result["status"].as_str()), (5, Some("LANE_BUSY")), "{result}");
    assert!(space.read(A) == before);
    assert_eq!(json(&space, &["check", "--fix", "--dry-run"]).0, 1, "a dry run needs no lane");
    drop(lane);
    assert_eq!(json(&space, &["check", "--fix", "--no-wait"]).0, 0);
    for wrong in [["check", "--no-wait"], ["check", "--dry-run"]] {
        assert_eq!(space.run(&wrong).code, 2, "{wrong:?} means nothing without --fix");
    }
}

#[test]
fn nothing_is_fixed_while_the_settings_are_wrong_or_what_is_allowed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    std::fs::rename(space.path().join("assets/a"), space.path().join("assets/z")).unwrap();
    let text = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
    space.write("assets/.prometeu/index.json", text.replace("true", "false"));
    space.write("papack.toml", "what");
    assert_eq!(json(&space, &["check", "--fix"]).1["applied_fixes"], serde_json::json!([]));
    std::fs::remove_file(space.path().join("papack.toml")).unwrap();
    // Not in the build set, it is a warning.
    let (code, result) = json(&space, &["check", "--fix", "--allow", "asset-moved"]);
    assert_eq!((code, &result["applied_fixes"]), (0, &serde_json::json!([])), "{result}");
    let (_, result) = json(&space, &["check", "--fix"]);
    assert_eq!(result["applied_fixes"][0]["code"], "ASSET_MOVED", "{result}");
    let fixed = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
    assert!(fixed.contains(&entry(1, "z").replace("true", "false")), "{fixed}");
}
