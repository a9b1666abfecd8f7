//! The cached payloads against a model: what is read back is what was put, or nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use papack_queries::content::ContentId;
use proptest::prelude::*;

use super::super::key::{Purpose, UserKey};
use super::limits::{FOLDER, Key, MAX_BYTES, MAX_SEGMENTS};
use super::segment::{Entries, HEADER};
use super::store::Payloads;
use super::upkeep;
use super::writer::PayloadWriter;
use crate::fs::{FileSystem, RealFs};
use crate::hooked;
use crate::hooked::HookedFs;

/// A workspace with a cache.
struct Space {
    folder: tempfile::TempDir,
}

impl Space {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("assets/.prometeu")).unwrap();
        Self { folder }
    }

    fn fs(&self) -> Arc<dyn FileSystem> {
        Arc::new(RealFs::new(self.folder.path()).unwrap())
    }

    /// The payloads as another process finds them.
    fn open(&self) -> Arc<Payloads> {
        Payloads::open(self.fs(), user_key())
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(FOLDER)
    }

    /// The segments, by name.
    fn segments(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.path()).into_iter().flatten().map(|entry| entry.unwrap().path());
        let mut segments: Vec<_> = names.filter(|path| path.file_name().unwrap().len() == 20).collect();
        segments.sort();
        segments
    }

    /// Everything in the folder that is no segment and not their order.
    fn litter(&self) -> usize {
        fs::read_dir(self.path()).map_or(0, |names| {
            let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name != "order" && name.len() != 20).count()
        })
    }
}

/// The key of all caches here.
pub(crate) fn user_key() -> UserKey {
    UserKey::new(hooked::KEY)
}

fn key(number: u8) -> Key {
    [number; 32]
}

/// The result for `number`, and its payloads. Neighbouring numbers share one payload.
fn derived(number: u8) -> (Vec<u8>, [Vec<u8>; 2]) {
    let payload = |number: u8| vec![number; 10 + usize::from(number) * 7];
    (format!("result {number}").into(), [payload(number / 2), payload(number)])
}

/// Writes as one operation that derives `numbers`.
fn write(payloads: &Arc<Payloads>, numbers: impl IntoIterator<Item = u8>) -> io::Result<()> {
    let writer = PayloadWriter::new(Arc::clone(payloads));
    for number in numbers {
        let (result, slices) = derived(number);
        if let [Ok(one), Ok(other)] = slices.map(|slice| writer.put(&slice)) {
            writer.remember(&key(number), &result, &[one, other]);
        }
    }
    writer.finish(true, &HashSet::new)
}

/// Whether `number` is recalled. If so, asserts that its result and all its payloads are right.
#[track_caller]
fn is_right(payloads: &Payloads, number: u8) -> bool {
    let Some(recalled) = payloads.recall(&key(number)) else { return false };
    let (result, slices) = derived(number);
    assert_eq!(recalled, result);
    for slice in slices {
        let id = ContentId::of(&slice);
        assert!(payloads.holds(id));
        let mut read = vec![0; slice.len() - 1];
        payloads.read_at(id, 1, &mut read).unwrap();
        assert_eq!(read, slice[1..]);
    }
    true
}

#[test]
fn what_another_operation_writes_is_not_taken_for_left_behind() {
    let space = Space::new();
    let (one, other) = (space.open(), space.open());
    let writer = PayloadWriter::new(Arc::clone(&one));
    let (result, slices) = derived(1);
    let ids = slices.map(|slice| writer.put(&slice).unwrap());
    fs::write(space.path().join("AAAAAAAAAAAAAAAAAAAA.new"), "left behind").unwrap();
    assert_eq!(space.litter(), 2);
    write(&other, 2..4).unwrap();
    assert_eq!(space.litter(), 1);
    writer.remember(&key(1), &result, &ids);
    writer.finish(true, &HashSet::new).unwrap();
    assert_eq!(space.litter(), 0);
    let payloads = space.open();
    assert!((1..4).all(|number| is_right(&payloads, number)));
}

