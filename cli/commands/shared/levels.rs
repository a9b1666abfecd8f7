//! The levels of diagnostics that the user chose.

use std::process::ExitCode;

use papack_queries::diagnostic::levels::{Level, Levels};

use super::refusal::refuse;
use crate::args::LevelArgs;

/// The levels that `args` give. If they give a code two levels, an error is printed, and its exit code returned.
pub fn levels(args: &LevelArgs) -> Result<Levels, ExitCode> {
    let mut levels = Levels::new(args.deny_warnings);
    for (level, codes) in [(Level::Deny, &args.deny), (Level::Warn, &args.warn), (Level::Allow, &args.allow)] {
        for &code in codes {
            levels.set(code, level).map_err(|other| {
                let message = format!("{code} is given both to --{} and to --{}", other.word(), level.word());
                refuse(&message, "give each code to one of them")
            })?;
        }
    }
    Ok(levels)
}
