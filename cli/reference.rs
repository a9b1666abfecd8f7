//! `papack completions` and `papack man`: texts made from the definition of the command line.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Command;
use clap_mangen::Man;

use crate::args::{CompletionsArgs, ManArgs, definition};
use crate::replacement::{Replacement, expect_file};
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
        None => page(&Man::new(complete_definition()))
            .map(|page| render::print(&page))
            .map_err(|error| (PathBuf::new(), error)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err((path, error)) => {
            complain(&format!("{}: {error}", path.display()), "name another folder, or mend this one");
            ExitCode::from(UNWRITTEN)
        }
    }
}

/// Writes the page of papack and one for each command. Fails with what could not be written.
fn write_pages(folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    let papack = complete_definition();
    let commands: Vec<_> = papack.get_subcommands().cloned().collect();
    for command in commands.into_iter().chain([papack]) {
        let man = Man::new(command);
        let place = folder.join(man.get_filename());
        write_page(&man, &place).map_err(|error| (place, error))?;
    }
    Ok(())
}

fn write_page(man: &Man, place: &Path) -> io::Result<()> {
    let page = page(man)?;
    expect_file(place)?;
    let file = Replacement::begin(place)?;
    file.file().write_all(&page)?;
    file.complete(place)
}

fn page(man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(page)
}

/// The command line with all that it says about itself, and without the command `help`, which needs no page.
fn complete_definition() -> Command {
    let mut definition = definition().disable_help_subcommand(true);
    definition.build();
    definition
}
