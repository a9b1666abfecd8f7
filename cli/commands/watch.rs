//! `papack watch`.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use papack_engine::{Status, WatchEnd, WatchObserver, WatchRequest};

use super::shared::{levels, locate, open, refuse, refuse_for, thread_pool};
use crate::args::{MessageFormat, WatchArgs};
use crate::exit_code::{self, USAGE};
use crate::render::{RefusalStatus, WatchPrinter};
use crate::served::Host;
use crate::{output, signals};

/// Packs whenever something changes, until a signal ends the watch, or nobody reads its output any more.
pub fn run(args: &WatchArgs) -> ExitCode {
    if let Some(MessageFormat::Sarif | MessageFormat::Junit) = args.message_format {
        let message = "sarif and junit are reports of one run, and a watch has no end";
        return refuse(message, "use --message-format json; or have papack check print such a report");
    }
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    let folder = match locate(&args.workspace) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    let session = match open(&folder) {
        Ok(session) => Arc::new(Mutex::new(session)),
        Err(code) => return code,
    };
    let default = if std::io::stdout().is_terminal() { MessageFormat::Human } else { MessageFormat::Json };
    let request = WatchRequest { levels, cancel: signals::cancel(), ..WatchRequest::default() };
    let printer = WatchPrinter::new(args.message_format.unwrap_or(default), &folder, request.cancel.clone());
    let observer: &dyn WatchObserver = &printer;
    let threads = match thread_pool(args.jobs.jobs) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let _host = Host::start(&session, &request.following, &request.cancel, args.jobs.jobs);
    let cancel = request.cancel.clone();
    let told = signals::on_signal(move || _ = cancel.cancel());
    match told.and_then(|()| threads.install(|| papack_engine::watch(&session, &request, observer))) {
        // The printer cancelled the watch. `main` reports the output that is lost, unless its reader closed the pipe.
        Ok(_) if output::has_stdout_failed() => ExitCode::SUCCESS,
        Ok(WatchEnd::Ended) => ExitCode::SUCCESS,
        Ok(WatchEnd::Cancelled) => exit_code::of_status(Status::Cancelled),
        Ok(WatchEnd::WorkspaceGone) => ExitCode::from(USAGE),
        Err(error) => {
            let message = format!("no thread can be started: {error}");
            refuse_for(RefusalStatus::NoThread, &message, "end other programs")
        }
    }
}
