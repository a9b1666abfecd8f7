//! What the command line understands: a file for each group of commands, and here what they share.

mod help;
mod manage;
mod packs;
mod reference;
mod upkeep;
mod work;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum};

pub use manage::{
    AddArgs, AssetsArgs, FormatName, InitArgs, ManageArgs, ManageCommand, ManageOptions, MvArgs, NewArgs, PreloadArgs,
    RenameArgs, RmArgs, TilePixels,
};
pub use packs::{DiffArgs, ExtractArgs, InspectArgs, PacksCommand, VerifyArgs};
pub use reference::{CompletionsArgs, ExplainArgs, ManArgs, ReferenceCommand, SchemaArgs, SchemaName};
pub use upkeep::{CacheAction, CacheArgs, DoctorArgs, MergeRegistryArgs, MigrateArgs, UpkeepCommand};
pub use work::{BuildArgs, CheckArgs, PackArgs, StatusArgs, WatchArgs, WorkCommand};

/// The asset packer of the PROMETEU fantasy console.
///
/// papack turns the assets of a workspace into one deterministic binary, build/assets.pa, and its JSON companions.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub globals: GlobalArgs,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What papack can do, in the groups and the order of its help.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Manage(ManageCommand),
    #[command(flatten)]
    Work(WorkCommand),
    #[command(flatten)]
    Packs(PacksCommand),
    #[command(flatten)]
    Upkeep(UpkeepCommand),
    #[command(flatten)]
    Reference(ReferenceCommand),
}

/// The definition of the command line, with its help.
pub fn definition() -> clap::Command {
    help::with_groups(Args::command())
}

/// The colour that the arguments ask for, where they are not understood otherwise.
pub fn wanted_color(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let arguments: Vec<_> = arguments.filter_map(|argument| argument.into_string().ok()).collect();
    let next = arguments.iter().skip(1).map(Some).chain([None]);
    let values = arguments.iter().zip(next).filter_map(|(argument, next)| match argument.strip_prefix("--color")? {
        "" => next.map(String::as_str),
        value => value.strip_prefix('='),
    });
    values.filter_map(|value| value.parse().ok()).last().unwrap_or_default()
}

/// Where in the help the options of all commands begin: behind those of the command, before --help.
const LAST: usize = 900;

/// What every command takes, before its name or behind it.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct GlobalArgs {
    /// Print nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose", display_order = LAST)]
    pub quiet: bool,

    /// Print all notices, and what became of each asset and each output
    #[arg(long, short, global = true, display_order = LAST + 1)]
    pub verbose: bool,

    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto, global = true, display_order = LAST + 2)]
    pub color: ColorChoice,
}

/// Which workspace a command works on.
#[derive(Debug, clap::Args)]
pub struct WorkspaceArgs {
    /// The workspace [default: the nearest folder, from the current one upwards, that has a registry]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
}

/// How hard a command works.
#[derive(Debug, clap::Args)]
pub struct JobsArgs {
    /// How many threads to use [default: one for each processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// Whether a command waits for its turn.
#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long)]
    pub no_wait: bool,
}

/// How a command prints.
#[derive(Debug, clap::Args)]
pub struct OutputArgs {
    /// How to print what is found and done
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub message_format: MessageFormat,
}

/// How diagnostics and results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people: excerpts of the source, and colour where there is a terminal
    #[default]
    Human,
    /// For people in a hurry: one line for each diagnostic
    Short,
    /// For programs: one JSON object a line on standard output, the result last
    Json,
    /// For GitHub: annotations of a pull request
    Github,
}
