//! Operations of one session that come in between each other, end early, or find a workspace in which things are not in
//! their places: what they say and publish is what a clean operation in another folder says and publishes.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use papack_engine::fs::{FileSystem, RealFs};
use papack_engine::{Cancel, CheckRequest, EventKind, PackRequest, PackResult, Session, Status};

use papack_queries::diagnostic::Diagnostic;

use crate::hooked::{self, HookedFs, Operation};
use crate::space::{TestSpace, entry, manifest};

const ROOTS: [&str; 3] = ["g/one", "g/two", "h/three"];

fn space() -> TestSpace {
    TestSpace::with_assets(&ROOTS.map(|root| (root, &[("f", "first")][..])))
}

fn session(space: &TestSpace) -> Session {
    space.session()
}

fn pack(session: &mut Session) -> PackResult {
    session.pack(&PackRequest::default(), &|_| {})
}

fn check(session: &mut Session) -> Vec<Diagnostic> {
    session.check(&CheckRequest::default(), &|_| {}).diagnostics
}

/// A pack that is cancelled once it has read all.
fn pack_in_vain(session: &mut Session) {
    let cancel = Cancel::new();
    let request = PackRequest { cancel: cancel.clone(), ..PackRequest::default() };
    let result = session.pack(&request, &|event| {
        if matches!(event.kind, EventKind::SnapshotFrozen { .. }) {
            cancel.cancel();
        }
    });
    assert_eq!(result.status, Status::Cancelled);
}

/// A session in a copy of the workspace, without cache and outputs, and the copy.
fn clean(space: &TestSpace) -> (Session, TestSpace) {
    let copy = TestSpace::empty();
    for (path, content) in crate::space::files_below(&space.path().join("assets")) {
        if !path.starts_with(".prometeu/cache/") {
            copy.write(&format!("assets/{path}"), content);
        }
    }
    (session(&copy), copy)
}

#[track_caller]
fn assert_packs_as_clean(session: &mut Session, space: &TestSpace) {
    let (mut clean, copy) = clean(space);
    let (found, expected) = (pack(session), pack(&mut clean));
    assert_eq!((found.status, found.diagnostics), (expected.status, expected.diagnostics));
    if found.status == Status::Success {
        assert!(outputs(space) == outputs(&copy), "other outputs than a clean pack gives");
    }
}

#[track_caller]
fn assert_checks_as_clean(session: &mut Session, space: &TestSpace) {
    let (mut clean, _copy) = clean(space);
    assert_eq!(check(session), check(&mut clean));
}

fn outputs(space: &TestSpace) -> BTreeMap<String, Vec<u8>> {
    space.build().into_iter().filter(|(path, _)| !path.starts_with(".staging")).collect()
}

/// Registers the three assets; `excluded` is not packed.
fn register(space: &TestSpace, excluded: Option<usize>) {
    let entries = (1..).zip(ROOTS).map(|(id, root)| {
        let entry = entry(id, root);
        if excluded == Some(id) { entry.replace("true", "false") } else { entry }
    });
    space.write_registry(&entries.collect::<Vec<_>>());
}

#[test]
fn an_asset_that_was_excluded_for_a_while_is_packed_again() {
    let space = space();
    let mut session = session(&space);
    for excluded in [None, Some(2), None, Some(1), Some(2), None] {
        register(&space, excluded);
        assert_packs_as_clean(&mut session, &space);
    }
}

