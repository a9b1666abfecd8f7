//! Failing disks, killed processes and busy editors, at every call.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use papack_engine::fs::RealFs;
use papack_engine::{Cancel, Change, Levels, ManageRequest, ManageResult, PackRequest, Status, Task};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::formats::FormatChoice;
use papack_queries::schema::manifest;

use crate::hooked::{self, Call, HookedFs, Operation};
use crate::migrate::{old_manifest, old_registry};
use crate::space::{TestSpace, manifest as new_manifest};
use crate::{files, registry};

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It fails, and all others work.
    Fails,
    /// It is done, says that it failed, and all others work.
    Lies,
    /// It and all after it fail: to the disk, a process that was killed. A write gets half way.
    Dies,
}

/// Assets 1 and 2 at `a` and `b`, the copy of 1 at `copy`, and `new`: all documents of version 1.
fn workspace() -> TestSpace {
    let space = TestSpace::empty();
    space.write("assets/.prometeu/index.json", old_registry(&[(1, "a"), (2, "b")]));
    for (id, root) in [(1, "a"), (2, "b"), (1, "copy"), (3, "new")] {
        space.write(&format!("assets/{root}/asset.json"), old_manifest(id, root, "f"));
        space.write(&format!("assets/{root}/f"), root);
    }
    space
}

fn request(task: &Task) -> ManageRequest {
    ManageRequest {
        task: task.clone(),
        dry_run: false,
        no_wait: false,
        levels: Levels::default(),
        cancel: Cancel::default(),
    }
}

fn manage(
    space: &TestSpace,
    task: &Task,
    hook: impl Fn(Call<'_>) -> io::Result<()> + Send + Sync + 'static,
) -> ManageResult {
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), hook);
    hooked::session(fs).manage(&request(task), &|_| {})
}

/// Folders that are mounts of their own.
type Mounts = &'static [&'static str];

/// All documents are on one mount, or hardly two of them.
const MOUNTS: [Mounts; 2] = [&[], &["assets/b", "assets/copy", "assets/new"]];

/// Fails renames that would leave a mount.
fn crosses(mounts: Mounts, call: Call<'_>) -> io::Result<()> {
    const EXDEV: i32 = 18;
    let mount = |path: &Utf8Path| mounts.iter().find(|mount| path.starts_with(mount));
    let crosses = call.from.is_some_and(|from| mount(from) != mount(call.path));
    if crosses { Err(io::Error::from_raw_os_error(EXDEV)) } else { Ok(()) }
}

/// Does the task while the call number `at` meets its fate. Tells how it went, and whether that call was reached.
fn interrupted(space: &TestSpace, mounts: Mounts, task: &Task, at: usize, fate: Fate) -> (ManageResult, bool) {
    let next = Arc::new(AtomicUsize::new(0));
    let meet = |is_meant: bool| {
        let next = Arc::clone(&next);
        move |call: Call<'_>| {
            crosses(mounts, call)?;
            if !is_meant {
                return Ok(());
            }
            let now = next.fetch_add(1, Ordering::Relaxed);
            let hit = if fate == Fate::Dies { now >= at } else { now == at };
            if hit { Err(io::Error::other("injected")) } else { Ok(()) }
        }
    };
    let real = Arc::new(RealFs::new(space.path()).unwrap());
    let fs = HookedFs::with_after(real, meet(fate != Fate::Lies), meet(fate == Fate::Lies));
    let result = hooked::session(fs).manage(&request(task), &|_| {});
    (result, next.load(Ordering::Relaxed) > at)
}

/// Registry and manifests are whole, each id is given once, and below the next one.
fn expect_whole(space: &TestSpace, context: &str) {
    let registry = registry(space);
    assert!(registry.entries.iter().all(|entry| entry.asset_id < registry.next_asset_id.unwrap()), "{context}");
    for (path, text) in files(space) {
        if path.ends_with("asset.json") && !path.contains(".prometeu") {
            let (_, found) = manifest::parse(&path, &text);
            assert!(!found.iter().any(Diagnostic::is_error), "{context}: {path}: {found:?}");
        }
    }
}

