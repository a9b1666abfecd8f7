//! One JSON object a line, for programs.

use papack_engine::{Event, EventKind, OperationId, WatchEvent};
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::print::is_unprintable;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a, R: Serialize> {
    Event(&'a Event),
    Diagnostic(DiagnosticLine<'a>),
    Result(&'a R),
    Watch(&'a WatchEvent),
}

/// A diagnostic. In an operation with events it is one of them, and has its number, so that a reader sees no gap.
#[derive(Serialize)]
struct DiagnosticLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_id: Option<&'a OperationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
}

/// The line of an event, which may be a diagnostic.
pub fn event(event: &Event) -> String {
    line(&match &event.kind {
        EventKind::Diagnostic { diagnostic } => Line::<()>::Diagnostic(DiagnosticLine {
            operation_id: Some(&event.operation_id),
            sequence: Some(event.sequence),
            diagnostic,
        }),
        _ => Line::Event(event),
    })
}

/// The line of a diagnostic in an operation without events.
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    line(&Line::<()>::Diagnostic(DiagnosticLine { operation_id: None, sequence: None, diagnostic }))
}

/// The line of what a watch does between its builds.
pub fn watch(event: &WatchEvent) -> String {
    line(&Line::<()>::Watch(event))
}

/// The line of a result.
pub fn result(result: &impl Serialize) -> String {
    line(&Line::Result(result))
}

fn line(line: &Line<'_, impl Serialize>) -> String {
    let text = serde_json::to_string(line);
    harmless(text.unwrap_or_else(|error| format!("{{\"type\":\"error\",\"message\":\"{error}\"}}")))
}

/// `json` with everything escaped that a terminal or the log of a build might obey. Such characters occur only in
/// strings, where JSON has escapes for them.
pub(super) fn harmless(json: String) -> String {
    let json = if json.contains("##[") { json.replace("##[", "##\\u005b") } else { json };
    if !json.chars().any(is_unprintable) {
        return json;
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unprintable(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text += &format!("\\u{unit:04x}"));
        } else {
            text.push(c);
        }
    }
    text
}
