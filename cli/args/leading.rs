//! Options that stand before the command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, Command, ValueHint};

use super::shared::{GlobalArgs, JobsArgs, OutputArgs, WaitArgs, WorkspaceArgs};

/// Options that may stand before the command. But for `-C`, they are options of the commands that have them, and may
/// stand behind those as well.
#[derive(Debug, clap::Args)]
pub struct LeadingArgs {
    /// Change to DIR first; all other paths count from there
    #[arg(short = 'C', value_name = "DIR", id = DIRECTORY, value_hint = ValueHint::DirPath)]
    pub directories: Vec<PathBuf>,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub wait: WaitArgs,
}

/// The id of `-C`.
const DIRECTORY: &str = "directory";

/// The command line as it is parsed, once what stands before the command is where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The folders to change to, one after the other.
    pub directories: Vec<PathBuf>,
    /// The arguments, with the program's name, in which options of the command stand behind it.
    pub arguments: Vec<OsString>,
}

/// Puts options that stand before the command behind it, where `clap` looks for them and refuses those that the command
/// does not have. Arguments that have no command, or begin with what is no option, stay as they are.
pub fn settle(arguments: &[OsString]) -> Settled {
    let options = GlobalArgs::augment_args(LeadingArgs::augment_args(Command::new("papack")))
        .allow_external_subcommands(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true);
    let matches = options.clone().try_get_matches_from(arguments);
    let found = matches.as_ref().ok().and_then(|matches| Some((matches, matches.subcommand()?)));
    let Some((matches, (command, rest))) = found else {
        return Settled { directories: Vec::new(), arguments: arguments.to_vec() };
    };
    let directories = matches.get_many(DIRECTORY).into_iter().flatten().cloned().collect();
    let (mut before, mut behind) = (arguments[..1].to_vec(), vec![OsString::from(command)]);
    // The help of a command has no options.
    let is_help = command == "help";
    let is_kept = |option: &&clap::Arg| option.get_id() != DIRECTORY && (option.is_global_set() || !is_help);
    for option in options.get_arguments().filter(is_kept) {
        let side = if option.is_global_set() { &mut before } else { &mut behind };
        side.extend(given(matches, option));
    }
    behind.extend(rest.get_many::<OsString>("").into_iter().flatten().cloned());
    Settled { directories, arguments: before.into_iter().chain(behind).collect() }
}

/// The option as it was given, each value with its name; nothing if it was not given.
fn given(matches: &ArgMatches, option: &clap::Arg) -> Vec<OsString> {
    let id = option.get_id().as_str();
    let name = format!("--{}", option.get_long().unwrap_or_default());
    if matches.value_source(id) != Some(ValueSource::CommandLine) {
        return Vec::new();
    }
    if matches!(option.get_action(), ArgAction::SetTrue) {
        return vec![name.into()];
    }
    let values = matches.get_raw(id).into_iter().flatten();
    let with_value = |value: &std::ffi::OsStr| {
        let mut argument = OsString::from(format!("{name}="));
        argument.push(value);
        argument
    };
    values.map(with_value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(line: &str) -> (Vec<String>, String) {
        let arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
        let Settled { directories, arguments } = settle(&arguments);
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        (directories.iter().map(|directory| directory.display().to_string()).collect(), arguments.join(" "))
    }

    #[test]
    fn options_go_behind_the_command_and_all_else_stays() {
        for (line, directories, expected) in [
            ("papack pack --jobs 2", &[][..], "papack pack --jobs 2"),
            ("papack -j2 --workspace w -q pack x", &[], "papack --quiet pack --workspace=w --jobs=2 x"),
            (
                "papack --workspace=-w -qj 3 --no-wait pack",
                &[],
                "papack --quiet pack --workspace=-w --jobs=3 --no-wait",
            ),
            ("papack -C a -Cb -C=c pack -C d", &["a", "b", "c"], "papack pack -C d"),
            ("papack --color never pakc", &[], "papack --color=never pakc"),
            ("papack --jobs 2 -q help pack", &[], "papack --quiet help pack"),
            // Not understood here, so that the definition of all tells what is wrong.
            ("papack --jobs 0 pack", &[], "papack --jobs 0 pack"),
            ("papack --nope pack", &[], "papack --nope pack"),
            ("papack -C a", &[], "papack -C a"),
            ("papack -C a --help", &[], "papack -C a --help"),
            ("papack", &[], "papack"),
        ] {
            let (found, arguments) = settled(line);
            assert_eq!(
                (found.iter().map(String::as_str).collect::<Vec<_>>(), arguments.as_str()),
                (directories.to_vec(), expected)
            );
        }
    }
}
