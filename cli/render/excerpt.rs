//! The line of a document that a diagnostic speaks of.

use std::ops::Range;

use papack_queries::diagnostic::Span;

use super::print::is_unprintable;

/// A line, with what a terminal might obey made visible. The renderer looks at all that it is given, so it is given
/// no more.
pub struct Excerpt {
    /// The line, or a part of it.
    pub text: String,
    /// The span within `text`.
    pub marked: Range<usize>,
    /// Whether the line begins before `text` does.
    pub is_cut: bool,
}

impl Excerpt {
    /// Longest excerpt, in bytes: of a longer line, what is around the place.
    const MAX: usize = 2000;

    /// The line of `source` in which `span` begins: of a long object, that says enough.
    pub fn of(source: &str, span: Span) -> Option<Self> {
        let line_start = source.get(..span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = span.start + source.get(span.start..)?.lines().next().unwrap_or_default().len();
        let start = boundary(source, line_start.max(span.start.saturating_sub(Self::MAX / 2)));
        let end = boundary(source, line_end.min(span.start + Self::MAX / 2));
        let marked_end = span.end.clamp(span.start, end);
        let before = visible(source.get(start..span.start)?);
        let marked = visible(source.get(span.start..marked_end)?);
        let range = before.len()..before.len() + marked.len();
        let text = before + &marked + &visible(source.get(marked_end..end)?);
        Some(Self { text, marked: range, is_cut: start > line_start })
    }
}

/// The last character boundary of `text` at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// `text` with signs for what shows nothing or is obeyed by a terminal: ␛ for escape, and � where there is no sign. Tabs
/// are left to the renderer.
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
