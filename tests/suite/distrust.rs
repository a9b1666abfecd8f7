//! What papack left below the workspace, and somebody altered: it is not believed, and does no harm.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papack_engine::fs::RealFs;
use papack_engine::{PackRequest, PackResult, Session};

use crate::hooked::HookedFs;
use crate::space::{TestSpace, entry, manifest};

const INDEX: &str = "assets/.prometeu/cache/index";

fn space() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "first")])])
}

/// Packs with a new session, as the next process does, where the clock of the file system ticks every hour.
fn pack_by_the_hour(space: &TestSpace, rehash: bool) -> PackResult {
    const HOUR_NS: i64 = 3_600_000_000_000;
    let fs = HookedFs::with_clock(Arc::new(RealFs::new(space.path()).unwrap()), HOUR_NS, |_| Ok(()));
    Session::with_file_system(fs).pack(&PackRequest { rehash, ..PackRequest::default() }, &|_| {})
}

#[test]
fn a_rehash_does_not_believe_what_an_earlier_process_says_of_the_outputs() {
    let space = space();
    pack_by_the_hour(&space, false);
    let good = space.build();
    let pack = OpenOptions::new().write(true).open(space.path().join("build/assets.pa")).unwrap();
    pack.write_all_at(b"X", good["assets.pa"].len() as u64 - 1).unwrap();
    // No stamp tells.
    assert!(pack_by_the_hour(&space, false).up_to_date);
    assert_ne!(space.build(), good);
    assert!(!pack_by_the_hour(&space, true).up_to_date);
    assert_eq!(space.build(), good);
}

#[test]
fn an_index_of_any_size_is_dropped_at_once() {
    let space = space();
    space.pack();
    let good = space.build();
    let bytes = space.read(INDEX);
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // How large the index is, and how large its end is to be, which a frame of 40 bytes follows.
    for (size, length) in [(1 << 42, 1 << 41), (1 << 42, 0), (1 << 30, 1 << 40), (1 << 20, u64::MAX), (1 << 20, 0)] {
        let index = fs::File::create(space.path().join(INDEX)).unwrap();
        index.write_all_at(&bytes[..line], 0).unwrap();
        index.write_all_at(&u64::to_le_bytes(length), size - 40).unwrap();
        // It has hardly any blocks.
        index.set_len(size).unwrap();
        let started = Instant::now();
        let run = space.pack();
        assert!(run.stderr.contains("CACHE_DROPPED"), "{}", run.stderr);
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(space.build(), good);
        assert!(space.read(INDEX).len() < 100_000, "it was built anew");
    }
}

#[test]
fn what_a_killed_process_began_to_keep_does_not_stay() {
    let space = space();
    let litter = format!("{INDEX}-{}", "k".repeat(20));
    space.write(&litter, "half of an index");
    space.pack();
    assert!(!space.path().join(&litter).exists());
    // Nothing else is removed.
    space.write("assets/.prometeu/cache/other", "kept");
    space.write("assets/a/asset.json", manifest(1, "b", r#"{"file": "f"}"#));
    space.write_registry(&[entry(1, "a")]);
    space.pack();
    assert!(space.path().join("assets/.prometeu/cache/other").exists());
}
