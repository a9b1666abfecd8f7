//! Operations on a workspace: opened, run with events, shown, and turned into an exit code.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use papack_engine::{
    Cancel, CheckRequest, Observer, PackRequest, PlanRequest, Session, Status, StatusRequest, Timings, WatchEnd,
    WatchObserver, WatchRequest,
};

use crate::args::{
    BuildArgs, CheckArgs, JobsArgs, MessageFormat, OutputArgs, PackArgs, StatusArgs, WaitArgs, WatchArgs, WorkspaceArgs,
};
use crate::render::{self, Printer, Report, WatchPrinter};
use crate::{UNWRITTEN, USAGE, complain, refuse, threads, workspace};

/// Packs, and says how it went.
pub fn pack(args: &PackArgs) -> ExitCode {
    let PackArgs { explain, wait: WaitArgs { no_wait }, build: BuildArgs { rehash, .. } } = *args;
    run_measured(&args.build, |session, observer| {
        let result = session.pack(&PackRequest { no_wait, rehash, explain, cancel: cancel_on_signal() }, observer);
        (result.status, result)
    })
}

/// Says what a pack would do, and why.
pub fn plan(args: &BuildArgs) -> ExitCode {
    run_measured(args, |session, observer| {
        let result = session.plan(&PlanRequest { rehash: args.rehash, cancel: cancel_on_signal() }, observer);
        (result.status, result)
    })
}

/// Checks, and says what is wrong.
pub fn check(args: &CheckArgs) -> ExitCode {
    let CheckArgs { deny_warnings, build: BuildArgs { rehash, .. } } = *args;
    run_measured(&args.build, |session, observer| {
        let result = session.check(&CheckRequest { deny_warnings, rehash, cancel: cancel_on_signal() }, observer);
        (result.status, result)
    })
}

/// Sums up the workspace.
pub fn status(args: &StatusArgs) -> ExitCode {
    run(&args.workspace, &args.jobs, &args.output, |session, observer| {
        let result = session.status(&StatusRequest { cancel: cancel_on_signal() }, observer);
        (result.status, result)
    })
}

/// Packs whenever something changed, until a signal comes.
pub fn watch(args: &WatchArgs) -> ExitCode {
    let folder = match workspace::locate(args.workspace.workspace.as_deref()) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    let mut session = match open(&folder) {
        Ok(session) => session,
        Err(code) => return code,
    };
    let usual = if std::io::stdout().is_terminal() { MessageFormat::Human } else { MessageFormat::Json };
    let request = WatchRequest { cancel: cancel_on_signal() };
    let printer = WatchPrinter::new(args.message_format.unwrap_or(usual), &folder, request.cancel.clone());
    let observer: &dyn WatchObserver = &printer;
    match threads(args.jobs.jobs).install(|| session.watch(&request, observer)) {
        // It ended itself, since nobody reads what it prints.
        Ok(_) if render::is_unread() => ExitCode::SUCCESS,
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
    timed(args.timings.as_deref(), |timings| {
        run(&args.workspace, &args.jobs, &args.output, |session, observer| {
            session.measure(timings);
            operate(session, observer)
        })
    })
}

/// Calls `run`, and writes where its time went to the file that the user named. It is made before anything is begun.
fn timed(file: Option<&Path>, run: impl FnOnce(Timings) -> ExitCode) -> ExitCode {
    let Some(path) = file else { return run(Timings::default()) };
    let name = render::one_line(&path.to_string_lossy());
    let mut file = match File::create(path) {
        Ok(file) => BufWriter::new(file),
        Err(error) => return refuse(&format!("{name}: {error}"), "name a file that can be written"),
    };
    let timings = Timings::recording();
    let code = run(timings.clone());
    match timings.write(&mut file).and_then(|()| file.flush()) {
        Ok(()) => code,
        Err(error) => {
            complain(&format!("{name}: {error}"), "what was asked for is done; only the timings are lost");
            if code == ExitCode::SUCCESS { ExitCode::from(UNWRITTEN) } else { code }
        }
    }
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
    let (status, result) = threads(jobs.jobs).install(|| operate(&mut session, &|event| printer.event(event)));
    let texts = session.texts(result.shown());
    printer.result(&result, |path| texts.get(path).map(String::as_str));
    // The process ends here: giving back its memory piece by piece would only make the user wait.
    std::mem::forget(session);
    ExitCode::from(exit_code(status))
}

/// Opens the workspace in `folder`. Where it cannot be opened, that is said, and the exit code given.
fn open(folder: &Path) -> Result<Session, ExitCode> {
    Session::open(folder)
        .map_err(|error| refuse(&format!("{}: {error}", folder.display()), "name a folder that can be read"))
}

/// A flag that SIGINT and SIGTERM set. A second signal ends the process at once, which no output minds.
pub fn cancel_on_signal() -> Cancel {
    let cancel = Cancel::new();
    let flag = cancel.clone();
    let installed = ctrlc::set_handler(move || {
        if flag.cancel() {
            std::process::exit(i32::from(exit_code(Status::Cancelled)));
        }
    });
    // Without a handler a signal ends the process, which is safe at any moment.
    drop(installed);
    cancel
}

/// The exit code of an operation that ended so.
pub fn exit_code(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::GateFailed => 1,
        Status::ExecutionFailed => 3,
        Status::PublicationFailed => 4,
        Status::LaneBusy => 5,
        Status::Cancelled => 130,
    }
}
