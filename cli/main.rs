//! The command line: arguments in, services called, results shown. It decides nothing about packing.

mod args;
mod cache;
mod diff;
mod explain;
mod extract;
mod foreground;
mod inspect;
mod manage;
mod merge_registry;
mod operation;
mod output;
mod reference;
mod render;
mod replacement;
mod schema;
mod signals;
mod timings;
mod verify;
mod workspace;

use std::cell::Cell;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clap::FromArgMatches;
use rayon::{ThreadPool, ThreadPoolBuilder};

use args::{Args, Command, ManageCommand, PacksCommand, ReferenceCommand, UpkeepCommand, WorkCommand};
use signals::CANCELLED;

/// Exit code for wrong usage, and where there is no workspace.
const USAGE: u8 = 2;

/// Exit code where a result could not be written.
const UNWRITTEN: u8 = 3;

/// How long a reader has to take what was printed, after a signal.
const GRACE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    signals::set_up();
    output::start();
    let arguments: Vec<_> = std::env::args_os().collect();
    let code = match parse(&arguments) {
        Ok(args) => {
            render::set_up(args.globals);
            run(args.command)
        }
        // Help and version are errors of this kind, too.
        Err(message) => {
            render::set_color(args::wanted_color(arguments.into_iter()));
            render::usage(&message)
        }
    };
    finish(code)
}

/// Waits for all to be printed, and after a signal only a moment longer: what was done is told as it is, to a reader that
/// reads.
fn finish(mut code: ExitCode) -> ExitCode {
    let signalled = Cell::new(None);
    let is_over = || {
        let since = signalled.get().or_else(|| signals::came().then(Instant::now));
        signalled.set(since);
        since.is_some_and(|since| since.elapsed() >= GRACE)
    };
    let mut is_printed = output::wait_until_written(is_over);
    if let Some(error) = output::unwritten() {
        render::say(&format!("{}: standard output cannot be written: {error}", render::error_label()));
        is_printed &= output::wait_until_written(is_over);
        code = unless_failed(code, UNWRITTEN);
    }
    if is_printed { code } else { unless_failed(code, CANCELLED) }
}

/// What went wrong before keeps its `code`.
fn unless_failed(code: ExitCode, other: u8) -> ExitCode {
    if code == ExitCode::SUCCESS { ExitCode::from(other) } else { code }
}

fn parse(arguments: &[OsString]) -> Result<Args, clap::Error> {
    let parsed = |arguments: &[OsString]| Args::from_arg_matches(&args::definition().try_get_matches_from(arguments)?);
    parsed(arguments).map_err(|error| {
        // The message repeats arguments: it is made again, of arguments that may be shown.
        let shown: Vec<_> =
            arguments.iter().map(|argument| render::one_line(&argument.to_string_lossy()).into()).collect();
        parsed(&shown).err().filter(|shown| shown.kind() == error.kind()).unwrap_or(error)
    })
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

/// As many threads as `jobs` says, or as there are processors; fewer where the system allows no more. Where it allows none,
/// that is said, and the exit code given.
fn threads(jobs: Option<u16>) -> Result<ThreadPool, ExitCode> {
    let mut wanted = jobs.map_or_else(|| available_parallelism().map_or(1, Into::into), usize::from);
    loop {
        let builder = ThreadPoolBuilder::new().num_threads(wanted);
        // The last resort starts no thread at all.
        let built = if wanted == 1 { builder.use_current_thread().build() } else { builder.build() };
        match built {
            Ok(pool) => return Ok(pool),
            Err(_) if wanted > 1 => wanted /= 2,
            Err(error) => return Err(refuse(&format!("no thread can be used: {error}"), "end other programs")),
        }
    }
}

/// Says that the file which the user named cannot be read.
fn refuse_file(file: &Path, error: &io::Error) -> ExitCode {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "name an assets.pa; papack pack makes build/assets.pa",
        _ => "name an assets.pa that can be read",
    };
    refuse(&format!("{}: {error}", file.display()), help)
}

/// Says why nothing was begun.
fn refuse(message: &str, help: &str) -> ExitCode {
    complain(message, help);
    ExitCode::from(USAGE)
}

/// Says what went wrong, and what to do, in a line each, whatever they name.
fn complain(message: &str, help: &str) {
    let (message, help) = (render::one_line(message), render::one_line(help));
    render::say(&format!("{}: {message}\n  help: {help}", render::error_label()));
}
