//! The definition of the whole command line.

use std::ffi::OsString;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand};

use super::leading::LeadingArgs;
use super::manage::ManageCommand;
use super::packs::PacksCommand;
use super::reference::ReferenceCommand;
use super::shared::GlobalArgs;
use super::upkeep::UpkeepCommand;
use super::work::WorkCommand;
use super::{fit, help};

/// The asset packer of the PROMETEU fantasy console.
///
/// papack turns the assets of a workspace into one deterministic binary, build/assets.pa, and its JSON companions.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Args {
    #[command(flatten)]
    pub leading: LeadingArgs,

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

/// The definition of the command line, with its help. The help of commands is for manuals: its lines may be long.
pub fn definition() -> clap::Command {
    help::with_groups(Args::command(), fit::width())
}

/// The definition with help that fits the terminal.
pub fn fitted_definition() -> clap::Command {
    fit::commands(definition(), fit::width()).term_width(fit::width())
}

/// The value of `--color` among arguments that could not be parsed; the default where there is none.
pub fn color_choice(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let arguments: Vec<_> = arguments.filter_map(|argument| argument.into_string().ok()).collect();
    let next = arguments.iter().skip(1).map(Some).chain([None]);
    let values = arguments.iter().zip(next).filter_map(|(argument, next)| match argument.strip_prefix("--color")? {
        "" => next.map(String::as_str),
        value => value.strip_prefix('='),
    });
    values.filter_map(|value| value.parse().ok()).last().unwrap_or_default()
}
