//! The levels of diagnostics that the user chose.

use std::process::ExitCode;

use papack_queries::diagnostic::levels::Levels;

use super::refusal::refuse;
use crate::args::LevelArgs;

/// The levels that `args` give. If they give a code two levels, an error is printed, and its exit code returned.
pub fn levels(args: &LevelArgs) -> Result<Levels, ExitCode> {
    args.levels().map_err(|(code, one, other)| {
        let message = format!("{code} is given both to --{} and to --{}", one.word(), other.word());
        refuse(&message, "give each code to one of them")
    })
}
