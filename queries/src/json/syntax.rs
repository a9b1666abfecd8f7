//! Where and why a text is not JSON, in words that help.

use std::ops::Range;

use nojson::JsonParseError;

use super::text::{floor_boundary, span};
use crate::diagnostic::{Code, Diagnostic, Span};

/// The fault of bytes that are UTF-8 up to `at`.
pub(super) fn not_utf8(path: &str, bytes: &[u8], at: usize, embedded_at: Option<usize>) -> Diagnostic {
    let byte = bytes.get(at).copied().unwrap_or(0);
    if let Some(offset) = embedded_at {
        let (at, message) = (offset + at, format!("the text is not UTF-8: byte {byte:#04x} at offset {}", offset + at));
        return Diagnostic::error(Code::JsonSyntax, message).at(path).at_bytes(at as u64..at as u64 + 1);
    }
    let message = format!("the file is not UTF-8: byte {byte:#04x} at offset {at}");
    let mut diagnostic = Diagnostic::error(Code::JsonSyntax, message).at(path).with_help("save it as UTF-8");
    let before = String::from_utf8_lossy(&bytes[..at]);
    let Span { line, column, .. } = span(&before, before.len(), before.len());
    diagnostic.span = Some(Span { start: at, end: at + 1, line, column, end_line: line, end_column: column + 1 });
    diagnostic
}

/// The place of the fault that `nojson` found in `text`, what is wrong there, and what helps.
pub(super) fn fault(text: &str, error: &JsonParseError) -> (Range<usize>, String, Option<String>) {
    if let Some((range, message)) = first_broken_escape(text, error.position()) {
        return (range, format!("this is no JSON: {message}"), None);
    }
    let at = floor_boundary(text, error.position());
    let found = text[at..].chars().next();
    (at..at + found.map_or(0, char::len_utf8), message(text, at, error), help(text, at))
}

/// The first invalid escape up to byte `end`. The parser reports where it stops to understand an escape, which may be
/// behind its beginning; people look for the beginning.
fn first_broken_escape(text: &str, end: usize) -> Option<(Range<usize>, String)> {
    let (mut at, mut in_string) = (0, false);
    while at <= end {
        match text.as_bytes().get(at)? {
            b'\\' if in_string => match escape(&text[at..])? {
                (length, None) => at += length,
                (length, Some(message)) => return Some((at..at + length, message)),
            },
            byte => {
                in_string ^= *byte == b'"';
                at += 1;
            }
        }
    }
    None
}

/// The length of the escape that `text` begins with, and what is wrong with it. `None` where the text ends in it.
fn escape(text: &str) -> Option<(usize, Option<String>)> {
    match text[1..].chars().next()? {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => Some((2, None)),
        'u' => unicode_escape(text),
        other => {
            let message = format!("a backslash before {other:?} is no escape; a backslash itself is written \\\\");
            Some((1 + other.len_utf8(), Some(message)))
        }
    }
}

fn unicode_escape(text: &str) -> Option<(usize, Option<String>)> {
    let half = || Some((6, Some(format!("{} is half of a surrogate pair", &text[..6]))));
    match code_unit(text) {
        Err(length) if length == text.len() => None,
        Err(length) => Some((length, Some("\\u is followed by four hexadecimal digits".into()))),
        Ok(0xDC00..=0xDFFF) => half(),
        Ok(0xD800..=0xDBFF) => match &text[6..] {
            "" => None,
            low if low.starts_with("\\u") => match code_unit(low) {
                Err(length) if length == low.len() => None,
                Ok(0xDC00..=0xDFFF) => Some((12, None)),
                _ => half(),
            },
            _ => half(),
        },
        Ok(_) => Some((6, None)),
    }
}

/// The number in `\uXXXX` at the start of `text`, or how many bytes look like it.
fn code_unit(text: &str) -> Result<u16, usize> {
    match text[2..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count() {
        4 => u16::from_str_radix(&text[2..6], 16).map_err(|_| 6),
        digits => Err(2 + digits),
    }
}

/// What is wrong at byte `at`.
fn message(text: &str, at: usize, error: &JsonParseError) -> String {
    let found = match text[at..].chars().next() {
        None => "the end of the file".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some('\'') => "\"'\"".to_owned(),
        Some(c) if c.is_control() => format!("control character U+{:04X}", u32::from(c)),
        Some(c) => format!("{c:?}"),
    };
    match error {
        JsonParseError::UnexpectedEos { .. } => "the document ends too early".to_owned(),
        JsonParseError::UnexpectedTrailingChar { .. } => {
            format!("the document goes on after its value: unexpected {found}")
        }
        JsonParseError::UnexpectedValueChar { .. } => format!("this is no JSON: unexpected {found}"),
        JsonParseError::InvalidValue { error, .. } => format!("this is no JSON: {error}"),
    }
}

/// Where the comma is, if one is the reason why the parser stopped at byte `at`: before the end of a list.
pub(super) fn comma_too_many(text: &str, at: usize) -> Option<usize> {
    let is_end = text[at..].starts_with(['}', ']']);
    let before = text[..at].trim_end_matches([' ', '\t', '\r', '\n']);
    before.strip_suffix(',').map(str::len).filter(|_| is_end)
}

/// Help for common mistakes, recognized by the characters before and after byte `at`.
fn help(text: &str, at: usize) -> Option<String> {
    let rest = &text[at..];
    let before = text[..at].trim_end().chars().next_back();
    let help = match (before, rest.chars().next()) {
        (_, None) => "a closing \"}\", \"]\" or quote is missing",
        _ if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| rest.starts_with(mark)) => {
            "a merge was not finished: keep one of its sides, and take out these marks"
        }
        (Some(','), Some('}' | ']')) => "take out the comma before it: the last of a list has none behind it",
        (_, Some('/' | '#')) => "JSON has no comments: take it out",
        (_, Some('\'' | '‘' | '’' | '“' | '”' | '„')) => "texts are in straight double quotes: \"…\"",
        (_, Some('\n' | '\r')) => "a text ends on its own line: is its closing quote missing?",
        (_, Some(c)) if c.is_control() => "take it out, or write it as an escape, such as \\t for a tab",
        (Some('"' | '}' | ']' | '0'..='9' | 'a'..='z'), Some('"' | '{' | '[')) => {
            "is a comma or a colon missing before it?"
        }
        (Some(',' | '{'), Some('a'..='z' | 'A'..='Z' | '_')) => "names of fields are in double quotes",
        (Some(':'), Some('a'..='z' | 'A'..='Z' | '_')) => {
            "texts are in double quotes; true, false and null are not, and are in lower case"
        }
        _ => return None,
    };
    Some(help.to_owned())
}
