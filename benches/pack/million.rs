//! A million assets: whether anything grows faster than its input.
//!
//! The files are made and compared with by their numbers. A list of their paths would take more memory than what is
//! measured, and a child's peak includes what this process had.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use tempfile::TempDir;

use crate::floors::timed;
use crate::machine;
use crate::measure::{Contestant, Run, compare, print_head};
use crate::noise::Noise;
use crate::process;

/// How many assets there are.
const COUNT: usize = 1_000_000;

/// How many of them are in one folder.
const GROUP: usize = 10;

/// Bytes of an asset.
const SIZE: usize = 1024;

/// Measures each command once, since once takes long.
const ROUNDS: usize = 1;

/// Makes the workspace, and prints what each command takes.
pub fn run() {
    let workspace = make();
    let assets = workspace.path().join("assets");
    println!("\n{COUNT} assets of {SIZE} bytes in {} folders, one round:\n", COUNT / GROUP);
    print_head();
    let papack = |word: &str| process::run(&mut process::papack(workspace.path(), &[word]));
    let stat = || Contestant::new("`stat` of all", || stat_all(&assets));
    let subject = Contestant::new("cold, one shot", || {
        for made in ["build", "assets/.prometeu/cache"] {
            drop(fs::remove_dir_all(workspace.path().join(made)));
        }
        papack("pack")
    });
    let floor = Contestant::new("read all, write one, `fsync`", || read_and_write(workspace.path())).at_most(1.0);
    compare(ROUNDS, || {}, subject, vec![floor]);
    compare(ROUNDS, || {}, Contestant::new("nothing to do, one shot", || papack("pack")), vec![stat().at_most(1.5)]);
    let mut edits = 0;
    let edit = || {
        edits += 1;
        let mut content = Noise(edits).bytes(SIZE);
        content[..4].copy_from_slice(&edits.to_le_bytes());
        fs::write(assets.join(root_of(COUNT / 2)).join("data.bin"), content).unwrap();
    };
    compare(ROUNDS, edit, Contestant::new("one edit, one shot", || papack("pack")), vec![stat()]);
    for (name, word) in [("`check`, after a pack", "check"), ("`check` again", "check"), ("`status`", "status")] {
        // The first is the one that is of interest: no round warms up.
        eprintln!("… {name}");
        let run = papack(word);
        let floor = stat_all(&assets);
        let ratio = run.elapsed.as_secs_f64() / floor.elapsed.as_secs_f64();
        let peak = run.peak.map_or("–".to_owned(), |bytes| format!("{} MiB", bytes.div_ceil(1 << 20)));
        let [took, stat] = [run, floor].map(|run| run.elapsed.as_secs_f64());
        println!("| {name} | {took:.1} s | {peak} | `stat` of all | {stat:.1} s | **{ratio:.2}** | – |");
    }
}

/// The root of an asset, relative to the folder of assets.
fn root_of(index: usize) -> String {
    format!("g{:05}/a{index:06}", index / GROUP)
}

fn make() -> TempDir {
    eprintln!("… making a workspace of {COUNT} assets");
    let workspace = tempfile::tempdir_in(machine::PLACE).unwrap();
    let assets = workspace.path().join("assets");
    fs::create_dir_all(assets.join(".prometeu")).unwrap();
    let mut registry = BufWriter::new(File::create(assets.join(".prometeu/index.json")).unwrap());
    write!(registry, r#"{{"schema_version": 2, "next_asset_id": {}, "assets": ["#, COUNT + 1).unwrap();
    let mut noise = Noise(1);
    for index in 0..COUNT {
        let uuid = format!("00000000-0000-4000-8000-{index:012x}");
        let root = root_of(index);
        fs::create_dir_all(assets.join(&root)).unwrap();
        let output = r#""artifacts": [{"file": "data.bin"}], "output": {"format": "DATA/raw_v1"}"#;
        let manifest = format!(r#"{{"schema_version": 2, "asset_uuid": "{uuid}", "name": "asset {index}", {output}}}"#);
        fs::write(assets.join(&root).join("asset.json"), manifest).unwrap();
        fs::write(assets.join(&root).join("data.bin"), noise.bytes(SIZE)).unwrap();
        let entry = format!(r#""asset_id": {}, "asset_uuid": "{uuid}", "root": "{root}""#, index + 1);
        write!(registry, "{}\n{{{entry}, \"included_in_build\": true}}", if index == 0 { "" } else { "," }).unwrap();
    }
    write!(registry, "]}}").unwrap();
    registry.flush().unwrap();
    workspace
}

/// `stat` of every file and folder in the folder `assets`, in one thread.
fn stat_all(assets: &Path) -> Run {
    timed(|| {
        for index in 0..COUNT {
            let root = assets.join(root_of(index));
            if index % GROUP == 0 {
                fs::symlink_metadata(root.parent().unwrap()).unwrap();
            }
            for path in [root.join("asset.json"), root.join("data.bin"), root] {
                fs::symlink_metadata(path).unwrap();
            }
        }
    })
}

/// Every file read once, in one thread, and all of their bytes written to one file, which is flushed.
fn read_and_write(workspace: &Path) -> Run {
    let target = workspace.join("floor");
    drop(fs::remove_file(&target));
    timed(|| {
        let mut target = File::create(&target).unwrap();
        let mut content = Vec::new();
        for root in (0..COUNT).map(root_of) {
            for name in ["asset.json", "data.bin"] {
                content.clear();
                let path = workspace.join("assets").join(&root).join(name);
                File::open(path).and_then(|mut file| file.read_to_end(&mut content)).unwrap();
                target.write_all(&content).unwrap();
            }
        }
        target.sync_all().unwrap();
    })
}
