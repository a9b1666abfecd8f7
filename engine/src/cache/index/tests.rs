//! The cache index holds the build state of the session that wrote it, and any damage to the file is detected.
#![allow(clippy::unwrap_used, reason = "tests")]

mod refused;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use papack_queries::content::ContentId;

use super::format::{End, FRAME, IndexBody, IndexHead, MAX_SIZE, Sequences, VERSION_LINE, authenticate, path};
use super::reader::IndexReader;
use super::writer::IndexWriter;
use crate::cache::payloads::tests::user_key;
use crate::fs::{FileSystem, RealFs};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::operation::{OperationId, Status};
use crate::workspace::{BuildState, FileIndex, Generation, Summary};
use crate::{EventKind, PackRequest, Session};

/// A workspace with assets of one file each.
struct Space {
    folder: tempfile::TempDir,
}

impl Space {
    /// A workspace with so many assets, and as many folders and payloads.
    fn new(asset_count: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let space = Self { folder };
        for id in 1..=asset_count {
            let manifest = format!(
                r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "asset {id}",
                    "artifacts": [{{"file": "f"}}], "output": {{"format": "DATA/raw_v1"}}}}"#,
                uuid(id)
            );
            space.write(&format!("assets/a{id}/asset.json"), &manifest);
            space.edit(id, "first");
        }
        space.register(1..=asset_count);
        space
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn edit(&self, id: u32, content: &str) {
        self.write(&format!("assets/a{id}/f"), &format!("{content} {id}"));
    }

    fn register(&self, ids: impl Iterator<Item = u32>) {
        let entry = |id: u32| {
            format!(r#"{{"asset_id": {id}, "asset_uuid": "{}", "root": "a{id}", "included_in_build": true}}"#, uuid(id))
        };
        let entries: Vec<_> = ids.map(entry).collect();
        let registry =
            format!(r#"{{"schema_version": 2, "next_asset_id": 100000, "assets": [{}]}}"#, entries.join(","));
        self.write("assets/.prometeu/index.json", &registry);
    }

    fn fs(&self) -> Arc<dyn FileSystem> {
        Arc::new(RealFs::new(self.folder.path()).unwrap())
    }

    /// Packs in a new session, as the next process does, and returns the session.
    fn pack(&self) -> Session {
        let mut session = hooked::session(self.fs());
        assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::Success);
        session
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(path())
    }

    /// How many incomplete cache indexes there are.
    fn unfinished(&self) -> usize {
        let names = fs::read_dir(self.path().parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().starts_with("index-")).count()
    }

    /// Whether all that an operation with nothing to do reads of the cache index can be read, and whether its body can.
    fn is_readable(&self) -> (bool, bool) {
        match IndexReader::open(&*self.fs(), &user_key()) {
            Ok((mut reader, _)) => (reader.survey(&*self.fs()).is_some(), reader.read_body().is_some()),
            Err(_) => (false, false),
        }
    }
}

fn uuid(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012}")
}

/// All that a cache index holds but its time and its clean runs, as text to compare.
fn described(file_index: &FileIndex, summary: &Summary, generation: Option<&Generation>) -> String {
    let assets: Vec<_> =
        summary.assets.iter().map(|(id, asset)| (id, &asset.record, asset.uuid, &asset.packed)).collect();
    let flags = (summary.is_sound, summary.is_walk_due);
    let diagnostics = (&summary.registry_diagnostics, &summary.walk_diagnostics);
    format!("{file_index:?} {:?} {flags:?} {diagnostics:?} {assets:?} {generation:?}", summary.entries)
}

#[track_caller]
fn assert_kept(space: &Space, session: &Session, clean_run_count: usize) {
    let Ok((mut reader, IndexHead { clean_runs, .. })) = IndexReader::open(&*space.fs(), &user_key()) else {
        panic!("no index")
    };
    let body = reader.read_body().unwrap();
    let (kept, state) = (described(&body.file_index, &body.summary, body.generation.as_ref()), &session.core().state);
    assert!(
        kept == described(&state.file_index, &state.summary, session.outputs().generation.as_ref()),
        "what was kept is not what is known"
    );
    assert_eq!(clean_runs.len(), clean_run_count);
    assert_eq!(space.unfinished(), 0);
}

