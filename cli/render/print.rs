//! The one door to the outputs. Whatever is printed for people comes through here, and what a terminal or the log of a build
//! might obey is escaped: all but line breaks and the styles of papack's own. Names and texts of strangers are on one line
//! each ([`one_line`]), so that no line of papack's can be forged.

use std::io;

use anstream::AutoStream;
use clap::ColorChoice;

use super::{Verbosity, verbosity};
use crate::output::{self, Target};

/// From now on there is colour as `wanted` says.
pub fn set_color(wanted: ColorChoice) {
    let choice = match wanted {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Prints lines for people on standard output, with colour where that is wanted.
pub fn print_line(text: &str) {
    for_people(Target::Stdout, text);
}

/// Prints lines on standard error, where people look for what is wrong.
pub fn say(text: &str) {
    for_people(Target::Stderr, text);
}

/// Prints lines on standard error that are good to know, and no error.
pub fn advise(text: &str) {
    if verbosity() != Verbosity::Quiet {
        say(text);
    }
}

fn for_people(target: Target, text: &str) {
    let choice = match target {
        Target::Stdout => AutoStream::choice(&io::stdout()),
        Target::Stderr => AutoStream::choice(&io::stderr()),
    };
    let mut shown = harmless(text, choice != anstream::ColorChoice::Never);
    shown.push('\n');
    output::push(target, shown.as_bytes());
}

/// Prints a line for programs on standard output, in which everything is escaped as the format wants it.
pub fn print_data(mut line: String) {
    line.push('\n');
    print(line.as_bytes());
}

/// Prints a text of papack's own that was asked for on standard output, as it is.
pub fn print(text: &[u8]) {
    output::push(Target::Stdout, text);
}

/// `text` on one line, with what a terminal might obey escaped: names come from strangers' files.
pub fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if is_unprintable(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

/// `text` of a user on one line, and not longer than that.
pub fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 128;
    match text.char_indices().nth(MAX_CHARS) {
        None => one_line(text),
        Some((end, _)) => format!("{}…", one_line(&text[..end])),
    }
}

/// Whether a terminal might obey `c` instead of showing it: control characters, separators of lines, marks that
/// reverse what follows, and characters that show nothing.
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

/// `text` with nothing in it that is obeyed, but line breaks and, where `has_color`, styles.
fn harmless(text: &str, has_color: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| c != '\n' && is_unprintable(c)) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = style_length(rest).unwrap_or(0);
        let (style, behind) = rest.split_at(length);
        if has_color {
            shown.push_str(style);
        }
        let mut behind = behind.chars();
        if length == 0 {
            shown.extend(behind.by_ref().take(1).flat_map(char::escape_default));
        }
        rest = behind.as_str();
    }
    shown.push_str(rest);
    without_commands(shown)
}

/// How long the style is with which `text` begins, if it does: `ESC [`, numbers, `m`.
fn style_length(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    numbers[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// `text` without what the runner of GitHub takes for a command in the log of a build: `::error::` and its like at the
/// beginning of a line, and `##[` anywhere.
fn without_commands(text: String) -> String {
    if !text.split('\n').any(|line| command_start(line).is_some() || line.contains("##[")) {
        return text;
    }
    let harmless = |line: &str| {
        let line = line.replace("##[", "##\\u{5b}");
        match command_start(&line) {
            Some(start) => format!("{}\\u{{3a}}{}", &line[..start], &line[start + 1..]),
            None => line,
        }
    };
    text.split('\n').map(harmless).collect::<Vec<_>>().join("\n")
}

/// Where the command begins which the line is, if it is one. Logs may be kept without styles.
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
