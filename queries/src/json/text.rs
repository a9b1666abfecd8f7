//! Places in a text, and pieces of it for messages.

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::{Code, Data, Diagnostic, Span, Unit};

/// A place in a document that outlives its parse tree. Line and column are looked up only for a fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Which value, as an RFC 6901 pointer.
    pub pointer: String,
    /// Where its text is, in bytes.
    pub range: Range<usize>,
}

impl Place {
    /// `diagnostic`, placed here in `text`.
    pub fn of(&self, text: &str, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.pointer = Some(self.pointer.clone());
        diagnostic.span = Some(span(text, self.range.start, self.range.end));
        diagnostic
    }
}

/// The span of `range` in `text`, which may be embedded in a binary file.
pub(super) fn placed_span(text: &str, range: Range<usize>, embedded_at: Option<usize>) -> Span {
    match embedded_at {
        None => span(text, range.start, range.end),
        Some(offset) => Span::in_bytes(offset + range.start..offset + range.end),
    }
}

/// The span of `start..end`, which lie on character boundaries of `text`.
pub(crate) fn span(text: &str, start: usize, end: usize) -> Span {
    let (line, column) = behind(&text[..start], (1, 1));
    let (end_line, end_column) = behind(&text[start..end], (line, column));
    Span { start, end, line, column, end_line, end_column }
}

/// Line and column of what follows `text`, which begins at `line` and `column`.
fn behind(text: &str, (line, column): (usize, usize)) -> (usize, usize) {
    match text.rfind('\n') {
        None => (line, column + text.chars().count()),
        Some(newline) => {
            let newlines = text.bytes().filter(|byte| *byte == b'\n').count();
            (line + newlines, text[newline + 1..].chars().count() + 1)
        }
    }
}

/// The fault of a document with more than `max_size` bytes.
pub(crate) fn too_large(max_size: usize) -> Diagnostic {
    let data = Data::limit(None, 0, max_size as u64, Unit::Bytes);
    Diagnostic::error(Code::JsonTooLarge, format!("the file is larger than {max_size} bytes")).with_data(data)
}

/// The last character boundary of `text` at or before `at`.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// `text` for a message: not longer than a line.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const MAX: usize = 60;
    match text.char_indices().nth(MAX) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}