/// A replacement replaces all earlier payloads when the operation is complete, but not when it was cut short.
#[test]
fn payloads_made_anew_replace_the_others_in_the_end() {
    let space = Space::new();
    write(&space.open(), 1..4).unwrap();
    for (is_complete, is_kept) in [(false, true), (true, false)] {
        let replacement = space.open().replacement();
        assert!(!is_right(&replacement, 1), "nothing is recalled");
        let writer = PayloadWriter::new(Arc::clone(&replacement));
        let (result, slices) = derived(9);
        let ids = slices.map(|slice| writer.put(&slice).unwrap());
        writer.remember(&key(9), &result, &ids);
        writer.finish(is_complete, &HashSet::new).unwrap();
        let payloads = space.open();
        assert!(is_right(&payloads, 9));
        assert_eq!(is_right(&payloads, 1), is_kept, "complete: {is_complete}");
    }
}

#[test]
fn what_one_process_derived_another_one_recalls() {
    let space = Space::new();
    let payloads = space.open();
    assert_eq!(payloads.recall(&key(1)), None);
    assert!(!space.path().exists(), "who only looks writes nothing");
    assert!(PayloadWriter::new(Arc::clone(&payloads)).finish(true, &HashSet::new).is_ok());
    assert!(!space.path().exists(), "and nor does who derives nothing");

    let writer = PayloadWriter::new(Arc::clone(&payloads));
    let id = writer.put(b"payload").unwrap();
    assert!(writer.holds(id) && !payloads.holds(id));
    let mut read = [0; 4];
    writer.read_at(id, 2, &mut read).unwrap();
    assert_eq!(&read, b"yloa");
    assert!(writer.read_at(id, 4, &mut read).is_err(), "beyond its end");
    let empty = writer.put(b"").unwrap();
    writer.remember(&key(1), b"result", &[id, empty]);
    writer.remember(&key(2), b"", &[]);
    writer.remember(&key(3), b"its payload was never put", &[ContentId::of(b"unknown")]);
    writer.finish(true, &HashSet::new).unwrap();

    for payloads in [payloads, space.open()] {
        assert_eq!(payloads.recall(&key(1)).as_deref(), Some(&b"result"[..]));
        assert_eq!(payloads.recall(&key(2)).as_deref(), Some(&b""[..]));
        assert_eq!(payloads.recall(&key(3)), None);
        payloads.read_at(id, 0, &mut read).unwrap();
        assert_eq!(&read, b"payl");
        assert!(payloads.read_at(id, 4, &mut read).is_err());
        assert!(payloads.read_at(id, u64::MAX, &mut read).is_err());
        assert!(payloads.holds(id) && payloads.holds(empty) && !payloads.holds(ContentId::of(b"unknown")));
    }
    assert_eq!((space.segments().len(), space.litter()), (1, 0));
    let ignored = space.path().parent().unwrap().join(".gitignore");
    assert_eq!(fs::read(ignored).unwrap(), b"*\n");
}

#[test]
fn a_slice_that_several_entries_share_is_kept_once() {
    let space = Space::new();
    let writer = PayloadWriter::new(Arc::clone(&space.open()));
    let large = vec![7; 100_000];
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (writer, large) = (&writer, &large);
            scope.spawn(move || {
                let own = writer.put(&vec![number; 1000]).unwrap();
                if number > 0 {
                    return writer.remember(&key(number), &[number], &[own]);
                }
                let shared = writer.put(large).unwrap();
                (8..16).for_each(|other| writer.remember(&key(other), &[other], &[writer.put(large).unwrap(), shared]));
            });
        }
    });
    writer.finish(true, &HashSet::new).unwrap();
    let payloads = space.open();
    for number in 1..16 {
        assert_eq!(payloads.recall(&key(number)).unwrap(), [number]);
    }
    assert!(space.segments()[0].metadata().unwrap().len() < 120_000);
}

