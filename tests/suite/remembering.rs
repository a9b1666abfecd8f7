//! What one process leaves for the next: it saves work, and whatever becomes of it, no byte is another one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papack_engine::fs::RealFs;
use papack_engine::{CheckRequest, PackRequest, PackResult, Status};
use papack_queries::diagnostic::Code;

use crate::hooked::{self, HookedFs};
use crate::space::{CACHE, TestSpace};

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "first")]), ("b", &[("g", "g")])])
}

fn index(space: &TestSpace) -> PathBuf {
    space.path().join(CACHE).join("index")
}

/// Packs as a new process does. A process that another test starts holds our lane until it runs its program, which is told.
fn pack(space: &TestSpace) -> PackResult {
    let mut result = space.session().pack(&PackRequest::default(), &|_| {});
    result.diagnostics.retain(|found| found.code != Code::LaneBusy);
    result
}

/// Some ways in which `bytes` may be damaged: cut off, and with a byte that is another one.
fn damages(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let cut = (0..bytes.len()).step_by(17).map(|size| (format!("{size} bytes"), bytes[..size].to_vec()));
    let flipped = (0..bytes.len()).step_by(11).map(|at| {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 1 << (at % 8);
        (format!("byte {at}"), damaged)
    });
    cut.chain(flipped)
}

#[test]
fn every_byte_of_the_index_may_be_damaged() {
    let space = space();
    let contents = ["first", "other"];
    let mut good = BTreeMap::new();
    for content in contents {
        space.write("assets/a/f", content);
        space.pack();
        good.insert(content, space.build());
    }
    let bytes = fs::read(index(&space)).unwrap();
    assert!(bytes.len() > 500, "only {} bytes", bytes.len());
    let mut dropped = 0;
    for ((damage, damaged), content) in damages(&bytes).zip(contents.into_iter().cycle()) {
        space.write("assets/a/f", content);
        fs::write(index(&space), damaged).unwrap();
        let result = pack(&space);
        assert_eq!(result.status, Status::Success, "{damage}");
        assert!(space.build() == good[content], "{damage}");
        assert!(result.diagnostics.iter().all(|found| found.code == Code::CacheDropped), "{damage}");
        dropped += result.diagnostics.len();
        // Anew it is as good as ever.
        let again = pack(&space);
        assert!(again.up_to_date && again.diagnostics.is_empty() && again.derived_asset_count == 0, "{damage}");
    }
    assert_eq!(dropped, damages(&bytes).count(), "each damage is found");
}

#[test]
fn an_index_of_any_size_is_dropped_at_once() {
    let space = space();
    space.pack();
    let good = space.build();
    let bytes = fs::read(index(&space)).unwrap();
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // How large the index is, and how large its end is to be, which a frame of 40 bytes follows.
    for (size, length) in [(1 << 42, 1 << 41), (1 << 42, 0), (1 << 30, 1 << 40), (1 << 20, u64::MAX), (1 << 20, 0)] {
        let file = fs::File::create(index(&space)).unwrap();
        file.write_all_at(&bytes[..line], 0).unwrap();
        file.write_all_at(&u64::to_le_bytes(length), size - 40).unwrap();
        // It has hardly any blocks.
        file.set_len(size).unwrap();
        let started = Instant::now();
        let run = space.pack();
        assert!(run.stderr.contains("CACHE_DROPPED"), "{}", run.stderr);
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(space.build(), good);
        assert!(fs::read(index(&space)).unwrap().len() < 100_000, "it was built anew");
    }
}

#[test]
fn what_is_in_the_way_of_the_index_is_replaced_and_nothing_else() {
    let space = space();
    let stale = || {
        let names = fs::read_dir(space.path().join(CACHE)).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("index-")).count()
    };
    let begun = "of a process that was killed while it wrote";
    space.write(&format!("{CACHE}/index-{}", "k".repeat(20)), begun);
    space.pack();
    assert_eq!(stale(), 0, "nobody else would remove it");

    space.write(&format!("{CACHE}/index-k3J9sZuyXw4ndm06D9nc"), begun);
    space.write(&format!("{CACHE}/other"), "kept");
    fs::remove_file(index(&space)).unwrap();
    fs::create_dir_all(index(&space).join("more")).unwrap();
    assert_eq!(pack(&space).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::CacheDropped]);
    assert!(index(&space).is_file() && pack(&space).diagnostics.is_empty());
    assert_eq!(stale(), 0);

    // Nor does an index with something new to say remove more.
    space.write("assets/a/f", "other");
    assert_eq!(pack(&space).derived_asset_count, 1);
    assert_eq!(space.read(&format!("{CACHE}/other")), b"kept");
}

/// A clock that stands still: an edit in place that keeps the size leaves the stamp as it was.
#[test]
fn rehash_believes_no_stamp() {
    const TEN_YEARS_NS: i64 = 10 * 365 * 24 * 3600 * 1_000_000_000;
    let space = space();
    let process = || {
        let real = Arc::new(RealFs::new(space.path()).unwrap());
        hooked::session(HookedFs::with_clock(real, TEN_YEARS_NS, |_| Ok(())))
    };
    let pack = |rehash| process().pack(&PackRequest { rehash, ..PackRequest::default() }, &|_| {});
    let check = |rehash| process().check(&CheckRequest { rehash, ..CheckRequest::default() }, &|_| {}).status;
    assert_eq!(pack(false).status, Status::Success);
    space.write("assets/a/f", "other");
    assert!(pack(false).up_to_date, "the test has no effect: the edit was noticed by its stamp");
    let found = pack(true);
    assert_eq!((found.status, found.up_to_date), (Status::Success, false));
    assert!(space.read("build/assets.pa").windows(5).any(|bytes| bytes == b"other"));
    assert!(pack(true).up_to_date);

    // An output, too.
    let build = space.build();
    for (name, at) in [("preload.json", 0), ("assets.pa", build["assets.pa"].len() - 1)] {
        let mut altered = build[name].clone();
        altered[at] ^= 1;
        space.write(&format!("build/{name}"), altered);
        assert!(pack(false).up_to_date, "{name}");
        assert!(space.build() != build, "{name}");
        assert!(!pack(true).up_to_date, "{name}");
        assert!(space.build() == build, "{name}");
    }

    // And whatever a check looks into.
    let text = String::from_utf8(space.read("assets/b/asset.json")).unwrap();
    assert_eq!(check(false), Status::Success);
    space.write("assets/b/asset.json", text.replace("\"g\"", "\"h\""));
    assert_eq!([check(false), check(true)], [Status::Success, Status::GateFailed]);
    // What it found took the place of what was believed before.
    assert_eq!(check(false), Status::GateFailed);
}

#[test]
fn an_output_that_is_gone_is_produced_again_and_no_other() {
    let space = space();
    space.pack();
    let good = space.build();
    for name in ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"] {
        fs::remove_file(space.path().join("build").join(name)).unwrap();
        let replaced = std::sync::Mutex::new(Vec::new());
        let result = space.session().pack(&PackRequest::default(), &|event| {
            if let papack_engine::EventKind::Promoted { replaced: names } = &event.kind {
                replaced.lock().unwrap().extend_from_slice(names);
            }
        });
        assert_eq!(result.status, Status::Success);
        assert_eq!(replaced.into_inner().unwrap(), [name]);
        assert!(space.build() == good, "{name}");
    }
}
