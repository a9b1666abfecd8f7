//! What a reproduction says when bytes do differ: because the workspace changed, or because a disk lies.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use papack_engine::fs::{FileHandle, FileSystem, Lock, NodeKind, RealFs, Stamp, Visitor};
use papack_engine::{Cancel, Difference, EventKind, Part, ReproduceRequest, ReproduceResult, Status};
use papack_queries::diagnostic::{Code, Diagnostic};

use crate::hooked::{self};
use crate::space::{TestSpace, entry, files_below, manifest};

/// A disk that gives back the second spool with one byte altered.
struct LyingFs {
    real: RealFs,
    spools: AtomicUsize,
    /// Which byte of the spool.
    lie: u64,
}

struct LyingFile {
    real: Box<dyn FileHandle>,
    lie: u64,
}

impl FileHandle for LyingFile {
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.real.read_exact_at(offset, buffer)?;
        let byte = self.lie.checked_sub(offset).and_then(|at| buffer.get_mut(at as usize));
        byte.into_iter().for_each(|byte| *byte ^= 0x20);
        Ok(())
    }

    fn stamp(&self) -> io::Result<Stamp> {
        self.real.stamp()
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.real.write_all_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.real.sync()
    }
}

impl FileSystem for LyingFs {
    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        let real = self.real.create(path)?;
        let is_spool = path.starts_with("build/.staging");
        Ok(if is_spool && self.spools.fetch_add(1, Ordering::Relaxed) == 1 {
            Box::new(LyingFile { real, lie: self.lie })
        } else {
            real
        })
    }

    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        self.real.kind(path)
    }

    fn stat(&self, folder: &Utf8Path, names: &[&str]) -> io::Result<(Stamp, Vec<Option<(NodeKind, Stamp)>>)> {
        self.real.stat(folder, names)
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        self.real.list(folder)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        self.real.open(path)
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.create_folder(path)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.rename(from, to)
    }

    fn rename_new(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.rename_new(from, to)
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.move_folder(from, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.real.copy_permissions(from, to)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.remove_file(path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.real.remove_folder(path)
    }

    fn sweep(&self, folder: &Utf8Path, visit: &mut Visitor<'_>) -> io::Result<()> {
        self.real.sweep(folder, visit)
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        self.real.sync_folder(folder)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.real.try_lock(folder)
    }
}

/// Reproduces on a disk that alters the byte `lie` of the second spool. Nothing may be left behind.
#[track_caller]
fn reproduce_with_lie(space: &TestSpace, lie: u64) -> ReproduceResult {
    let fs = Arc::new(LyingFs { real: RealFs::new(space.path()).unwrap(), spools: AtomicUsize::new(0), lie });
    let mut session = hooked::session(Arc::clone(&fs) as Arc<dyn FileSystem>);
    let result = session.reproduce(&ReproduceRequest::default(), &|_| {});
    assert_eq!(fs.spools.load(Ordering::Relaxed), 2, "each of two packings spools; the third keeps nothing");
    assert!(!space.path().join("build").exists());
    assert_described(&result);
    result
}

/// A reproduction that finds a difference.
pub fn on_a_lying_disk() -> ReproduceResult {
    let space = TestSpace::with_assets(&[("a", &[("f", "")])]);
    space.write("assets/a/f", vec![1; 2 << 20]);
    reproduce_with_lie(&space, 12)
}

/// What a program would be told has its schema.
#[track_caller]
fn assert_described(result: &ReproduceResult) {
    let schema = include_str!("../../docs/schemas/reproduce.schema.json");
    let schema = jsonschema::draft202012::new(&serde_json::from_str(schema).unwrap()).unwrap();
    let mut line = serde_json::to_value(result).unwrap();
    line["type"] = "result".into();
    let faults: Vec<_> = schema.iter_errors(&line).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{line:#}");
    let payload = line["differences"].as_array().unwrap().iter().position(|found| found["part"] == "PAYLOAD");
    if let Some(index) = payload {
        line["differences"][index]["part"] = "HEADER".into();
        assert!(!schema.is_valid(&line), "a header has no asset");
    }
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    diagnostics.iter().map(|found| found.code).collect()
}

/// A sound whose file is too large to be kept in memory.
fn large_sound() -> TestSpace {
    let space = TestSpace::empty();
    let frames = 700_000_u32;
    let mut wave = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data".to_vec();
    wave.extend((frames * 2).to_le_bytes());
    wave.extend((0..frames).flat_map(|frame| (frame as u16).to_le_bytes()));
    let size = wave.len() as u32 - 8;
    wave[4..8].copy_from_slice(&size.to_le_bytes());
    space.write("assets/s/long.wav", wave);
    space.write("assets/s/asset.json", manifest(5, "s", r#"{"file": "long.wav"}"#).replace("DATA/raw", "SOUNDS/pcm"));
    space.write_registry(&[entry(5, "s")]);
    space
}

#[test]
fn a_byte_that_differs_is_found_at_its_place() {
    // Offsets of payloads: 0, 2, 5 and 5 + 3 MiB; only the third is spooled.
    let space = TestSpace::with_assets(&[
        ("a", &[("f", "aa")]),
        ("b", &[("f", "bbb")]),
        ("large", &[("f", "")]),
        ("z", &[("f", "z")]),
    ]);
    space.write("assets/large/f", vec![1; 3 << 20]);
    for lie in [0, 1, 0xf_fffa, 0xf_fffb, 0x10_0000, (3 << 20) - 1] {
        let result = reproduce_with_lie(&space, lie);
        assert_eq!((result.status, codes(&result.diagnostics)), (Status::GateFailed, vec![Code::NotReproducible]));
        let [difference] = &result.differences[..] else { panic!("{:?}", result.differences) };
        let Difference {
            packing: 2,
            output: "assets.pa",
            byte,
            part: Part::Payload { asset_id, asset_name, payload_byte },
        } = difference
        else {
            panic!("{difference:?}")
        };
        assert_eq!((*asset_id, asset_name.as_str(), *payload_byte), (3, "large", lie));
        space.pack();
        let packed = space.read("build/assets.pa");
        let front = packed.len() as u64 - (3 << 20) - 6;
        assert_eq!(*byte, front + 5 + lie);
        std::fs::remove_dir_all(space.path().join("build")).unwrap();

        let told = &result.diagnostics[0];
        let place = format!("assets.pa: byte {byte}, at byte {lie} of the payload of \"large\" (asset 3)");
        assert!(told.message.contains(&place), "{}", told.message);
        assert_eq!((told.asset_id, told.path.as_deref()), (Some(3), Some("build/assets.pa")));
        assert_eq!(result.packings.len(), 3, "a difference does not end it");
    }
    let result = reproduce_with_lie(&space, 4 << 20);
    assert_eq!((result.status, result.differences), (Status::Success, vec![]), "nothing reads that byte");
}

#[test]
fn a_sound_derived_otherwise_differs_in_the_pack_and_in_the_sidecar() {
    let space = large_sound();
    let result = reproduce_with_lie(&space, 44 + 2 * 1000);
    assert_eq!(result.status, Status::GateFailed);
    let places = |packing| {
        let of = result.differences.iter().filter(move |difference| difference.packing == packing);
        of.map(|difference| (difference.output, difference.part.clone())).collect::<Vec<_>>()
    };
    let [
        ("assets.pa", Part::Payload { asset_id: 5, payload_byte, .. }),
        ("asset_table_metadata.json", Part::Companion),
    ] = &places(2)[..]
    else {
        panic!("{:?}", places(2))
    };
    assert!(*payload_byte >= 2000, "{payload_byte}");
    // What was derived from a lie is known now, and known to differ.
    let outputs: Vec<_> = places(3).into_iter().map(|(output, _)| output).collect();
    assert_eq!(outputs, ["assets.pa", "asset_table_metadata.json"]);
}

#[test]
fn faults_that_only_one_packing_finds_are_not_reproducible() {
    let result = reproduce_with_lie(&large_sound(), 0);
    assert_eq!(result.status, Status::GateFailed);
    assert_eq!(codes(&result.diagnostics), [Code::WavInvalid, Code::NotReproducible]);
    assert_eq!((result.differences.len(), result.packings.len()), (0, 1));
}

/// Reproduces a workspace that `change` changes after so many packings.
fn reproduce_while(space: &TestSpace, packings: usize, change: &(dyn Fn(&TestSpace) + Sync)) -> ReproduceResult {
    let assembled = AtomicUsize::new(0);
    let observer = |event: &papack_engine::Event| {
        if matches!(event.kind, EventKind::Assembled { .. })
            && assembled.fetch_add(1, Ordering::Relaxed) + 1 == packings
        {
            change(space);
        }
    };
    let result = space.session().reproduce(&ReproduceRequest::default(), &observer);
    assert!(!space.path().join("build").exists());
    result
}

#[test]
fn a_workspace_that_changes_meanwhile_is_told_as_such() {
    type Change = fn(&TestSpace);
    let glob = |id, root: &str| manifest(id, root, r#"{"glob": "*.txt"}"#);
    let changes: [(&str, Change); 7] = [
        ("assets/b/g.txt", |space| space.write("assets/b/g.txt", "22")),
        ("assets/b/asset.json", |space| space.write("assets/b/asset.json", "{")),
        ("assets/b/h.txt", |space| space.write("assets/b/h.txt", "new")),
        ("assets/b/g.txt", |space| std::fs::remove_file(space.path().join("assets/b/g.txt")).unwrap()),
        ("assets/b/asset.json", |space| std::fs::remove_dir_all(space.path().join("assets/b")).unwrap()),
        ("assets/.prometeu/index.json", |space| space.write_registry(&[entry(1, "a")])),
        ("assets/.prometeu/index.json", |space| space.write("assets/.prometeu/index.json", "{")),
    ];
    for packings in [1, 2] {
        for (path, change) in changes {
            let space = TestSpace::with_assets(&[("a", &[("f.txt", "1")]), ("b", &[("g.txt", "2")])]);
            space.write("assets/b/asset.json", glob(2, "b"));
            let result = reproduce_while(&space, packings, &change);
            assert_eq!(result.status, Status::ExecutionFailed, "{path} after {packings}");
            let last = result.diagnostics.last().unwrap();
            assert_eq!((last.code, last.path.as_deref()), (Code::FileUnstable, Some(path)), "after {packings}");
            assert_eq!((result.packings.len(), result.differences.len()), (packings, 0));
        }
    }
}

#[test]
fn what_no_asset_takes_may_change() {
    let space = TestSpace::with_assets(&[("a", &[("f.txt", "1")])]);
    let result = reproduce_while(&space, 1, &|space| space.write("assets/a/.f.txt.swp", "of an editor"));
    assert_eq!((result.status, result.packings.len()), (Status::Success, 3), "{:?}", result.diagnostics);
}

#[test]
fn it_can_be_cancelled_at_any_moment() {
    let space = TestSpace::with_assets(&[("a", &[("f", "1")]), ("large", &[("f", "")])]);
    space.write("assets/large/f", vec![1; 2 << 20]);
    let before = files_below(space.path());
    let mut session = space.session();
    let mut moment = 0;
    // From the first event on, one later each time, up to the last but one.
    loop {
        let request = ReproduceRequest { cancel: Cancel::new(), ..ReproduceRequest::default() };
        let result = session.reproduce(&request, &|event| {
            if event.sequence == moment {
                request.cancel.cancel();
            }
        });
        assert_eq!(files_below(space.path()), before, "at event {moment}");
        assert!(!space.path().join("build").exists(), "at event {moment}");
        if result.status == Status::Success {
            break;
        }
        assert_eq!(result.status, Status::Cancelled, "at event {moment}");
        moment += 1;
    }
    assert!(moment > 10, "it was cancelled {moment} times");
}
