//! The command line: arguments in, services called, results shown. It decides nothing about packing.

mod args;
mod cache;
mod diff;
mod explain;
mod extract;
mod inspect;
mod manage;
mod merge_registry;
mod operation;
mod reference;
mod render;
mod schema;
mod verify;
mod workspace;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::FromArgMatches;
use rayon::{ThreadPool, ThreadPoolBuilder};

use args::{Args, Command, ManageCommand, PacksCommand, ReferenceCommand, UpkeepCommand, WorkCommand};

/// Exit code for wrong usage, and where there is no workspace.
const USAGE: u8 = 2;

/// Exit code where a result could not be written.
const UNWRITTEN: u8 = 3;

fn main() -> ExitCode {
    let code = match parse() {
        Ok(args) => {
            render::set_up(args.globals);
            run(args.command)
        }
        // Help and version are errors of this kind, too.
        Err(message) => {
            render::set_color(args::wanted_color(std::env::args_os()));
            render::usage(&message)
        }
    };
    match render::unwritten() {
        Some(error) => {
            render::say(&format!("{}: standard output cannot be written: {error}", render::error_label()));
            if code == ExitCode::SUCCESS { ExitCode::from(UNWRITTEN) } else { code }
        }
        None => code,
    }
}

fn parse() -> Result<Args, clap::Error> {
    Args::from_arg_matches(&args::definition().try_get_matches()?)
}

fn run(command: Command) -> ExitCode {
    match command {
        Command::Manage(ManageCommand::Init(args)) => manage::init(&args),
        Command::Manage(ManageCommand::New(args)) => manage::new(args),
        Command::Manage(ManageCommand::Add(args)) => manage::add(args),
        Command::Manage(ManageCommand::Mv(args)) => manage::mv(args),
        Command::Manage(ManageCommand::Rename(args)) => manage::rename(args),
        Command::Manage(ManageCommand::Preload(args)) => manage::preload(args),
        Command::Manage(ManageCommand::Include(args)) => manage::include(args),
        Command::Manage(ManageCommand::Exclude(args)) => manage::exclude(args),
        Command::Manage(ManageCommand::Rm(args)) => manage::rm(args),
        Command::Work(WorkCommand::Status(args)) => operation::status(&args),
        Command::Work(WorkCommand::Check(args)) => operation::check(&args),
        Command::Work(WorkCommand::Plan(args)) => operation::plan(&args),
        Command::Work(WorkCommand::Pack(args)) => operation::pack(&args),
        Command::Work(WorkCommand::Watch(args)) => operation::watch(&args),
        Command::Packs(PacksCommand::Verify(args)) => verify::run(&args),
        Command::Packs(PacksCommand::Inspect(args)) => inspect::run(&args),
        Command::Packs(PacksCommand::Extract(args)) => extract::run(&args),
        Command::Packs(PacksCommand::Diff(args)) => diff::run(&args),
        Command::Upkeep(UpkeepCommand::Doctor(args)) => manage::doctor(args),
        Command::Upkeep(UpkeepCommand::Migrate(args)) => manage::migrate(&args),
        Command::Upkeep(UpkeepCommand::Cache(args)) => cache::run(&args),
        Command::Upkeep(UpkeepCommand::MergeRegistry(args)) => merge_registry::run(&args),
        Command::Reference(ReferenceCommand::Explain(args)) => explain::run(&args),
        Command::Reference(ReferenceCommand::Schema(args)) => schema::run(&args),
        Command::Reference(ReferenceCommand::Completions(args)) => reference::completions(&args),
        Command::Reference(ReferenceCommand::Man(args)) => reference::man(&args),
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
    let help = match error.kind() {
        io::ErrorKind::NotFound => "name an assets.pa; papack pack makes build/assets.pa",
        _ => "name an assets.pa that can be read",
    };
    refuse(&format!("{file}: {error}"), help)
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
