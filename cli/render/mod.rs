//! How events, diagnostics and results are shown: one file a format, and one for each result.

mod cache;
mod check;
mod columns;
mod decisions;
mod diff;
mod doctor;
mod excerpt;
mod extract;
mod github;
mod human;
mod inspect;
mod json;
mod manage;
pub mod markdown;
mod outcomes;
mod pack;
mod plan;
mod print;
mod progress;
mod reproduce;
mod short;
mod status;
mod verify;
mod watch;
mod words;

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use papack_engine::{Event, EventKind};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use serde::Serialize;
use terminal_size::terminal_size;

use crate::USAGE;
use crate::args::{GlobalArgs, MessageFormat};

use outcomes::Outcomes;
use print::print_data;
use progress::Progress;
use words::{counted, human_size, seconds, warnings};

pub use doctor::Examination;
pub use print::{advise, one_line, print, print_line, say, set_color, shortened};
pub use watch::WatchPrinter;

/// How what went well begins.
const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();

/// How what went wrong begins.
const BAD: Style = AnsiColor::BrightRed.on_default().bold();

/// Headings.
const TITLE: Style = Style::new().bold();

/// How much people are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Verbosity {
    /// Only what went wrong.
    Quiet,
    #[default]
    Normal,
    /// What is otherwise counted or cut, too.
    Verbose,
}

/// How much people are told, once it is known.
static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

fn verbosity() -> Verbosity {
    VERBOSITY.get().copied().unwrap_or_default()
}

/// How many of many things people are shown: `usual`, or all of them where they asked for that.
fn at_most(usual: usize) -> usize {
    if verbosity() == Verbosity::Verbose { usize::MAX } else { usual }
}

/// Takes over, before anything is shown, what the user wants to see.
pub fn set_up(wanted: GlobalArgs) {
    set_color(wanted.color);
    VERBOSITY.get_or_init(|| match wanted {
        GlobalArgs { quiet: true, .. } => Verbosity::Quiet,
        GlobalArgs { verbose: true, .. } => Verbosity::Verbose,
        GlobalArgs { .. } => Verbosity::Normal,
    });
}

/// Shows one operation in the format that the user chose.
pub struct Printer {
    format: MessageFormat,
    /// What comes before paths where they are named relative to the repository.
    place: String,
    progress: Progress,
    outcomes: Outcomes,
}

impl Printer {
    /// A printer for `format`, of paths as they are.
    fn new(format: MessageFormat) -> Self {
        let has_bar = format == MessageFormat::Human && verbosity() != Verbosity::Quiet;
        let progress = if has_bar { Progress::new() } else { Progress::hidden() };
        Self { format, place: String::new(), progress, outcomes: Outcomes::default() }
    }

    /// A printer for `format`, of paths below `workspace`.
    pub fn for_workspace(format: MessageFormat, workspace: &Path) -> Self {
        Self { place: github::place_in_repository(workspace), ..Self::new(format) }
    }

    /// Shows `event` as it happens: to programs all of it, to people progress.
    pub fn event(&self, event: &Event) {
        match self.format {
            MessageFormat::Json => print_data(json::event(event)),
            _ => match &event.kind {
                // What keeps the user waiting is told at once; everything else after the work.
                EventKind::Diagnostic { diagnostic } if is_waiting(diagnostic) => {
                    advise(&one_line(&diagnostic.message));
                }
                kind => {
                    if verbosity() == Verbosity::Verbose {
                        self.outcomes.event(kind);
                    }
                    self.progress.event(kind);
                }
            },
        }
    }

