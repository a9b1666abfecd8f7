//! Files that change while they are packed, at every moment: what is published is what was there at one moment.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use camino::Utf8Path;
use papack_engine::fs::{FileSystem, RealFs};
use papack_engine::{PackResult, Status};
use papack_queries::diagnostic::Code;

use crate::generations::{Build, edit, pack, published, staging, workspace};
use crate::hooked::{Call, HookedFs, Operation};
use crate::memory::MemoryFs;
use crate::space::{TestSpace, manifest};

const REGISTRY: &str = "assets/.prometeu/index.json";
const MANIFEST: &str = "assets/a/asset.json";
const CONTENT: &str = "assets/a/f";
/// Read in several pieces, and not kept in memory.
const LARGE: &str = "assets/b/large";
const CACHE: &str = "assets/.prometeu/cache";

/// What somebody does to the sources while they are packed.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Other bytes of the same number, in place.
    Change(&'static str),
    Truncate(&'static str),
    Append(&'static str),
    /// Another file under the name.
    Replace(&'static str),
    Delete(&'static str),
    MoveFolder(&'static str),
}

impl Deed {
    fn all() -> Vec<Self> {
        let files = [REGISTRY, MANIFEST, CONTENT, LARGE];
        let deeds = [Self::Change, Self::Truncate, Self::Append, Self::Replace, Self::Delete];
        let with_files = files.into_iter().flat_map(|file| deeds.map(|deed| deed(file)));
        with_files.chain([Self::MoveFolder("assets/a"), Self::MoveFolder("assets/b")]).collect()
    }

    fn target(self) -> &'static str {
        match self {
            Self::Change(path)
            | Self::Truncate(path)
            | Self::Append(path)
            | Self::Replace(path)
            | Self::Delete(path)
            | Self::MoveFolder(path) => path,
        }
    }

    fn perform(self, fs: &MemoryFs) {
        // A document stays one, and the manifest's says something else.
        let other = |bytes: &mut Vec<u8>| match String::from_utf8(bytes.clone()) {
            Ok(text) if text.starts_with('{') => {
                *bytes = text
                    .replace("\"next_asset_id\": 3", "\"next_asset_id\": 9")
                    .replace("generation 2", "generation 9")
                    .into();
            }
            _ => bytes[0] ^= 1,
        };
        match self {
            Self::Change(path) => fs.alter(path, other),
            Self::Truncate(path) => fs.alter(path, |bytes| bytes.truncate(bytes.len() / 2)),
            Self::Append(path) => fs.alter(path, |bytes| bytes.extend([b' '; 3])),
            Self::Replace(path) => {
                let mut bytes = fs.tree("").remove(path).unwrap().unwrap();
                other(&mut bytes);
                fs.write(path, bytes);
            }
            Self::Delete(path) => fs.remove_file(Utf8Path::new(path)).unwrap(),
            Self::MoveFolder(path) => fs.rename(Utf8Path::new(path), Utf8Path::new("elsewhere")).unwrap(),
        }
    }
}

/// Generation 1 is published, and the sources are of generation 2.
fn start() -> MemoryFs {
    let fs = workspace();
    // The manifest itself may be an artifact file; it is read once nevertheless.
    fs.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "large"}, {"file": "asset.json"}, {"glob": "f*"}"#));
    fs.write(LARGE, vec![7; (1 << 20) + 1]);
    assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
    edit(&fs, 2);
    fs
}

/// As [`start`], for a process that knows nothing of the sources.
fn start_afresh() -> MemoryFs {
    let fs = start();
    fs.remove_file(&Utf8Path::new(CACHE).join("index")).unwrap();
    fs
}

/// What a pack of the sources as they are gives.
fn clean(fs: &MemoryFs) -> (PackResult, Build) {
    let copy = MemoryFs::of(fs.disk());
    (pack(Arc::new(copy.clone())), published(&copy))
}

/// An artifact file that is called like a manifest is read for its bytes, and again for a uuid in it. Both times it must have
/// the same bytes: by the stamp of the second time, nobody would ever notice that it changed after the first one.
#[test]
fn a_manifest_that_is_an_artifact_has_one_content() {
    const INNER: &str = "assets/b/sub/asset.json";
    let fs = workspace();
    fs.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "sub/asset.json"}"#));
    fs.write(INNER, "first");
    assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
    // The same bytes with another stamp have to be read.
    fs.write(INNER, "first");
    let opened = Arc::new(AtomicUsize::new(0));
    let (counted, changed) = (Arc::clone(&opened), fs.clone());
    let hooked = HookedFs::new(Arc::new(fs.clone()), move |Call { operation, path, .. }| {
        if operation == Operation::Open && path == INNER && counted.fetch_add(1, Ordering::SeqCst) == 1 {
            changed.write(INNER, "other");
        }
        Ok(())
    });
    let result = pack(hooked);
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    assert_eq!(result.status, Status::ExecutionFailed);
    assert_eq!(result.diagnostics.last().unwrap().code, Code::FileUnstable);
    let (clean, build) = clean(&fs);
    assert_eq!((pack(Arc::new(fs.clone())).status, clean.status), (Status::Success, Status::Success));
    assert!(published(&fs) == build, "what is there now is published");
}

/// An artifact file may be larger than a manifest, whatever it is called.
#[test]
fn a_large_artifact_may_be_called_like_a_manifest() {
    let fs = workspace();
    fs.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "sub/asset.json"}"#));
    fs.write("assets/b/sub/asset.json", vec![b' '; 2 << 20]);
    for content in [1, 2] {
        let result = pack(Arc::new(fs.clone()));
        assert_eq!(result.status, Status::Success, "{:?}", result.diagnostics);
        fs.write("assets/b/sub/asset.json", vec![content; 2 << 20]);
    }
}

/// The index of the cache takes room while the outputs are staged. Where that is all there is, they get it.
#[test]
fn outputs_need_the_room_more_than_the_index() {
    if std::thread::available_parallelism().is_ok_and(|count| count.get() == 1) {
        return eprintln!("skipped: one thread stages all outputs before it begins the index");
    }
    let fs = workspace();
    let (disk, refused) = (fs.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&refused);
    let hooked = HookedFs::new(Arc::new(fs.clone()), move |Call { operation, path, .. }| {
        let is_index = |path: &String| path.starts_with("index-");
        let is_index_there = || disk.tree(CACHE).keys().any(is_index);
        if operation == Operation::Sync && path.as_str().ends_with("assets.pa") {
            let started = Instant::now();
            while counted.load(Ordering::SeqCst) == 0 && !is_index_there() && started.elapsed().as_secs() < 10 {
                std::thread::yield_now();
            }
            if is_index_there() {
                counted.fetch_add(1, Ordering::SeqCst);
                return Err(std::io::ErrorKind::StorageFull.into());
            }
        }
        Ok(())
    });
    let result = pack(hooked);
    assert_eq!(refused.load(Ordering::SeqCst), 1, "the disk was full once");
    assert_eq!(result.status, Status::Success, "{:?}", result.diagnostics);
    assert!(published(&fs) == clean(&fs).1);
    assert!(fs.tree(CACHE).keys().all(|path| !path.starts_with("index-")), "{:?}", fs.tree(CACHE).keys());
}

/// How often each input was opened.
type Opened = HashMap<String, usize>;

/// Packs, and calls `meanwhile` before every call, with its number.
fn pack_while(
    fs: &MemoryFs,
    meanwhile: impl Fn(usize, Call<'_>) + Send + Sync + 'static,
) -> (PackResult, Opened, usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let opened = Arc::new(Mutex::new(Opened::new()));
    let hook = {
        let (next, opened) = (Arc::clone(&next), Arc::clone(&opened));
        move |call: Call<'_>| {
            let is_input = call.path.starts_with("assets") && !call.path.starts_with(CACHE);
            if call.operation == Operation::Open && is_input {
                *opened.lock().unwrap().entry(call.path.to_string()).or_default() += 1;
            }
            meanwhile(next.fetch_add(1, Ordering::Relaxed), call);
            Ok(())
        }
    };
    let result = pack(HookedFs::new(Arc::new(fs.clone()), hook));
    let opened = opened.lock().unwrap().clone();
    (result, opened, next.load(Ordering::Relaxed))
}

/// Whether an error of `result` names `target`: as the place, in words, or by the asset that it belongs to.
fn names(result: &PackResult, target: &str) -> bool {
    let name = Utf8Path::new(target).file_name().unwrap();
    result.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).any(|diagnostic| {
        let place = diagnostic.path.as_deref().unwrap_or_default();
        place == target || diagnostic.message.contains(name) || target.starts_with(place) || place.starts_with(target)
    })
}

