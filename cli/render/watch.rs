//! A watch: a line or two for each build, and what is wrong.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use papack_engine::{Cancel, Event, EventKind, PackResult, Session, Status, WatchEnd, WatchEvent, WatchObserver};
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::{
    BAD, GOOD, Printer, Report, advise, counted, error_label, human_size, json, one_line, print_data, say, warnings,
};
use crate::args::MessageFormat;
use crate::output;

/// Shows a watch in the format that the user chose.
pub struct WatchPrinter {
    format: MessageFormat,
    workspace: PathBuf,
    /// Ends the watch.
    cancel: Cancel,
    /// Of the build that is under way.
    printer: Mutex<Printer>,
    shown: Mutex<Shown>,
}

/// What people were shown last.
#[derive(Default)]
struct Shown {
    /// What the last build failed for.
    failure: Option<(Status, Vec<Diagnostic>)>,
    /// Whether the build is the next try of one that failed.
    is_retry: bool,
    /// Whether they know how a watch is ended.
    is_begun: bool,
}

impl WatchPrinter {
    /// How many bytes may wait for a reader while the watch goes on.
    const MOST_WAITING: usize = 1024 * 1024;

    /// A printer for `format`, of paths below `workspace`. It sets `cancel` when nobody reads any more what is printed.
    pub fn new(format: MessageFormat, workspace: &Path, cancel: Cancel) -> Self {
        output::cancel_when_unread(cancel.clone());
        let printer = Mutex::new(Printer::for_workspace(format, workspace));
        Self { format, workspace: workspace.to_owned(), cancel, printer, shown: Mutex::default() }
    }

    /// Tells people what is no result: `what` happened, and to what.
    fn note(&self, what: &str, text: &str) {
        let text = one_line(text);
        match self.format {
            MessageFormat::Human => advise(&format!("{GOOD}{what:>12}{GOOD:#} {text}")),
            _ => advise(&format!("{} {text}", what.to_lowercase())),
        }
    }

    fn tell(&self, event: &WatchEvent) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            WatchEvent::Polling { reason } => {
                self.note("Looking", &format!("every second, because {reason}"));
            }
            WatchEvent::Rescan => self.note("Looking", "at everything anew: the system lost some of the changes"),
            WatchEvent::Changed { paths, count } => {
                shown.is_retry = false;
                self.note("Changed", &changed(paths, *count));
            }
            WatchEvent::Retrying { after_ms } => {
                shown.is_retry = true;
                self.note("Waiting", &format!("for changes; the next try is in {} s", after_ms.div_ceil(1000)));
            }
            WatchEvent::Waiting if !shown.is_begun || shown.failure.is_some() => {
                shown.is_begun = true;
                self.note("Waiting", "for changes; Ctrl-C ends the watch");
            }
            WatchEvent::Finished { end: WatchEnd::WorkspaceGone } => {
                let workspace = one_line(&self.workspace.to_string_lossy());
                say(&format!("{}: the workspace is gone: {workspace} was deleted", error_label()));
            }
            WatchEvent::Watching | WatchEvent::Waiting | WatchEvent::Finished { .. } => {}
        }
    }

    /// Whether people were told already what `result` says: the next try failed as the last one did.
    fn is_known(&self, result: &PackResult) -> bool {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = (result.status != Status::Success).then(|| (result.status, result.diagnostics.clone()));
        let is_known = shown.is_retry && failure.is_some() && shown.failure == failure;
        shown.failure = failure;
        is_known
    }
}

/// Some paths, for people.
fn changed(paths: &[String], count: Option<usize>) -> String {
    const SHOWN: usize = 3;
    let Some(count) = count else { return "something".into() };
    let shown: Vec<_> = paths.iter().take(SHOWN).cloned().collect();
    match count - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl WatchObserver for WatchPrinter {
    fn watch(&self, event: &WatchEvent) {
        match self.format {
            MessageFormat::Json => print_data(json::watch(event)),
            _ => self.tell(event),
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
        // That a build was overtaken is told to programs only: people see the next one.
        if self.format == MessageFormat::Json || result.status != Status::Cancelled && !self.is_known(result) {
            let texts = session.texts(&result.diagnostics);
            printer.result(&Build(result), |path| texts.get(path).map(String::as_str));
        } else {
            printer.finish();
        }
        // Nothing is held between two builds.
        output::wait_for_room(Self::MOST_WAITING, || self.cancel.is_cancelled());
    }
}

/// One build of many, in a line.
#[derive(Serialize)]
#[serde(transparent)]
struct Build<'r>(&'r PackResult);

impl Report for Build<'_> {
    const IS_TEXT: bool = PackResult::IS_TEXT;

    fn is_failure(&self) -> bool {
        self.0.is_failure()
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        self.0.diagnostics()
    }

    fn human(&self) -> String {
        let Build(result) = self;
        let assets = counted(result.packed_asset_count, "asset");
        let warnings = warnings(&result.diagnostics);
        match result.status {
            Status::Success if result.up_to_date => {
                format!("{GOOD}  Up to date{GOOD:#} {assets}, in {} ms{warnings}", result.elapsed_ms)
            }
            Status::Success => format!(
                "{GOOD}      Packed{GOOD:#} {assets}, {} derived, {}, in {} ms{warnings}",
                result.derived_asset_count,
                human_size(result.payload_bytes),
                result.elapsed_ms
            ),
            _ => format!("{BAD}      Failed{BAD:#} {}{warnings}", result.short()),
        }
    }

    fn short(&self) -> String {
        self.0.short()
    }
}
