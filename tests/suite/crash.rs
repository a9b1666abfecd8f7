//! Failing disks and killed processes, at every call that changes something.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use papack_engine::fs::{FileHandle, FileSystem, Lock, NodeKind, RealFs, Stamp};
use papack_engine::{PackRequest, Session, Status};

use crate::space::TestSpace;

/// What happens at the chosen call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// The call fails, and the disk works again afterwards.
    FailOnce,
    /// The call and all after it fail: to the disk, a process that was killed. A write gets half way.
    Dead,
}

/// Counts the calls that change something, and lets one of them meet its fate.
struct Plan {
    next: AtomicUsize,
    at: usize,
    fate: Fate,
}

impl Plan {
    fn step(&self) -> io::Result<()> {
        let now = self.next.fetch_add(1, Ordering::Relaxed);
        let hit = match self.fate {
            Fate::FailOnce => now == self.at,
            Fate::Dead => now >= self.at,
        };
        if hit { Err(io::Error::other("injected")) } else { Ok(()) }
    }
}

struct FaultyFs {
    real: RealFs,
    plan: Arc<Plan>,
}

struct FaultyFile {
    real: Box<dyn FileHandle>,
    plan: Arc<Plan>,
}

impl FileHandle for FaultyFile {
    fn stamp(&self) -> io::Result<Stamp> {
        self.real.stamp()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.real.read_exact_at(offset, buffer)
    }

    fn write_all_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.plan.step() {
            self.real.write_all_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.real.write_all_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.plan.step()?;
        self.real.sync()
    }
}

impl FileSystem for FaultyFs {
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<NodeKind>> {
        self.real.kind(path)
    }

    fn list(&self, folder: &Utf8Path) -> io::Result<Vec<(OsString, NodeKind)>> {
        self.real.list(folder)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<(Box<dyn FileHandle>, Stamp)> {
        self.real.open(path)
    }

    fn create(&self, path: &Utf8Path) -> io::Result<Box<dyn FileHandle>> {
        self.plan.step()?;
        Ok(Box::new(FaultyFile { real: self.real.create(path)?, plan: Arc::clone(&self.plan) }))
    }

    fn create_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.create_folder(path)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.rename(from, to)
    }

    fn move_folder(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.move_folder(from, to)
    }