#[test]
fn an_operation_that_ends_early_leaves_nothing() {
    let space = Space::new();
    let payloads = space.open();
    let writer = PayloadWriter::new(Arc::clone(&payloads));
    writer.put(b"payload").unwrap();
    assert_eq!(space.litter(), 1);
    drop(writer);
    assert_eq!((space.segments().len(), space.litter()), (0, 0));
    // The file of an operation that was killed.
    fs::write(space.path().join("k3J9sZuyXw4ndm06D9nc.new"), "half").unwrap();
    write(&payloads, [1]).unwrap();
    assert_eq!((space.segments().len(), space.litter()), (1, 0));
}

#[test]
fn many_segments_become_few_and_nothing_is_lost() {
    let space = Space::new();
    for number in 0..100 {
        write(&space.open(), [number]).unwrap();
        assert!(space.segments().len() <= MAX_SEGMENTS, "{}", space.segments().len());
    }
    let payloads = space.open();
    assert!((0..100).all(|number| is_right(&payloads, number)));
    assert_eq!(space.litter(), 0);

    // The segments of several workspaces in one cache.
    let together = Space::new();
    write(&together.open(), [200]).unwrap();
    for number in 0..50 {
        let other = Space::new();
        write(&other.open(), [number]).unwrap();
        let segment = &other.segments()[0];
        fs::rename(segment, together.path().join(segment.file_name().unwrap())).unwrap();
    }
    write(&together.open(), [201]).unwrap();
    let payloads = together.open();
    assert!(together.segments().len() <= MAX_SEGMENTS);
    assert!((0..50).chain([200, 201]).all(|number| is_right(&payloads, number)));
}

/// Two assets, of which one is edited without end. What it was before is kept for a while, and does not pile up.
#[test]
fn what_no_asset_has_any_more_goes_in_time_and_what_one_has_stays() {
    const MIB: u64 = 1024 * 1024;
    let space = Space::new();
    let payload = |number: u8| vec![number; MIB as usize];
    let put = |writer: &PayloadWriter, number: u8| {
        let slice = writer.put(&payload(number)).unwrap();
        writer.remember(&key(number), b"result", &[slice]);
        slice
    };
    let writer = PayloadWriter::new(space.open());
    let still = [0, 100, 101].map(|number| put(&writer, number));
    writer.finish(true, &HashSet::new).unwrap();
    let mut rewritten = 0;
    for number in 1..60 {
        let before = space.segments();
        let writer = PayloadWriter::new(space.open());
        let edited = put(&writer, number);
        writer.finish(true, &|| still.into_iter().chain([edited]).collect()).unwrap();
        let segments = space.segments();
        rewritten += segments.iter().filter(|path| !before.contains(path)).count() - 1;
        let size: u64 = segments.iter().map(|path| path.metadata().unwrap().len()).sum();
        // Four are live, and as many may be dead; each has its result, and each segment its index.
        assert!(size <= 8 * MIB + 64 * 1024, "{size} bytes after {number} edits");
        let payloads = space.open();
        let recalled: Vec<u8> = (0..=101).filter(|number| payloads.recall(&key(*number)).is_some()).collect();
        for wanted in [0, 100, 101, number, number.saturating_sub(1), number.saturating_sub(2)] {
            assert!(recalled.contains(&wanted), "{wanted} is gone after {number} edits: {recalled:?}");
        }
    }
    assert_eq!(space.litter(), 0);
    assert!(rewritten < 10, "what is live was written anew {rewritten} times");
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let space = Space::new();
    for number in 1..=4 {
        write(&space.open(), [number]).unwrap();
    }
    // Another process uses the oldest and derives nothing. The use is recorded.
    let payloads = space.open();
    assert!(payloads.recall(&key(1)).is_some());
    PayloadWriter::new(Arc::clone(&payloads)).finish(true, &HashSet::new).unwrap();

    let kept = |max_bytes| {
        let payloads = space.open();
        upkeep::keep_within(&payloads, payloads.segments().to_vec(), max_bytes, None).unwrap();
        let size: u64 = space.segments().iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!(size <= max_bytes);
        let payloads = space.open();
        (1..=4).filter(|number| payloads.recall(&key(*number)).is_some()).collect::<Vec<_>>()
    };
    let size: u64 = space.segments().iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(kept(size), [1, 2, 3, 4]);
    assert_eq!(kept(size - 1), [1, 3, 4]);
    assert_eq!(kept(size / 2), [1, 4]);
    assert_eq!(kept(0), [0_u8; 0]);
}

