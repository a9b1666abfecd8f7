//! `papack completions` and `papack man`: texts made from the definition of the command line.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap_mangen::Man;

use crate::args::{CompletionsArgs, ManArgs, definition};
use crate::{UNWRITTEN, complain, render};

/// Prints the script for a shell.
pub fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "papack", &mut script);
    render::print(&script);
    ExitCode::SUCCESS
}

/// Prints the manual page, or writes all.
pub fn man(args: &ManArgs) -> ExitCode {
    let result = match &args.to {
        Some(folder) => write_pages(folder),
        None => main_page().map(|page| render::print(&page)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let folder = args.to.as_deref().unwrap_or(Path::new(""));
            complain(&format!("{}: {error}", folder.display()), "name a folder that can be written");
            ExitCode::from(UNWRITTEN)
        }
    }
}

fn write_pages(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(definition(), folder)
}

fn main_page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(definition().disable_help_subcommand(true)).render(&mut page)?;
    Ok(page)
}
