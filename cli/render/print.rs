//! Printing, and the escapes that make it safe.
//!
//! All text goes through this file, but for the progress line, which has only papack's own words. Whatever a terminal
//! or the log of a build might obey is escaped, except line breaks and papack's own styles. Names and texts from
//! outside are put on one line first ([`one_line`]), so that they cannot forge a line of papack's.

use super::settings::{Verbosity, has_colors, verbosity};
use super::styles::error_label;
use crate::output::{self, Target};

/// Prints lines for people on standard output.
pub fn print_line(text: &str) {
    print_escaped(Target::Stdout, text);
}

/// Prints lines for people on standard error.
pub fn eprint_line(text: &str) {
    print_escaped(Target::Stderr, text);
}

/// Prints lines on standard error that are no error, so that `--quiet` hides them.
pub fn eprint_notice(text: &str) {
    if verbosity() != Verbosity::Quiet {
        eprint_line(text);
    }
}

/// Prints an error that is no diagnostic: what happened, and what to do. Both may contain text from outside.
pub fn print_error(message: &str, help: &str) {
    let (message, help) = (one_line(message), one_line(help));
    eprint_line(&format!("{}: {message}\n  help: {help}", error_label()));
}

/// Prints a line for programs on standard output. The caller has escaped it as its format requires.
pub fn print_data(mut line: String) {
    line.push('\n');
    print_bytes(line.as_bytes());
}

/// Prints a generated text, such as a script, on standard output, unchanged.
pub fn print_bytes(text: &[u8]) {
    output::push(Target::Stdout, text);
}

fn print_escaped(target: Target, text: &str) {
    let mut escaped = harmless(text, has_colors(target));
    escaped.push('\n');
    output::push(target, escaped.as_bytes());
}

/// `text` on one line, with everything escaped that a terminal might obey. For names and texts from outside.
pub fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if is_unprintable(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

/// `text` on one line, cut to 128 characters. For names that an error repeats.
pub fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 128;
    match text.char_indices().nth(MAX_CHARS) {
        None => one_line(text),
        Some((end, _)) => format!("{}…", one_line(&text[..end])),
    }
}

/// Whether a terminal might obey `c` instead of showing it: control characters, line separators, marks of text
/// direction, and invisible characters.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `text` with everything escaped that might be obeyed, but for line breaks. Styles are kept if `has_color`, else
/// removed.
fn harmless(text: &str, has_color: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| c != '\n' && is_unprintable(c)) {
        escaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = style_length(rest).unwrap_or(0);
        let (style, after) = rest.split_at(length);
        if has_color {
            escaped.push_str(style);
        }
        let mut after = after.chars();
        if length == 0 {
            escaped.extend(after.by_ref().take(1).flat_map(char::escape_default));
        }
        rest = after.as_str();
    }
    escaped.push_str(rest);
    without_commands(escaped)
}

/// The length of the style at the start of `text`, if there is one: `ESC [`, numbers, `m`.
fn style_length(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    numbers[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// `text` with everything escaped that the runner of GitHub takes for a command in the log of a build: `::error::` and
/// the like at the start of a line, and `##[` anywhere.
fn without_commands(text: String) -> String {
    if !text.split('\n').any(|line| command_start(line).is_some() || line.contains("##[")) {
        return text;
    }
    let escaped = |line: &str| {
        let line = line.replace("##[", "##\\u{5b}");
        match command_start(&line) {
            Some(start) => format!("{}\\u{{3a}}{}", &line[..start], &line[start + 1..]),
            None => line,
        }
    };
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// Where the command starts, if the line is one. Styles before it are skipped, since logs may be stored without them.
fn command_start(line: &str) -> Option<usize> {
    let mut command = line.trim_start();
    while let Some(length) = style_length(command) {
        command = command[length..].trim_start();
    }
    command.strip_prefix("::")?.contains("::").then_some(line.len() - command.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_obeyed_but_line_breaks_and_styles() {
        for (text, plain, colored) in [
            ("a\nb", "a\nb", "a\nb"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red", "\u{1b}[1;31mred\u{1b}[0m"),
            ("\u{1b}[2J", "\\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[", "\\u{1b}[", "\\u{1b}["),
            ("\u{1b}[1", "\\u{1b}[1", "\\u{1b}[1"),
            ("a\rb\tc", "a\\rb\\tc", "a\\rb\\tc"),
            ("\u{9b}31m\u{61c}\u{202e}", "\\u{9b}31m\\u{61c}\\u{202e}", "\\u{9b}31m\\u{61c}\\u{202e}"),
            ("::error::x", "\\u{3a}:error::x", "\\u{3a}:error::x"),
            ("x\n  ::error::x", "x\n  \\u{3a}:error::x", "x\n  \\u{3a}:error::x"),
            ("x ##[error]y", "x ##\\u{5b}error]y", "x ##\\u{5b}error]y"),
            ("\u{1b}[1m ::a::b", " \\u{3a}:a::b", "\u{1b}[1m \\u{3a}:a::b"),
            ("a::b", "a::b", "a::b"),
            ("  ::: ", "  ::: ", "  ::: "),
        ] {
            assert_eq!(harmless(text, false), plain, "{text:?}");
            assert_eq!(harmless(text, true), colored, "{text:?}");
        }
    }
}
