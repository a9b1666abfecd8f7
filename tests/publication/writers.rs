//! Real programs that write large files in place while packs run: whatever was read then, the next pack gives what the
//! file holds once the writer has ended.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use papack_engine::{CheckRequest, PackRequest, Status};

use crate::space::TestSpace;

const MIB: usize = 1 << 20;

/// How a file is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    /// By one call.
    OneCall,
    /// By one call of a process that may be killed in the midst of it.
    Killed,
    /// Through a mapping of the file.
    Mapping,
}

/// Who looks, once while the writer is at work and once after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// A session of its own for each, as of two processes.
    TwoSessions,
    OneSession,
    /// A check, and then the pack of another session.
    CheckFirst,
}

/// A workspace with an asset of one file, `size` bytes of which are written anew each round.
struct Ground {
    space: TestSpace,
    file: PathBuf,
    size: usize,
}

impl Ground {
    fn of(size: usize) -> Self {
        let space = TestSpace::with_assets(&[("a", &[("f", "")])]);
        let file = space.path().join("assets/a/f");
        std::fs::write(&file, vec![0; size]).unwrap();
        space.pack();
        Self { space, file, size }
    }

    /// Whether the published payload is what the file holds.
    fn is_right(&self) -> bool {
        let (pack, file) = (self.space.read("build/assets.pa"), std::fs::read(&self.file).unwrap());
        pack.len() >= file.len() && pack[pack.len() - file.len()..] == file
    }

    /// Whether the published payload is half of one content and half of another.
    fn is_torn(&self) -> bool {
        let pack = self.space.read("build/assets.pa");
        let payload = &pack[pack.len() - self.size..];
        payload.iter().any(|byte| *byte != payload[0])
    }

    /// Writes `byte` all over the file. A writer that dies does so when a part of that is done, or all, as `round` has it.
    fn write(&self, writer: Writer, byte: u8, round: usize) {
        match writer {
            Writer::OneCall => {
                let file = OpenOptions::new().write(true).open(&self.file).unwrap();
                file.write_all_at(&vec![byte; self.size], 0).unwrap();
            }
            Writer::Mapping => write_through_mapping(&self.file, byte),
            Writer::Killed => self.write_and_die(byte, round),
        }
    }

    /// Has a process write `byte` all over the file by one call, and kills it in the midst of that.
    fn write_and_die(&self, byte: u8, round: usize) {
        let new = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(new.path(), vec![byte; self.size]).unwrap();
        let argument = |name: &str, path: &Path| format!("{name}={}", path.display());
        let before = self.modified();
        let mut writing = Command::new("dd")
            .args([argument("if", new.path()), argument("of", &self.file), format!("bs={}", self.size)])
            .args(["count=1", "iflag=fullblock", "conv=notrunc"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.wait_for_write(before, round);
        writing.kill().unwrap();
        writing.wait().unwrap();
    }

    fn modified(&self) -> SystemTime {
        std::fs::metadata(&self.file).unwrap().modified().unwrap()
    }

    /// Waits until a write has begun since the file had the time `before`, and for some of the time that it may take.
    fn wait_for_write(&self, before: SystemTime, round: usize) {
        let started = Instant::now();
        while self.modified() == before && started.elapsed() < Duration::from_secs(10) {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(spread(round, self.size / MIB * 500 + 1000) as u64));
    }
}

#[allow(unsafe_code, reason = "a mapping is what this is about; nobody makes the file shorter")]
fn write_through_mapping(path: &Path, byte: u8) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    // SAFETY: nobody else changes the file.
    let mut mapping = unsafe { memmap2::MmapMut::map_mut(&file) }.unwrap();
    // All pages are stamped at once, and filled later.
    mapping.chunks_mut(4096).for_each(|page| page[0] = std::hint::black_box(page[0]));
    mapping.fill(byte);
}

/// Calls `work` while all processors are busy with something else.
fn while_busy<T>(work: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let result = work();
        is_over.store(true, Ordering::Relaxed);
        result
    })
}

/// A number that is different in each round, below `bound`.
fn spread(round: usize, bound: usize) -> usize {
    round.wrapping_mul(0x9e37_79b9).rotate_right(7) % bound
}

fn one_round(round: usize, ground: &Ground, writer: Writer, reader: Reader) -> bool {
    let byte = (round % 255) as u8 + 1;
    let mut session = ground.space.session();
    let mut look = |is_check: bool| match reader {
        Reader::CheckFirst if is_check => drop(session.check(&CheckRequest::default(), &|_| {})),
        Reader::OneSession => drop(session.pack(&PackRequest::default(), &|_| {})),
        Reader::CheckFirst | Reader::TwoSessions => {
            let result = ground.space.session().pack(&PackRequest::default(), &|_| {});
            // While the file changes by calls, it may be read three times in vain.
            assert!(is_check || result.status == Status::Success, "round {round}: {:?}", result.diagnostics);
        }
    };
    let before = ground.modified();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| ground.write(writer, byte, round + 1));
        ground.wait_for_write(before, round);
        look(true);
        writing.join().unwrap();
    });
    let is_torn = reader != Reader::CheckFirst && ground.is_torn();
    look(false);
    assert!(ground.is_right(), "round {round}: {writer:?} of {} bytes, {reader:?}", ground.size);
    is_torn
}

/// Plays rounds with files of these sizes. Tells how many of the packs in the midst of a change were torn.
fn rounds(sizes: &[usize], count: usize) -> usize {
    let writers = [Writer::OneCall, Writer::Mapping, Writer::Killed];
    let readers = [Reader::TwoSessions, Reader::OneSession, Reader::CheckFirst];
    let grounds: Vec<_> = sizes.iter().map(|size| Ground::of(size * MIB)).collect();
    let round = |round: usize| {
        let ground = &grounds[round % grounds.len()];
        let writer = writers[round / grounds.len() % writers.len()];
        let reader = readers[round / (grounds.len() * writers.len()) % readers.len()];
        usize::from(one_round(round, ground, writer, reader))
    };
    while_busy(|| (0..count).map(round).sum())
}

#[test]
fn the_pack_after_a_large_write_is_right() {
    println!("{} packs were torn", rounds(&[1, 16], 12));
}

#[test]
#[ignore = "long tier"]
fn the_pack_after_any_large_write_is_right() {
    let torn = rounds(&[1, 4, 16, 64, 128, 200], 200);
    println!("{torn} packs of 200 were torn");
    assert!(torn > 0, "no pack met a writer");
}

/// A watch needs nobody to tell it that a write has ended.
#[test]
#[ignore = "long tier"]
fn a_watch_is_right_after_any_large_write() {
    let ground = Ground::of(64 * MIB);
    let mut watch = ground.space.command(&["watch"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let writers = [Writer::OneCall, Writer::Mapping, Writer::Killed];
    for (round, writer) in (0..60).zip(writers.into_iter().cycle()) {
        while_busy(|| ground.write(writer, round as u8 + 1, round));
        let is_right = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            ground.is_right()
        });
        assert!(is_right, "round {round}: {writer:?}");
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
}
