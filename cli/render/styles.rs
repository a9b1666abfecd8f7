//! The styles of text for people, and the lines that start with a styled word.

use anstyle::{AnsiColor, Style};

use crate::args::MessageFormat;

/// Success.
pub const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();

/// Failure.
pub const BAD: Style = AnsiColor::BrightRed.on_default().bold();

/// Headings.
pub const TITLE: Style = Style::new().bold();

/// A line that starts with a verb in a column of its own, right-aligned, as in `    Packed 3 assets`.
pub fn verb_line(style: Style, verb: &str, text: &str) -> String {
    format!("{style}{verb:>12}{style:#} {text}")
}

/// A line about one step of an operation, for people: as `verb_line` makes it, or in the short formats in lower case,
/// without a column.
pub fn step_line(format: MessageFormat, verb: &str, text: &str) -> String {
    match format {
        MessageFormat::Human => verb_line(GOOD, verb, text),
        _ => format!("{} {text}", verb.to_lowercase()),
    }
}

/// The word `error`, styled as in diagnostics.
pub fn error_label() -> String {
    format!("{BAD}error{BAD:#}")
}
