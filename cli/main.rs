//! The command line: it parses arguments, calls the services and shows their results. It decides nothing about packing.
//!
//! Files import only from below: `exit_code`, `foreground` and `atomic_file`; `output` and `signals`; `args`, what the
//! user can say; `render`, how results are shown; `rpc`, what servers share; `served`, how processes of papack's are; `lsp`
//! and `serve`, how editors and other programs are; `commands`, one file for each command or group; and this file.

mod args;
mod atomic_file;
mod commands;
mod exit_code;
mod foreground;
mod lsp;
mod output;
mod render;
mod rpc;
mod serve;
mod served;
mod signals;

use std::cell::Cell;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::FromArgMatches;

use args::{Args, Command, ManageCommand, PacksCommand, ReferenceCommand, Settled, UpkeepCommand, WorkCommand};
use commands::{
    budget, cache, complete, completions, convert, diff, explain, extract, inspect, list, man, manage, merge_registry,
    schema, verify, watch, work,
};
use exit_code::{CANCELLED, USAGE, WRITE_FAILED};
use render::RefusalStatus;

/// A pack of many assets takes and gives back memory some 250 times for each, on all threads. The allocator of the C library
/// spent a quarter of its processor time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long pending output may take to be written after a signal.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// Leaves out panics that are expected and become diagnostics: those of decoders, in files that are broken.
fn set_panic_hook() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !papack_queries::formats::sounds::is_guarded() {
            tell(panic);
        }
    }));
}

fn main() -> ExitCode {
    set_panic_hook();
    signals::set_up();
    output::start();
    let Settled { directories, arguments } = args::settle(&std::env::args_os().collect::<Vec<_>>());
    render::set_refusals(args::wants_json(&arguments, std::io::stdout().is_terminal()));
    let (code, reader) = match (enter(&directories), parse(&arguments)) {
        (Err(code), _) => (code, Reader::Person),
        (Ok(()), Ok(args)) => {
            render::set_up(args.globals);
            let reader = Reader::of(&args.command);
            (run(args.command), reader)
        }
        // clap reports help and version as errors, too.
        (Ok(()), Err(error)) => {
            render::set_color(args::color_choice(&arguments));
            (render::print_clap_error(error), Reader::Person)
        }
    };
    finish(code, reader)
}

/// Who reads what is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Somebody who may take a long time.
    Person,
    /// The client of a server, for which it must not stay.
    Client,
}

impl Reader {
    fn of(command: &Command) -> Self {
        match command {
            Command::Work(WorkCommand::Lsp | WorkCommand::Serve(_)) => Self::Client,
            _ => Self::Person,
        }
    }
}

/// Changes to the folders, one after the other.
fn enter(directories: &[PathBuf]) -> Result<(), ExitCode> {
    directories.iter().try_for_each(|directory| {
        std::env::set_current_dir(directory).map_err(|error| {
            let message = format!("-C {}: {error}", directory.display());
            let help = "name a folder that is there and can be entered";
            render::print_refusal(RefusalStatus::PathUnusable, &message, help);
            ExitCode::from(USAGE)
        })
    })
}

/// Parses the arguments. The message of an error repeats them, so it is made again from escaped ones.
fn parse(arguments: &[OsString]) -> Result<Args, clap::Error> {
    let parsed =
        |arguments: &[OsString]| Args::from_arg_matches(&args::fitted_definition().try_get_matches_from(arguments)?);
    parsed(arguments).map_err(|error| {
        let escaped: Vec<_> =
            arguments.iter().map(|argument| render::one_line(&argument.to_string_lossy()).into()).collect();
        let error = parsed(&escaped).err().filter(|escaped| escaped.kind() == error.kind()).unwrap_or(error);
        render::with_place_of_directory(error)
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
        Command::Work(WorkCommand::Status(args)) => work::status(&args),
        Command::Work(WorkCommand::List(args)) => list::run(&args),
        Command::Work(WorkCommand::Check(args)) => work::check(&args),
        Command::Work(WorkCommand::Budget(args)) => budget::run(&args),
        Command::Work(WorkCommand::Plan(args)) => work::plan(&args),
        Command::Work(WorkCommand::Pack(args)) => work::pack(&args),
        Command::Work(WorkCommand::Watch(args)) => watch::run(&args),
        Command::Work(WorkCommand::Lsp) => commands::lsp::run(),
        Command::Work(WorkCommand::Serve(args)) => commands::serve::run(&args),
        Command::Packs(PacksCommand::Verify(args)) => verify::run(&args),
        Command::Packs(PacksCommand::Inspect(args)) => inspect::run(&args),
        Command::Packs(PacksCommand::Extract(args)) => extract::run(&args),
        Command::Packs(PacksCommand::Convert(args)) => convert::run(args),
        Command::Packs(PacksCommand::Diff(args)) => diff::run(&args),
        Command::Upkeep(UpkeepCommand::Doctor(args)) => manage::doctor(args),
        Command::Upkeep(UpkeepCommand::Migrate(args)) => manage::migrate(&args),
        Command::Upkeep(UpkeepCommand::Cache(args)) => cache::run(&args),
        Command::Upkeep(UpkeepCommand::MergeRegistry(args)) => merge_registry::run(&args),
        Command::Reference(ReferenceCommand::Explain(args)) => explain::run(&args),
        Command::Reference(ReferenceCommand::Schema(args)) => schema::run(&args),
        Command::Reference(ReferenceCommand::Completions(args)) => completions::run(&args),
        Command::Reference(ReferenceCommand::Complete(args)) => complete::run(&args),
        Command::Reference(ReferenceCommand::Man(args)) => man::run(&args),
    }
}

/// Waits until all output is written; after a signal, and of a server, for at most the grace period, since its reader may
/// have stopped reading. Output that is lost makes a success a failure.
fn finish(mut code: ExitCode, reader: Reader) -> ExitCode {
    let signal_time = Cell::new((reader == Reader::Client).then(Instant::now));
    let should_stop = || {
        let since = signal_time.get().or_else(|| signals::received().then(Instant::now));
        signal_time.set(since);
        since.is_some_and(|since| since.elapsed() >= GRACE_PERIOD)
    };
    let mut is_written = output::flush(should_stop);
    if let Some(error) = output::stdout_error() {
        render::eprint_line(&format!("{}: standard output cannot be written: {error}", render::error_label()));
        is_written &= output::flush(should_stop);
        code = exit_code::first_failure(code, WRITE_FAILED);
    }
    if is_written { code } else { exit_code::first_failure(code, CANCELLED) }
}