/// What a pack may give while `deed` is done at some moment.
struct Outcomes {
    deed: Deed,
    /// What is published already.
    before: Build,
    /// What the sources give without the deed, and after it, where they give anything then.
    good: Vec<Build>,
}

impl Outcomes {
    fn of(start: &MemoryFs, deed: Deed) -> Self {
        let done = MemoryFs::of(start.disk());
        deed.perform(&done);
        let good = [start, &done].map(clean).into_iter().filter(|(result, _)| result.status == Status::Success);
        Self { deed, before: published(start), good: good.map(|(_, build)| build).collect() }
    }

    /// Packs while the deed is done before the call number `at`. Tells how it ended, if that call was reached.
    fn pack(&self, start: &MemoryFs, at: usize) -> Option<Status> {
        let (fs, deed) = (MemoryFs::of(start.disk()), self.deed);
        let (result, opened, calls) = pack_while(&fs, {
            let fs = fs.clone();
            move |now, _| {
                if now == at {
                    deed.perform(&fs);
                }
            }
        });
        let moment = format!("{deed:?} before call {at}: {:#?}", result.diagnostics);
        let build = published(&fs);
        match result.status {
            Status::Success => assert!(self.good.contains(&build), "{moment}"),
            // One change makes no file unstable: only the gate may refuse what it led to.
            Status::GateFailed => assert!(build == self.before && names(&result, deed.target()), "{moment}"),
            other => panic!("{other:?}, {moment}"),
        }
        assert!(staging(&fs).is_empty(), "{moment}");
        for (path, times) in opened {
            let allowed = if path.starts_with(deed.target()) { 2 } else { 1 };
            assert!(times <= allowed, "{path} was opened {times} times, {moment}");
        }
        (at < calls).then_some(result.status)
    }
}