/// Nothing waits, in the packer's own folder or elsewhere, and nothing was forgotten.
fn expect_no_litter(space: &TestSpace, context: &str) {
    let is_litter = |path: &String| ["/cache/", "/staged/", "/.papack-"].iter().any(|part| path.contains(part));
    let left: Vec<_> = files(space).into_keys().filter(is_litter).collect();
    assert_eq!(left, Vec::<String>::new(), "{context}: litter stays");
}

/// The workspace without what a run makes up: random identities.
fn end_state(space: &TestSpace) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(space);
    let copy = files.iter().find(|(path, _)| path.ends_with("copy/asset.json"));
    let identity =
        copy.and_then(|(path, text)| manifest::parse(path, text).0.asset_uuid).map(|(uuid, _)| uuid.to_string());
    for text in files.values_mut() {
        *text = String::from_utf8(text.clone()).unwrap().replace(identity.as_ref().unwrap(), "IDENTITY").into_bytes();
    }
    files
}

/// At every call, failing or dying, the task leaves whole documents, tells the truth about what it changed, and is
/// completed by the same call made again.
fn survives(task: &Task, repeat: &Task) {
    MOUNTS.iter().for_each(|mounts| survives_on(mounts, task, repeat));
}

/// A pack, whatever becomes of it, takes nothing that waits for an artifact file: it is removed before.
fn expect_no_litter_after_a_pack(space: &TestSpace, context: &str) {
    space.session().pack(&PackRequest::default(), &|_| {});
    let left: Vec<_> = files(space).into_keys().filter(|path| path.contains("/.papack-")).collect();
    assert_eq!(left, Vec::<String>::new(), "{context}: litter stays beside documents");
    for made in ["assets/.prometeu/cache", "build"] {
        drop(std::fs::remove_dir_all(space.path().join(made)));
    }
}

fn survives_on(mounts: Mounts, task: &Task, repeat: &Task) {
    let expected = {
        let space = workspace();
        assert_eq!(manage(&space, task, |_| Ok(())).status, Status::Success);
        end_state(&space)
    };
    for fate in [Fate::Fails, Fate::Lies, Fate::Dies] {
        let mut reached = 0;
        for at in 0.. {
            let space = workspace();
            let before = files(&space);
            let (result, hit) = interrupted(&space, mounts, task, at, fate);
            if !hit {
                assert_eq!(result.status, Status::Success);
                break;
            }
            reached += 1;
            let context =
                format!("{task:?}, call {at} {fate:?}, {mounts:?}, {:?}: {:?}", result.status, result.diagnostics);
            expect_whole(&space, &context);
            expect_truth(&space, &before, &result, &context);
            if fate == Fate::Dies && !mounts.is_empty() {
                expect_no_litter_after_a_pack(&space, &context);
            }
            let again = manage(&space, repeat, move |call| crosses(mounts, call));
            assert_eq!(again.status, Status::Success, "{context}: {:?}", again.diagnostics);
            assert!(end_state(&space) == expected, "{context}: another end");
            expect_no_litter(&space, &context);
        }
        assert!(reached > if fate == Fate::Lies { 6 } else { 30 }, "only {reached} calls were met");
    }
}

/// What the result says was changed is changed, and nothing else, but for a rename of which the process never heard.
fn expect_truth(space: &TestSpace, before: &BTreeMap<String, Vec<u8>>, result: &ManageResult, context: &str) {
    let after = files(space);
    let is_changed = |path: &str| before.get(path) != after.get(path);
    let told = |wanted: fn(&Change) -> bool| result.changes.iter().any(wanted);
    let in_registry = |change: &Change| {
        matches!(change, Change::AssetRegistered { .. } | Change::AssetRelocated { .. } | Change::AssetExcluded { .. })
    };
    let migrated = result
        .changes
        .iter()
        .any(|change| *change == Change::DocumentMigrated { path: "assets/.prometeu/index.json".into() });
    assert_eq!(is_changed("assets/.prometeu/index.json"), told(in_registry) || migrated, "{context}");
    assert_eq!(
        is_changed("assets/copy/asset.json"),
        result.changes.iter().any(|change| match change {
            Change::IdentityGiven { path, .. } | Change::DocumentMigrated { path } => path == "assets/copy/asset.json",
            _ => false,
        }),
        "{context}"
    );
    assert_eq!(is_changed("assets/a/f"), told(|change| matches!(change, Change::FolderMoved { .. })), "{context}");
    match result.status {
        Status::Success => {}
        Status::ExecutionFailed | Status::PublicationFailed => {
            assert!(result.diagnostics.iter().any(|found| found.code == Code::Io && found.path.is_some()), "{context}");
        }
        other => panic!("{context}: {other:?}"),
    }
}

