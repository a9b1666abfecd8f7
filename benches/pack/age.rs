//! A simulated year of edits: whether anything grows that stays behind.
//!
//! Somebody works in one workspace for a year, in one session that lives all the time, with processes of their own in
//! between, which leave their cache to it. What a year leaves behind is held against what the first day left.
#![allow(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^52")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::machine;
use crate::measure::spread;
use crate::noise::Noise;
use crate::worker::Worker;
use crate::{pictures, process};

/// How many assets there are, about.
const ASSETS: usize = 300;

/// Pixels along an edge of a picture.
const EDGE: u32 = 256;

/// Days of a year.
const DAYS: usize = 365;

/// How often what takes time is timed.
const TIMED: usize = 21;

/// How much more than on the first day there may be at the end of the year.
const MORE: f64 = 1.1;

/// Packs a workspace `packs` times, each time after something happened to it, and prints what is there after the first day
/// and after the year.
pub fn run(packs: usize) {
    let mut year = Year::begin();
    let day = packs.div_ceil(DAYS).max(ASSETS);
    let mut first = None;
    let packs = packs.max(2 * day);
    for number in 1..=packs {
        if number == packs - day + 1 {
            year.most_payloads = 0.0;
        }
        year.live(number);
        if number == day {
            first = Some(year.look());
        }
        if number % (packs / 10).max(1) == 0 {
            eprintln!("… {number} packs: {}", year.look().short());
        }
    }
    let last = year.look();
    println!("\nA year of {packs} packs of {ASSETS} RGBA sheets of {EDGE} × {EDGE} pixels:\n");
    println!("| figure | after {day} packs | after {packs} | ratio |");
    println!("| --- | --- | --- | --- |");
    let first = first.unwrap_or_default();
    let mut grown = Vec::new();
    for (name, figure) in &last.0 {
        let before = first.0.get(name).map_or(0.0, |figure| figure.value);
        let ratio = figure.value / before;
        let ratio = if ratio.is_finite() { format!("**{ratio:.2}**") } else { "–".to_owned() };
        println!("| {name} | {} | {} | {ratio} |", figure.show(before), figure.show(figure.value));
        if figure.is_size && figure.value > before * MORE {
            grown.push(name);
        }
    }
    println!("\n- it still has {} assets, of which {} were there at first", year.assets.len(), year.old());
    assert!(grown.is_empty(), "more than a tenth larger than after the first day: {grown:?}");
}

/// Something that was measured.
struct Figure {
    value: f64,
    unit: &'static str,
    /// Whether it is a size, which is held to what it was. Times are only told.
    is_size: bool,
}

impl Figure {
    fn show(&self, value: f64) -> String {
        match self.unit {
            "bytes" => format!("{:.2} MiB", value / f64::from(1 << 20)),
            "ms" => format!("{value:.1} ms"),
            _ => format!("{value:.0}"),
        }
    }
}

/// What is there at one moment, by names.
#[derive(Default)]
struct Figures(BTreeMap<&'static str, Figure>);

impl Figures {
    fn short(&self) -> String {
        let figures: Vec<_> =
            self.0.iter().map(|(name, figure)| format!("{name} {}", figure.show(figure.value))).collect();
        figures.join("; ")
    }
}

/// An asset, and which of its pictures it has.
#[derive(Clone)]
struct Asset {
    id: usize,
    version: u32,
    is_included: bool,
    /// Counts edits of the manifest, and of the name of the root.
    manifest: u32,
    root: u32,
}

impl Asset {
    fn new(id: usize) -> Self {
        Self { id, version: 0, is_included: true, manifest: 0, root: 0 }
    }

    fn root(&self) -> String {
        format!("a{:05}-{}", self.id, self.root)
    }

    fn uuid(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.id)
    }
}

/// A workspace in which somebody works, and the session that lives all year.
struct Year {
    /// Is removed in the end.
    _folder: tempfile::TempDir,
    path: PathBuf,
    assets: Vec<Asset>,
    next_id: usize,
    chance: Noise,
    session: Option<Worker>,
    /// The most bytes that all payloads in the cache had this day.
    most_payloads: f64,
}

impl Year {
    fn begin() -> Self {
        // Nothing is asked of the disk: that flushes take time says nothing here.
        let memory = Path::new("/dev/shm");
        let folder = tempfile::tempdir_in(if memory.is_dir() { memory } else { Path::new(machine::PLACE) }).unwrap();
        let path = folder.path().to_owned();
        let assets: Vec<_> = (1..=ASSETS).map(Asset::new).collect();
        let mut year = Self {
            _folder: folder,
            path,
            assets,
            next_id: ASSETS + 1,
            chance: Noise(1),
            session: None,
            most_payloads: 0.0,
        };
        fs::create_dir_all(year.path.join("assets/.prometeu")).unwrap();
        for at in 0..ASSETS {
            year.write_asset(at);
        }
        year.write_registry();
        year.session = Some(Worker::session_in(&year.path));
        year
    }

    fn old(&self) -> usize {
        self.assets.iter().filter(|asset| asset.id <= ASSETS).count()
    }

    /// Something happens, and is packed: mostly by the session, now and then by a process of its own.
    fn live(&mut self, number: usize) {
        self.happen();
        match number % 40 {
            0 | 20 => self.process("pack"),
            10 => self.process("check"),
            30 => self.process("status"),
            _ => {}
        }
        if let Some(session) = &mut self.session {
            session.ask();
        }
        self.most_payloads = self.most_payloads.max(below(&self.cache().join("payloads")).1);
    }

    fn cache(&self) -> PathBuf {
        self.path.join("assets/.prometeu/cache")
    }

