//! Operations on a workspace: opened, run with events, shown, and turned into an exit code.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use papack_engine::{
    CheckRequest, Observer, PackRequest, PlanRequest, Session, Status, StatusRequest, WatchEnd, WatchObserver,
    WatchRequest,
};

use crate::args::{
    BuildArgs, CheckArgs, JobsArgs, MessageFormat, OutputArgs, PackArgs, StatusArgs, WaitArgs, WatchArgs, WorkspaceArgs,
};
use crate::render::{Printer, Report, WatchPrinter};
use crate::signals::{self, CANCELLED};
use crate::{USAGE, output, refuse, threads, timings, workspace};

/// Packs, and says how it went.
pub fn pack(args: &PackArgs) -> ExitCode {
    let PackArgs { explain, wait: WaitArgs { no_wait }, build: BuildArgs { rehash, .. } } = *args;
    run_measured(&args.build, |session, observer| {
        let result = session.pack(&PackRequest { no_wait, rehash, explain, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Says what a pack would do, and why.
pub fn plan(args: &BuildArgs) -> ExitCode {
    run_measured(args, |session, observer| {
        let result = session.plan(&PlanRequest { rehash: args.rehash, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Checks, and says what is wrong.
pub fn check(args: &CheckArgs) -> ExitCode {
    let CheckArgs { deny_warnings, build: BuildArgs { rehash, .. } } = *args;
    run_measured(&args.build, |session, observer| {
        let result = session.check(&CheckRequest { deny_warnings, rehash, cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Sums up the workspace.
pub fn status(args: &StatusArgs) -> ExitCode {
    run(&args.workspace, &args.jobs, &args.output, |session, observer| {
        let result = session.status(&StatusRequest { cancel: signals::cancel() }, observer);
        (result.status, result)
    })
}

/// Packs whenever something changed, until a signal comes.
pub fn watch(args: &WatchArgs) -> ExitCode {
    let folder = match workspace::locate(args.workspace.workspace.as_deref()) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    let session = match open(&folder) {
        Ok(session) => Mutex::new(session),
        Err(code) => return code,
    };
    let usual = if std::io::stdout().is_terminal() { MessageFormat::Human } else { MessageFormat::Json };
    let request = WatchRequest { cancel: signals::cancel() };
    let printer = WatchPrinter::new(args.message_format.unwrap_or(usual), &folder, request.cancel.clone());
    let observer: &dyn WatchObserver = &printer;
    let threads = match threads(args.jobs.jobs) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    match threads.install(|| papack_engine::watch(&session, &request, observer)) {
        // It ended itself, since nobody reads what it prints.
        Ok(_) if output::is_unread() => ExitCode::SUCCESS,
        Ok(WatchEnd::Ended) => ExitCode::SUCCESS,
        Ok(WatchEnd::Cancelled) => ExitCode::from(exit_code(Status::Cancelled)),
        Ok(WatchEnd::WorkspaceGone) => ExitCode::from(USAGE),
        Err(error) => refuse(&format!("no thread can be started: {error}"), "end other programs"),
    }
}

/// Opens the workspace, calls `operate` as `args` say, shows the result, and writes where the time went.
fn run_measured<R: Report + Send>(
    args: &BuildArgs,
    operate: impl FnOnce(&mut Session, &Observer<'_>) -> (Status, R) + Send,
) -> ExitCode {
    let folder = match workspace::locate(args.workspace.workspace.as_deref()) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    timings::measured(args.timings.as_deref(), &folder, |timings| {
        run_in(&folder, &args.jobs, &args.output, |session, observer| {
            session.measure(timings);
            operate(session, observer)
        })
    })
}

/// Opens the workspace, calls `operate` on as many threads as wanted, and shows the result.
pub fn run<R: Report + Send>(
    place: &WorkspaceArgs,
    jobs: &JobsArgs,
    output: &OutputArgs,
    operate: impl FnOnce(&mut Session, &Observer<'_>) -> (Status, R) + Send,
) -> ExitCode {
    match workspace::locate(place.workspace.as_deref()) {
        Ok(folder) => run_in(&folder, jobs, output, operate),
        Err(code) => code,
    }
}

/// Opens the workspace in `folder`, calls `operate` on as many threads as wanted, and shows the result.
pub fn run_in<R: Report + Send>(
    folder: &Path,
    jobs: &JobsArgs,
    output: &OutputArgs,
    operate: impl FnOnce(&mut Session, &Observer<'_>) -> (Status, R) + Send,
) -> ExitCode {
    let mut session = match open(folder) {
        Ok(session) => session,
        Err(code) => return code,
    };
    if let Some(here) = workspace::here(folder) {
        session.stand_in(here);
    }
    let printer = Printer::for_workspace(output.message_format, folder);
    let threads = match threads(jobs.jobs) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let (status, result) = threads.install(|| operate(&mut session, &|event| printer.event(event)));
    let texts = session.texts(result.shown());
    printer.result(&result, |path| texts.get(path).map(String::as_str));
    // The process ends here: giving back its memory piece by piece would only make the user wait.
    std::mem::forget(session);
    ExitCode::from(exit_code(status))
}

/// Opens the workspace in `folder`. Where it cannot be opened, that is said, and the exit code given.
fn open(folder: &Path) -> Result<Session, ExitCode> {
    Session::open(folder).map_err(|error| workspace::refuse_folder(folder, &error))
}

/// The exit code of an operation that ended so.
pub fn exit_code(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::GateFailed => 1,
        Status::ExecutionFailed => 3,
        Status::PublicationFailed => 4,
        Status::LaneBusy => 5,
        Status::Cancelled => CANCELLED,
    }
}
