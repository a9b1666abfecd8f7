//! Shows a watch: a line or two for each build, and what is wrong.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use papack_engine::{Cancel, Event, EventKind, PackResult, Session, Status, WatchEnd, WatchEvent, WatchObserver};
use papack_queries::diagnostic::Diagnostic;

use super::json;
use super::print::{eprint_line, eprint_notice, one_line, print_data};
use super::printer::Printer;
use super::results::BuildReport;
use super::styles::{error_label, step_line};
use super::words::{counted, unmanaged_command, unmanaged_files};
use crate::args::MessageFormat;
use crate::output;

/// How many of the paths of an event are shown.
const MAX_SHOWN: usize = 3;

/// Shows a watch in the format that the user chose.
pub struct WatchPrinter {
    format: MessageFormat,
    workspace: PathBuf,
    /// Cancels the watch.
    cancel: Cancel,
    /// The printer of the current build.
    printer: Mutex<Printer>,
    state: Mutex<State>,
}

/// What is needed to avoid repeated messages.
#[derive(Default)]
struct State {
    /// The status and the diagnostics of the last build, if it failed.
    failure: Option<(Status, Vec<Diagnostic>)>,
    /// Whether the current build retries a failed one, without a change in between.
    is_retry: bool,
    /// Whether it was shown how a watch is ended.
    has_shown_how_to_end: bool,
}

impl WatchPrinter {
    /// How many bytes of output may be pending while the watch goes on.
    const MAX_PENDING: usize = 1024 * 1024;

    /// A printer for a watch of `workspace`. It sets `cancel` when standard output fails or has no reader any more.
    pub fn new(format: MessageFormat, workspace: &Path, cancel: Cancel) -> Self {
        output::cancel_on_stdout_error(cancel.clone());
        let printer = Mutex::new(Printer::for_workspace(format, workspace));
        Self { format, workspace: workspace.to_owned(), cancel, printer, state: Mutex::default() }
    }

    /// Prints what happens between builds, for people.
    fn print_event(&self, event: &WatchEvent) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            WatchEvent::Polling { reason } => self.print_note("Looking", &format!("every second, because {reason}")),
            WatchEvent::Rescan => {
                self.print_note("Looking", "at everything anew: the system lost some of the changes");
            }
            WatchEvent::Changed { paths, count } => {
                state.is_retry = false;
                self.print_note("Changed", &changed_paths(paths, *count));
            }
            WatchEvent::Unmanaged { folders, count } => {
                for folder in folders.iter().take(MAX_SHOWN) {
                    let files = unmanaged_files(folder);
                    self.print_note("In no asset", &format!("{files}: {}", unmanaged_command(folder)));
                }
                if *count > MAX_SHOWN {
                    let more = counted(count - MAX_SHOWN, "more folder");
                    self.print_note("In no asset", &format!("{more}; papack new --all shows what they would become"));
                }
            }
            WatchEvent::Retrying { after_ms } => {
                state.is_retry = true;
                let seconds = after_ms.div_ceil(1000);
                self.print_note("Waiting", &format!("for changes; the next try is in {seconds} s"));
            }
            WatchEvent::Waiting if !state.has_shown_how_to_end || state.failure.is_some() => {
                state.has_shown_how_to_end = true;
                self.print_note("Waiting", "for changes; Ctrl-C ends the watch");
            }
            WatchEvent::Finished { end: WatchEnd::WorkspaceGone } => {
                let workspace = one_line(&self.workspace.to_string_lossy());
                eprint_line(&format!("{}: the workspace is gone: {workspace} was deleted", error_label()));
            }
            WatchEvent::Watching | WatchEvent::Waiting | WatchEvent::Finished { .. } => {}
        }
    }

    fn print_note(&self, verb: &str, text: &str) {
        eprint_notice(&step_line(self.format, verb, &one_line(text)));
    }

    /// Records `result`, and returns whether it is a retry that failed exactly as the last build did.
    fn is_repeated_failure(&self, result: &PackResult) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = (result.status != Status::Success).then(|| (result.status, result.diagnostics.clone()));
        let is_repeated = state.is_retry && failure.is_some() && state.failure == failure;
        state.failure = failure;
        is_repeated
    }
}

/// The first of the changed paths, and how many more there are.
fn changed_paths(paths: &[String], count: Option<usize>) -> String {
    let Some(count) = count else { return "something".into() };
    let shown: Vec<_> = paths.iter().take(MAX_SHOWN).cloned().collect();
    match count - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl WatchObserver for WatchPrinter {
    fn watch(&self, event: &WatchEvent) {
        match self.format {
            MessageFormat::Json => print_data(json::watch(event)),
            _ => self.print_event(event),
        }
    }

    fn build(&self, event: &Event) {
        let mut printer = self.printer.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(event.kind, EventKind::OperationStarted) {
            *printer = Printer::for_workspace(self.format, &self.workspace);
        }
        printer.event(event);
    }

    fn built(&self, result: &PackResult, session: &Session) {
        let printer = self.printer.lock().unwrap_or_else(PoisonError::into_inner);
        // A change during a build cancels it. Programs get that result too; people only see the build that follows.
        if self.format == MessageFormat::Json || result.status != Status::Cancelled && !self.is_repeated_failure(result)
        {
            let texts = session.texts(&result.diagnostics);
            printer.result(&BuildReport(result), |path| texts.get(path).map(String::as_str));
        } else {
            printer.finish();
        }
        // A slow reader is waited for here, between two builds, where no lock of the workspace is held.
        output::wait_for_capacity(Self::MAX_PENDING, || self.cancel.is_cancelled());
    }
}
