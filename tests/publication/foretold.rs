//! Packs of many new assets: what is packed as it is goes to its place while it is read, and what was foretold wrongly
//! costs only time.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use papack_engine::EventKind;
use papack_engine::{PackRequest, PackResult, Status};

use crate::generations::{Build, published, staging};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::memory::MemoryFs;
use crate::pictures::rgba;
use crate::space::{entry, manifest, uuid};
use crate::wav::Wav;

/// More assets than are loaded, so that they are read in batches.
const COUNT: usize = 70;

/// The asset that something happens to.
const FILE: &str = "assets/a30/f";

/// Bytes of that asset's file.
const SIZE: usize = 330;

/// A workspace of data, each of another size and content.
fn workspace() -> MemoryFs {
    let fs = MemoryFs::empty();
    for id in 1..=COUNT {
        fs.write(&format!("assets/a{id}/asset.json"), manifest(id, &format!("asset {id}"), r#"{"file": "f"}"#));
        fs.write(&format!("assets/a{id}/f"), vec![id as u8; 300 + id]);
    }
    register(&fs, |_| true);
    fs
}

fn register(fs: &MemoryFs, is_included: impl Fn(usize) -> bool) {
    let entry = |id| {
        let entry = entry(id, &format!("a{id}"));
        if is_included(id) { entry } else { entry.replace("true", "false") }
    };
    let entries: Vec<_> = (1..=COUNT).map(entry).collect();
    let registry = format!(r#"{{"schema_version": 2, "next_asset_id": 999, "assets": [{}]}}"#, entries.join(","));
    fs.write("assets/.prometeu/index.json", registry);
}

/// The manifest of an asset in `format`, which takes all files with `extension`.
fn of_format(id: usize, extension: &str, format: &str) -> String {
    let artifacts = format!(r#"[{{"glob": "*.{extension}"}}]"#);
    let uuid = uuid(id);
    format!(
        r#"{{"schema_version": 2, "asset_uuid": "{uuid}", "name": "n{id}", "artifacts": {artifacts}, "output": {format}}}"#
    )
}

/// Makes assets of tiles and sounds of three of the data: small ones, so that any digit of the header counts.
fn convert_some(fs: &MemoryFs) {
    let tiles = r#"{"format": "TILES/indexed_v1", "metadata": {"tile_size": 16}}"#;
    fs.write("assets/a5/asset.json", of_format(5, "png", tiles));
    (0..9).for_each(|number| fs.write(&format!("assets/a5/{number}.png"), rgba(16, 16, [number * 20, 9, 9, 255])));
    fs.write("assets/a31/asset.json", of_format(31, "wav", r#"{"format": "SOUNDS/pcm_v1"}"#));
    fs.write("assets/a31/plain.wav", Wav { data: vec![7; 400], ..Wav::default() }.bytes());
    // A loop behind the samples, and another chunk behind that.
    let mut looped = Wav { data: vec![9; 84], smpl: Some((0, 3, 40)), ..Wav::default() }.bytes();
    looped.extend(b"LIST\x04\0\0\0abcd");
    looped.splice(4..8, (looped.len() as u32 - 8).to_le_bytes());
    let detect = r#"{"format": "SOUNDS/pcm_v1", "metadata": {"loops": "DETECT"}}"#;
    fs.write("assets/a32/asset.json", of_format(32, "wav", detect));
    fs.write("assets/a32/looped.wav", looped);
}

/// What a pack did with the staged `assets.pa`.
#[derive(Debug, PartialEq, Clone, Copy)]
struct Way {
    /// Whether anything was written to it before all files were read.
    is_foretold: bool,
    /// How often a file of this name was made afterwards.
    made_later: usize,
    /// How often it was written to afterwards, besides the prelude and the header.
    copies: usize,
}

/// Everything was written to its place while it was read.
const FORETOLD: Way = Way { is_foretold: true, made_later: 0, copies: 0 };

fn is_draft(call: Call<'_>) -> bool {
    call.path.starts_with("build/.staging") && call.path.file_name() == Some("assets.pa")
}

/// Packs `fs` in a new session, with `hook` before each call, which is told whether all files were read.
fn pack_with(
    fs: &MemoryFs,
    hook: impl Fn(Call<'_>, bool) -> io::Result<()> + Send + Sync + 'static,
) -> (PackResult, Way) {
    let (calls, is_frozen) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let noting = {
        let (calls, is_frozen) = (Arc::clone(&calls), Arc::clone(&is_frozen));
        move |call: Call<'_>| {
            let is_frozen = is_frozen.load(Ordering::Relaxed);
            hook(call, is_frozen)?;
            if is_draft(call) {
                calls.lock().unwrap().push((is_frozen, call.operation));
            }
            Ok(())
        }
    };
    let mut session = hooked::session(HookedFs::new(Arc::new(fs.clone()), noting));
    let result = session.pack(&PackRequest::default(), &|event| {
        is_frozen.fetch_or(matches!(event.kind, EventKind::SnapshotFrozen { .. }), Ordering::Relaxed);
    });
    let calls = calls.lock().unwrap();
    let count = |is_late, operation| calls.iter().filter(|call| **call == (is_late, operation)).count();
    let way = Way {
        is_foretold: count(false, Operation::Write) > 0,
        made_later: count(true, Operation::Create),
        copies: count(true, Operation::Write).saturating_sub(2),
    };
    (result, way)
}

/// A workspace with the same sources, that was never packed.
fn copy_of(fs: &MemoryFs) -> MemoryFs {
    let copy = MemoryFs::empty();
    for (path, content) in fs.tree("assets") {
        if let Some(content) = content.filter(|_| !path.starts_with(".prometeu/cache")) {
            copy.write(&format!("assets/{path}"), content);
        }
    }
    copy
}

/// What a pack of a copy of `fs` publishes that writes nothing before it knows where that is to lie.
fn copied(fs: &MemoryFs) -> Build {
    let fs = copy_of(fs);
    let (result, way) = pack_with(&fs, |call, is_frozen| {
        let is_early = is_draft(call) && !is_frozen;
        if is_early { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    });
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    assert!(!way.is_foretold && way.made_later == 1 && way.copies > 0, "{way:?}");
    published(&fs)
}

/// Packs `fs`, which must give what a pack gives that foretells nothing. Returns how it went about it.
#[track_caller]
fn check(fs: &MemoryFs, hook: impl Fn(Call<'_>, bool) -> io::Result<()> + Send + Sync + 'static) -> Way {
    let (result, way) = pack_with(fs, hook);
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    assert!(published(fs) == copied(fs), "{way:?}");
    assert!(staging(fs).is_empty());
    way
}

/// A hook that does `deed` once, when `FILE` is opened.
fn meanwhile(
    fs: MemoryFs,
    deed: impl Fn(&MemoryFs) + Send + Sync + 'static,
) -> impl Fn(Call<'_>, bool) -> io::Result<()> {
    let is_done = AtomicBool::new(false);
    move |call, _| {
        let is_now = call.operation == Operation::Open && call.path == FILE;
        if is_now && !is_done.swap(true, Ordering::Relaxed) {
            deed(&fs);
        }
        Ok(())
    }
}

#[test]
fn what_is_there_as_foretold_is_written_once() {
    let as_it_is = |_: &MemoryFs| {};
    let large = |fs: &MemoryFs| fs.write(FILE, vec![3; (1 << 20) + 77]);
    // The digits of its offset say how long the header is.
    let excluded = |fs: &MemoryFs| register(fs, |id| id % 25 != 0);
    let several = |fs: &MemoryFs| {
        fs.write("assets/a30/g", "another file");
        fs.write("assets/a30/empty", "");
        fs.write("assets/a30/asset.json", manifest(30, "n", r#"{"file": "g"}, {"file": "empty"}, {"file": "f"}"#));
    };
    let user = |fs: &MemoryFs| {
        let with_user = r#"{"format": "DATA/raw_v1", "metadata": {"user": {"a": [1, "\u00e9"]}}}"#;
        let preload = r#""preload": {"enabled": true, "slot": 9}, "output""#;
        let text = of_format(30, "f", with_user).replace("*.f", "f").replace("\"output\"", preload);
        fs.write("assets/a30/asset.json", text.replace("\"n30\"", r#""with \"quotes\"""#));
    };
    for (name, prepare) in [
        ("as it is", &as_it_is as &dyn Fn(&MemoryFs)),
        ("large", &large),
        ("excluded", &excluded),
        ("several files", &several),
        ("user", &user),
    ] {
        let fs = workspace();
        prepare(&fs);
        assert_eq!(check(&fs, |_, _| Ok(())), FORETOLD, "{name}");
    }
}

#[test]
fn what_did_not_change_is_copied_between_what_is_new() {
    let fs = workspace();
    register(&fs, |id| id % 20 == 0);
    assert_eq!(pack_with(&fs, |_, _| Ok(())).0.status, Status::Success);
    register(&fs, |_| true);
    // Each of the three is a run of its own.
    assert_eq!(check(&fs, |_, _| Ok(())), Way { copies: 3, ..FORETOLD });
    // What is not new was read when it was compared.
    (1..=COUNT).for_each(|id| fs.write(&format!("assets/a{id}/f"), vec![id as u8 ^ 1; 900 + id]));
    let way = check(&fs, |_, _| Ok(()));
    assert_eq!((way.is_foretold, way.made_later), (false, 1));
}

#[test]
fn what_is_converted_is_foretold_and_copied_to_its_place() {
    let fs = workspace();
    convert_some(&fs);
    let way = check(&fs, |_, _| Ok(()));
    assert_eq!(Way { copies: 0, ..way }, FORETOLD);
    assert!((1..=3).contains(&way.copies), "{way:?}");
}

#[test]
fn contents_that_are_equal_are_written_to_each_place() {
    let fs = workspace();
    fs.write("assets/a40/f", vec![30; SIZE]);
    let way = check(&fs, |_, _| Ok(()));
    assert_eq!(way, Way { copies: 1, ..FORETOLD });
}

#[test]
fn other_bytes_of_the_foretold_size_are_in_place() {
    let fs = workspace();
    let way = check(&fs, meanwhile(fs.clone(), |fs| fs.write(FILE, vec![99; SIZE])));
    assert_eq!(way, FORETOLD);
}

#[test]
fn a_layout_that_was_foretold_wrongly_is_found_out() {
    for (name, size) in [("longer", SIZE + 1), ("much longer", 1 << 21), ("shorter", SIZE - 1), ("empty", 0)] {
        let fs = workspace();
        let way = check(&fs, meanwhile(fs.clone(), move |fs| fs.write(FILE, vec![99; size])));
        assert!(way.is_foretold && way.copies > 0, "{name}: {way:?}");
        // Also where the header has as many bytes as it was to have: what lies behind the file has moved.
        assert_eq!(way.made_later, 1, "{name}: {way:?}");
    }
}

/// A file grows, and what lies behind it is more than is copied at a time.
#[test]
fn nothing_is_written_over_what_is_still_to_be_copied() {
    let fs = workspace();
    (31..=COUNT).for_each(|id| fs.write(&format!("assets/a{id}/f"), vec![id as u8; 100_000]));
    let way = check(&fs, meanwhile(fs.clone(), |fs| fs.write(FILE, vec![99; SIZE + 1])));
    assert!(way.is_foretold && way.made_later == 1, "{way:?}");
}

/// A sheet whose palettes have numbers of more digits than were taken for granted.
#[test]
fn a_sheet_of_many_palettes_is_foretold_wrongly_and_packed_rightly() {
    let fs = workspace();
    convert_some(&fs);
    (0..12).for_each(|number| fs.write(&format!("assets/a5/{number}.png"), rgba(16, 16, [number * 20, 9, 9, 255])));
    let way = check(&fs, |_, _| Ok(()));
    assert!(way.is_foretold && way.made_later == 1 && way.copies > 0, "{way:?}");
}

/// A sound whose size was never written: nothing is foretold then.
#[test]
fn what_cannot_be_foretold_is_copied() {
    let fs = workspace();
    convert_some(&fs);
    let mut cut = Wav { data: vec![7; 400], ..Wav::default() }.bytes();
    cut.splice(40..44, u32::MAX.to_le_bytes());
    cut.splice(4..8, u32::MAX.to_le_bytes());
    fs.write("assets/a31/plain.wav", cut);
    let way = check(&fs, |_, _| Ok(()));
    assert!(!way.is_foretold && way.made_later == 1 && way.copies > 0, "{way:?}");
}

/// A picture whose header lies: it is refused at the gate, and nothing is left of what was written before.
#[test]
fn a_pack_that_is_refused_leaves_nothing() {
    let fs = workspace();
    convert_some(&fs);
    let mut lying = rgba(16, 16, [1, 2, 3, 255]);
    let taller = &rgba(16, 32, [1, 2, 3, 255])[..33];
    lying.splice(..33, taller.iter().copied());
    fs.write("assets/a5/4.png", lying);
    let (result, way) = pack_with(&fs, |_, _| Ok(()));
    assert_eq!((result.status, way.is_foretold), (Status::GateFailed, true));
    assert!(fs.tree("build").is_empty(), "{:?}", fs.tree("build").keys());
}

/// Each call about the file of the draft fails once, or is the last before the process dies: what is published is whole
/// or nothing, and the next pack is as if nothing had been.
#[test]
fn a_draft_that_fails_at_any_call_costs_nothing_but_time() {
    let expected = copied(&workspace());
    for dies in [false, true] {
        let mut at = 0;
        loop {
            let fs = workspace();
            let (next, is_dead) = (AtomicUsize::new(0), AtomicBool::new(false));
            let reached = Arc::new(AtomicBool::new(false));
            let reaching = Arc::clone(&reached);
            let (result, _) = pack_with(&fs, move |call, _| {
                let is_now = is_draft(call) && next.fetch_add(1, Ordering::Relaxed) == at;
                reaching.fetch_or(is_now, Ordering::Relaxed);
                is_dead.fetch_or(is_now && dies, Ordering::Relaxed);
                let fails = is_now || is_dead.load(Ordering::Relaxed);
                if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            });
            if !reached.load(Ordering::Relaxed) {
                break;
            }
            let build = published(&fs);
            let is_whole = build == expected;
            assert!(is_whole && result.status == Status::Success || build.is_empty(), "call {at}: {:?}", result.status);
            assert!(dies || staging(&fs).is_empty(), "call {at}");
            assert_eq!(pack_with(&fs, |_, _| Ok(())).0.status, Status::Success);
            assert!(published(&fs) == expected && staging(&fs).is_empty(), "call {at}");
            at += 1;
        }
        assert!(at > 5, "{at}");
    }
}