#[test]
fn what_is_begun_before_publication_is_what_is_known_afterwards() {
    let space = Space::new(1100);
    assert_kept(&space, &space.pack(), 1);
    let Ok((reader, _)) = IndexReader::open(&*space.fs(), &user_key()) else { panic!("no index") };
    let Sequences { folders, entries, assets, payloads } = &reader.sequences;
    assert!([folders, entries, assets, payloads].iter().all(|pieces| pieces.len() > 1), "pieces");

    space.edit(7, "other");
    assert_kept(&space, &space.pack(), 1);
    // An asset that the registry does not name, one that it names no more, and one that is broken and then repaired.
    space.write("assets/unknown/asset.json", "{}");
    space.register((1..=1100).filter(|id| *id != 9));
    assert_kept(&space, &space.pack(), 1);
    let manifest = fs::read_to_string(space.folder.path().join("assets/a8/asset.json")).unwrap();
    space.write("assets/a8/asset.json", "{");
    let mut session = hooked::session(space.fs());
    assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::GateFailed);
    assert_kept(&space, &session, 0);
    space.write("assets/a8/asset.json", &manifest);
    space.edit(8, "repaired");
    assert_kept(&space, &space.pack(), 1);
    // The same session again, and only the outputs.
    fs::remove_dir_all(space.folder.path().join("build")).unwrap();
    assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::Success);
    assert_kept(&space, &session, 1);
}

#[test]
fn the_index_is_begun_once_and_before_anything_is_published() {
    let space = Space::new(2);
    space.pack();
    space.edit(1, "other");
    let steps = Arc::new(Mutex::new(Vec::new()));
    let fs = {
        let steps = Arc::clone(&steps);
        HookedFs::new(space.fs(), move |call: Call<'_>| {
            if call.path.as_str().contains("cache/index-") && call.operation != Operation::Write {
                steps.lock().unwrap().push(format!("{:?}", call.operation));
            }
            Ok(())
        })
    };
    let result = hooked::session(fs).pack(&PackRequest::default(), &|event| {
        if matches!(event.kind, EventKind::Promoted { .. }) {
            steps.lock().unwrap().push("published".into());
        }
    });
    assert_eq!(result.status, Status::Success);
    assert_eq!(*steps.lock().unwrap(), ["Create", "Lock", "Kind", "published", "Kind"]);
}

#[test]
fn a_pack_that_publishes_nothing_keeps_what_it_found() {
    let space = Space::new(2);
    space.pack();
    space.edit(1, "other");
    let full = |call: Call<'_>| {
        let fails = call.operation == Operation::Write && call.path.as_str().ends_with("/assets.pa");
        if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    };
    let mut session = hooked::session(HookedFs::new(space.fs(), full));
    assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::ExecutionFailed);
    assert_eq!((space.unfinished(), space.is_readable()), (0, (true, true)));
    let (mut reader, _) = IndexReader::open(&*space.fs(), &user_key()).ok().unwrap();
    let generation = reader.read_body().unwrap().generation.unwrap();
    assert_eq!(
        generation.payloads,
        session.outputs().generation.as_ref().unwrap().payloads,
        "the payloads of what is published"
    );
    assert_kept(&space, &space.pack(), 1);
}

#[test]
fn what_a_killed_pack_began_goes_with_the_next_and_what_is_removed_is_begun_anew() {
    let space = Space::new(2);
    let session = space.pack();
    let id = || OperationId::random().unwrap();
    let begin = || IndexWriter::begin(&space.fs(), &id(), &session.core().state, &[]).unwrap();
    // The file of a pack that was killed.
    let killed = space.path().with_file_name(format!("index-{}", id()));
    fs::write(&killed, "begun").unwrap();
    assert_eq!((space.unfinished(), space.is_readable()), (1, (true, true)));
    // One that ended early.
    drop(begin());
    assert_eq!(space.unfinished(), 0);
    // Two operations write at the same time, and one of them is cut short.
    fs::write(&killed, "begun").unwrap();
    let (first, second) = (begin(), begin());
    assert_eq!((space.unfinished(), killed.exists()), (2, false));
    first.finish(&user_key(), &session.core().state, &[], None).unwrap();
    assert_eq!((space.unfinished(), space.is_readable()), (1, (true, true)));
    second.finish(&user_key(), &session.core().state, &[], None).unwrap();
    assert_eq!((space.unfinished(), space.is_readable()), (0, (true, true)));

    // Another process removes the incomplete file while a pack publishes.
    space.edit(1, "other");
    let cache = space.path().parent().unwrap().to_owned();
    let removing = move |call: Call<'_>| {
        if call.operation == Operation::Rename && call.path == "build/assets.pa" {
            let names = fs::read_dir(&cache)?.map(|entry| entry.unwrap().path());
            names
                .filter(|path| path.to_str().unwrap().contains("/index-"))
                .for_each(|path| fs::remove_file(path).unwrap());
        }
        Ok(())
    };
    let mut session = hooked::session(HookedFs::new(space.fs(), removing));
    assert_eq!(session.pack(&PackRequest::default(), &|_| {}).status, Status::Success);
    assert_kept(&space, &session, 1);
}

