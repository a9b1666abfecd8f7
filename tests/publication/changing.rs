//! Files that somebody is in the midst of changing while they are read. The kernel stamped the change when it began, and
//! whatever is still to come leaves that stamp: only the operation after its end can be right, and must be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use papack_engine::fs::FileSystem;
use papack_engine::{CheckRequest, CheckResult, PackRequest, Session, Status};
use serde_json::json;

use crate::generations::{edit, pack, published, workspace};
use crate::hooked::{self, Call, HookedFs};
use crate::memory::MemoryFs;
use crate::space::{entry, manifest};
use crate::wav::Wav;

const REGISTRY: &str = "assets/.prometeu/index.json";
const MANIFEST: &str = "assets/a/asset.json";
const CONTENT: &str = "assets/a/f";
/// Read in several pieces, and not kept in memory.
const LARGE: &str = "assets/b/large";
/// A sound, which its format looks into.
const SOUND: &str = "assets/c/sound.wav";

/// A change that takes its time: what it has done when it is half done, and the whole.
#[derive(Clone, Copy)]
struct Change {
    path: &'static str,
    half: fn(&mut Vec<u8>),
    /// Takes back what is half done.
    back: fn(&mut Vec<u8>),
    whole: fn(&mut Vec<u8>),
}

/// The bytes of a document do not change before its end: what is read before is a document.
const CHANGES: [Change; 5] = [
    Change {
        path: REGISTRY,
        half: |_| {},
        back: |_| {},
        whole: |text| replace(text, "\"next_asset_id\": 4", "\"next_asset_id\": 9"),
    },
    Change { path: MANIFEST, half: |_| {}, back: |_| {}, whole: |text| replace(text, "generation 2", "generation 9") },
    Change { path: CONTENT, half: |bytes| first(bytes), back: |bytes| first(bytes), whole: |bytes| last(bytes) },
    Change { path: LARGE, half: |bytes| first(bytes), back: |bytes| first(bytes), whole: |bytes| last(bytes) },
    // Half way it is of a kind that no format takes.
    Change {
        path: SOUND,
        half: |bytes| bytes[20] = 9,
        back: |bytes| bytes[20] = 1,
        whole: |bytes| (bytes[20], bytes[44]) = (1, 7),
    },
];

fn replace(text: &mut Vec<u8>, from: &str, to: &str) {
    let old = String::from_utf8(std::mem::take(text)).unwrap();
    *text = old.replace(from, to).into_bytes();
    assert_ne!(old.as_bytes(), text, "{from} is not there");
}

fn first(bytes: &mut [u8]) {
    bytes[0] ^= 0xff;
}

fn last(bytes: &mut [u8]) {
    let at = bytes.len() - 1;
    bytes[at] ^= 0xff;
}

/// Generation 1 is published, and the sources are of generation 2.
fn start() -> MemoryFs {
    let fs = workspace();
    fs.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "large"}"#));
    fs.write(LARGE, vec![7; (1 << 20) + 1]);
    let entries = [entry(1, "a"), entry(2, "b"), entry(3, "c")].join(", ");
    fs.write(REGISTRY, format!(r#"{{"schema_version": 2, "next_asset_id": 4, "assets": [{entries}]}}"#));
    let sound = manifest(3, "c", r#"{"file": "sound.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    fs.write("assets/c/asset.json", sound);
    fs.write(SOUND, Wav::default().bytes());
    let result = pack(Arc::new(fs.clone()));
    assert_eq!(result.status, Status::Success, "{:?}", result.diagnostics);
    edit(&fs, 2);
    fs
}

/// Who looks at the workspace, twice: during the change, and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    /// Two processes pack.
    Packs,
    /// One session packs twice.
    PacksOfSession,
    /// A process checks, and another one packs.
    CheckThenPack,
    /// One session checks, and packs then.
    CheckThenPackOfSession,
    /// One session checks twice.
    Checks,
}

impl Looks {
    const ALL: [Self; 5] =
        [Self::Packs, Self::PacksOfSession, Self::CheckThenPack, Self::CheckThenPackOfSession, Self::Checks];

    /// Looks at `fs` while a change is under way, and returns the session, where it lives on.
    fn first(self, fs: Arc<dyn FileSystem>) -> Option<Session> {
        let mut session = hooked::session(fs);
        match self {
            Self::Packs | Self::PacksOfSession => drop(session.pack(&PackRequest::default(), &|_| {})),
            Self::CheckThenPack | Self::CheckThenPackOfSession | Self::Checks => drop(check(&mut session)),
        }
        matches!(self, Self::PacksOfSession | Self::CheckThenPackOfSession | Self::Checks).then_some(session)
    }

    /// Looks at `fs` when nobody changes it any more, and compares that with what a newcomer finds.
    fn second(self, fs: &MemoryFs, session: Option<Session>, moment: &str) {
        let mut session = session.unwrap_or_else(|| hooked::session(Arc::new(fs.clone())));
        let clean = MemoryFs::of(fs.disk());
        for name in fs.tree("assets/.prometeu/cache").into_keys().filter(|name| !name.contains('/')) {
            drop(clean.remove_file(Utf8Path::new(&format!("assets/.prometeu/cache/{name}"))));
        }
        let mut newcomer = hooked::session(Arc::new(clean.clone()));
        if self == Self::Checks {
            let found = [&mut session, &mut newcomer].map(|session| json!(check(session).diagnostics));
            assert_eq!(found[0], found[1], "{moment}");
            return;
        }
        let [result, expected] =
            [&mut session, &mut newcomer].map(|session| session.pack(&PackRequest::default(), &|_| {}));
        assert_eq!((result.status, expected.status), (Status::Success, Status::Success), "{moment}");
        assert!(published(fs) == published(&clean), "{moment}: not what is there now");
    }
}

fn check(session: &mut Session) -> CheckResult {
    session.check(&CheckRequest::default(), &|_| {})
}

/// `fs`, with `meanwhile` called before the call number `at`. The number of calls is counted.
fn hooked(
    fs: &MemoryFs,
    at: usize,
    meanwhile: impl Fn() + Send + Sync + 'static,
) -> (Arc<dyn FileSystem>, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let hook = move |_: Call<'_>| {
        if counted.fetch_add(1, Ordering::SeqCst) == at {
            meanwhile();
        }
        Ok(())
    };
    (HookedFs::new(Arc::new(fs.clone()), hook), calls)
}

