//! The help of papack as a whole: its commands in groups, and a first session to follow.

use clap::builder::StyledStr;
use clap::{Command, Subcommand};

use super::fit;
use super::manage::ManageCommand;
use super::packs::PacksCommand;
use super::reference::ReferenceCommand;
use super::upkeep::UpkeepCommand;
use super::work::WorkCommand;

const TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}
{before-help}{options-heading}
{options}{after-help}";

/// An example for new users: commands, and what they are for.
const FIRST_SESSION: [(&str, &str); 8] = [
    ("mkdir game && cd game", ""),
    ("papack init", "an empty workspace"),
    ("mkdir assets/hero", "put hero.png there"),
    ("papack new hero", "a manifest, and an id"),
    ("papack preload hero --next", "load it at the start"),
    ("papack pack", "makes build/assets.pa"),
    ("papack verify", "is it sound?"),
    ("papack inspect", "what is in it?"),
];

const NEXT_STEPS: &str = "  papack COMMAND --help   what a command does, with examples and exit codes
  papack explain CODE     what a message means, and how to mend it
  papack status           what is in a workspace, and what to do next";

/// `definition` with its commands in groups, in lines of at most `width` columns.
pub fn with_groups(definition: Command, width: usize) -> Command {
    let header = definition.get_styles().get_header();
    let heading = |title: &str| format!("{header}{title}:{header:#}\n");
    let template = TEMPLATE.replace("{options-heading}", heading("Options").trim_end());
    let groups = groups(&definition, width);
    // The line break is part of the heading: where the style changes at the start of a line, clap takes that for the
    // same line as the one before, and breaks it.
    let group = |(title, list): &(&str, String)| format!("{header}\n{title}:{header:#}\n{list}");
    let short = groups.iter().map(group).collect::<Vec<_>>().concat();
    let long = groups.iter().map(group).collect::<Vec<_>>().join("\n");
    let (session, next_steps) = (first_session(width), fit::lines(NEXT_STEPS, width));
    let more = format!("{}{session}\n\n{}{next_steps}", heading("A first session"), heading("Where to go from here"));
    definition
        .mut_args(|arg| {
            // The help of each command that has the option tells of it, and the short help is to fit a screen.
            let is_of_commands = !arg.is_global_set() && arg.get_long().is_some();
            if !is_of_commands {
                return arg;
            }
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.hide_short_help(true).long_help(format!("{help}\n\nMany commands take it, but not all"))
        })
        .help_template(StyledStr::from(template))
        .before_help(short)
        .before_long_help(long)
        .after_help(fit::lines("papack --help shows more, papack COMMAND --help all about a command.", width))
        .after_long_help(more)
}

/// The title of each group, and a line for each of its commands.
fn groups(definition: &Command, width: usize) -> [(&'static str, String); 5] {
    [
        ("Start, and manage assets", lines::<ManageCommand>(definition, width)),
        ("Look, and build", lines::<WorkCommand>(definition, width)),
        ("Look into packs", lines::<PacksCommand>(definition, width)),
        ("Upkeep and teamwork", lines::<UpkeepCommand>(definition, width)),
        ("Reference", lines::<ReferenceCommand>(definition, width)),
    ]
}

/// The columns for the names of commands.
const NAMES: usize = 14;

/// A line for each command of the group `G`: its name, and what it is for.
fn lines<G: Subcommand>(definition: &Command, width: usize) -> String {
    let literal = definition.get_styles().get_literal();
    let commands = G::augment_subcommands(Command::new(""));
    let line = |command: &Command| {
        let (name, about) = (command.get_name(), command.get_about().cloned().unwrap_or_default());
        let gap = " ".repeat(NAMES.saturating_sub(name.len()));
        fit::columns(&format!("  {literal}{name}{literal:#}{gap}  {about}"), width)
    };
    let shown = commands.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(line).collect::<Vec<_>>().join("\n")
}

/// The example for new users: what a command is for stands behind it where there is room, else above it.
fn first_session(width: usize) -> String {
    const COLUMN: usize = 44;
    let beside = |(command, purpose): &(&str, &str)| match *purpose {
        "" => format!("  {command}"),
        purpose => format!("  {command:<COLUMN$}# {purpose}"),
    };
    let above = |(command, purpose): &(&str, &str)| match *purpose {
        "" => format!("  {command}"),
        purpose => format!("  # {purpose}\n  {command}"),
    };
    let lines: Vec<_> = FIRST_SESSION.iter().map(beside).collect();
    if lines.iter().all(|line| line.len() <= width) {
        return lines.join("\n");
    }
    FIRST_SESSION.iter().map(above).collect::<Vec<_>>().join("\n")
}
