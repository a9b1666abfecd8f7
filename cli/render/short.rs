//! One line for each diagnostic, as compilers print them.

use papack_queries::diagnostic::Diagnostic;

use super::print::one_line;

/// `path:line:column: severity[CODE]: message`, as far as the diagnostic has them.
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    let mut location = diagnostic.path.as_deref().map(one_line).unwrap_or_default();
    if let Some(span) = diagnostic.span {
        location += &format!(":{}:{}", span.line, span.column);
    }
    if !location.is_empty() {
        location += ": ";
    }
    let severity = diagnostic.severity.to_string().to_lowercase();
    format!("{location}{severity}[{}]: {}", diagnostic.code, one_line(&diagnostic.message))
}
