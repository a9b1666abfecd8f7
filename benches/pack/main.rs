//! Whole packs by the real binary, against physical floors, against ninja and other peers, and against itself, in the
//! same run.
//!
//! ```text
//! cargo bench --bench pack                                # every scenario, at 1,000 and 10,000 assets
//! cargo bench --bench pack -- 1000 10000 100000           # the tables of docs/performance.md
//! cargo bench --bench pack -- one-edit check 10000        # two scenarios, at one size
//! cargo bench --bench pack -- --rounds 1 1000             # does everything still run?
//! cargo bench --bench pack -- million                     # only when it is named: it takes half an hour and 14 GB
//! cargo bench --bench pack -- age --packs 100000          # a simulated year, which takes the better part of an hour
//! ```
//!
//! It prints Markdown on standard output and its progress on standard error. No time is asserted. What is timed, how
//! and why: `docs/performance.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark may stop at any fault"
)]

mod age;
mod arguments;
mod compressed;
mod decoded;
mod floors;
mod inflate;
mod machine;
mod maps;
mod measure;
mod million;
mod noise;
mod parallel;
mod peers;
mod pictures;
mod process;
mod readers;
mod scenarios;
mod sounds;
mod sprites;
mod typing;
mod worker;
mod workspace;

use arguments::Arguments;
use scenarios::Bench;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, workspace] = words.as_slice()
        && word == worker::SESSION
    {
        return worker::serve(workspace.as_ref());
    }
    let names = scenarios::names();
    let arguments = Arguments::parse(&words, &names).unwrap_or_else(|fault| {
        eprintln!("{fault}\n\n{}", names.usage());
        std::process::exit(2)
    });
    machine::print();
    for &count in &arguments.counts {
        Bench::run(count, &arguments);
    }
    if arguments.wants(scenarios::LARGE) {
        scenarios::large(arguments.rounds);
    }
    if arguments.wants(scenarios::PICTURES) {
        scenarios::pictures(arguments.rounds);
    }
    if arguments.wants(scenarios::SPRITES) {
        decoded::sprites(arguments.rounds);
    }
    if arguments.wants(scenarios::SOUNDS) {
        scenarios::sounds(arguments.rounds);
    }
    if arguments.wants(scenarios::MAPS) {
        decoded::maps(arguments.rounds);
    }
    if arguments.wants(scenarios::AGE) {
        age::run(arguments.packs);
    }
    if arguments.names(scenarios::MILLION) {
        million::run();
    }
}