    fn process(&self, command: &str) {
        let status = process::papack(&self.path, &[command]).stdout(std::process::Stdio::null()).status().unwrap();
        assert!(status.success(), "{command}: {status}");
    }

    fn happen(&mut self) {
        let at = self.chance.next() as usize % self.assets.len();
        match self.chance.next() % 20 {
            0 => {
                self.assets[at].is_included ^= true;
                self.write_registry();
            }
            1 => {
                let old = self.folder(at);
                self.assets[at].root += 1;
                fs::rename(old, self.folder(at)).unwrap();
                self.write_registry();
            }
            2 => {
                fs::remove_dir_all(self.folder(at)).unwrap();
                self.assets.remove(at);
                self.assets.push(Asset::new(self.next_id));
                self.next_id += 1;
                self.write_asset(self.assets.len() - 1);
                self.write_registry();
            }
            3 | 4 => {
                self.assets[at].manifest += 1;
                self.write_manifest(at);
            }
            5..=7 if self.assets[at].version > 0 => {
                self.assets[at].version -= 1;
                self.write_picture(at);
            }
            _ => {
                // Never one of those that were taken back.
                self.assets[at].version += 1 + self.chance.next() % 1000;
                self.write_picture(at);
            }
        }
    }

    fn folder(&self, at: usize) -> PathBuf {
        self.path.join("assets").join(self.assets[at].root())
    }

    fn write_asset(&self, at: usize) {
        fs::create_dir(self.folder(at)).unwrap();
        self.write_manifest(at);
        self.write_picture(at);
    }

    fn write_picture(&self, at: usize) {
        let Asset { id, version, .. } = self.assets[at];
        let path = self.folder(at).join("sheet.png");
        // Saved as programs do: written beside, and renamed.
        let new = self.folder(at).join(".sheet.new");
        pictures::write(&new, id, EDGE, &mut Noise(version * 100_000 + u32::try_from(id).unwrap()));
        fs::rename(new, path).unwrap();
    }

    fn write_manifest(&self, at: usize) {
        let asset = &self.assets[at];
        let output = format!(
            r#"{{"format": "TILES/indexed_v1", "metadata": {{"tile_size": 16}}, "pipeline": {{"edits": {}}}}}"#,
            asset.manifest
        );
        let text = format!(
            r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "asset {}", "artifacts": [{{"file": "sheet.png"}}], "output": {output}}}"#,
            asset.uuid(),
            asset.id
        );
        fs::write(self.folder(at).join("asset.json"), text).unwrap();
    }

    fn write_registry(&self) {
        let entry = |asset: &Asset| {
            format!(
                r#"{{"asset_id": {}, "asset_uuid": "{}", "root": "{}", "included_in_build": {}}}"#,
                asset.id,
                asset.uuid(),
                asset.root(),
                asset.is_included
            )
        };
        let entries: Vec<_> = self.assets.iter().map(entry).collect();
        let text = format!(
            "{{\"schema_version\": 2, \"next_asset_id\": {}, \"assets\": [\n{}\n]}}",
            self.next_id,
            entries.join(",\n")
        );
        fs::write(self.path.join("assets/.prometeu/index.json"), text).unwrap();
    }

    /// What is there now.
    fn look(&mut self) -> Figures {
        // What the last edit left to be read again is read.
        std::thread::sleep(Duration::from_millis(50));
        self.process("pack");
        let mut figures = Figures::default();
        let mut add = |name, value: f64, unit, is_size| {
            figures.0.insert(name, Figure { value, unit, is_size });
        };
        let (index, payloads) = (size(&self.cache().join("index")), below(&self.cache().join("payloads")));
        add("cache: index", index, "bytes", true);
        add("cache: payloads", payloads.1, "bytes", false);
        add("cache: payloads, at most in a day", self.most_payloads, "bytes", true);
        // Beside the segments there is their order.
        let segments = payloads.0 - 1.0;
        add("cache: segments", segments, "files", false);
        let all = below(&self.path);
        // Two files of each asset, the registry, four outputs, and two of the cache beside the payloads.
        add("files too many", all.0 - payloads.0 - (2 * self.assets.len() + 1 + 4 + 2) as f64, "files", true);
        if let Some(session) = &mut self.session {
            let times: Vec<f64> = (0..TIMED).map(|_| session.ask().as_secs_f64() * 1e3).collect();
            add("session: nothing to do", spread(&times)[1], "ms", false);
            add("session: memory", session.memory() as f64, "bytes", true);
            // It has the segments open.
            add("session: open files, without segments", session.open_files() as f64 - segments, "files", true);
        }
        for (name, memory, words) in [
            ("pack: nothing to do", Some("pack: peak memory"), "pack"),
            ("check: nothing to do", None, "check"),
            ("status", Some("status: peak memory"), "status"),
        ] {
            let runs: Vec<_> =
                (0..TIMED).map(|_| process::run_at_once(&mut process::papack(&self.path, &[words]))).collect();
            let times: Vec<f64> = runs.iter().map(|run| run.elapsed.as_secs_f64() * 1e3).collect();
            add(name, spread(&times)[1], "ms", false);
            let peaks: Vec<f64> = runs.iter().filter_map(|run| Some(run.peak? as f64)).collect();
            if let Some(memory) = memory.filter(|_| !peaks.is_empty()) {
                add(memory, spread(&peaks)[1], "bytes", true);
            }
        }
        figures
    }
}

fn size(file: &Path) -> f64 {
    file.metadata().map_or(0, |metadata| metadata.len()) as f64
}

/// How many files are below `folder`, and their bytes.
fn below(folder: &Path) -> (f64, f64) {
    let mut found = (0.0, 0.0);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let (count, bytes) = if path.is_dir() { below(&path) } else { (1.0, size(&path)) };
        found = (found.0 + count, found.1 + bytes);
    }
    found
}
