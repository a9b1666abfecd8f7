//! The command line: arguments in, services called, results shown. It decides nothing about packing.

mod args;
mod diff;
mod explain;
mod extract;
mod inspect;
mod manage;
mod merge_registry;
mod operation;
mod render;
mod schema;
mod verify;
mod workspace;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::Parser;
use rayon::{ThreadPool, ThreadPoolBuilder};

use args::{Args, Command};

/// Exit code for wrong usage, and where there is no workspace.
const USAGE: u8 = 2;

/// Exit code where a result could not be written.
const UNWRITTEN: u8 = 3;

fn main() -> ExitCode {
    let code = match Args::try_parse() {
        Ok(args) => run(args.command),
        // Help and version are errors of this kind, too.
        Err(message) => render::usage(&message),
    };
    match render::unwritten() {
        Some(error) => {
            render::say(&format!("{}: standard output cannot be written: {error}", render::error_label()));
            if code == ExitCode::SUCCESS { ExitCode::from(UNWRITTEN) } else { code }
        }
        None => code,
    }
}

fn run(command: Command) -> ExitCode {
    match command {
        Command::Init(args) => manage::init(&args),
        Command::Pack(args) => operation::pack(&args),
        Command::Check(args) => operation::check(&args),
        Command::Status(args) => operation::status(&args),
        Command::New(args) => manage::new(args),
        Command::Add(args) => manage::add(args),
        Command::Mv(args) => manage::mv(args),
        Command::Include(args) => manage::include(args),
        Command::Exclude(args) => manage::exclude(args),
        Command::Rename(args) => manage::rename(args),
        Command::Preload(args) => manage::preload(args),
        Command::Rm(args) => manage::rm(args),
        Command::Doctor(args) => manage::doctor(args),
        Command::Migrate(args) => manage::migrate(&args),
        Command::MergeRegistry(args) => merge_registry::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Explain(args) => explain::run(&args),
    }
}

/// As many threads as `jobs` says, or as there are processors; fewer where the system allows no more.
fn threads(jobs: Option<u16>) -> ThreadPool {
    let mut wanted = jobs.map_or_else(|| available_parallelism().map_or(1, Into::into), usize::from);
    loop {
        let builder = ThreadPoolBuilder::new().num_threads(wanted);
        // The last resort starts no thread at all.
        let built = if wanted == 1 { builder.use_current_thread().build() } else { builder.build() };
        match built {
            Ok(pool) => return pool,
            Err(_) if wanted > 1 => wanted /= 2,
            Err(error) => {
                render::say(&format!("{}: no thread can be used: {error}", render::error_label()));
                std::process::exit(i32::from(USAGE));
            }
        }
    }
}

/// Says that the file which the user named cannot be read.
fn refuse_file(file: &Path, error: &io::Error) -> ExitCode {
    let file = render::one_line(&file.to_string_lossy());
    refuse(&format!("{file}: {error}"), "name an assets.pa that can be read")
}

/// Says why nothing was begun.
fn refuse(message: &str, help: &str) -> ExitCode {
    complain(message, help);
    ExitCode::from(USAGE)
}

/// Says what went wrong, and what to do.
fn complain(message: &str, help: &str) {
    render::say(&format!("{}: {message}\n  help: {help}", render::error_label()));
}