/// Does deeds before every call: those that `chosen` picks from their number and the call's.
fn change_at_every_call(chosen: impl Fn(usize, usize) -> bool) {
    let start = start();
    let mut statuses = BTreeMap::<String, usize>::new();
    for (number, deed) in Deed::all().into_iter().enumerate() {
        let outcomes = Outcomes::of(&start, deed);
        for at in (0..).filter(|at| chosen(number, *at)) {
            let Some(status) = outcomes.pack(&start, at) else { break };
            *statuses.entry(format!("{status:?}")).or_default() += 1;
        }
    }
    println!("{statuses:?}");
    assert!(statuses.len() == 2, "{statuses:?}");
}

#[test]
fn a_change_at_any_moment_is_seen_whole_or_not_at_all() {
    // Before each call three of the deeds, in turn.
    change_at_every_call(|deed, at| (at + deed) % 7 == 0);
}

#[test]
#[ignore = "long tier"]
fn every_change_at_any_moment_is_seen_whole_or_not_at_all() {
    change_at_every_call(|_, _| true);
}

#[test]
fn an_input_is_opened_once_and_nothing_else_is() {
    let all = [REGISTRY, MANIFEST, CONTENT, "assets/b/asset.json", "assets/b/f", LARGE];
    // What is known is read where it changed: with the names in its folder, a manifest may mean something else.
    let changed = [MANIFEST, CONTENT, "assets/b/asset.json"];
    for (fs, expected) in [(start_afresh(), &all[..]), (start(), &changed)] {
        // Neither registered nor named by anybody.
        fs.write("assets/b/unused", "x");
        fs.write("assets/other/file", "x");
        let (result, opened, _) = pack_while(&fs, |_, _| {});
        assert_eq!(result.status, Status::Success);
        let mut inputs: Vec<_> = opened.into_iter().collect();
        inputs.sort();
        assert_eq!(inputs, expected.iter().map(|path| ((*path).to_owned(), 1)).collect::<Vec<_>>());
        assert_eq!(pack_while(&fs, |_, _| {}).1, Opened::new(), "nothing changed");
    }
}

#[test]
fn a_file_that_never_rests_is_read_three_times_and_named() {
    for restless in [REGISTRY, MANIFEST, CONTENT, LARGE] {
        let fs = start_afresh();
        let before = published(&fs);
        let (result, opened, _) = pack_while(&fs, {
            let fs = fs.clone();
            move |_, call| {
                if call.operation == Operation::Read && call.path == restless {
                    fs.alter(restless, |bytes| bytes[0] ^= 0x80);
                }
            }
        });
        let is_artifact = restless == CONTENT || restless == LARGE;
        assert_eq!((result.status, result.execution_started), (Status::ExecutionFailed, is_artifact), "{restless}");
        let fault = result.diagnostics.last().unwrap();
        assert_eq!((fault.code.to_string().as_str(), fault.path.as_deref()), ("FILE_UNSTABLE", Some(restless)));
        assert_eq!(opened[restless], 3);
        assert!(published(&fs) == before && staging(&fs).is_empty());
        assert_eq!(pack(Arc::new(fs.clone())).status == Status::Success, is_artifact);
    }
}

/// The clock of a file system ticks slowly: two changes within one tick leave one stamp.
#[test]
fn changes_within_one_tick_of_the_clock_are_seen() {
    // The kernel's own clock may be 4 ms behind besides; together that is less than the 10 ms of a slow kernel.
    const TICK_NS: i64 = 5_000_000;
    let mut torn = 0;
    for _ in 0..50 {
        let space = TestSpace::with_assets(&[("a", &[("f", "")])]);
        let path = space.path().join("assets/a/f");
        std::fs::write(&path, vec![1; 2 << 20]).unwrap();
        let reads = AtomicUsize::new(0);
        let hook = move |call: Call<'_>| {
            if call.path == "assets/a/f" {
                let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
                let first = call.operation == Operation::Open && reads.load(Ordering::Relaxed) == 0;
                let second = call.operation == Operation::Read && reads.fetch_add(1, Ordering::Relaxed) == 1;
                if first || second {
                    let byte = [if first { 2 } else { 3 }];
                    file.write_all_at(&byte, 0).unwrap();
                    file.write_all_at(&byte, (2 << 20) - 1).unwrap();
                }
            }
            Ok(())
        };
        let real = Arc::new(RealFs::new(space.path()).unwrap());
        let result = pack(HookedFs::with_clock(real, TICK_NS, hook));
        assert_eq!(result.status, Status::Success);
        let bytes = space.read("build/assets.pa");
        let content = &bytes[bytes.len() - (2 << 20)..];
        torn += usize::from(content[0] != content[content.len() - 1]);
    }
    assert_eq!(torn, 0, "torn contents of 50");
}
