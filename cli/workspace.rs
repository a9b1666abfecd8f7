//! Which workspace a command works on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{find_workspace, is_workspace};
use papack_queries::schema::REGISTRY_PATH;

use crate::refuse;

/// The workspace that the user named, or the nearest one. Where there is none, that is said, and the exit code given.
pub fn locate(named: Option<&Path>) -> Result<PathBuf, ExitCode> {
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

/// The current folder, relative to the workspace in `folder`, where it lies in it.
pub fn here(folder: &Path) -> Option<String> {
    let current = std::env::current_dir().ok()?;
    let folder = folder.canonicalize().ok()?;
    current.strip_prefix(folder).ok()?.to_str().map(str::to_owned)
}
