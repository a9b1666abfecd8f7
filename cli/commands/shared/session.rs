//! Operations on a workspace: the session is opened, the service run with its events shown, and the result printed.

use std::path::Path;
use std::process::ExitCode;

use papack_engine::{Observer, Session, Status};

use super::refusal::refuse_workspace;
use super::threads::thread_pool;
use super::workspace;
use crate::args::{JobsArgs, OutputArgs, WorkspaceArgs};
use crate::exit_code;
use crate::render::{Printer, Report};

/// Runs `operate` in the workspace that the user named, or in the nearest one.
pub fn run_in_workspace<R: Report + Send>(
    workspace: &WorkspaceArgs,
    jobs: &JobsArgs,
    output: &OutputArgs,
    operate: impl FnOnce(&mut Session, &Observer<'_>) -> (Status, R) + Send,
) -> ExitCode {
    match workspace::locate(workspace) {
        Ok(folder) => run_in_folder(&folder, jobs, output, operate),
        Err(code) => code,
    }
}

/// Runs `operate` in the workspace in `folder`, on as many threads as `jobs` allow, and shows its events and its
/// result.
pub fn run_in_folder<R: Report + Send>(
    folder: &Path,
    jobs: &JobsArgs,
    output: &OutputArgs,
    operate: impl FnOnce(&mut Session, &Observer<'_>) -> (Status, R) + Send,
) -> ExitCode {
    run_printing(folder, jobs, output, |session, printer| {
        let (status, result) = operate(session, &|event| printer.event(event));
        printer.result_of(session, &result);
        status
    })
}

/// Runs `operate` in the workspace in `folder`, on as many threads as `jobs` allow, with what shows its events and its
/// result.
pub fn run_printing(
    folder: &Path,
    jobs: &JobsArgs,
    output: &OutputArgs,
    operate: impl FnOnce(&mut Session, &Printer) -> Status + Send,
) -> ExitCode {
    let mut session = match open(folder) {
        Ok(session) => session,
        Err(code) => return code,
    };
    if let Some(current) = workspace::current_folder_in(folder) {
        session.stand_in(current);
    }
    let printer = Printer::for_workspace(output.message_format, folder);
    let threads = match thread_pool(jobs.jobs) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let status = threads.install(|| operate(&mut session, &printer));
    // The process is about to end; freeing the session's memory first would only delay that.
    std::mem::forget(session);
    exit_code::of_status(status)
}

/// Opens the workspace in `folder`. If it cannot be opened, an error is printed, and its exit code returned.
pub fn open(folder: &Path) -> Result<Session, ExitCode> {
    Session::open(folder).map_err(|error| refuse_workspace(folder, &error))
}
