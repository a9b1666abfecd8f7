//! A session that packs again and again, as an editor or a watch does.

use std::fs;
use std::sync::{Arc, Mutex};

use papack_engine::fs::RealFs;
use papack_engine::{
    AssetOutcome, Cancel, CheckRequest, Event, EventKind, Observer, PackRequest, PackResult, PlanRequest, Session,
    Status,
};

use crate::space::{CACHE, TestSpace, entry, manifest};

fn space() -> TestSpace {
    TestSpace::copy_of("demo")
}

/// Packs, and gives the result with the assets that were derived.
fn pack(session: &mut Session) -> (PackResult, Vec<u32>) {
    let derived = Mutex::new(Vec::new());
    let result = session.pack(&PackRequest::default(), &|event| {
        if let EventKind::AssetFinished { asset_id, outcome: AssetOutcome::Derived } = event.kind {
            derived.lock().unwrap().push(asset_id);
        }
    });
    let mut derived = derived.into_inner().unwrap();
    derived.sort_unstable();
    assert_eq!(result.derived_asset_count, derived.len());
    (result, derived)
}

/// What a clean pack by another process gives, byte for byte.
#[track_caller]
fn assert_clean(space: &TestSpace) {
    let incremental = space.build();
    fs::remove_dir_all(space.path().join("build")).unwrap();
    space.pack();
    assert_eq!(space.build(), incremental);
}

#[test]
fn what_did_not_change_is_reused() {
    let space = space();
    let mut session = space.session();
    let (first, derived) = pack(&mut session);
    assert_eq!((first.status, derived.len()), (Status::Success, 17));

    let (again, derived) = pack(&mut session);
    assert!(again.up_to_date && derived.is_empty());
    assert_eq!(again.reused_asset_count, 17);

    // One level edited derives one asset; the pictures come from assets.pa.
    let level = "assets/levels/legend.txt";
    let mut text = space.read(level);
    text.extend(b"\n; edited\n");
    space.write(level, text);
    let (edited, derived) = pack(&mut session);
    assert_eq!((edited.status, edited.up_to_date, derived), (Status::Success, false, vec![18]));
    assert_clean(&space);
}