/// More calls than a look makes.
const MOST_CALLS: usize = 10_000;

/// What happens in the midst of the first look. The change is over before the second one.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Begins,
    Ends,
    /// Something is written that is taken back afterwards: the file is in the end what it was in the beginning.
    Flickers,
}

/// Has something happen before those calls of the first look that are `chosen` by their numbers.
fn change_at_calls(chosen: impl Fn(usize) -> bool) {
    let start = start();
    let mut count = 0;
    for (change, looks) in CHANGES.into_iter().flat_map(|change| Looks::ALL.map(|looks| (change, looks))) {
        for moment in [Moment::Begins, Moment::Ends, Moment::Flickers] {
            let is_reached = |at: &usize| look_twice(&start, change, looks, moment, *at);
            count += (0..MOST_CALLS).filter(|at| chosen(*at)).take_while(is_reached).count();
        }
    }
    assert!(count > 100, "{count}");
}

/// Looks twice. Tells whether the first look came to the call number `at`, before which something happened.
fn look_twice(start: &MemoryFs, change: Change, looks: Looks, moment: Moment, at: usize) -> bool {
    let Change { path, half, back, whole } = change;
    let fs = MemoryFs::of(start.disk());
    let other = fs.clone();
    let (hooked, calls) = match moment {
        Moment::Begins => hooked(&fs, at, move || other.begin_change(path, half)),
        Moment::Ends => {
            fs.begin_change(path, half);
            hooked(&fs, at, move || other.end_change(path, whole))
        }
        Moment::Flickers => {
            fs.begin_change(path, whole);
            hooked(&fs, at, move || other.go_on_changing(path, half))
        }
    };
    let session = looks.first(hooked);
    if calls.load(Ordering::SeqCst) <= at {
        return false;
    }
    match moment {
        Moment::Begins => fs.end_change(path, whole),
        Moment::Ends => {}
        Moment::Flickers => fs.end_change(path, back),
    }
    looks.second(&fs, session, &format!("{looks:?}: a change of {path} {moment:?} before call {at}"));
    true
}

#[test]
fn a_change_that_goes_on_is_right_after_its_end() {
    change_at_calls(|at| at % 31 == 0);
}

/// A check reads a file twice, to digest it and to look into it: what it remembers of the digest must be of those bytes.
#[test]
fn a_format_sees_what_was_digested() {
    let (start, [.., sound]) = (start(), CHANGES);
    let looks_at = |at: &usize| look_twice(&start, sound, Looks::CheckThenPack, Moment::Flickers, *at);
    assert!((0..MOST_CALLS).take_while(looks_at).count() > 20);
}

#[test]
#[ignore = "long tier"]
fn a_change_that_goes_on_at_any_moment_is_right_after_its_end() {
    change_at_calls(|_| true);
}
