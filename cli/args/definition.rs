//! The definition of the whole command line.

use std::ffi::OsString;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum};

use super::leading::LeadingArgs;
use super::manage::ManageCommand;
use super::packs::PacksCommand;
use super::reference::ReferenceCommand;
use super::shared::{GlobalArgs, MessageFormat};
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
pub fn color_choice(arguments: &[OsString]) -> ColorChoice {
    values(arguments, "--color").filter_map(|value| value.parse().ok()).last().unwrap_or_default()
}

/// Whether arguments ask for JSON lines, even if they cannot be parsed. `papack watch` prints them by itself where there
/// is no terminal.
pub fn wants_json(arguments: &[OsString], is_terminal: bool) -> bool {
    let format = values(arguments, "--message-format").filter_map(|value| MessageFormat::from_str(value, false).ok());
    let command = arguments.iter().skip(1).find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    let is_default = !is_terminal && command.is_some_and(|command| command == "watch");
    format.last().map_or(is_default, |format| format == MessageFormat::Json)
}

/// What is given as values of `option`, wherever it stands.
fn values<'a>(arguments: &'a [OsString], option: &str) -> impl Iterator<Item = &'a str> {
    let options = arguments.iter().take_while(|argument| *argument != "--");
    let next = arguments.iter().skip(1).map(Some).chain([None]);
    options.zip(next).filter_map(move |(argument, next)| match argument.to_str()?.strip_prefix(option)? {
        "" => next?.to_str(),
        value => value.strip_prefix('='),
    })
}
