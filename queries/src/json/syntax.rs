//! Why a text is no JSON, in words that help.

use nojson::JsonParseError;

use super::span;
use crate::diagnostic::{Code, Diagnostic, Span};

/// The fault that `bytes` are no UTF-8 from `at` on. They may be embedded in a binary file.
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
    diagnostic.span = Some(Span { start: at, end: at + 1, line, column });
    diagnostic
}

/// What is wrong at byte `at`.
pub(super) fn message(text: &str, at: usize, error: &JsonParseError) -> String {
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

/// What helps against the mistakes that people make, told by the characters around byte `at`.
pub(super) fn help(text: &str, at: usize) -> Option<String> {
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
