//! What is compared with what.

use std::thread::sleep;

use crate::arguments::{Arguments, Names};
use crate::floors::Floors;
use crate::measure::{Contestant, Run, compare, print_head};
use crate::ninja::Ninja;
use crate::process;
use crate::typing;
use crate::worker::{DEBOUNCE, Worker};
use crate::workspace::{Edit, Workspace};

/// Bytes of an asset.
const SIZE: usize = 16 * 1024;

/// Few large assets.
pub const LARGE: &str = "large";
/// Pictures, on one thread and on all.
pub const PNG: &str = "png";

type Scenario = fn(&mut Bench);

/// The scenarios that are run at each number of assets.
const SIZED: [(&str, Scenario); 8] = [
    ("cold", Bench::cold),
    ("nothing", Bench::nothing),
    ("one-edit", Bench::one_edit),
    ("living", Bench::living),
    ("watch", Bench::watch),
    ("served", Bench::served),
    ("check", Bench::check),
    ("typing", Bench::typing),
];

pub fn names() -> Names {
    Names { sized: SIZED.iter().map(|(name, _)| *name).collect(), fixed: vec![LARGE, PNG] }
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
        cold("cold, one shot", self.rounds, &self.workspace, Some(1.5));
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

/// Pictures on all threads, against one: how well derivation scales.
pub fn png(rounds: usize) {
    const COUNT: usize = 300;
    const EDGE: u32 = 512;
    let workspace = Workspace::of_sheets(COUNT, EDGE);
    println!("\n{COUNT} RGBA sheets of {EDGE} × {EDGE} pixels:\n");
    print_head();
    let subject = Contestant::new("cold, all threads", || pack_cold(&workspace, &[]));
    let single = Contestant::new("cold, `--jobs 1`", || pack_cold(&workspace, &["--jobs", "1"]));
    compare(rounds, || {}, subject, vec![single]);
}

fn cold(name: &str, rounds: usize, workspace: &Workspace, at_most: Option<f64>) {
    let floors = Floors::of(workspace.path());
    let subject = Contestant::new(name, || pack_cold(workspace, &[]));
    let mut floor = Contestant::new("read all, write one, `fsync`", || floors.read_and_write());
    floor.at_most = at_most;
    compare(rounds, || {}, subject, vec![floor]);
}

fn pack_cold(workspace: &Workspace, words: &[&str]) -> Run {
    workspace.forget();
    process::run(&mut process::papack(workspace.path(), &[&["pack"], words].concat()))
}