#[test]
fn what_was_just_written_counts_as_used_and_what_was_used_counts_once() {
    let space = Space::new();
    let payloads = space.open();
    let order = || fs::read_to_string(space.path().join("order")).unwrap().lines().count();
    let first = || fs::read_to_string(space.path().join("order")).unwrap().lines().next().unwrap().to_owned();
    let mut written = Vec::new();
    for number in 1..=3 {
        write(&payloads, [number]).unwrap();
        written.push(first());
        // Each operation uses the segment of the first.
        assert!(payloads.recall(&key(1)).is_some());
    }
    assert_eq!(order(), 3);
    assert_eq!(BTreeSet::from_iter(&written).len(), 3, "the new one comes first");
    PayloadWriter::new(Arc::clone(&payloads)).finish(true, &HashSet::new).unwrap();
    assert_eq!(first(), written[0]);
    assert!(payloads.recall(&key(2)).is_some());
    PayloadWriter::new(Arc::clone(&payloads)).finish(true, &HashSet::new).unwrap();
    assert_eq!(first(), written[1], "the first was used by an earlier operation");
}

#[test]
fn what_was_altered_after_it_was_used_is_not_trusted_again() {
    let space = Space::new();
    let payloads = space.open();
    write(&payloads, [1, 2]).unwrap();
    assert!(is_right(&payloads, 1));
    let segment = &space.segments()[0];
    let mut bytes = fs::read(segment).unwrap();
    bytes[HEADER.len()..].iter_mut().take(200).for_each(|byte| *byte ^= 1);
    fs::write(segment, &bytes).unwrap();
    payloads.refresh();
    assert!(!is_right(&payloads, 1));
    fs::remove_file(segment).unwrap();
    payloads.refresh();
    assert!(!payloads.holds(ContentId::of(&derived(2).1[0])));
}

#[test]
fn a_segment_that_vanishes_is_read_to_its_end() {
    let space = Space::new();
    let payloads = space.open();
    write(&payloads, [1]).unwrap();
    payloads.refresh();
    assert!(payloads.recall(&key(1)).is_some());
    fs::remove_dir_all(space.path()).unwrap();
    assert!(is_right(&payloads, 1), "it is open");
    payloads.refresh();
    assert!(!is_right(&payloads, 1));
    write(&payloads, [1]).unwrap();
    assert!(is_right(&payloads, 1));
}

#[test]
fn links_and_folders_in_the_place_of_anything_are_not_followed() {
    let outside = Space::new();
    write(&outside.open(), [1]).unwrap();
    let segment = &outside.segments()[0];
    let name = segment.file_name().unwrap();
    let untouched = |outside: &Space| (outside.segments(), fs::read(&outside.segments()[0]).unwrap());
    let before = untouched(&outside);

    // The folder is a link.
    let space = Space::new();
    fs::create_dir(space.path().parent().unwrap()).unwrap();
    symlink(outside.path(), space.path()).unwrap();
    assert!(!is_right(&space.open(), 1));
    write(&space.open(), [2]).unwrap();
    assert!(is_right(&space.open(), 2));
    assert!(!space.path().is_symlink());

    // The folder contains links and folders, some with the name of a segment.
    symlink(segment, space.path().join(name)).unwrap();
    symlink("/etc/passwd", space.path().join("a-link")).unwrap();
    fs::create_dir_all(space.path().join("k3J9sZuyXw4ndm06D9nc/deeper")).unwrap();
    symlink(outside.path(), space.path().join("k3J9sZuyXw4ndm06D9nc/link")).unwrap();
    fs::remove_file(space.path().join("order")).unwrap();
    symlink("/etc/passwd", space.path().join("order")).unwrap();
    let payloads = space.open();
    assert!(!is_right(&payloads, 1) && is_right(&payloads, 2));
    write(&payloads, [3]).unwrap();
    assert!(is_right(&space.open(), 2) && is_right(&space.open(), 3));
    assert_eq!((space.segments().len(), space.litter()), (2, 0));
    assert!(space.path().join("order").is_file() && !space.path().join("order").is_symlink());

    // The cache itself is a link: papack may not remove it, and works without a cache.
    let space = Space::new();
    symlink(outside.path().parent().unwrap(), space.path().parent().unwrap()).unwrap();
    let payloads = space.open();
    assert!(write(&payloads, [4]).is_ok() && !is_right(&payloads, 4) && !is_right(&payloads, 1));
    assert_eq!(untouched(&outside), before);
}

