//! Whole packs by the real binary, against physical floors and against itself on one thread, in the same run.
//!
//! ```text
//! cargo bench --bench pack                 # everything
//! cargo bench --bench pack -- data         # 10,000 DATA assets of 16 KiB, against reading and writing them
//! cargo bench --bench pack -- png          # PNG sheets, two threads against one
//! ```
//!
//! The commands are run in turn, and the ratio of each pair is taken, so that a machine whose speed drifts does not
//! spoil the comparison. No time is asserted.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at any fault")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    if runs("data") {
        data();
    }
    if runs("png") {
        png();
    }
}

/// Cold pack of many small files: at most twice the time that the disk and the kernel need anyway.
fn data() {
    const ASSETS: usize = 10_000;
    const SIZE: usize = 16 * 1024;
    let space = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let workspace = space.path();
    let mut noise = Noise(1);
    let manifest = |_: usize| r#""artifacts": [{"file": "data.bin"}], "output": {"format": "DATA/raw_v1"}"#.to_owned();
    make_workspace(workspace, ASSETS, manifest, |root, _| {
        fs::write(root.join("data.bin"), noise.bytes(SIZE)).unwrap();
    });
    let mut files = Vec::new();
    list_files(&workspace.join("assets"), &mut files);
    println!("data: {ASSETS} DATA assets of {SIZE} bytes, cold, {} files", files.len());
    compare(
        "papack pack",
        || {
            drop(fs::remove_dir_all(workspace.join("build")));
            pack(workspace, &[])
        },
        "read all files, write one, fsync",
        || read_and_write(&files, &workspace.join("floor")),
    );
    // Nothing changed: everything is read and derived again, and nothing is written.
    compare("papack pack, up to date", || pack(workspace, &[]), "read all files", || read_all(&files).0);
}

/// Packing pictures keeps both cores busy.
fn png() {
    const ASSETS: usize = 300;
    const EDGE: u32 = 512;
    let space = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let workspace = space.path();
    let mut noise = Noise(2);
    let manifest = |_: usize| {
        r#""artifacts": [{"file": "sheet.png"}], "output": {"format": "TILES/indexed_v1", "metadata": {"tile_size": 16}}"#
            .to_owned()
    };
    make_workspace(workspace, ASSETS, manifest, |root, _| write_sheet(&root.join("sheet.png"), EDGE, &mut noise));
    println!("png: {ASSETS} RGBA sheets of {EDGE} × {EDGE} pixels, cold, {} processors", processors());
    let cold = |jobs: &str| {
        drop(fs::remove_dir_all(workspace.join("build")));
        pack(workspace, &["--jobs", jobs])
    };
    compare("one thread", || cold("1"), "two threads", || cold("2"));
}

/// Runs both in turn, and prints their medians and the median of the ratios.
fn compare(name_a: &str, mut a: impl FnMut() -> Duration, name_b: &str, mut b: impl FnMut() -> Duration) {
    a();
    b();
    let mut rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (a(), b())).collect();
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        (values[0], values[values.len() / 2], values[values.len() - 1])
    };
    let seconds = |pick: fn(&(Duration, Duration)) -> Duration, rounds: &[(Duration, Duration)]| {
        rounds.iter().map(|round| pick(round).as_secs_f64()).collect::<Vec<_>>()
    };
    for (name, mut values) in [(name_a, seconds(|r| r.0, &rounds)), (name_b, seconds(|r| r.1, &rounds))] {
        let (least, middle, most) = median(&mut values);
        println!("  {name:34} {middle:.3} s   ({least:.3} to {most:.3})");
    }
    let mut ratios = rounds.drain(..).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    let (least, middle, most) = median(&mut ratios);
    println!("  ratio {middle:.2}   ({least:.2} to {most:.2})");
}

fn pack(workspace: &Path, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_papack"))
        .args(["pack", "--workspace"])
        .arg(workspace)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let elapsed = started.elapsed();
    assert!(status.success(), "{status}");
    elapsed
}

/// The floor: every file is read, and one file of the same size is written and flushed.
fn read_and_write(files: &[std::path::PathBuf], target: &Path) -> Duration {
    drop(fs::remove_file(target));
    let started = Instant::now();
    let (_, contents) = read_all(files);
    let mut file = File::create(target).unwrap();
    for content in &contents {
        file.write_all(content).unwrap();
    }
    file.sync_all().unwrap();
    started.elapsed()
}

fn read_all(files: &[std::path::PathBuf]) -> (Duration, Vec<Vec<u8>>) {
    let started = Instant::now();
    let read = |path: &std::path::PathBuf| {
        let mut content = Vec::new();
        File::open(path).unwrap().read_to_end(&mut content).unwrap();
        content
    };
    let contents = files.iter().map(read).collect();
    (started.elapsed(), contents)
}

fn list_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list_files(&path, files) } else { files.push(path) }
    }
}

/// Registers `count` assets, with what `manifest` says beside the fixed fields and the files that `fill` writes.
fn make_workspace(
    workspace: &Path,
    count: usize,
    manifest: impl Fn(usize) -> String,
    mut fill: impl FnMut(&Path, usize),
) {
    let mut entries = Vec::new();
    for index in 0..count {
        let uuid = format!("00000000-0000-4000-8000-{index:012x}");
        let root = workspace.join(format!("assets/a{index:05}"));
        fs::create_dir_all(&root).unwrap();
        let text =
            format!(r#"{{"schema_version": 2, "asset_uuid": "{uuid}", "name": "asset {index}", {}}}"#, manifest(index));
        fs::write(root.join("asset.json"), text).unwrap();
        fill(&root, index);
        entries.push(format!(
            r#"{{"asset_id": {}, "asset_uuid": "{uuid}", "root": "a{index:05}", "included_in_build": true}}"#,
            index + 1
        ));
    }
    fs::create_dir_all(workspace.join("assets/.prometeu")).unwrap();
    let registry =
        format!(r#"{{"schema_version": 2, "next_asset_id": {}, "assets": [{}]}}"#, count + 1, entries.join(",\n"));
    fs::write(workspace.join("assets/.prometeu/index.json"), registry).unwrap();
}

/// A sheet of 15 colours and transparency that compresses as pixel art does.
fn write_sheet(path: &Path, edge: u32, noise: &mut Noise) {
    let mut pixels = Vec::new();
    for y in 0..edge {
        for x in 0..edge {
            let colour = (x / 8 * 7 + y / 8 * 13 + noise.next() % 3) % 16;
            let level = (colour * 17) as u8;
            pixels.extend(if colour == 0 { [0, 0, 0, 0] } else { [level, 255 - level, level, 255] });
        }
    }
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), edge, edge);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

/// Numbers that look random and are the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 16
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}
