//! What is compared with what.

use std::thread::sleep;

use crate::arguments::{Arguments, Names};
use crate::floors::Floors;
use crate::inflate::{Decoder, Inflater};
use crate::measure::{Contestant, Run, compare, print_head};
use crate::peers::assetpack::AssetPack;
use crate::peers::bazel::Bazel;
use crate::peers::ninja::Ninja;
use crate::worker::{DEBOUNCE, Worker};
use crate::workspace::{Edit, Workspace};
use crate::{decoded, parallel, process, typing};

/// The extension of pictures.
const PNG: &str = "png";

/// Bytes of an asset.
const SIZE: usize = 16 * 1024;

/// Few large assets.
pub const LARGE: &str = "large";
/// Pictures against a decoder.
pub const PICTURES: &str = "pictures";
/// Pictures of other kinds against their decoders.
pub const SPRITES: &str = "sprites";
/// Sounds against a copy, and those that have to be decoded against their decoders.
pub const SOUNDS: &str = "sounds";
/// Maps against a parser.
pub const MAPS: &str = "maps";

/// A simulated year of edits.
pub const AGE: &str = "age";
/// A million assets. It is run only when it is named.
pub const MILLION: &str = "million";

type Scenario = fn(&mut Bench);

/// The scenarios that are run at each number of assets.
const SIZED: [(&str, Scenario); 9] = [
    ("cold", Bench::cold),
    ("nothing", Bench::nothing),
    ("one-edit", Bench::one_edit),
    ("living", Bench::living),
    ("watch", Bench::watch),
    ("served", Bench::served),
    ("check", Bench::check),
    ("typing", Bench::typing),
    ("peers", Bench::peers),
];

pub fn names() -> Names {
    let fixed = vec![LARGE, PICTURES, SPRITES, SOUNDS, MAPS, AGE, MILLION];
    Names { sized: SIZED.iter().map(|(name, _)| *name).collect(), fixed }
}

/// What the scenarios at one number of assets have in common.
pub struct Bench {
    rounds: usize,
    /// How many assets it has.
    count: usize,
    workspace: Workspace,
    floors: Floors,
    ninja: Option<Ninja>,
    /// Remarks, printed below the table.
    notes: Vec<String>,
}

impl Bench {
    /// Runs the wanted scenarios at `count` assets.
    pub fn run(count: usize, arguments: &Arguments) {
        let workspace = Workspace::of_data(count, SIZE);
        let floors = Floors::of(workspace.path());
        let mut bench = Self { rounds: arguments.rounds, count, workspace, floors, ninja: None, notes: Vec::new() };
        if ["cold", "nothing", "one-edit"].iter().any(|name| arguments.wants(name)) {
            match Ninja::build(bench.workspace.path(), count, SIZE) {
                Ok(ninja) => bench.ninja = Some(ninja),
                Err(why) => bench.notes.push(format!("ninja was left out: {why}")),
            }
        }
        println!("\n{count} assets of {} KiB:\n", SIZE / 1024);
        print_head();
        for (_, scenario) in SIZED.iter().filter(|(name, _)| arguments.wants(name)) {
            scenario(&mut bench);
        }
        if !bench.notes.is_empty() {
            println!();
            bench.notes.iter().for_each(|note| println!("- {note}"));
        }
    }

    /// No output and no cache exists; the inputs are in the page cache.
    fn cold(&mut self) {
        cold("cold, one shot", self.rounds, &self.workspace, Some(1.0));
        if let Some(ninja) = &self.ninja {
            let cold = ninja.cold.as_secs_f64();
            self.notes.push(format!("ninja's first build took {cold:.1} s, measured once, nothing flushed"));
        }
    }

    fn nothing(&mut self) {
        self.pack();
        let subject = Contestant::new("nothing to do, one shot", || self.pack_nothing());
        let stat = Contestant::new("`stat` of all", || self.floors.stat()).at_most(1.5);
        compare(self.rounds, || {}, subject, self.and_ninja(stat));
    }

    fn one_edit(&mut self) {
        self.pack();
        for (edit, name) in
            [(Edit::SameSize, "one edit, one shot"), (Edit::OtherSize, "one edit that changes the size, one shot")]
        {
            let subject = Contestant::new(name, || self.pack_edit());
            let floor = Contestant::new("`stat` of all, kernel copy, `fsync`", || self.floors.stat_and_copy());
            let mut against = self.and_ninja(floor.at_most(1.3));
            against.push(Contestant::new("that, replacing a copy", || self.floors.stat_copy_and_replace()));
            compare(self.rounds, || self.workspace.edit(edit), subject, against);
        }
    }

