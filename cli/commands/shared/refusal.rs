//! Errors for which a command ends before its operation starts.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::exit_code::USAGE;
use crate::render;

/// Prints why the command cannot start, and returns the exit code.
pub fn refuse(message: &str, help: &str) -> ExitCode {
    render::print_error(message, help);
    ExitCode::from(USAGE)
}

/// Refuses a pack that cannot be read.
pub fn refuse_file(file: &Path, error: &io::Error) -> ExitCode {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "name an assets.pa; papack pack makes build/assets.pa",
        _ => "name an assets.pa that can be read",
    };
    refuse(&format!("{}: {error}", file.display()), help)
}

/// Refuses a workspace that cannot be read.
pub fn refuse_workspace(folder: &Path, error: &io::Error) -> ExitCode {
    refuse(&format!("{}: {error}", folder.display()), "name a folder that can be read")
}