#[test]
fn a_cache_that_cannot_be_written_is_still_read() {
    let space = Space::new();
    write(&space.open(), [1]).unwrap();
    let before = space.segments();
    let refused = |call: hooked::Call<'_>| {
        if call.operation.changes() { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    };
    let payloads = Payloads::open(HookedFs::new(space.fs(), refused), user_key());
    assert!(is_right(&payloads, 1));
    write(&payloads, [2]).unwrap();
    assert!(is_right(&payloads, 1) && !is_right(&payloads, 2));
    assert_eq!(space.segments(), before);
}

/// Each call that changes something fails in turn, and every seventh of the many other calls: alone, or with all calls
/// after it, as for a process that is killed.
#[test]
fn whatever_call_fails_what_is_recalled_is_right() {
    // As many segments as allowed: the next one exceeds the bound.
    let full = Space::new();
    for number in 0..MAX_SEGMENTS {
        write(&full.open(), u8::try_from(number)).unwrap();
    }
    let numbers = [0, 1, 7, 30, 31, 100, 101];
    for (dies, changing) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut nth = 0;
        loop {
            let space = Space::new();
            fs::create_dir_all(space.path()).unwrap();
            for entry in fs::read_dir(full.path()).unwrap() {
                let path = entry.unwrap().path();
                fs::hard_link(&path, space.path().join(path.file_name().unwrap())).unwrap();
            }
            let calls = Arc::new(AtomicUsize::new(0));
            let failing = {
                let calls = Arc::clone(&calls);
                move |call: hooked::Call<'_>| {
                    if call.operation.changes() != changing {
                        return Ok(());
                    }
                    let call = calls.fetch_add(1, Ordering::Relaxed);
                    let fails = call == nth || (dies && call > nth);
                    if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
                }
            };
            let payloads = Payloads::open(HookedFs::new(space.fs(), failing), user_key());
            let expect_right = |payloads: &Payloads| {
                for number in numbers {
                    let recalled = payloads.recall(&key(number));
                    assert!(recalled.is_none() || recalled == Some(derived(number).0), "call {nth}");
                }
            };
            expect_right(&payloads);
            drop(write(&payloads, [100, 101]));
            expect_right(&payloads);

            let payloads = space.open();
            for number in numbers {
                is_right(&payloads, number);
            }
            write(&payloads, [102]).unwrap();
            assert!(is_right(&payloads, 102));
            assert!(space.segments().len() <= MAX_SEGMENTS && space.litter() == 0);
            if calls.load(Ordering::Relaxed) <= nth {
                assert!(nth > 30, "{nth} calls are too few to have tested anything");
                break;
            }
            nth += if changing { 1 } else { 7 };
        }
    }
}

/// Damage to a segment between two operations.
#[derive(Debug, Clone)]
enum Damage {
    Flip { at: usize, bits: u8 },
    Truncate { to: usize },
    Append(Vec<u8>),
    Replace(Vec<u8>),
    Hole { size: u64 },
    Swap,
    Order(Vec<u8>),
    Remove,
}