#[test]
fn a_migration_survives_every_failure_and_death() {
    survives(&Task::Migrate, &Task::Migrate);
}

#[test]
fn a_registration_survives_every_failure_and_death() {
    let task = Task::Add { roots: vec!["copy".into(), "new".into()] };
    survives(&task, &task);
}

#[test]
fn an_exclusion_survives_every_failure_and_death() {
    let task = Task::Exclude { assets: vec!["*".into()] };
    survives(&task, &task);
}

#[test]
fn a_move_survives_every_failure_and_death() {
    let task = Task::Move { asset: "a".into(), root: "moved".into() };
    // By its id: where the move is done already, no asset is at its old root.
    survives(&task, &Task::Move { asset: "1".into(), root: "moved".into() });
}

/// The folders around the new place are made, and are gone again where the asset did not get there.
#[test]
fn a_move_into_new_folders_survives_every_failure_and_death() {
    let task = Task::Move { asset: "a".into(), root: "new er/still/moved".into() };
    survives(&task, &Task::Move { asset: "1".into(), root: "new er/still/moved".into() });
    let made = |space: &TestSpace| space.path().join("assets/new er").exists();
    let mut failed = 0;
    for at in 0.. {
        let space = workspace();
        let before = files(&space);
        let (result, hit) = interrupted(&space, &[], &task, at, Fate::Fails);
        if !hit {
            break;
        }
        if result.status != Status::Success && result.changes.is_empty() {
            failed += 1;
            assert!(files(&space) == before && !made(&space), "call {at}: {:?}", result.diagnostics);
        }
        let told = result.changes.iter().any(|change| matches!(change, Change::FolderCreated { .. }));
        assert_eq!(told, made(&space), "call {at}: {:?}", result.changes);
    }
    assert!(failed > 20, "only {failed} failures changed nothing");
}

#[test]
fn a_new_asset_is_registered_whole_or_can_be_added() {
    let task = Task::New { root: "fresh".into(), format: Some(FormatChoice::DataRawV1), files: Vec::new() };
    for fate in [Fate::Fails, Fate::Lies, Fate::Dies] {
        for at in 0.. {
            let space = workspace();
            space.write("assets/fresh/f", "f");
            let (_, hit) = interrupted(&space, &[], &task, at, fate);
            let context = format!("call {at} {fate:?}");
            expect_whole(&space, &context);
            let add = Task::Add { roots: vec!["fresh".into()] };
            let rest = if files(&space).contains_key("assets/fresh/asset.json") { &add } else { &task };
            assert_eq!(manage(&space, rest, |_| Ok(())).status, Status::Success, "{context}");
            assert_eq!(registry(&space).entries.last().unwrap().root, "fresh", "{context}");
            assert_eq!(registry(&space).next_asset_id, Some(11), "{context}");
            expect_no_litter(&space, &context);
            if !hit {
                break;
            }
        }
    }
}

#[test]
fn a_workspace_is_made_whole_or_not_at_all() {
    let ended = [".gitignore", "assets/.prometeu/index.json"];
    for fate in [Fate::Fails, Fate::Lies, Fate::Dies] {
        for at in 0.. {
            let space = TestSpace::empty();
            let (result, hit) = interrupted(&space, &[], &Task::Init { demo: false }, at, fate);
            let made = files(&space);
            if result.status == Status::Success {
                assert_eq!(
                    made.keys().filter(|path| !path.contains("/cache/")).collect::<Vec<_>>(),
                    ended,
                    "call {at}"
                );
            } else {
                assert!(!result.diagnostics.is_empty(), "call {at}: {:?}", result.status);
            }
            if made.contains_key(ended[1]) {
                assert_eq!(registry(&space).next_asset_id, Some(1), "call {at}");
            } else {
                assert_eq!(
                    manage(&space, &Task::Init { demo: false }, |_| Ok(())).status,
                    Status::Success,
                    "call {at}"
                );
            }
            assert_eq!(manage(&space, &Task::Migrate, |_| Ok(())).status, Status::Success, "call {at}");
            assert_eq!(files(&space).keys().collect::<Vec<_>>(), ended, "call {at} {fate:?}");
            if !hit {
                break;
            }
        }
    }
}

