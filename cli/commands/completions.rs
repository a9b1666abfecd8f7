//! `papack completions`.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::args::{CompletionsArgs, definition};
use crate::render;

/// Prints the completion script for a shell. Those of bash, zsh and fish ask `papack complete`; the others know what
/// the definition of the command line says.
pub fn run(args: &CompletionsArgs) -> ExitCode {
    let mut script = Vec::new();
    match args.shell {
        Shell::Bash => script.extend(include_bytes!("completions/papack.bash")),
        Shell::Zsh => script.extend(include_bytes!("completions/papack.zsh")),
        Shell::Fish => script.extend(include_bytes!("completions/papack.fish")),
        other => clap_complete::generate(other, &mut definition(), "papack", &mut script),
    }
    render::print_bytes(&script);
    ExitCode::SUCCESS
}
