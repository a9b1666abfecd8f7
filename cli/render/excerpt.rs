//! The line of a document that a diagnostic is about.

use std::ops::Range;

use papack_queries::diagnostic::Span;

use super::print::is_unprintable;

/// One line of a document, with control characters made visible. The renderer's cost grows with the text that it gets,
/// so it gets no more.
pub struct Excerpt {
    /// The line, or the part of it around the span.
    pub text: String,
    /// The span within `text`.
    pub span: Range<usize>,
    /// Whether the start of the line is cut off.
    pub is_cut: bool,
}

impl Excerpt {
    /// The longest excerpt, in bytes.
    const MAX_SIZE: usize = 2000;

    /// The line of `source` in which `span` starts. Of a span of several lines, that is enough to find it.
    pub fn of(source: &str, span: Span) -> Option<Self> {
        let line_start = source.get(..span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = span.start + source.get(span.start..)?.lines().next().unwrap_or_default().len();
        let start = boundary(source, line_start.max(span.start.saturating_sub(Self::MAX_SIZE / 2)));
        let end = boundary(source, line_end.min(span.start + Self::MAX_SIZE / 2));
        let marked_end = span.end.clamp(span.start, end);
        let before = visible(source.get(start..span.start)?);
        let marked = visible(source.get(span.start..marked_end)?);
        let rest = visible(source.get(marked_end..end)?);
        let span = before.len()..before.len() + marked.len();
        Some(Self { text: before + &marked + &rest, span, is_cut: start > line_start })
    }
}

/// The last character boundary of `text` at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// `text` with a visible sign for each character that a terminal might obey or not show: ␛ for escape, and � where
/// there is no sign. The renderer handles tabs.
fn visible(text: &str) -> String {
    let sign = |c: char| match c {
        '\t' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '␡',
        _ if is_unprintable(c) => '\u{fffd}',
        _ => c,
    };
    text.chars().map(sign).collect()
}