    fn copy_permissions(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.copy_permissions(from, to)
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.remove_file(path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.remove_folder(path)
    }

    fn sync_folder(&self, folder: &Utf8Path) -> io::Result<()> {
        self.plan.step()?;
        self.real.sync_folder(folder)
    }

    fn try_lock(&self, folder: &Utf8Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.real.try_lock(folder)
    }
}

type Build = BTreeMap<String, Vec<u8>>;

/// A workspace that was packed and then edited so that all four outputs change; and both generations.
fn between_generations() -> (TestSpace, Build, Build) {
    let edit = |space: &TestSpace, content: &str| {
        space.write("assets/a/f", content);
        let manifest = crate::space::manifest(1, content, r#"{"file": "f"}"#);
        let slot = content.len();
        space.write(
            "assets/a/asset.json",
            manifest
                .replace("\"output\"", &format!("\"preload\": {{\"enabled\": true, \"slot\": {slot}}},\n  \"output\"")),
        );
    };
    let space = TestSpace::with_assets(&[("a", &[("f", "")]), ("b", &[("g", "unchanged")])]);
    edit(&space, "second");
    space.pack();
    let new = space.build();
    edit(&space, "old");
    space.pack();
    let old = space.build();
    edit(&space, "second");
    assert_eq!((old.len(), new.len()), (4, 4));
    assert!(old.iter().zip(&new).all(|(old, new)| old.1 != new.1), "all four differ");
    (space, old, new)
}

/// Packs while the `at`-th changing call meets its fate. Tells how it went, and whether that call was reached.
fn pack_with(workspace: &Path, at: usize, fate: Fate) -> (Status, bool) {
    let plan = Arc::new(Plan { next: AtomicUsize::new(0), at, fate });
    let fs = FaultyFs { real: RealFs::new(workspace).unwrap(), plan: Arc::clone(&plan) };
    let mut session = Session::with_file_system(Arc::new(fs));
    let result = session.pack(&PackRequest::default(), &|_| {});
    (result.status, plan.next.load(Ordering::Relaxed) > at)
}

/// The published files, without what lies in the staging folder.
fn published(space: &TestSpace) -> Build {
    space.build().into_iter().filter(|(name, _)| !name.starts_with(".staging/")).collect()
}

#[test]
fn a_call_that_fails_leaves_one_generation_and_says_so() {
    let mut reached = 0;
    for at in 0.. {
        let (space, old, new) = between_generations();
        let (status, hit) = pack_with(space.path(), at, Fate::FailOnce);
        if !hit {
            assert_eq!(status, Status::Success);
            break;
        }
        reached += 1;
        let build = published(&space);
        match status {
            Status::Success => assert!(build == new, "call {at}: success with another build"),
            Status::ExecutionFailed => assert!(build == old, "call {at}: {status:?} changed build/"),
            Status::PublicationFailed => assert!(build == old || build == new, "call {at}: a mix was left"),
            other => panic!("call {at}: {other:?}"),
        }
        space.pack();
        assert!(space.build() == new, "call {at}: the next pack did not heal");
    }
    assert!(reached > 20, "only {reached} calls were met");
}

#[test]
fn a_process_killed_at_any_call_leaves_what_the_next_one_heals() {
    let mut mixes = 0;
    for at in 0.. {
        let (space, old, new) = between_generations();
        let (_, hit) = pack_with(space.path(), at, Fate::Dead);
        if !hit {
            break;
        }
        // Every published file is whole, of the one generation or of the other.
        let build = published(&space);
        assert_eq!(build.len(), 4, "call {at}");
        for (name, content) in &build {
            assert!(*content == old[name] || *content == new[name], "call {at}: {name} is torn");
        }
        mixes += usize::from(build != old && build != new);
        // An operation that only passes through the lane heals, even if it cannot pack.
        space.write("assets/a/asset.json", "broken");
        assert_eq!(space.run(&["pack"]).code, 1, "call {at}");
        let healed = published(&space);
        assert!(healed == old || healed == new, "call {at}: a mix outlived the next operation");
    }
    assert!(mixes > 0, "no kill between two renames was met");
}

#[test]
fn a_first_pack_that_is_killed_is_healed_too() {
    for at in 0.. {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
        let (_, hit) = pack_with(space.path(), at, Fate::Dead);
        if !hit {
            break;
        }
        space.pack();
        let build = space.build();
        assert_eq!(
            build.keys().collect::<Vec<_>>(),
            ["asset_table.json", "asset_table_metadata.json", "assets.pa", "preload.json"]
        );
    }
}

#[test]
fn a_journal_of_another_version_stops_everything_and_is_not_touched() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    for (journal, fragment) in [
        (r#"{"schema_version": 2, "whatever": true}"#, "journal version 2 is not supported: this papack reads 1"),
        (r#"{"schema_version": 1, "operation_id": "../../../../../../etc", "files": []}"#, "operation id is malformed"),
        (
            r#"{"schema_version": 1, "operation_id": "aaaaaaaaaaaaaaaaaaaa", "files": [{"name": "../x", "size": 1}]}"#,
            "is no output of papack",
        ),
        ("", "no journal"),
    ] {
        space.write("build/.staging/journal.json", journal);
        let before = space.build();
        let run = space.run(&["pack"]);
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(run.stderr.contains(fragment), "{}", run.stderr);
        assert_eq!(space.build(), before);
    }
    std::fs::remove_dir_all(space.path().join("build/.staging")).unwrap();
    space.pack();
}

#[test]
fn a_blocked_output_leaves_an_earlier_promotion_for_later() {
    let (space, _, new) = between_generations();
    // Killed between the renames.
    for at in 0.. {
        pack_with(space.path(), at, Fate::Dead);
        if space.path().join("build/.staging/journal.json").exists() {
            break;
        }
    }
    let preload = space.path().join("build/preload.json");
    std::fs::remove_file(&preload).unwrap();
    std::fs::create_dir(&preload).unwrap();
    // Large enough to need a spool.
    space.write("assets/b/g", vec![7; 3 << 20]);
    let before = space.build();
    assert_eq!(space.run(&["pack"]).code, 1);
    assert!(space.build() == before, "the staged generation was touched");
    std::fs::remove_dir(&preload).unwrap();
    space.write("assets/b/g", "unchanged");
    let run = space.pack();
    assert!(run.stdout.contains("Up to date"), "recovery had nothing left to complete: {}", run.stdout);
    assert!(space.build() == new);
}

#[test]
fn a_recovery_that_fails_leaves_the_journal_for_the_next() {
    let mut met = 0;
    for at in 0.. {
        let (space, old, new) = between_generations();
        let (_, hit) = pack_with(space.path(), at, Fate::Dead);
        if !hit {
            break;
        }
        if !space.path().join("build/.staging/journal.json").exists() {
            continue;
        }
        // The next operation finds the journal, and a disk that fails as well, at every call.
        for second in 0..6 {
            pack_with(space.path(), second, Fate::Dead);
            met += 1;
        }
        space.write("assets/a/asset.json", "broken");
        assert_eq!(space.run(&["pack"]).code, 1, "call {at}");
        let healed = published(&space);
        assert!(healed == old || healed == new, "call {at}: a mix outlived the next operation");
    }
    assert!(met > 6, "no promotion was cut short");
}

#[test]
fn a_staged_file_that_vanished_is_never_success() {
    let (space, _, new) = between_generations();
    for at in 0.. {
        pack_with(space.path(), at, Fate::Dead);
        if space.path().join("build/.staging/journal.json").exists() {
            break;
        }
    }
    let staging = std::fs::read_dir(space.path().join("build/.staging")).unwrap();
    let folder = staging.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    std::fs::remove_file(folder.join("asset_table.json")).unwrap();
    let run = space.pack();
    assert!(run.stderr.contains("warning[PROMOTION_DROPPED]"), "{}", run.stderr);
    assert_eq!(space.build(), new);
}

#[test]
fn a_journal_that_is_a_link_stops_everything() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    std::fs::create_dir_all(space.path().join("build/.staging")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", space.path().join("build/.staging/journal.json")).unwrap();
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("error[JOURNAL_UNKNOWN]"), "{}", run.stderr);
}

#[test]
fn litter_of_dead_operations_is_cleared_away() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    // Whether there is anything to write or not.
    for _ in 0..2 {
        space.write("build/.staging/deaddeaddeaddeaddead/assets.pa", "half");
        space.write("build/.staging/deaddeaddeaddeaddead/deeper/x", "x");
        space.write("build/.staging/file", "x");
        space.pack();
        assert!(!space.path().join("build/.staging").exists());
    }
}
