//! What `clap` has to say about arguments.

use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::print::print_line;
use super::refusal::print_wrong_usage;
use crate::exit_code::USAGE;

/// `error`, with the place of `-C` as its help where that stands behind the command.
pub fn with_place_of_directory(mut error: clap::Error) -> clap::Error {
    let is_misplaced = |argument: &ContextValue| matches!(argument, ContextValue::String(name) if name == "-C");
    if error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::InvalidArg).is_some_and(is_misplaced) {
        let help = StyledStr::from("'-C' stands before the command: papack -C DIR COMMAND");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help]));
    }
    error
}

/// Prints help and version on standard output, and wrong usage on standard error, with a result for programs. Returns the
/// exit code.
pub fn print_clap_error(mut error: clap::Error) -> ExitCode {
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        let tips: Vec<_> = tips.iter().filter(|tip| !is_about_dashes(tip)).cloned().collect();
        if tips.is_empty() {
            error.remove(ContextKind::Suggested);
        } else {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    let text = error.render();
    if error.use_stderr() {
        print_wrong_usage(text.ansi().to_string().trim_end(), text.to_string().trim_end());
    } else {
        print_line(text.ansi().to_string().trim_end());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
}

/// Whether the tip is to put `--` before an argument that is no option. It does not help: what was meant was an option,
/// or its value.
fn is_about_dashes(tip: &StyledStr) -> bool {
    let tip = tip.to_string();
    tip.starts_with("to pass '") && tip.contains("as a value")
}
