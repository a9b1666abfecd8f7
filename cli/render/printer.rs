//! Shows one operation: its events while it runs, and its diagnostics and its result at the end.

use std::borrow::Cow;
use std::path::Path;

use papack_engine::{Event, EventKind, Session};
use papack_queries::diagnostic::{Diagnostic, Severity};

use super::location::with_location_in_path;
use super::outcomes::Outcomes;
use super::print::{eprint_line, eprint_notice, one_line, print_data, print_line};
use super::progress::Progress;
use super::report::{Outcome, Report, is_waiting_notice};
use super::settings::{Audience, Verbosity, verbosity};
use super::styles::{GOOD, verb_line};
use super::words::counted;
use super::{github, human, json, junit, sarif, short};
use crate::args::MessageFormat;
use crate::output;

/// Shows one operation in the format that the user chose.
pub struct Printer {
    format: MessageFormat,
    verbosity: Verbosity,
    /// The workspace's path within the repository: empty, or ending in `/`.
    path_in_repository: String,
    progress: Progress,
    outcomes: Outcomes,
    /// Who reads it, if that is not the reader of this process.
    audience: Option<Audience>,
}

impl Printer {
    /// A printer for an operation on files outside a workspace.
    fn new(format: MessageFormat) -> Self {
        let verbosity = verbosity();
        let has_progress = format == MessageFormat::Human && verbosity != Verbosity::Quiet;
        let progress = if has_progress { Progress::new() } else { Progress::hidden() };
        let outcomes = Outcomes::default();
        Self { format, verbosity, path_in_repository: String::new(), progress, outcomes, audience: None }
    }

    /// A printer for an operation on `workspace`.
    pub fn for_workspace(format: MessageFormat, workspace: &Path) -> Self {
        Self { path_in_repository: github::path_in_repository(workspace), ..Self::new(format) }
    }

    /// A printer for an operation that another process asked for, which is in a workspace with this path.
    pub fn for_audience(format: MessageFormat, path_in_repository: String, audience: Audience) -> Self {
        let printer = audience.printing(|| Self::new(format));
        Self { path_in_repository, audience: Some(audience), ..printer }
    }

    /// Calls `body`. What it prints is for whoever reads it.
    fn printing<T>(&self, body: impl FnOnce() -> T) -> T {
        match &self.audience {
            Some(audience) => audience.printing(body),
            None => body(),
        }
    }

    /// Shows an event when it happens: to programs the event itself, to people the progress.
    pub fn event(&self, event: &Event) {
        if self.format == MessageFormat::Json {
            return self.printing(|| print_data(json::event(event)));
        }
        match &event.kind {
            // Shown at once, since it explains why nothing happens. Other diagnostics are shown with the result.
            EventKind::Diagnostic { diagnostic } if is_waiting_notice(diagnostic) => {
                self.printing(|| eprint_notice(&one_line(&diagnostic.message)));
            }
            // Of these there may be some for each asset.
            kind => {
                if self.verbosity == Verbosity::Verbose {
                    self.outcomes.event(kind);
                }
                if let Some(line) = self.progress.event(kind) {
                    self.printing(|| output::show_progress(Some(line)));
                }
            }
        }
    }

    /// Shows the result of an operation on `session`.
    pub fn result_of<R: Report>(&self, session: &Session, report: &R) {
        let texts = session.texts(report.shown_diagnostics());
        self.result(report, |path| texts.get(path).map(String::as_str));
    }

