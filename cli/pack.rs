//! `papack pack`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use papack_engine::{Cancel, PackRequest, Session, Status, find_workspace, is_workspace};
use papack_queries::schema::REGISTRY_PATH;

use crate::args::PackArgs;
use crate::{refuse, render, threads};

/// Packs, and says how it went.
pub fn run(args: &PackArgs) -> ExitCode {
    let workspace = match locate(args.workspace.as_deref()) {
        Ok(workspace) => workspace,
        Err(code) => return code,
    };
    let mut session = match Session::open(&workspace) {
        Ok(session) => session,
        Err(error) => return refuse(&format!("{}: {error}", workspace.display()), "name a folder that can be read"),
    };
    let request = PackRequest { no_wait: args.no_wait, cancel: cancel_on_signal() };
    let printer = render::Printer::for_workspace(args.message_format, &workspace);
    let result = threads(args.jobs).install(|| session.pack(&request, &|event| printer.event(event)));
    let texts = if result.diagnostics.is_empty() { HashMap::new() } else { session.texts() };
    printer.result(&result, |path| texts.get(path).copied());
    drop(texts);
    // The process ends here: giving back its memory piece by piece would only make the user wait.
    std::mem::forget(session);
    ExitCode::from(exit_code(result.status))
}

/// The workspace that the arguments mean.
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

/// A flag that SIGINT and SIGTERM set. A second signal ends the process at once, which no output minds.
fn cancel_on_signal() -> Cancel {
    let cancel = Cancel::default();
    let flag = cancel.clone();
    let installed = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit_code(Status::Cancelled)));
        }
    });
    // Without a handler a signal ends the process, which is safe at any moment.
    drop(installed);
    cancel
}

fn exit_code(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::GateFailed => 1,
        Status::ExecutionFailed => 3,
        Status::PublicationFailed => 4,
        Status::LaneBusy => 5,
        Status::Cancelled => 130,
    }
}
