//! One line for each diagnostic, as compilers print them.

use papack_engine::{PackResult, Status};
use papack_queries::diagnostic::Diagnostic;

use super::{counted, one_line};

/// `path:line:column: severity[CODE]: message`, with what there is of it.
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    let mut place = diagnostic.path.as_deref().map(one_line).unwrap_or_default();
    if let Some(span) = diagnostic.span {
        place += &format!(":{}:{}", span.line, span.column);
    }
    if !place.is_empty() {
        place += ": ";
    }
    let severity = diagnostic.severity.to_string().to_lowercase();
    format!("{place}{severity}[{}]: {}", diagnostic.code, one_line(&diagnostic.message))
}

/// What the pack did, in one line.
pub fn result(result: &PackResult) -> String {
    let errors = result.diagnostics.iter().filter(|found| found.is_error()).count();
    match result.status {
        Status::Success if result.up_to_date => format!("up to date: {}", counted(result.packed_asset_count, "asset")),
        Status::Success => format!("packed {}", counted(result.packed_asset_count, "asset")),
        Status::GateFailed => format!("not packed: {}", counted(errors, "error")),
        Status::ExecutionFailed => "not packed: the operation failed".into(),
        Status::PublicationFailed => "not published: the outputs could not be made final".into(),
        Status::LaneBusy => "not packed: the workspace is busy".into(),
        Status::Cancelled => "cancelled".into(),
    }
}