#[test]
fn an_ephemeral_session_leaves_nothing_behind_but_the_outputs() {
    let space = space();
    let names = |space: &TestSpace| {
        let names = fs::read_dir(space.path().join("assets/.prometeu")).unwrap();
        names.map(|name| name.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = names(&space);
    let mut session = Session::ephemeral(Arc::new(RealFs::new(space.path()).unwrap()));
    let checked = session.check(&CheckRequest::default(), &|_| {});
    let (packed, _) = pack(&mut session);
    assert_eq!((checked.status, packed.status), (Status::Success, Status::Success));
    assert!(pack(&mut session).1.is_empty(), "what it found it still has");
    assert_eq!(names(&space), before);
    assert_clean(&space);
}

/// The outcome of each asset, in the order of ids.
fn outcomes(run: impl FnOnce(&Observer<'_>)) -> Vec<(u32, AssetOutcome)> {
    let outcomes = Mutex::new(Vec::new());
    run(&|event: &Event| {
        if let EventKind::AssetFinished { asset_id, outcome } = event.kind {
            outcomes.lock().unwrap().push((asset_id, outcome));
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|(asset_id, _)| *asset_id);
    outcomes
}

#[test]
fn a_faulty_asset_is_neither_derived_nor_reused() {
    use AssetOutcome::{Derived, Faulty, Reused};
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")]), ("c", &[("h.wav", "no sound")])]);
    let sound = manifest(3, "c", r#"{ "file": "h.wav" }"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    space.write("assets/c/asset.json", sound);
    let whole = space.read("assets/b/asset.json");
    space.write("assets/b/asset.json", "{");

    let mut session = space.session();
    let mut pack = |expected: [AssetOutcome; 3]| {
        let mut result = None;
        let found = outcomes(|observer| result = Some(session.pack(&PackRequest::default(), observer)));
        assert_eq!(found.iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), expected);
        let result = result.unwrap();
        let count = |outcome| expected.iter().filter(|expected| **expected == outcome).count();
        let counts = [result.derived_asset_count, result.reused_asset_count, result.faulty_asset_count];
        assert_eq!(counts, [Derived, Reused, Faulty].map(count));
        result.status
    };
    assert_eq!(pack([Derived, Faulty, Faulty]), Status::GateFailed);
    assert_eq!(pack([Reused, Faulty, Faulty]), Status::GateFailed, "of what did not change, too");
    space.write("assets/b/asset.json", whole);
    assert_eq!(pack([Reused, Derived, Faulty]), Status::GateFailed);

    // Outside the build set it is a warning, and an operation that repeats what one without errors found says the same.
    assert_eq!(space.run(&["exclude", "c"]).code, 0);
    for round in 0..3 {
        let mut result = None;
        let found = outcomes(|observer| {
            result = Some(space.session().check(&CheckRequest::default(), observer));
        });
        let result = result.unwrap();
        assert_eq!((result.status, result.warning_count), (Status::Success, 1), "{round}");
        assert_eq!(found[2], (3, Faulty), "{round}");
        assert!(found[..2].iter().all(|(_, outcome)| *outcome != Faulty), "{round}");
        // Only the stamps of what has rested are kept.
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
}

/// Nothing of what the session, an earlier process or a plan knows saves it any work.
#[test]
fn a_rehash_derives_all() {
    let space = space();
    let rehash = || PackRequest { rehash: true, explain: true, ..PackRequest::default() };
    let mut session = space.session();
    let (first, all) = pack(&mut session);
    let build = space.build();
    for mut session in [session, space.session()] {
        let plan = session.plan(&PlanRequest { rehash: true, ..PlanRequest::default() }, &|_| {});
        assert_eq!((plan.derived_asset_count, plan.up_to_date), (all.len(), false));
        let result = session.pack(&rehash(), &|_| {});
        assert_eq!((result.status, result.derived_asset_count), (Status::Success, first.packed_asset_count));
        assert!(result.up_to_date && space.build() == build, "the outputs were looked into, and are the same");
        assert_eq!(plan.assets, result.explained.unwrap(), "a pack does what a plan told");

        // An output that was altered and dated back is found, too.
        let altered = [&build["assets.pa"][..build["assets.pa"].len() - 1], b"x"].concat();
        space.write("build/assets.pa", altered);
        assert!(!session.pack(&rehash(), &|_| {}).up_to_date && space.build() == build);
        let segments = fs::read_dir(space.path().join(CACHE).join("payloads")).unwrap().count();
        assert_eq!(segments, 1 + 1, "one segment takes the place of all others, beside their order");

        // A check derives all, too, and publishes nothing.
        let check = session.check(&CheckRequest { rehash: true, ..CheckRequest::default() }, &derived_by_check(&all));
        assert_eq!(check.status, Status::Success);
        let (again, derived) = pack(&mut session);
        assert!(again.up_to_date && derived.is_empty(), "what a rehash learned is believed from then on");
    }
}

/// An observer that wants each of `all` to be derived.
fn derived_by_check(all: &[u32]) -> impl Fn(&Event) + Sync {
    |event| {
        if let EventKind::AssetFinished { asset_id, outcome } = event.kind {
            assert!(!all.contains(&asset_id) || outcome == AssetOutcome::Derived, "asset {asset_id} was reused");
        }
    }
}

#[test]
fn white_space_and_pipeline_derive_nothing() {
    let space = space();
    let mut session = space.session();
    pack(&mut session);
    let path = "assets/world/terrain/asset.json";
    let text = String::from_utf8(space.read(path)).unwrap();
    space.write(path, format!("\n{text}"));
    let (white_space, derived) = pack(&mut session);
    assert!(white_space.up_to_date && derived.is_empty(), "{derived:?}");

    space.write(path, text.replacen("\"pipeline\": {", "\"pipeline\": { \"added\": 0.25,", 1));
    let (pipeline, derived) = pack(&mut session);
    assert!(!pipeline.up_to_date && derived.is_empty(), "{derived:?}");
    assert!(String::from_utf8(space.read("build/asset_table_metadata.json")).unwrap().contains("\"added\":0.25"));
    assert_clean(&space);
}

#[test]
fn a_published_file_that_was_touched_is_not_trusted() {
    let space = space();
    let mut session = space.session();
    pack(&mut session);
    let good = space.build();
    // Altered in place, at the same size.
    let mut altered = good["assets.pa"].clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 0xff;
    space.write("build/assets.pa", &altered);
    let (result, derived) = pack(&mut session);
    assert_eq!((result.status, result.up_to_date), (Status::Success, false));
    assert_eq!(derived, [0; 0], "what the outputs lost is in the cache");
    assert_eq!(space.build(), good);

    // Without a cache only the asset is derived whose payload was hit.
    drop(session);
    space.forget_payloads();
    space.write("build/assets.pa", &altered);
    let (result, derived) = pack(&mut space.session());
    assert_eq!((result.status, result.up_to_date, derived.len()), (Status::Success, false, 1), "{derived:?}");
    assert_eq!(space.build(), good);
}

#[test]
fn a_broken_workspace_is_survived_and_repaired() {
    let space = space();
    let mut session = space.session();
    pack(&mut session);
    let good = space.build();
    let path = "assets/ui/font/asset.json";
    let text = space.read(path);
    space.write(path, "{");
    let (broken, _) = pack(&mut session);
    assert_eq!((broken.status, broken.execution_started), (Status::GateFailed, false));
    assert_eq!(
        session.texts(&broken.diagnostics).get(path).map(String::as_str),
        Some("{"),
        "the excerpt shows what was read"
    );
    assert_eq!(space.build(), good);
    space.write(path, text);
    let (repaired, derived) = pack(&mut session);
    assert!(repaired.status == Status::Success && repaired.up_to_date);
    assert!(derived.is_empty(), "a failed pack forgets nothing, and what was derived before is kept: {derived:?}");
}

#[test]
fn an_asset_that_was_edited_may_leave_the_build_and_come_back() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
    let mut session = space.session();
    space.write("assets/b/g", "edited");
    pack(&mut session);
    let all = space.build();
    let registry = space.read("assets/.prometeu/index.json");
    space.write_registry(&[entry(1, "a"), entry(2, "b").replace("true", "false")]);
    assert_eq!(pack(&mut session).0.packed_asset_count, 1);
    space.write("assets/.prometeu/index.json", registry);
    let (back, _) = pack(&mut session);
    assert_eq!((back.status, back.packed_asset_count), (Status::Success, 2), "{:?}", back.diagnostics);
    assert_eq!(space.build(), all);
}

#[test]
fn cancelling_changes_nothing() {
    let space = space();
    let mut session = space.session();
    // Whenever the caller cancels, up to the last moment before promotion.
    for moment in ["SnapshotFrozen", "AssetStarted", "GateFinished", "Assembled", "Staged"] {
        let request = PackRequest::default();
        let cancel = request.cancel.clone();
        let result = session.pack(&request, &|event| {
            if format!("{:?}", event.kind).starts_with(moment) {
                cancel.cancel();
            }
        });
        assert_eq!(result.status, Status::Cancelled, "{moment}");
        assert_eq!(space.build().len(), 0, "{moment}");
        assert!(!space.path().join("build").exists(), "{moment}");
    }
    assert_eq!(pack(&mut session).0.status, Status::Success);
}

/// Even where there is nothing to do, so that nothing would be cut short.
#[test]
fn what_is_cancelled_before_it_begins_does_nothing() {
    let space = space();
    let mut session = space.session();
    assert_eq!(pack(&mut session).0.status, Status::Success);
    let cancel = Cancel::new();
    cancel.cancel();
    for again in 0..2 {
        let kinds = Mutex::new(Vec::new());
        let observer = |event: &Event| kinds.lock().unwrap().push(format!("{:?}", event.kind));
        let cancel = cancel.clone();
        let status = match again {
            0 => session.pack(&PackRequest { cancel, ..PackRequest::default() }, &observer).status,
            _ => session.check(&CheckRequest { cancel, ..CheckRequest::default() }, &observer).status,
        };
        assert_eq!(status, Status::Cancelled);
        assert_eq!(kinds.into_inner().unwrap().len(), 2, "the beginning and the end");
    }
    assert!(pack(&mut session).0.up_to_date);
}
