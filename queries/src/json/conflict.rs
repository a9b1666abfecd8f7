//! What version control leaves in a text when it could not merge two branches of it.

use std::fmt::Write as _;
use std::ops::Range;

use super::text::{shortened, span};
use crate::diagnostic::{Code, Diagnostic};

/// A fault that shows the places in `text`, which is no JSON, where both sides of a conflict stand; `None` where that
/// is not what is wrong with it.
pub(super) fn conflict_fault(text: &str) -> Option<Diagnostic> {
    let mut conflicts = conflicts(text);
    let first = conflicts.next()?;
    let mut message = format!("version control left a conflict here: {first}");
    let others = conflicts.count();
    if others > 0 {
        // A String takes whatever it is given.
        _ = write!(message, "; {others} more below");
    }
    let mut fault = Diagnostic::error(Code::ConflictMarkers, message)
        .with_help("keep one of the two, or what is right of both, and delete the lines of the markers");
    fault.span = Some(span(text, first.marker.start, first.marker.end));
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
    name: &'t str,
    lines: Range<usize>,
}

fn conflicts(text: &str) -> impl Iterator<Item = Conflict<'_>> {
    let mut start = 0;
    let mut lines = text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let from = start;
        start += line.len();
        let line = line.trim_end();
        (index + 1, from..from + line.len(), line)
    });
    std::iter::from_fn(move || {
        let (begin, marker, ours) =
            lines.find_map(|(line, range, text)| Some((line, range, marked(text, "<<<<<<<")?)))?;
        let (mut end_of_ours, mut middle) = (None, None);
        for (line, _, text) in lines.by_ref() {
            if marked(text, "|||||||").is_some() {
                end_of_ours = end_of_ours.or(Some(line));
            } else if text == "=======" {
                middle = middle.or(Some(line));
            } else if let (Some(theirs), Some(middle)) = (marked(text, ">>>>>>>"), middle) {
                let ours = Side { name: ours, lines: begin + 1..end_of_ours.unwrap_or(middle) };
                return Some(Conflict { marker, ours, theirs: Side { name: theirs, lines: middle + 1..line } });
            }
        }
        None
    })
}

/// What follows `marker`, where `line` is one.
fn marked<'t>(line: &'t str, marker: &str) -> Option<&'t str> {
    let rest = line.strip_prefix(marker)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

impl std::fmt::Display for Conflict<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ours{}, theirs{}", self.ours, self.theirs)
    }
}

impl std::fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.name.is_empty() {
            write!(f, " ({})", shortened(self.name))?;
        }
        let Range { start, end } = self.lines;
        match end - start {
            0 => write!(f, " is empty"),
            1 => write!(f, " is line {start}"),
            _ => write!(f, " are lines {start} to {}", end - 1),
        }
    }
}
