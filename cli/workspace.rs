//! Which workspace a command works on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{Session, find_workspace, is_workspace};
use papack_queries::schema::REGISTRY_PATH;

use crate::args::WorkspaceArgs;
use crate::refuse;

/// Opens the workspace that the arguments mean. Where there is none, that is said, and the exit code given.
pub fn open(args: &WorkspaceArgs) -> Result<(PathBuf, Session), ExitCode> {
    let workspace = locate(args.workspace.as_deref())?;
    match Session::open(&workspace) {
        Ok(session) => Ok((workspace, session)),
        Err(error) => Err(refuse(&format!("{}: {error}", workspace.display()), "name a folder that can be read")),
    }
}

fn locate(named: Option<&Path>) -> Result<PathBuf, ExitCode> {
    if let Some(named) = named {
        if is_workspace(named) {
            return Ok(named.to_owned());
        }
        let message = format!("{} is no workspace: it has no {REGISTRY_PATH}", named.display());
        return Err(refuse(&message, "name the folder that holds assets/ and build/"));
    }
    let current = std::env::current_dir().map_err(|error| {
        refuse(&format!("the current folder cannot be told: {error}"), "name the workspace with --workspace DIR")
    })?;
    find_workspace(&current).map(Path::to_owned).ok_or_else(|| {
        let message = format!("no workspace here: neither this folder nor one above it has {REGISTRY_PATH}");
        refuse(&message, "change to a workspace, or name one with --workspace DIR")
    })
}