#[test]
fn whoever_writes_meanwhile_loses_nothing() {
    let edited = new_manifest(1, "edited", r#"{"file": "f"}"#);
    for (task, path) in [
        (Task::Migrate, "assets/b/asset.json"),
        (Task::Migrate, "assets/.prometeu/index.json"),
        (Task::AddAll, "assets/copy/asset.json"),
        (Task::AddAll, "assets/.prometeu/index.json"),
        (Task::Move { asset: "a".into(), root: "moved".into() }, "assets/.prometeu/index.json"),
    ] {
        // Changed, and taken away, after it was read and before it is replaced.
        for content in [Some(edited.clone()), None] {
            let space = workspace();
            let place = space.path().join(path);
            let before = files(&space);
            let result = manage(&space, &task, {
                let (place, content) = (place.clone(), content.clone());
                move |call| {
                    // The new documents are being staged: all were read.
                    if call.operation == Operation::Create && call.path.as_str().contains("staged") {
                        match &content {
                            Some(text) => std::fs::write(&place, text).unwrap(),
                            None => drop(std::fs::remove_file(&place)),
                        }
                    }
                    Ok(())
                }
            });
            assert_eq!(result.status, Status::ExecutionFailed, "{task:?} {path}");
            let found = result.diagnostics.last().unwrap();
            assert_eq!((found.code, found.path.as_deref()), (Code::FileUnstable, Some(path)), "{task:?}");
            assert_eq!(std::fs::read_to_string(&place).ok(), content, "{task:?} {path}");
            assert_eq!(files(&space).get("assets/a/f"), before.get("assets/a/f"), "the folder is back");
            assert!(!space.path().join("assets/.prometeu/cache").exists());
        }
    }
}

/// An editor puts a manifest there in the very moment before papack's comes.
#[test]
fn a_file_that_comes_meanwhile_is_not_replaced() {
    let space = workspace();
    space.write("assets/made/f", "f");
    let place = space.path().join("assets/made/asset.json");
    let theirs = place.clone();
    let task = Task::New { root: "made".into(), format: Some(FormatChoice::DataRawV1), files: Vec::new() };
    let result = manage(&space, &task, move |call| {
        if call.operation == Operation::Rename && call.path == "assets/made/asset.json" {
            std::fs::write(&theirs, "theirs")?;
        }
        Ok(())
    });
    assert_eq!((result.status, result.changes), (Status::ExecutionFailed, Vec::new()));
    assert_eq!(result.diagnostics.last().map(|found| found.code), Some(Code::PlaceTaken));
    assert_eq!(std::fs::read(place).unwrap(), b"theirs");
    expect_no_litter(&space, "a file that came meanwhile");
}

#[test]
fn a_cancelled_change_changes_nothing() {
    for task in [Task::Migrate, Task::AddAll, Task::Move { asset: "a".into(), root: "moved".into() }] {
        let mut cancelled = 0;
        for at in 0.. {
            let space = workspace();
            let before = files(&space);
            let (next, cancel) = (Arc::new(AtomicUsize::new(0)), Cancel::default());
            let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), {
                let (next, cancel) = (Arc::clone(&next), cancel.clone());
                move |_| {
                    if next.fetch_add(1, Ordering::Relaxed) == at {
                        cancel.cancel();
                    }
                    Ok(())
                }
            });
            let request = ManageRequest { cancel, ..request(&task) };
            let result = hooked::session(fs).manage(&request, &|_| {});
            match result.status {
                Status::Cancelled => {
                    cancelled += 1;
                    assert!(files(&space) == before && result.changes.is_empty(), "{task:?}, call {at}");
                }
                Status::Success => assert!(files(&space) != before, "{task:?}, call {at}"),
                other => panic!("{task:?}, call {at}: {other:?}"),
            }
            if next.load(Ordering::Relaxed) <= at {
                break;
            }
        }
        assert!(cancelled > 5, "{task:?}: {cancelled}");
    }
}
