//! `papack man`: manual pages, made from the definition of the command line.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Command;
use clap_mangen::Man;

use crate::args::{ManArgs, definition};
use crate::atomic_file::{AtomicFile, regular_file_exists};
use crate::exit_code::WRITE_FAILED;
use crate::render;

/// Prints the page of papack, or writes those of all commands.
pub fn run(args: &ManArgs) -> ExitCode {
    let result = match &args.to {
        Some(folder) => write_pages(folder),
        None => page(&Man::new(complete_definition()))
            .map(|page| render::print_bytes(&page))
            .map_err(|error| (PathBuf::new(), error)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err((path, error)) => {
            let message = format!("{}: {error}", path.display());
            render::print_error(&message, "name another folder, or mend this one");
            ExitCode::from(WRITE_FAILED)
        }
    }
}

/// Writes the page of papack and one for each command. An error names the file or folder that could not be written.
fn write_pages(folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    let papack = complete_definition();
    let commands: Vec<_> = papack.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    for command in commands.into_iter().chain([papack]) {
        let man = Man::new(command);
        let path = folder.join(man.get_filename());
        write_page(&man, &path).map_err(|error| (path, error))?;
    }
    Ok(())
}

fn write_page(man: &Man, path: &Path) -> io::Result<()> {
    let page = page(man)?;
    // A link or a folder in the place of the page is an error; renaming would replace a link.
    regular_file_exists(path)?;
    let file = AtomicFile::create(path)?;
    file.file().write_all(&page)?;
    file.commit(path)
}

fn page(man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(page)
}

/// The definition with everything that clap derives, and without the command `help`, which needs no page.
fn complete_definition() -> Command {
    let mut definition = definition().disable_help_subcommand(true);
    definition.build();
    definition
}
