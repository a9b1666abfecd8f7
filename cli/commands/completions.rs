//! `papack completions`.

use std::process::ExitCode;

use crate::args::{CompletionsArgs, definition};
use crate::render;

/// Prints the completion script for a shell.
pub fn run(args: &CompletionsArgs) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "papack", &mut script);
    render::print_bytes(&script);
    ExitCode::SUCCESS
}