#[test]
fn where_nothing_changed_no_folder_is_kept_unless_a_text_is_to_be_shown() {
    let space = Space::new(2);
    space.pack();
    // Outputs that were staged just now have no stamps that could be believed. They get them when they are compared.
    std::thread::sleep(std::time::Duration::from_millis(50));
    space.pack();
    // The first operation of a session, and a later one.
    let has_folders = |session: &Session| session.core().state.file_index.has_top();
    let mut session = space.pack();
    assert!(!has_folders(&session));
    let mut pack = || session.pack(&PackRequest::default(), &|_| {});
    assert!(pack().up_to_date);
    assert!(has_folders(&session));
    // A warning about a place in a manifest.
    for name in ["f2", "f10"] {
        space.write(&format!("assets/a1/{name}"), name);
    }
    let manifest = fs::read_to_string(space.folder.path().join("assets/a1/asset.json")).unwrap();
    space.write("assets/a1/asset.json", &manifest.replace(r#""file": "f""#, r#""glob": "f*""#));
    space.pack();
    let mut session = hooked::session(space.fs());
    let result = session.pack(&PackRequest::default(), &|_| {});
    assert!(result.up_to_date);
    let texts = session.texts(&result.diagnostics);
    assert!(texts["assets/a1/asset.json"].contains("f*"), "{:?}", result.diagnostics);
}

#[test]
fn damage_in_any_part_is_found() {
    let space = Space::new(1100);
    space.pack();
    let good = fs::read(space.path()).unwrap();
    let Ok((reader, _)) = IndexReader::open(&*space.fs(), &user_key()) else { panic!("no index") };
    let Sequences { folders, entries, assets, payloads } = &reader.sequences;
    // Where the line, each piece, the end and its frame begin.
    let mut places = vec![0, VERSION_LINE.len()];
    for piece in [folders, entries, assets, payloads].into_iter().flatten() {
        places.push(places.last().unwrap() + usize::try_from(piece.size).unwrap());
    }
    places.push(good.len() - FRAME);
    assert!(places.len() > 1 + 8 + 1, "each sequence has several pieces");
    let body_at = places[folders.len() + 1];
    let end_at = places[places.len() - 2];
    let readable = |bytes: &[u8]| {
        fs::write(space.path(), bytes).unwrap();
        space.is_readable()
    };
    for place in places.iter().flat_map(|place| [place.saturating_sub(1), *place, place + 1, place + 17]) {
        assert_eq!(readable(&good[..place]), (false, false), "cut at {place}");
        let mut flipped = good.clone();
        flipped[place] ^= 1 << (place % 8);
        let is_in_body = (body_at..end_at).contains(&place);
        assert_eq!(readable(&flipped), (is_in_body, false), "flipped at {place}");
    }
    for cut in 1..=FRAME {
        assert_eq!(readable(&good[..good.len() - cut]), (false, false), "{cut} bytes too few");
    }
    assert_eq!(readable(&[&good[..], b"x"].concat()), (false, false));
    assert_eq!(readable(&[&good[..], &good[..]].concat()), (false, false));
    assert_eq!(readable(&good), (true, true));
}

/// The cache index `good` with changed sequences, authenticated.
fn forged(good: &[u8], change: impl FnOnce(&mut Sequences)) -> Vec<u8> {
    let frame_at = good.len() - FRAME;
    let length = u64::from_le_bytes(good[frame_at..frame_at + 8].try_into().unwrap());
    let end_at = frame_at - usize::try_from(length).unwrap();
    let End { mut sequences, .. } = postcard::from_bytes(&good[end_at..frame_at]).unwrap();
    let written = postcard::to_allocvec(&sequences).unwrap();
    change(&mut sequences);
    let rest = good[end_at..frame_at].strip_suffix(&written[..]).unwrap();
    let end = [rest, &postcard::to_allocvec(&sequences).unwrap()].concat();
    [&good[..end_at], &framed(&end)].concat()
}

fn framed(end: &[u8]) -> Vec<u8> {
    [end, &(end.len() as u64).to_le_bytes(), authenticate(end, &user_key()).as_bytes()].concat()
}

#[test]
fn a_forged_index_takes_no_more_than_it_has() {
    let space = Space::new(2);
    space.pack();
    let good = fs::read(space.path()).unwrap();
    let readable = |bytes: &[u8]| {
        fs::write(space.path(), bytes).unwrap();
        space.is_readable()
    };
    let with = |change: fn(&mut Sequences)| readable(&forged(&good, change));
    let empty = ContentId::of(b"");
    assert_eq!(with(|_| {}), (true, true));
    assert_eq!(
        with(|sequences| sequences.assets.extend(vec![ContentId::of(b""); 100_000])),
        (true, true),
        "nothing more"
    );
    assert_eq!(with(|sequences| sequences.folders[0].size = u64::MAX), (false, false));
    assert_eq!(with(|sequences| sequences.folders[0].size += 1), (false, false), "more than there is");
    assert_eq!(with(|sequences| sequences.payloads.clear()), (false, false), "less than there is");
    assert_eq!(with(|sequences| sequences.payloads.push(sequences.payloads[0])), (false, false));
    let overflowing = |sequences: &mut Sequences| {
        let piece = ContentId { size: 1 << 63, ..ContentId::of(b"") };
        sequences.entries.extend([piece, piece]);
    };
    assert_eq!(with(overflowing), (false, false), "sizes that are too large together");
    // Pieces of the file, but as pieces of another sequence.
    for number in 0..6 {
        let changed = forged(&good, |Sequences { folders, entries, assets, payloads }| match number {
            0 => std::mem::swap(folders, entries),
            1 => entries.append(folders),
            2 => payloads.splice(0..0, std::mem::take(assets)).for_each(drop),
            3 => payloads.splice(0..0, assets.drain(..).chain([empty])).for_each(drop),
            4 => assets.append(payloads),
            _ => entries.append(assets),
        });
        assert_ne!(readable(&changed), (true, true), "{number}");
    }

    let line = VERSION_LINE.as_bytes();
    assert_eq!(readable(&[line, &framed(&[0; 1000])].concat()), (true, true), "one that knows nothing");
    assert_kept(&space, &space.pack(), 1);
    for end in [&b""[..], &[0xff; 1000], &[0x80; 100], b"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"] {
        assert_eq!(readable(&[line, &framed(end)].concat()), (false, false));
    }
    for length in [good.len() as u64, 1 << 40, u64::MAX - 39, u64::MAX] {
        let mut index = good.clone();
        index[good.len() - FRAME..][..8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(readable(&index), (false, false), "an end of {length} bytes");
    }
    // A sparse file of any size.
    fs::write(space.path(), line).unwrap();
    for size in [MAX_SIZE, 1 << 42] {
        fs::File::options().write(true).open(space.path()).unwrap().set_len(size).unwrap();
        assert_eq!(space.is_readable(), (false, false));
    }
}

/// Even an authenticated cache index cannot make papack read outside `assets/`.
#[test]
fn an_index_leads_nowhere_else() {
    let space = Space::new(3);
    space.pack();
    for (folder, name) in [
        ("../elsewhere", "f"),
        ("a1/..", "f"),
        ("/etc", "passwd"),
        ("a1//b", "f"),
        ("a1/", "f"),
        ("a1/.", "f"),
        ("a\0", "f"),
        ("a1", "../../f"),
        ("a1", ".."),
        ("a1", ""),
        ("a1", "f\0"),
    ] {
        let (mut reader, _) = IndexReader::open(&*space.fs(), &user_key()).ok().unwrap();
        let mut file_index = reader.read_body().unwrap().file_index;
        file_index.forge(folder, name);
        let state = BuildState::restored(file_index, Summary::default());
        let operation = OperationId::random().unwrap();
        IndexWriter::begin(&space.fs(), &operation, &state, &[])
            .unwrap()
            .finish(&user_key(), &state, &[], None)
            .unwrap();
        assert_eq!(space.is_readable(), (false, false), "{folder:?} {name:?}");
        // The next pack writes a new one, from which the next round starts.
        space.pack();
    }
}