fn damages() -> impl Strategy<Value = Damage> {
    let garbage = || prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        8 => (any::<usize>(), 1..=u8::MAX).prop_map(|(at, bits)| Damage::Flip { at, bits }),
        2 => any::<usize>().prop_map(|to| Damage::Truncate { to }),
        1 => garbage().prop_map(Damage::Append),
        1 => garbage().prop_map(Damage::Replace),
        1 => any::<u32>().prop_map(|size| Damage::Hole { size: u64::from(size) << 8 }),
        1 => Just(Damage::Swap),
        1 => garbage().prop_map(Damage::Order),
        1 => Just(Damage::Remove),
    ]
}

/// Damages one of the segments.
fn damage(space: &Space, damage: &Damage, which: usize) {
    let segments = space.segments();
    if segments.is_empty() {
        return;
    }
    let segment = &segments[which % segments.len()];
    // A large sparse file would take a test too long to read.
    let mut bytes = if segment.metadata().unwrap().len() < 1 << 20 { fs::read(segment).unwrap() } else { Vec::new() };
    match damage {
        Damage::Flip { at, bits } if !bytes.is_empty() => {
            let at = at % bytes.len();
            bytes[at] ^= bits;
        }
        Damage::Truncate { to } => bytes.truncate(to % (bytes.len() + 1)),
        Damage::Append(more) => bytes.extend(more),
        Damage::Replace(other) => bytes.clone_from(other),
        Damage::Hole { size } => return fs::File::options().write(true).open(segment).unwrap().set_len(*size).unwrap(),
        Damage::Swap => {
            let other = &segments[(which / 2) % segments.len()];
            let between = space.path().join("between");
            for (from, to) in [(segment, &between), (other, segment), (&between, other)] {
                drop(fs::rename(from, to));
            }
            return;
        }
        Damage::Order(order) => return fs::write(space.path().join("order"), order).unwrap(),
        Damage::Remove => return fs::remove_file(segment).unwrap(),
        Damage::Flip { .. } => {}
    }
    fs::write(segment, bytes).unwrap();
}

