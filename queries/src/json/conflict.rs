//! What version control leaves in a text when it could not merge two branches of it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use super::text::shortened;
use crate::diagnostic::{Code, Data, Diagnostic, Lines, Severity, Span};

/// What is wrong with `text`, in any encoding that has ASCII in it, where both sides of a conflict stand in it: lines
/// that begin with `<<<<<<<`, are `=======`, and begin with `>>>>>>>`, in this order. `None` where there is none.
pub(crate) fn conflict_in(text: &[u8], severity: Severity) -> Option<Diagnostic> {
    let mut conflicts = conflicts(text);
    let first = conflicts.next()?;
    let mut message = format!("version control left a conflict here: {first}");
    let others = conflicts.count();
    if others > 0 {
        // A String takes whatever it is given.
        _ = write!(message, "; {others} more below");
    }
    let mut fault = Diagnostic::new(severity, Code::ConflictMarkers, message)
        .with_help("keep one of the two, or what is right of both, and delete the lines of the markers")
        .with_data(Data::Sides { ours: first.ours.lines(), theirs: first.theirs.lines(), count: others as u64 + 1 });
    let Range { start, end } = first.marker;
    let (line, marker) = (first.ours.lines.start - 1, String::from_utf8_lossy(&text[start..end]));
    fault.span = Some(Span { start, end, line, column: 1, end_line: line, end_column: marker.chars().count() + 1 });
    Some(fault)
}

/// Both sides of one conflict.
struct Conflict<'t> {
    /// The line in which it begins.
    marker: Range<usize>,
    ours: Side<'t>,
    theirs: Side<'t>,
}

/// One side: the lines between two markers, and how version control calls it.
struct Side<'t> {
    name: Cow<'t, str>,
    lines: Range<usize>,
}

impl Side<'_> {
    fn lines(&self) -> Lines {
        let Range { start, end } = self.lines;
        Lines { name: shortened(&self.name).into_owned(), start: start as u64, end: end as u64 }
    }
}

fn conflicts(text: &[u8]) -> impl Iterator<Item = Conflict<'_>> {
    let mut start = 0;
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').enumerate().map(move |(index, line)| {
        let from = start;
        start += line.len();
        let line = line.trim_ascii_end();
        (index + 1, from..from + line.len(), line)
    });
    std::iter::from_fn(move || {
        let (begin, marker, ours) =
            lines.find_map(|(line, range, text)| Some((line, range, marked(text, b"<<<<<<<")?)))?;
        let (mut end_of_ours, mut middle) = (None, None);
        for (line, _, text) in lines.by_ref() {
            if marked(text, b"|||||||").is_some() {
                end_of_ours = end_of_ours.or(Some(line));
            } else if text == b"=======" {
                middle = middle.or(Some(line));
            } else if let (Some(theirs), Some(middle)) = (marked(text, b">>>>>>>"), middle) {
                let ours = Side { name: ours, lines: begin + 1..end_of_ours.unwrap_or(middle) };
                return Some(Conflict { marker, ours, theirs: Side { name: theirs, lines: middle + 1..line } });
            }
        }
        None
    })
}

/// What follows `marker`, where `line` is one.
fn marked<'t>(line: &'t [u8], marker: &[u8]) -> Option<Cow<'t, str>> {
    let rest = line.strip_prefix(marker)?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(b" ")? };
    Some(String::from_utf8_lossy(rest))
}

impl std::fmt::Display for Conflict<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ours{}, theirs{}", self.ours, self.theirs)
    }
}

impl std::fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.name.is_empty() {
            write!(f, " ({})", shortened(&self.name))?;
        }
        let Range { start, end } = self.lines;
        match end - start {
            0 => write!(f, " is empty"),
            1 => write!(f, " is line {start}"),
            _ => write!(f, " are lines {start} to {}", end - 1),
        }
    }
}
