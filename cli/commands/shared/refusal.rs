//! Errors for which a command ends before its operation starts.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::exit_code::USAGE;
use crate::render::{self, RefusalStatus};

/// Prints that the arguments are wrong, and returns the exit code.
pub fn refuse(message: &str, help: &str) -> ExitCode {
    refuse_for(RefusalStatus::UsageError, message, help)
}

/// Prints why the command cannot start, and returns the exit code.
pub fn refuse_for(status: RefusalStatus, message: &str, help: &str) -> ExitCode {
    render::print_refusal(status, message, help);
    ExitCode::from(USAGE)
}

/// Refuses a pack that cannot be read.
pub fn refuse_file(file: &Path, error: &io::Error) -> ExitCode {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "name an assets.pa; papack pack makes build/assets.pa",
        _ => "name an assets.pa that can be read",
    };
    refuse_for(RefusalStatus::PathUnusable, &format!("{}: {error}", file.display()), help)
}

/// Refuses a workspace that cannot be read.
pub fn refuse_workspace(folder: &Path, error: &io::Error) -> ExitCode {
    let message = format!("{}: {error}", folder.display());
    refuse_for(RefusalStatus::PathUnusable, &message, "name a folder that can be read")
}
