//! Options that several commands share.

use std::path::PathBuf;

use clap::{ColorChoice, ValueEnum, ValueHint};
use serde::{Deserialize, Serialize};

use super::levels::LevelArgs;

/// Position of the global options in the help: behind the options of the command, before --help.
const GLOBAL_ORDER: usize = 900;

/// The options of every command. They may stand before its name or behind it.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct GlobalArgs {
    /// Print nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose", display_order = GLOBAL_ORDER)]
    pub quiet: bool,

    /// Print all notices, and what became of each asset and each output
    #[arg(long, short, global = true, display_order = GLOBAL_ORDER + 1)]
    pub verbose: bool,

    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t = ColorChoice::Auto,
        global = true,
        display_order = GLOBAL_ORDER + 2,
    )]
    pub color: ColorChoice,
}

/// The workspace that a command works on.
#[derive(Debug, clap::Args)]
pub struct WorkspaceArgs {
    /// The workspace [default: the nearest folder, from the current one upwards, that has a registry]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub workspace: Option<PathBuf>,
}

/// How many threads a command uses.
#[derive(Debug, clap::Args)]
pub struct JobsArgs {
    /// How many threads to use [default: one for each processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// What a command does while another operation holds the workspace.
#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long)]
    pub no_wait: bool,
}

/// Who does what a command asks for.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct AloneArgs {
    /// Ask no session that watches or serves the workspace: look at everything in this process
    #[arg(long, hide_short_help = true)]
    pub alone: bool,
}

/// The format in which a command prints.
#[derive(Debug, clap::Args)]
pub struct OutputArgs {
    /// How to print what is found and done
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub message_format: MessageFormat,
}

/// How diagnostics and results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
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
    /// For code scanning: a log in SARIF 2.1.0
    Sarif,
    /// For CI that shows reports of tests: JUnit's XML
    Junit,
}

/// The arguments that the commands share which change the documents of a workspace.
#[derive(Debug, clap::Args)]
pub struct ManageArgs {
    #[command(flatten)]
    pub options: ManageOptions,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// The options for changing documents. `papack init` has these alone: it takes its folder as an argument.
#[derive(Debug, clap::Args)]
pub struct ManageOptions {
    /// Write nothing, and say what would be changed
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub levels: LevelArgs,
}
