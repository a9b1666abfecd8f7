//! The workspace that a command works on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{find_workspace, is_workspace};
use papack_queries::diagnostic::command_word;
use papack_queries::schema::REGISTRY_PATH;

use super::refusal::{refuse_for, refuse_workspace};
use crate::args::WorkspaceArgs;
use crate::render::RefusalStatus;

/// The folder of the workspace that the user named, or of the nearest one. If there is none, or it cannot be read, an
/// error is printed, and its exit code returned.
pub fn locate(args: &WorkspaceArgs) -> Result<PathBuf, ExitCode> {
    match &args.workspace {
        Some(named) => named_workspace(named),
        None => nearest_workspace(),
    }
}

fn named_workspace(named: &Path) -> Result<PathBuf, ExitCode> {
    match is_workspace(named) {
        Ok(true) => Ok(named.to_owned()),
        Ok(false) => {
            let message = format!("{} is no workspace: it has no {REGISTRY_PATH}", named.display());
            let init = named.to_str().map(|named| format!("; papack init {} makes one", command_word(named)));
            let help = format!("name the folder that holds assets/ and build/{}", init.unwrap_or_default());
            Err(refuse_for(RefusalStatus::NoWorkspace, &message, &help))
        }
        Err(error) => Err(refuse_workspace(named, &error)),
    }
}

fn nearest_workspace() -> Result<PathBuf, ExitCode> {
    let current = std::env::current_dir().map_err(|error| {
        let message = format!("the current folder cannot be told: {error}");
        refuse_for(RefusalStatus::PathUnusable, &message, "name the workspace with --workspace DIR")
    })?;
    match find_workspace(&current) {
        Ok(Some(found)) => Ok(found.to_owned()),
        Ok(None) => {
            let message =
                format!("no workspace here: neither {} nor a folder above it has {REGISTRY_PATH}", current.display());
            let help = "papack init makes a workspace of this folder; for another one, change to it, or name it with \
                        --workspace DIR";
            Err(refuse_for(RefusalStatus::NoWorkspace, &message, help))
        }
        Err((folder, error)) => {
            let message = format!("{}: {error}; whether this is the workspace cannot be told", folder.display());
            Err(refuse_for(
                RefusalStatus::PathUnusable,
                &message,
                "see to it that the folder can be looked into, or name the workspace with --workspace DIR",
            ))
        }
    }
}

/// The current folder relative to the workspace in `folder`, if it is inside.
pub fn current_folder_in(folder: &Path) -> Option<String> {
    let current = std::env::current_dir().ok()?;
    let folder = folder.canonicalize().ok()?;
    current.strip_prefix(folder).ok()?.to_str().map(str::to_owned)
}
