//! The command line: arguments in, services called, results shown. It decides nothing about packing.

mod args;
mod inspect;
mod pack;
mod render;
mod verify;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Exit code for wrong usage, and where there is no workspace.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Pack(args) => pack::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(args) => inspect::run(&args),
    }
}

/// Says that the file which the user named cannot be read.
fn refuse_file(file: &Path, error: &io::Error) -> ExitCode {
    let file = render::one_line(&file.to_string_lossy());
    refuse(&format!("{file}: {error}"), "name an assets.pa that can be read")
}

/// Says why nothing was begun.
fn refuse(message: &str, help: &str) -> ExitCode {
    anstream::eprintln!("{}: {message}\n  help: {help}", render::error_label());
    ExitCode::from(USAGE)
}