#[derive(Debug, Clone)]
enum Deed {
    Write(Vec<u8>),
    Recall(u8),
    Reopen,
    Refresh,
    Bound(u64),
    Damage(Damage, usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => prop::collection::vec(0..30_u8, 1..6).prop_map(Deed::Write),
        4 => (0..30_u8).prop_map(Deed::Recall),
        1 => Just(Deed::Reopen),
        1 => Just(Deed::Refresh),
        1 => (0..20_000_u64).prop_map(Deed::Bound),
        2 => (damages(), any::<usize>()).prop_map(|(damage, which)| Deed::Damage(damage, which)),
    ];
    prop::collection::vec(deed, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_done_to_it_what_is_recalled_is_right(deeds in deeds()) {
        let space = Space::new();
        let mut payloads = space.open();
        // Numbers that must be recalled, since nothing happened that could remove them.
        let mut sure = BTreeSet::new();
        for deed in deeds {
            match deed {
                Deed::Write(numbers) => {
                    write(&payloads, numbers.iter().copied()).unwrap();
                    prop_assert_eq!(space.litter(), 0);
                    prop_assert!(space.segments().len() <= MAX_SEGMENTS);
                    sure.extend(numbers);
                }
                Deed::Recall(number) => {
                    let found = is_right(&payloads, number);
                    prop_assert!(found || !sure.contains(&number));
                }
                Deed::Reopen => payloads = space.open(),
                Deed::Refresh => payloads.refresh(),
                Deed::Bound(max_bytes) => {
                    payloads.refresh();
                    upkeep::keep_within(&payloads, payloads.segments().to_vec(), max_bytes, None).unwrap();
                    let size: u64 = space.segments().iter().map(|path| path.metadata().unwrap().len()).sum();
                    prop_assert!(size <= max_bytes);
                    sure.clear();
                }
                Deed::Damage(what, which) => {
                    damage(&space, &what, which);
                    // As each operation does.
                    payloads.refresh();
                    sure.clear();
                }
            }
        }
        let other = space.open();
        for number in 0..30 {
            prop_assert!(is_right(&other, number) || !sure.contains(&number));
        }
    }

    /// An authenticated but wrong index is at worst ignored.
    #[test]
    fn any_bytes_that_are_authenticated_are_an_index_or_none(
        held in prop::collection::vec(any::<u8>(), 40..100),
        slices in prop::collection::vec((14..60_u64, prop_oneof![9 => 0..60_u64, 1 => any::<u64>()]), 0..5),
        entries in prop::collection::vec(prop::collection::vec(0..5_u32, 0..4), 0..4),
        count_off_by in prop_oneof![4 => Just(0_u32), 1 => any::<u32>()],
        size_off_by in prop_oneof![4 => Just(0_u64), 1 => any::<u64>()],
        flipped in prop::option::weighted(0.3, (any::<prop::sample::Index>(), 1..=u8::MAX)),
    ) {
        let space = Space::new();
        write(&space.open(), [1]).unwrap();
        let bytes = [&HEADER[..], &held].concat();
        let mut index = Vec::new();
        for &(offset, size) in &slices {
            let (start, size_in_file) = (usize::try_from(offset).unwrap(), usize::try_from(size).unwrap_or(0));
            let slice = bytes.get(start..start.saturating_add(size_in_file)).unwrap_or_default();
            index.extend(ContentId::of(slice).digest.0);
            index.extend([offset.to_le_bytes(), size.to_le_bytes()].concat());
        }
        for (number, numbers) in (100..).zip(&entries) {
            index.extend(key(number));
            index.extend((numbers.len() as u32).to_le_bytes());
            numbers.iter().for_each(|number| index.extend(number.to_le_bytes()));
        }
        if let Some((at, bits)) = flipped.filter(|_| !index.is_empty()) {
            *at.get_mut(&mut index) ^= bits;
        }
        let slice_count = slices.len() as u32;
        let entry_count = (entries.len() as u32).wrapping_add(count_off_by);
        let size = (index.len() as u64).wrapping_add(size_off_by);
        index.extend([&size.to_le_bytes()[..], &slice_count.to_le_bytes(), &entry_count.to_le_bytes()].concat());
        let code = user_key().authenticator(Purpose::Segment).update(&HEADER).update(&index).finalize();
        let bytes = [&bytes[..], &index, code.as_bytes()].concat();
        fs::write(space.path().join("k3J9sZuyXw4ndm06D9nc"), bytes).unwrap();
        let payloads = space.open();
        for segment in payloads.segments().iter() {
            for key in segment.keys() {
                drop(payloads.recall(key));
            }
        }
        prop_assert!(is_right(&payloads, 1));
        write(&payloads, [2]).unwrap();
        prop_assert!(is_right(&space.open(), 2));
    }
}

#[test]
fn a_sound_index_is_read_as_it_was_written_and_a_huge_one_is_not_read() {
    let space = Space::new();
    fs::create_dir_all(space.path()).unwrap();
    let path = space.path().join("k3J9sZuyXw4ndm06D9nc");
    let write_index = |path: &Path, version: u8, offset: u64| {
        let mut index = Entries::default();
        index.slices.push((ContentId::of(b"result"), offset));
        index.entries.insert(key(1), Box::new([0]));
        let mut header = HEADER;
        header[8] = version;
        fs::write(path, [&header[..], b"result", &index.to_bytes(&user_key())].concat()).unwrap();
        space.open().recall(&key(1))
    };
    assert_eq!(write_index(&path, 2, 16).as_deref(), Some(&b"result"[..]));
    assert_eq!(write_index(&path, 3, 16), None, "another version");
    assert_eq!(write_index(&path, 2, 15), None, "in the header");
    assert_eq!(write_index(&path, 2, 17), None, "in the index");
    assert_eq!(write_index(&path, 2, u64::MAX - 2), None);
    // A file that is larger than all segments may be costs neither time nor memory.
    fs::File::options().write(true).open(&path).unwrap().set_len(MAX_BYTES * 1000).unwrap();
    assert_eq!(space.open().segments().len(), 0);
}
