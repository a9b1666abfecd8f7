//! Workflow commands of GitHub, which annotate a pull request.

use papack_queries::diagnostic::{Diagnostic, Severity};

/// `::error file=…,line=…,col=…,title=…::message`
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(path) = &diagnostic.path {
        properties.push(format!("file={}", escaped_property(path)));
    }
    if let Some(span) = diagnostic.span {
        properties.push(format!("line={},col={}", span.line, span.column));
    }
    properties.push(format!("title={}", diagnostic.code));
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message += &format!("\n{help}");
    }
    format!("::{level} {}::{}", properties.join(","), escaped(&message))
}

/// A message can hold no line break and no bare `%`.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property can hold no `:` and no `,` either.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