    /// Shows the result. `text` gives the source of a document that diagnostics speak of.
    pub fn result<'t, R: Report>(&self, report: &R, text: impl Fn(&str) -> Option<&'t str>) {
        self.progress.finish();
        match (self.format, verbosity()) {
            (MessageFormat::Json, _) => print_data(json::result(report)),
            (MessageFormat::Github, _) => {
                let shown = report.shown();
                shown.iter().for_each(|found| print_data(github::diagnostic(found, &self.place, R::IS_TEXT)));
                print_line(&report.short());
            }
            (_, Verbosity::Quiet) => {
                let errors: Vec<_> = report.shown().into_iter().filter(|found| found.is_error()).collect();
                self.found::<R>(&errors, text);
                if report.is_failure() {
                    say(&report.short());
                }
            }
            _ => {
                let shown = report.shown();
                self.found::<R>(&shown, text);
                hint(&shown);
                self.outcomes.lines(self.format).iter().for_each(|line| print_line(line));
                print_line(&if self.format == MessageFormat::Human { report.human() } else { report.short() });
            }
        }
    }

    /// Takes away what shows progress.
    pub fn finish(&self) {
        self.progress.finish();
    }

    /// Shows diagnostics to people.
    fn found<'t, R: Report>(&self, found: &[&Diagnostic], text: impl Fn(&str) -> Option<&'t str>) {
        let placed = found.iter().map(|found| if R::IS_TEXT { Cow::Borrowed(*found) } else { placed_in_words(found) });
        if self.format == MessageFormat::Human {
            human::diagnostics(&placed.collect::<Vec<_>>(), text);
        } else {
            placed.for_each(|found| print_line(&short::diagnostic(&found)));
        }
    }
}

/// Shows the result of an operation without events in `format`. Programs read what was found before it.
pub fn show<R: Report>(format: MessageFormat, report: &R) {
    if format == MessageFormat::Json {
        report.diagnostics().iter().for_each(|found| print_data(json::diagnostic(found)));
    }
    Printer::new(format).result(report, |_| None);
}

/// The result of an operation.
pub trait Report: Serialize {
    /// Whether lines and columns of what it speaks of mean anything to people.
    const IS_TEXT: bool;

    /// Whether its short form is an error, to be told where only errors are.
    fn is_failure(&self) -> bool;

    /// What was found.
    fn diagnostics(&self) -> &[Diagnostic];

    /// The diagnostics that people are shown before it. That an operation was waited for was told while it was.
    fn shown(&self) -> Vec<&Diagnostic> {
        self.diagnostics().iter().filter(|found| !is_waiting(found)).collect()
    }

    /// The result for people, with colour.
    fn human(&self) -> String;

    /// The result in few words.
    fn short(&self) -> String;
}

/// `diagnostic` with its place in words, for a file that is no text or a text of one endless line: the byte, and the
/// JSON value.
fn placed_in_words(diagnostic: &Diagnostic) -> Cow<'_, Diagnostic> {
    let path = diagnostic.path.clone().into_iter().chain(place_in_words(diagnostic)).collect::<Vec<_>>().join(", ");
    Cow::Owned(Diagnostic { path: Some(path), span: None, ..diagnostic.clone() })
}

/// Where in its file `diagnostic` is: the byte, and the JSON value, as far as they are known.
fn place_in_words(diagnostic: &Diagnostic) -> Option<String> {
    let byte = diagnostic.span.map(|span| format!("byte {}", span.start));
    let pointer = diagnostic.pointer.clone().filter(|pointer| !pointer.is_empty());
    Some(byte.into_iter().chain(pointer).collect::<Vec<_>>().join(", ")).filter(|place| !place.is_empty())
}

/// Tells people, once, where there is more about the first code of what was shown. Notices alone need no more.
fn hint(shown: &[&Diagnostic]) {
    let of = |severity| shown.iter().find(|found| found.severity == severity);
    if let Some(found) = of(Severity::Error).or_else(|| of(Severity::Warning)) {
        say(&format!("For more about a code: papack explain {}\n", found.code));
    }
}

/// The notice that another operation is waited for.
fn is_waiting(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::LaneBusy && diagnostic.severity == Severity::Info
}

/// Prints what the parser of arguments has to say: help and version on standard output, wrong usage on standard error.
pub fn usage(message: &clap::Error) -> ExitCode {
    let text = message.render().ansi().to_string();
    let print = if message.use_stderr() { say } else { print_line };
    print(text.trim_end());
    ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(USAGE))
}

/// How many columns the terminal has, if there is one. Below 40 nothing reads well, and lines may as well break.
fn width() -> Option<usize> {
    terminal_size().map(|(width, _)| usize::from(width.0).max(40))
}

/// Shows what was found to people, where there is no result to show after it.
pub fn for_people(diagnostics: &[Diagnostic]) {
    let is_shown = |found: &&Diagnostic| found.is_error() || verbosity() != Verbosity::Quiet;
    human::diagnostics(&diagnostics.iter().filter(is_shown).map(Cow::Borrowed).collect::<Vec<_>>(), |_| None);
}

/// The word `error`, as the diagnostics show it.
pub fn error_label() -> String {
    format!("{BAD}error{BAD:#}")
}
