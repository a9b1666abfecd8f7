//! How events, diagnostics and results are shown: one file a format.

mod github;
mod human;
mod json;
mod short;

use std::io::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use papack_engine::{Event, EventKind, PackResult};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};

use crate::args::MessageFormat;

/// Shows one operation in the format that the user chose.
pub struct Printer {
    format: MessageFormat,
    progress: human::Progress,
}

impl Printer {
    /// A printer for `format`.
    pub fn new(format: MessageFormat) -> Self {
        let progress = if format == MessageFormat::Human { human::Progress::new() } else { human::Progress::hidden() };
        Self { format, progress }
    }

    /// Shows `event` as it happens: to programs all of it, to people progress.
    pub fn event(&self, event: &Event) {
        match self.format {
            MessageFormat::Json => print_line(&json::event(event)),
            _ => match &event.kind {
                // What keeps the user waiting is told at once; everything else after the work.
                EventKind::Diagnostic { diagnostic } if is_waiting(diagnostic) => {
                    self.progress.suspended(|| anstream::eprintln!("{}", diagnostic.message));
                }
                kind => self.progress.event(kind),
            },
        }
    }

    /// Shows the result of an operation on `workspace`. `text` gives the source of a document that diagnostics speak of.
    pub fn result<'t>(&self, result: &PackResult, workspace: &Path, text: impl Fn(&str) -> Option<&'t str>) {
        self.progress.finish();
        let diagnostics: Vec<&Diagnostic> = result.diagnostics.iter().filter(|found| !is_waiting(found)).collect();
        match self.format {
            MessageFormat::Human => {
                human::diagnostics(&diagnostics, text);
                print_line(&human::result(result));
            }
            MessageFormat::Short => {
                diagnostics.iter().for_each(|found| print_line(&short::diagnostic(found)));
                print_line(&short::result(result));
            }
            MessageFormat::Json => print_line(&json::result(result)),
            MessageFormat::Github => {
                let place = github::place_in_repository(workspace);
                diagnostics.iter().for_each(|found| print_line(&github::diagnostic(found, &place)));
                print_line(&short::result(result));
            }
        }
    }
}

/// The notice that another operation is waited for.
fn is_waiting(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::LaneBusy && diagnostic.severity == Severity::Info
}

/// Prints a line on standard output. A reader that went away stops nothing.
fn print_line(line: &str) {
    drop(writeln!(anstream::stdout(), "{line}"));
}

/// The word `error`, as the diagnostics show it.
pub fn error_label() -> String {
    let style: Style = AnsiColor::BrightRed.on_default().bold();
    format!("{style}error{style:#}")
}

/// `text` on one line, without control characters: names come from strangers' files.
fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// `count` with its noun.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A number of bytes, for people.
fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}
