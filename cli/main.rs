//! The command line: arguments in, services called, results shown. It decides nothing about packing.

mod args;
mod pack;
mod render;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Exit code for wrong usage, and where there is no workspace.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Pack(args) => pack::run(&args),
    }
}

/// Says why nothing was begun.
fn refuse(message: &str, help: &str) -> ExitCode {
    anstream::eprintln!("{}: {message}\n  help: {help}", render::error_label());
    ExitCode::from(USAGE)
}
