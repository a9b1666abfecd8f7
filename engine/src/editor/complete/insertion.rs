//! From something that could be written to the change of the text that writes it.

use std::ops::Range;

use serde_json::Value;

use crate::editor::document::Here;
use crate::editor::features::{Completion, CompletionKind, TextEdit};

/// The completion that writes the JSON value `value` at `here`. Its label is the value without quotes.
pub(super) fn of_value(here: &Here<'_>, kind: CompletionKind, value: &Value) -> Completion {
    let label = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    of_text(here, kind, label, &value.to_string(), true)
}

/// The completion that writes the JSON text `written` at `here`, and the commas that it needs around it. With
/// `is_complete`, nothing has to follow it before the next value.
pub(super) fn of_text(
    here: &Here<'_>,
    kind: CompletionKind,
    label: String,
    written: &str,
    is_complete: bool,
) -> Completion {
    let range = replaced(here);
    let text = here.document.text();
    let comma = if is_complete && is_followed(&text[range.end..]) { "," } else { "" };
    Completion {
        label,
        kind,
        detail: None,
        documentation: None,
        filter: written.to_owned(),
        edit: TextEdit { text: format!("{written}{comma}"), range: range.clone() },
        additional: comma_before(text, range.start).into_iter().collect(),
        sort: String::new(),
    }
}

/// The completion that writes the beginning of a string at `here`, behind which a person goes on. A closing quote that is
/// there stays.
pub(super) fn of_beginning(here: &Here<'_>, kind: CompletionKind, beginning: &str) -> Completion {
    let quoted = Value::from(beginning).to_string();
    let written = quoted.strip_suffix('"').unwrap_or(&quoted);
    let mut completion = of_text(here, kind, beginning.to_owned(), written, false);
    completion.edit.range.end = completion.edit.range.end.min(here.inner().end.max(here.at));
    completion
}

/// What a completion replaces: the name or value that is written there, if the place is not just before it.
fn replaced(here: &Here<'_>) -> Range<usize> {
    let typed = here.spot.typed.clone();
    let is_before = typed.start == here.at && here.document.text()[typed.clone()].starts_with('"');
    if is_before { here.at..here.at } else { typed }
}

/// Whether another member or element comes next, without a comma before it.
fn is_followed(rest: &str) -> bool {
    let next = rest.trim_start_matches([' ', '\t', '\r', '\n']).chars().next();
    next.is_some_and(|next| matches!(next, '"' | '{' | '[' | '-') || next.is_alphanumeric())
}

/// The comma that is missing before byte `start`, behind the member or element before it.
fn comma_before(text: &str, start: usize) -> Option<TextEdit> {
    let before = text[..start].trim_end_matches([' ', '\t', '\r', '\n']);
    let is_needed = !before.is_empty() && !before.ends_with(['{', '[', ',', ':']);
    is_needed.then(|| TextEdit { range: before.len()..before.len(), text: ",".into() })
}
