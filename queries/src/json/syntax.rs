//! Where and why a text is no JSON.

use std::ops::Range;

use nojson::{JsonParseError, JsonValueKind};

use super::{floor_boundary, span};
use crate::diagnostic::{Code, Diagnostic, Span};

/// Where nesting first exceeds the limit. Looked at before parsing, so that no parser ever recurses deeper.
pub(super) fn first_too_deep(text: &str, max_depth: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                if depth > max_depth {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

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
    diagnostic.span = Some(Span { start: at, end: at + 1, line, column });
    diagnostic
}

/// The place of the fault that `nojson` found in `text`, and what is wrong there.
pub(super) fn fault(text: &str, error: &JsonParseError) -> (Range<usize>, String) {
    if let Some((range, message)) = first_broken_escape(text, error.position()) {
        return (range, format!("this is no JSON: {message}"));
    }
    let at = floor_boundary(text, error.position());
    let found = text[at..].chars().next();
    (at..at + found.map_or(0, char::len_utf8), message(error, found))
}

fn message(error: &JsonParseError, found: Option<char>) -> String {
    let Some(found) = found else { return "the document ends too early".into() };
    match error {
        JsonParseError::UnexpectedTrailingChar { .. } => {
            format!("the document goes on after its value: unexpected {found:?}")
        }
        JsonParseError::UnexpectedValueChar { kind: Some(JsonValueKind::String), .. } if found.is_control() => {
            format!("this is no JSON: unexpected {found:?} in a string; write it as an escape")
        }
        JsonParseError::InvalidValue { error, .. } => format!("this is no JSON: {error}"),
        _ => format!("this is no JSON: unexpected {found:?}"),
    }
}

/// The first escape up to byte `end` that is none. The parser tells where it ceases to understand one, which may be
/// behind it; people look for its beginning.
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
