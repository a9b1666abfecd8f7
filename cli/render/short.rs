//! One line for each diagnostic, as compilers print them.

use papack_queries::diagnostic::Diagnostic;

use super::one_line;

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