    /// A session that gets no file system events: it compares the stamps of all files each time.
    fn living(&mut self) {
        let mut session = Worker::session(&self.workspace);
        let subject = Contestant::new("nothing to do, living session", || session.pack());
        let stat = Contestant::new("`stat` of all", || self.floors.stat());
        compare(self.rounds, || {}, subject, vec![stat]);
        let subject = Contestant::new("one edit, living session", || session.pack());
        let floor = Contestant::new("`stat` of all, kernel copy, `fsync`", || self.floors.stat_and_copy());
        compare(self.rounds, || self.workspace.edit(Edit::SameSize), subject, vec![floor]);
    }

    fn watch(&mut self) {
        let Some(watch) = Worker::watching(&self.workspace) else {
            return self.notes.push("`papack watch` was left out: it ended before its first build".to_owned());
        };
        let subject = Contestant::new("one edit, `watch`, without the debounce", || {
            watch.build_after(&self.workspace, Edit::SameSize)
        });
        let copy = Contestant::new("kernel copy, `fsync`", || self.floors.copy()).at_most(1.3);
        compare(self.rounds, || {}, subject, vec![copy]);
    }

    /// Processes that ask a watch to do what they are asked for.
    fn served(&mut self) {
        let Some(_watch) = Worker::watching(&self.workspace) else {
            return self.notes.push("`served` was left out: `papack watch` ended before its first build".to_owned());
        };
        let idle = || Contestant::new("`papack --version`", || self.run_papack(&["--version"]));
        let subject = Contestant::new("nothing to do, served", || self.pack_nothing());
        compare(self.rounds, || {}, subject, vec![idle()]);
        for command in ["check", "plan", "status"] {
            let subject = Contestant::new(&format!("`{command}`, served"), || self.run_papack(&[command]));
            compare(self.rounds, || {}, subject, vec![idle()]);
        }
        let subject = Contestant::new("one edit, served", || {
            let mut pack = process::papack(self.workspace.path(), &["pack"]);
            process::run_after(&mut pack, || self.workspace.edit(Edit::SameSize))
        });
        let copy = Contestant::new("kernel copy, `fsync`", || self.floors.copy()).at_most(1.3);
        // The watch builds after each edit as well, and finds nothing to do.
        compare(self.rounds, || sleep(DEBOUNCE * 4), subject, vec![copy]);
    }

    fn check(&mut self) {
        self.pack();
        let subject = Contestant::new("`check`, nothing changed", || {
            process::run(&mut process::papack(self.workspace.path(), &["check"]))
        });
        let stat = Contestant::new("`stat` of all", || self.floors.stat()).at_most(2.0);
        compare(self.rounds, || {}, subject, vec![stat]);
    }

    /// Programs of others that do a part of the same.
    fn peers(&mut self) {
        match AssetPack::build(self.workspace.path(), self.count) {
            Ok(assetpack) => self.against_assetpack(&assetpack),
            Err(why) => self.notes.push(format!("AssetPack was left out: {why}")),
        }
        match Bazel::build(self.workspace.path(), self.count, SIZE) {
            Ok(bazel) => self.against_bazel(&bazel),
            Err(why) => self.notes.push(format!("Bazel was left out: {why}")),
        }
    }

    fn against_assetpack(&self, assetpack: &AssetPack) {
        let subject = Contestant::new("cold, one shot", || self.workspace.pack_cold(&[]));
        compare(self.rounds, || {}, subject, vec![Contestant::new("AssetPack", || assetpack.run_cold())]);
        let subject = Contestant::new("nothing to do, one shot", || self.pack_nothing());
        compare(self.rounds, || {}, subject, vec![Contestant::new("AssetPack", || assetpack.run())]);
        let subject = Contestant::new("one edit, one shot", || self.pack_edit());
        let edit = || self.workspace.edit(Edit::SameSize);
        compare(self.rounds, edit, subject, vec![Contestant::new("AssetPack", || assetpack.run())]);
    }

    fn against_bazel(&self, bazel: &Bazel) {
        self.pack();
        let against = || vec![Contestant::new("Bazel, its server running", || bazel.run())];
        let subject = Contestant::new("nothing to do, one shot", || self.pack_nothing());
        compare(self.rounds, || {}, subject, against());
        let subject = Contestant::new("one edit, one shot", || self.pack_edit());
        compare(self.rounds, || self.workspace.edit(Edit::SameSize), subject, against());
    }

    fn typing(&mut self) {
        self.notes.extend(typing::run(&self.workspace, self.count));
    }

