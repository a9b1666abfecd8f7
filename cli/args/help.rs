//! The help of papack as a whole: its commands in groups, and a first session to follow.

use clap::builder::StyledStr;
use clap::{Command, Subcommand};

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

/// An example for new users.
const FIRST_SESSION: &str = "  mkdir game && cd game
  papack init                                 # an empty workspace
  mkdir assets/hero                           # put hero.png there
  papack new hero                             # a manifest, and an id
  papack preload hero --next                  # load it at the start
  papack pack                                 # makes build/assets.pa
  papack verify build/assets.pa               # is it sound?
  papack inspect build/assets.pa              # what is in it?";

const NEXT_STEPS: &str = "  papack COMMAND --help   what a command does, with examples and exit codes
  papack explain CODE     what a message means, and how to mend it
  papack status           what is in a workspace, and what to do next";

/// `definition` with its commands in groups.
pub fn with_groups(definition: Command) -> Command {
    let header = definition.get_styles().get_header();
    let heading = |title: &str| format!("{header}{title}:{header:#}\n");
    let template = TEMPLATE.replace("{options-heading}", heading("Options").trim_end());
    let groups = groups(&definition);
    let short = groups.iter().map(|(title, list)| heading(title) + list).collect::<String>();
    let long = groups.iter().map(|(title, list)| heading(title) + list + "\n").collect::<String>();
    let more =
        format!("{}{FIRST_SESSION}\n\n{}{NEXT_STEPS}", heading("A first session"), heading("Where to go from here"));
    definition
        .help_template(StyledStr::from(template))
        .before_help(short)
        .before_long_help(long.trim_end().to_owned())
        .after_help("papack --help shows more, papack COMMAND --help all about a command.")
        .after_long_help(more)
}

/// The title of each group, and a line for each of its commands.
fn groups(definition: &Command) -> [(&'static str, String); 5] {
    [
        ("Start, and manage assets", lines::<ManageCommand>(definition)),
        ("Look, and build", lines::<WorkCommand>(definition)),
        ("Look into packs", lines::<PacksCommand>(definition)),
        ("Upkeep and teamwork", lines::<UpkeepCommand>(definition)),
        ("Reference", lines::<ReferenceCommand>(definition)),
    ]
}

/// A line for each command of the group `G`: its name, and what it is for.
fn lines<G: Subcommand>(definition: &Command) -> String {
    let literal = definition.get_styles().get_literal();
    let mut text = String::new();
    for command in G::augment_subcommands(Command::new("")).get_subcommands() {
        let about = command.get_about().cloned().unwrap_or_default();
        text += &format!("  {literal}{:<15}{literal:#} {about}\n", command.get_name());
    }
    text
}
