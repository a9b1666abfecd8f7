//! What `clap` has to say about arguments.

use std::process::ExitCode;

use super::print::{eprint_line, print_line};
use crate::exit_code::USAGE;

/// Prints help and version on standard output, and wrong usage on standard error. Returns the exit code.
pub fn print_clap_error(error: &clap::Error) -> ExitCode {
    let text = error.render().ansi().to_string();
    let print = if error.use_stderr() { eprint_line } else { print_line };
    print(text.trim_end());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
}