    /// `floor`, and ninja if it is installed. The target is to take less time than ninja.
    fn and_ninja<'s>(&'s self, floor: Contestant<'s>) -> Vec<Contestant<'s>> {
        let ninja = self.ninja.iter().map(|ninja| Contestant::new("ninja", || ninja.run()).at_most(1.0));
        std::iter::once(floor).chain(ninja).collect()
    }

    fn pack(&self) -> Run {
        self.run_papack(&["pack"])
    }

    fn run_papack(&self, words: &[&str]) -> Run {
        process::run(&mut process::papack(self.workspace.path(), words))
    }

    fn pack_nothing(&self) -> Run {
        let before = self.workspace.published();
        let run = self.pack();
        assert_eq!(before, self.workspace.published(), "nothing was to be published");
        run
    }

    fn pack_edit(&self) -> Run {
        let before = self.workspace.published();
        let run = self.pack();
        assert_ne!(before, self.workspace.published(), "the edit was to be published");
        run
    }
}

/// 1 GiB in few assets: the figure of interest is the peak memory.
pub fn large(rounds: usize) {
    const COUNT: usize = 1024;
    let workspace = Workspace::of_data(COUNT, 1 << 20);
    println!("\n{COUNT} assets of 1 MiB:\n");
    print_head();
    cold("cold, one shot", rounds, &workspace, None);
}

/// Pictures, many small and few large ones, against the inflater that is the fastest here.
pub fn pictures(rounds: usize) {
    for (count, edge) in [(5_000, 64), (300, 512)] {
        let workspace = Workspace::of_pictures(count, edge);
        let floors = Floors::of(workspace.path());
        let inflater = fastest_inflater(&floors);
        println!("\n{count} pictures of {edge} × {edge} pixels:\n");
        print_head();
        // The size of the pack is that of what is written.
        workspace.pack_cold(&[]);
        let subject = Contestant::new("cold, one shot", || workspace.pack_cold(&[]));
        let name = format!("read all, inflate (`{}`) and unfilter, all threads", inflater.name());
        let decode = Contestant::new(&name, || inflate(&floors, inflater)).at_most(1.15);
        let write = Contestant::new("that, write one, `fsync`", || {
            parallel::read_decode_and_write(&floors, PNG, || Decoder::new(inflater), Decoder::decode)
        });
        let single = Contestant::new("cold, `--jobs 1`", || workspace.pack_cold(&["--jobs", "1"]));
        compare(rounds, || {}, subject, vec![decode, write, single]);
    }
}

/// Every file read once; pictures are inflated and unfiltered.
fn inflate(floors: &Floors, inflater: Inflater) -> Run {
    parallel::read_and_decode(floors, PNG, || Decoder::new(inflater), Decoder::decode)
}

/// The one of three runs of each that took the least.
fn fastest_inflater(floors: &Floors) -> Inflater {
    let time = |inflater| (0..3).map(|_| inflate(floors, inflater).elapsed).min();
    let times = Inflater::ALL.map(|inflater| (time(inflater), inflater));
    times.into_iter().min_by_key(|(time, _)| *time).map(|(_, inflater)| inflater).unwrap()
}

/// Sounds, of which most need no conversion.
pub fn sounds(rounds: usize) {
    const COUNT: usize = 1_000;
    let workspace = Workspace::of_sounds(COUNT);
    let floors = Floors::of(workspace.path());
    println!("\n{COUNT} sounds of 0.25 to 2 s:\n");
    print_head();
    let subject = Contestant::new("cold, one shot", || workspace.pack_cold(&[]));
    let name = "read all, write one, `fsync`, all threads";
    let copy = Contestant::new(name, || parallel::read_and_write(&floors)).at_most(1.15);
    let in_one = Contestant::new("that, one thread", || floors.read_and_write());
    let single = Contestant::new("cold, `--jobs 1`", || workspace.pack_cold(&["--jobs", "1"]));
    compare(rounds, || {}, subject, vec![copy, in_one, single]);
    decoded::sounds(rounds);
}

fn cold(name: &str, rounds: usize, workspace: &Workspace, at_most: Option<f64>) {
    let floors = Floors::of(workspace.path());
    let subject = Contestant::new(name, || workspace.pack_cold(&[]));
    let mut floor = Contestant::new("read all, write one, `fsync`", || floors.read_and_write());
    floor.at_most = at_most;
    let name = "list, read, digest, write one, `fsync`, all threads";
    let needed = Contestant::new(name, || parallel::list_digest_and_write(&floors));
    compare(rounds, || {}, subject, vec![floor, needed]);
}