    /// Shows the result. `source` gives the text of a document by its path, for excerpts.
    pub fn result<'t, R: Report>(&self, report: &R, source: impl Fn(&str) -> Option<&'t str>) {
        self.printing(|| self.show_result(report, source));
    }

    fn show_result<'t, R: Report>(&self, report: &R, source: impl Fn(&str) -> Option<&'t str>) {
        self.progress.finish();
        match (self.format, self.verbosity) {
            (MessageFormat::Json, _) => print_data(json::result(report)),
            (MessageFormat::Github, _) => {
                github::diagnostics(&report.shown_diagnostics(), &self.path_in_repository, R::IS_TEXT);
                report.undiagnosed_error().iter().for_each(|message| github::error(message));
                print_line(&with_allowed(report.short(), report.ended().allowed_count));
            }
            (MessageFormat::Sarif, _) => print_data(sarif::log(&self.outcome(report), source)),
            (MessageFormat::Junit, _) => print_line(&junit::report(&self.outcome(report))),
            (_, Verbosity::Quiet) => {
                let mut errors = report.shown_diagnostics();
                errors.retain(|diagnostic| diagnostic.is_error());
                self.diagnostics::<R>(&errors, source);
                if report.ended().is_failure {
                    eprint_line(&report.short());
                }
            }
            _ => {
                let shown = report.shown_diagnostics();
                self.diagnostics::<R>(&shown, source);
                print_explain_hint(&shown);
                self.outcomes.lines(self.format).iter().for_each(|line| print_line(line));
                let allowed_count = report.ended().allowed_count;
                if self.format != MessageFormat::Human {
                    return print_line(&with_allowed(report.short(), allowed_count));
                }
                let human = report.human();
                // Where the diagnostics say all.
                if !human.is_empty() {
                    print_line(&human);
                }
                if allowed_count > 0 {
                    let allowed = format!("{}, not told", counted(allowed_count, "diagnostic"));
                    print_line(&verb_line(GOOD, "Allowed", &allowed));
                }
            }
        }
    }

    fn outcome<'r, R: Report>(&'r self, report: &'r R) -> Outcome<'r> {
        let (undiagnosed, ended) = (report.undiagnosed_error(), report.ended());
        Outcome {
            // People get some of what is in a result in its own words.
            diagnostics: ended.diagnostics.iter().filter(|diagnostic| !is_waiting_notice(diagnostic)).collect(),
            workspace: &self.path_in_repository,
            is_text: R::IS_TEXT,
            is_failure: ended.is_failure || undiagnosed.is_some(),
            undiagnosed,
            summary: with_allowed(report.short(), ended.allowed_count),
        }
    }

    /// Removes the progress line.
    pub fn finish(&self) {
        self.printing(|| self.progress.finish());
    }

    fn diagnostics<'t, R: Report>(&self, diagnostics: &[&Diagnostic], source: impl Fn(&str) -> Option<&'t str>) {
        let located = diagnostics
            .iter()
            .map(|diagnostic| if R::IS_TEXT { Cow::Borrowed(*diagnostic) } else { with_location_in_path(diagnostic) });
        if self.format == MessageFormat::Human {
            human::diagnostics(&located.collect::<Vec<_>>(), source);
        } else {
            located.for_each(|diagnostic| print_line(&short::diagnostic(&diagnostic)));
        }
    }
}

/// `text`, the result in one line, with how many diagnostics were allowed.
fn with_allowed(text: String, allowed_count: usize) -> String {
    if allowed_count == 0 { text } else { format!("{text} ({allowed_count} allowed)") }
}

/// Shows the result of an operation without events. Programs get its diagnostics first.
pub fn show<R: Report>(format: MessageFormat, report: &R) {
    if format == MessageFormat::Json {
        report.ended().diagnostics.iter().for_each(|diagnostic| print_data(json::diagnostic(diagnostic)));
    }
    Printer::new(format).result(report, |_| None);
}

/// Shows diagnostics to people, where no result follows.
pub fn print_diagnostics(diagnostics: &[Diagnostic]) {
    let is_shown = |diagnostic: &&Diagnostic| diagnostic.is_error() || verbosity() != Verbosity::Quiet;
    human::diagnostics(&diagnostics.iter().filter(is_shown).map(Cow::Borrowed).collect::<Vec<_>>(), |_| None);
}

/// Prints where the code of the first error, or else of the first warning, is explained. Notices explain themselves.
fn print_explain_hint(diagnostics: &[&Diagnostic]) {
    let first = |severity| diagnostics.iter().find(|diagnostic| diagnostic.severity == severity);
    if let Some(diagnostic) = first(Severity::Error).or_else(|| first(Severity::Warning)) {
        eprint_line(&format!("For more about a code: papack explain {}\n", diagnostic.code));
    }
}
