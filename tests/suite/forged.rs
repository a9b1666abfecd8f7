//! Caches that somebody else made, or forged: each is dropped, or has no effect.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use papack_engine::fs::RealFs;
use papack_engine::{CheckRequest, PackRequest, PackResult, Session, Status, UserKey, Verdict, verify};
use papack_queries::diagnostic::{Code as Fault, Diagnostic};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::forgery::{CacheFiles, Change, Code, Index, change};
use crate::hooked::{Call, HookedFs, KEY, Operation};
use crate::pictures::rgba_of;
use crate::space::{CACHE, TestSpace, entry, files_below, manifest};
use crate::wav::Wav;

/// The key of another user.
const OTHER: [u8; 32] = [0x66; 32];

/// A workspace with an asset of each format, and something to tell of one. `seed` makes other contents of equal sizes.
fn space(seed: u8) -> TestSpace {
    let space = TestSpace::empty();
    space.write_registry(&["words", "ui", "sfx"].iter().zip(1..).map(|(root, id)| entry(id, root)).collect::<Vec<_>>());
    let native = |id, name, files: &str, output: &str| manifest(id, name, files).replace(r#""DATA/raw_v1""#, output);
    space.write("assets/words/asset.json", manifest(1, "words", r#"{"file": "w.txt"}"#));
    space.write("assets/words/w.txt", format!("some words {seed:03}"));
    let tiles = r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#;
    space.write("assets/ui/asset.json", native(2, "hud", r#"{"file": "p.png"}"#, tiles));
    space.write("assets/ui/p.png", rgba_of(8, 8, |pixel| [if pixel == 0 { seed & 0xf0 } else { 0 }, 0, 16, 255]));
    space.write("assets/sfx/asset.json", native(3, "sfx", r#"{"file": "s.wav"}"#, r#""SOUNDS/pcm_v1""#));
    space.write("assets/sfx/s.wav", Wav { data: vec![seed; 8], smpl: Some((0, 0, 1)), ..Wav::default() }.bytes());
    // Only the stamps of what has rested are kept.
    std::thread::sleep(Duration::from_millis(30));
    space
}

/// A session of the user with this key.
fn session(space: &TestSpace, key: [u8; 32]) -> Session {
    Session::with_file_system(Arc::new(RealFs::new(space.path()).unwrap()), UserKey::new(key))
}

fn pack(space: &TestSpace, rehash: bool) -> PackResult {
    session(space, KEY).pack(&PackRequest { rehash, ..PackRequest::default() }, &|_| {})
}

fn cache(space: &TestSpace) -> PathBuf {
    space.path().join(CACHE)
}

fn lay(space: &TestSpace, files: &CacheFiles) {
    drop(fs::remove_dir_all(cache(space)));
    files.iter().for_each(|(path, bytes)| space.write(&format!("{CACHE}/{path}"), bytes));
}

/// What the user with this key leaves in the cache when they pack.
fn made_with(space: &TestSpace, key: [u8; 32]) -> CacheFiles {
    drop(fs::remove_dir_all(cache(space)));
    drop(fs::remove_dir_all(space.path().join("build")));
    assert_eq!(session(space, key).pack(&PackRequest::default(), &|_| {}).status, Status::Success);
    // A second one is quicker, and notes that there is nothing to do.
    session(space, key).pack(&PackRequest::default(), &|_| {});
    files_below(&cache(space))
}

/// A user, and caches that may be put into theirs.
struct Victim {
    space: TestSpace,
    /// Their own; that of another user of the same workspace; and those of either in a workspace that only has other contents.
    caches: [CacheFiles; 4],
    outputs: CacheFiles,
    packed: Vec<Diagnostic>,
    checked: Vec<Diagnostic>,
}

/// A forged cache.
#[derive(Debug, Clone)]
struct Forgery {
    /// Which caches the index and the segments are from.
    index_of: usize,
    segments_of: usize,
    /// Whether the index is changed, or a segment, and how.
    changes: Vec<(bool, Change)>,
    /// What becomes of the outputs before: they go, one is altered, or nothing.
    outputs: u8,
}

fn codes() -> impl Strategy<Value = Code> {
    prop_oneof![Just(Code::Kept), Just(Code::Plain), Just(Code::Keyed(OTHER)), Just(Code::Keyed([0; 32]))]
}

fn changes() -> impl Strategy<Value = Change> {
    let place = || (any::<usize>(), 1..=u8::MAX);
    let bytes = || prop::collection::vec(any::<u8>(), 1..12);
    prop_oneof![
        1 => place().prop_map(|(at, bits)| Change::Flip { at, bits }),
        1 => any::<usize>().prop_map(|to| Change::Truncate { to }),
        1 => bytes().prop_map(Change::Append),
        1 => (place(), codes()).prop_map(|((at, bits), code)| Change::Version { at, bits, code }),
        4 => (0..4_usize, any::<usize>(), bytes(), codes())
            .prop_map(|(which, at, bytes, code)| Change::Sequence { which, at, bytes, code }),
        2 => (place(), codes()).prop_map(|((at, bits), code)| Change::End { at, bits, code }),
        2 => (any::<usize>(), place(), codes()).prop_map(|(which, (at, bits), code)| Change::Slice { which, at, bits, code }),
    ]
}

fn forgeries() -> impl Strategy<Value = Forgery> {
    let changes = prop::collection::vec((any::<bool>(), changes()), 0..4);
    (0..4_usize, 0..4_usize, changes, 0..3_u8).prop_map(|(index_of, segments_of, changes, outputs)| Forgery {
        index_of,
        segments_of,
        changes,
        outputs,
    })
}

impl Victim {
    fn new() -> Self {
        let (space, twin) = (space(1), space(2));
        let caches = [made_with(&space, KEY), made_with(&space, OTHER), made_with(&twin, KEY), made_with(&twin, OTHER)];
        drop(fs::remove_dir_all(cache(&space)));
        let checked = session(&space, KEY).check(&CheckRequest::default(), &|_| {}).diagnostics;
        let packed = pack(&space, true).diagnostics;
        assert!(!packed.is_empty(), "the workspace has something to tell");
        let outputs = space.build();
        Self { space, caches, outputs, packed, checked }
    }

    fn cache(&self, forgery: &Forgery) -> CacheFiles {
        let index = self.caches[forgery.index_of].iter().filter(|(path, _)| *path == "index");
        let rest = self.caches[forgery.segments_of].iter().filter(|(path, _)| *path != "index");
        let mut files: CacheFiles = index.chain(rest).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        for (of_index, what) in &forgery.changes {
            let is_changed =
                |path: &str| (path == "index") == *of_index && !path.ends_with("order") && path != ".gitignore";
            files.iter_mut().filter(|(path, _)| is_changed(path)).for_each(|(path, bytes)| change(path, bytes, what));
        }
        files
    }

    fn spoil_outputs(&self, how: u8) {
        match how {
            0 => drop(fs::remove_dir_all(self.space.path().join("build"))),
            1 => self.space.write("build/assets.pa", &self.outputs["assets.pa"][1..]),
            _ => {}
        }
    }

    /// Lays the forged cache and has the victim check and pack with it. Returns how often it was dropped.
    fn suffer(&self, forgery: &Forgery) -> Result<usize, TestCaseError> {
        let files = self.cache(forgery);
        let mut dropped = 0;
        let mut told = |mut diagnostics: Vec<Diagnostic>, expected: &[Diagnostic]| {
            // A process that another test starts holds our lane until it runs its program.
            diagnostics.retain(|found| found.code != Fault::LaneBusy);
            let before = diagnostics.len();
            diagnostics.retain(|found| found.code != Fault::CacheDropped);
            dropped += before - diagnostics.len();
            prop_assert_eq!(diagnostics, expected);
            Ok(())
        };
        lay(&self.space, &files);
        let found = session(&self.space, KEY).check(&CheckRequest::default(), &|_| {});
        prop_assert_eq!(found.status, Status::Success);
        told(found.diagnostics, &self.checked)?;
        for rehash in [false, true] {
            lay(&self.space, &files);
            self.spoil_outputs(forgery.outputs);
            let result = pack(&self.space, rehash);
            prop_assert_eq!(result.status, Status::Success);
            prop_assert!(!rehash || result.derived_asset_count == 3, "a rehash derives all");
            told(result.diagnostics, &self.packed)?;
            prop_assert!(self.space.build() == self.outputs, "other outputs, rehash: {}", rehash);
            let verified = verify(&self.space.path().join("build/assets.pa")).unwrap();
            prop_assert_eq!(
                (verified.status, verified.diagnostics.len(), verified.payloads_hashed),
                (Verdict::Valid, 0, 3)
            );
        }
        Ok(dropped)
    }
}

/// Makes up so many caches, and has the victim pack with each.
fn forge(count: u32) {
    let victim = Victim::new();
    let config = Config { cases: count, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let dropped = std::cell::Cell::new(0);
    let result = TestRunner::new_with_rng(config, rng).run(&forgeries(), |forgery| {
        let times = victim.suffer(&forgery)?;
        dropped.set(dropped.get() + u32::from(times > 0));
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(dropped.get() > count / 2, "only {} of {count} caches were dropped", dropped.get());
}

#[test]
fn a_forged_cache_is_dropped_or_has_no_effect() {
    forge(200);
}

#[test]
#[ignore = "long tier"]
fn two_thousand_forged_caches_are_dropped_or_have_no_effect() {
    forge(2000);
}

/// The same forgery with the right key has an effect: it is the key that keeps the others from one.
#[test]
fn only_the_key_keeps_a_forgery_from_its_effect() {
    let victim = Victim::new();
    for (code, is_believed) in [(Code::Keyed(KEY), true), (Code::Keyed(OTHER), false), (Code::Plain, false)] {
        let mut files = victim.caches[0].clone();
        let mut index = Index::parse(&files["index"]).unwrap();
        let records = &mut index.sequences[2][0];
        let at = records.windows(3).position(|bytes| bytes == b"hud").unwrap();
        records[at..][..3].copy_from_slice(b"HUD");
        files.insert("index".into(), index.to_bytes(code));
        lay(&victim.space, &files);
        victim.spoil_outputs(0);
        let result = pack(&victim.space, false);
        assert_eq!(result.status, Status::Success);
        assert_eq!(victim.space.build() != victim.outputs, is_believed, "{code:?}");
        assert_eq!(result.diagnostics.iter().any(|found| found.code == Fault::CacheDropped), !is_believed, "{code:?}");
        // What it says has no effect on one that believes nothing but the inputs.
        lay(&victim.space, &files);
        pack(&victim.space, true);
        assert!(victim.space.build() == victim.outputs, "{code:?}");
    }
}

/// Nobody packs a file that they may not read, because somebody did who may.
#[test]
fn the_cache_of_one_user_does_not_let_another_one_pack_what_they_may_not_read() {
    for (maker, expected) in [(OTHER, Status::GateFailed), (KEY, Status::Success)] {
        let space = space(1);
        let files = made_with(&space, maker);
        let forbidden = |call: Call<'_>| {
            let is_forbidden = call.operation == Operation::Open && call.path == "assets/words/w.txt";
            if is_forbidden { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
        };
        let hooked = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), forbidden);
        let checked = crate::hooked::session(hooked.clone()).check(&CheckRequest::default(), &|_| {});
        lay(&space, &files);
        let packed = crate::hooked::session(hooked).pack(&PackRequest::default(), &|_| {});
        assert_eq!((checked.status, packed.status), (expected, expected));
        for diagnostics in [checked.diagnostics, packed.diagnostics] {
            let is_told = diagnostics.iter().any(|found| found.code == Fault::FileForbidden);
            assert_eq!(is_told, expected == Status::GateFailed, "{diagnostics:#?}");
        }
    }
}
