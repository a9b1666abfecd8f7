//! One JSON object a line, for programs.

use papack_engine::{Event, EventKind, OperationId, PackResult};
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Event(&'a Event),
    Diagnostic(DiagnosticLine<'a>),
    Result(&'a PackResult),
}

/// A diagnostic has its place in the stream, so that a reader sees no gap.
#[derive(Serialize)]
struct DiagnosticLine<'a> {
    operation_id: &'a OperationId,
    sequence: u64,
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
}

/// An event, or the diagnostic that it carries.
pub fn event(event: &Event) -> String {
    line(&match &event.kind {
        EventKind::Diagnostic { diagnostic } => {
            Line::Diagnostic(DiagnosticLine { operation_id: &event.operation_id, sequence: event.sequence, diagnostic })
        }
        _ => Line::Event(event),
    })
}

/// The result.
pub fn result(result: &PackResult) -> String {
    line(&Line::Result(result))
}

fn line(line: &Line<'_>) -> String {
    serde_json::to_string(line).unwrap_or_else(|error| format!("{{\"type\":\"error\",\"message\":\"{error}\"}}"))
}
