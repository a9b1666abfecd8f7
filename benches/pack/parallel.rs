//! Lower bounds on all threads: what files need without a packer.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::floors::{Entry, Floors, timed};
use crate::measure::Run;

/// How many bytes a thread gathers before it writes them.
const PIECE: usize = 1024 * 1024;

/// Every file read once; those with `extension` are decoded. Each thread begins with a `state`.
pub fn read_and_decode<S>(
    floors: &Floors,
    extension: &str,
    state: impl Fn() -> S + Sync,
    decode: impl Fn(&mut S, &[u8]) + Sync,
) -> Run {
    timed(|| {
        on_all_threads(floors, state, |state, file, content| {
            if file.has_extension(extension) {
                decode(state, content);
            }
        });
    })
}

/// That, and as many bytes as the published pack has, written to one file meanwhile, which is flushed.
pub fn read_decode_and_write<S>(
    floors: &Floors,
    extension: &str,
    state: impl Fn() -> S + Sync,
    decode: impl Fn(&mut S, &[u8]) + Sync,
) -> Run {
    floors.make_room();
    let count = floors.files().filter(|file| file.has_extension(extension)).count() as u64;
    let share = vec![0x5a; floors.pack_size().div_ceil(count) as usize];
    timed(|| {
        let target = Target::new(floors);
        on_all_threads(
            floors,
            || (state(), target.piece()),
            |(state, piece), file, content| {
                if file.has_extension(extension) {
                    decode(state, content);
                    piece.add(&share);
                }
            },
        );
        target.file.sync_all().unwrap();
    })
}

/// Every file read once, and all of their bytes written to one file, in any order, which is flushed.
pub fn read_and_write(floors: &Floors) -> Run {
    floors.make_room();
    timed(|| {
        let target = Target::new(floors);
        on_all_threads(floors, || target.piece(), |piece, _, content| piece.add(content));
        target.file.sync_all().unwrap();
    })
}

/// What a packer has to do at least: every folder listed, every file read once and digested, and all of their bytes written
/// to one file, in any order, which is flushed.
pub fn list_digest_and_write(floors: &Floors) -> Run {
    floors.make_room();
    timed(|| {
        let target = Target::new(floors);
        let folders: Vec<_> = floors.folders().collect();
        black_box(folders.par_iter().map(|folder| floors.list(folder)).sum::<usize>());
        on_all_threads(
            floors,
            || target.piece(),
            |piece, _, content| {
                black_box(blake3::hash(content));
                piece.add(content);
            },
        );
        target.file.sync_all().unwrap();
    })
}

/// Reads every file on any thread. Each thread begins with a `state`, and hands the bytes to `work`.
fn on_all_threads<S>(floors: &Floors, state: impl Fn() -> S + Sync, work: impl Fn(&mut S, &Entry, &[u8]) + Sync) {
    let files: Vec<_> = floors.files().collect();
    let next = AtomicUsize::new(0);
    rayon::broadcast(|_| {
        let (mut state, mut content) = (state(), Vec::new());
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            floors.read(file, &mut content);
            work(&mut state, file, &content);
        }
    });
}

/// A file that all threads write to.
struct Target {
    file: File,
    end: AtomicU64,
}

impl Target {
    fn new(floors: &Floors) -> Self {
        Self { file: floors.target(), end: AtomicU64::new(0) }
    }

    fn piece(&self) -> Piece<'_> {
        Piece { target: self, bytes: Vec::with_capacity(PIECE) }
    }
}

/// What one thread has gathered. It is written when it is large, and when it is dropped.
struct Piece<'t> {
    target: &'t Target,
    bytes: Vec<u8>,
}

impl Piece<'_> {
    fn add(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > PIECE {
            self.write();
        }
        self.bytes.extend(bytes);
    }

    fn write(&mut self) {
        let start = self.target.end.fetch_add(self.bytes.len() as u64, Ordering::Relaxed);
        self.target.file.write_all_at(&self.bytes, start).unwrap();
        self.bytes.clear();
    }
}

impl Drop for Piece<'_> {
    fn drop(&mut self) {
        self.write();
    }
}