#[test]
fn a_check_says_of_an_excluded_asset_what_it_said_before_a_pack() {
    let space = space();
    register(&space, Some(2));
    // Of an older version: that is told.
    let older = manifest(2, "two", r#"{"file": "f"}"#).replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/g/two/asset.json", older);
    let mut session = session(&space);
    for content in ["a", "b", "c"] {
        assert_checks_as_clean(&mut session, &space);
        assert_packs_as_clean(&mut session, &space);
        space.write("assets/g/one/f", content);
    }
}

#[test]
fn what_a_cancelled_pack_saw_is_not_taken_for_what_is_there() {
    let space = space();
    let mut session = session(&space);
    assert_packs_as_clean(&mut session, &space);
    // An edit, which is undone.
    space.write("assets/g/one/f", "second");
    pack_in_vain(&mut session);
    space.write("assets/g/one/f", "first");
    assert_packs_as_clean(&mut session, &space);
    // An asset that is excluded, and included again.
    register(&space, Some(3));
    pack_in_vain(&mut session);
    register(&space, None);
    assert_packs_as_clean(&mut session, &space);
    // A file more, and one less.
    space.write("assets/g/two/asset.json", manifest(2, "two", r#"{"glob": "*"}"#));
    space.write("assets/g/two/h", "more");
    pack_in_vain(&mut session);
    fs::remove_file(space.path().join("assets/g/two/h")).unwrap();
    assert_packs_as_clean(&mut session, &space);
}

#[test]
fn what_the_registry_said_to_a_pack_that_was_cancelled_then_is_heard_by_the_next() {
    let space = space();
    let armed = Arc::new(Mutex::new(None::<Cancel>));
    let trigger = Arc::clone(&armed);
    let fs: Arc<dyn FileSystem> = Arc::new(RealFs::new(space.path()).unwrap());
    let fs = HookedFs::new(fs, move |call| {
        if call.operation == Operation::Read
            && call.path.ends_with("index.json")
            && let Some(cancel) = &*trigger.lock().unwrap()
        {
            cancel.cancel();
        }
        Ok(())
    });
    let mut session = hooked::session(fs);
    assert_packs_as_clean(&mut session, &space);
    for entries in [&[1, 3][..], &[1], &[1, 2, 3]] {
        let entries: Vec<_> = entries.iter().map(|id: &usize| entry(*id, ROOTS[id - 1])).collect();
        space.write_registry(&entries);
        let request = PackRequest::default();
        *armed.lock().unwrap() = Some(request.cancel.clone());
        let ended = session.pack(&request, &|_| {});
        *armed.lock().unwrap() = None;
        assert_eq!(ended.status, Status::Cancelled);
        assert_packs_as_clean(&mut session, &space);
        assert_checks_as_clean(&mut session, &space);
    }
}

#[test]
fn an_asset_that_is_not_in_its_place_is_told_of_so_again() {
    let space = space();
    let path = |path: &str| space.path().join("assets").join(path);
    let mut session = session(&space);
    let mut assert_twice = || {
        for _ in 0..2 {
            assert_checks_as_clean(&mut session, &space);
            assert_packs_as_clean(&mut session, &space);
            // As the next process does.
            assert_checks_as_clean(&mut self::session(&space), &space);
        }
    };
    assert_twice();
    // Only the manifest was moved.
    fs::create_dir(path("new")).unwrap();
    fs::rename(path("g/two/asset.json"), path("new/asset.json")).unwrap();
    assert_twice();
    // It is where another one belongs, which is in its place.
    fs::rename(path("g/one/asset.json"), path("g/two/asset.json")).unwrap();
    fs::rename(path("new/asset.json"), path("g/one/asset.json")).unwrap();
    assert_twice();
    // The folder has a twin, and the manifest no uuid.
    space.write("assets/H/other", "");
    space.write("assets/h/three/asset.json", "{");
    assert_twice();
}

#[test]
fn a_manifest_inside_an_asset_is_read_again_when_it_changes() {
    let space = space();
    let mut session = session(&space);
    for text in [manifest(9, "nine", ""), "{".into(), manifest(1, "one", "")] {
        space.write("assets/g/one/inner/asset.json", text);
        for _ in 0..2 {
            assert_checks_as_clean(&mut session, &space);
            assert_packs_as_clean(&mut self::session(&space), &space);
        }
    }
}
