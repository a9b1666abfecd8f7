//! Workflow commands of GitHub, which annotate a pull request.

use std::path::{Path, PathBuf};

use papack_queries::diagnostic::{Diagnostic, Severity};

use super::location::location;
use super::print::one_line;

/// `::error file=…,line=…,col=…,title=…::message`. Paths are relative to the repository, so `workspace`, empty or
/// ending in `/`, comes before them. An annotation can only name lines: unless `is_text`, the location is a part of the
/// message.
pub fn diagnostic(diagnostic: &Diagnostic, workspace: &str, is_text: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(path) = &diagnostic.path {
        properties.push(format!("file={}", escaped_property(&format!("{workspace}{path}"))));
    }
    if let Some(span) = diagnostic.span.filter(|_| is_text) {
        properties.push(format!("line={},col={}", span.line, span.column));
    }
    properties.push(format!("title={}", diagnostic.code));
    let mut message = diagnostic.message.clone();
    if let Some(location) = location(diagnostic).filter(|_| !is_text) {
        message += &format!(" ({location})");
    }
    if let Some(help) = &diagnostic.help {
        message += &format!("\n{help}");
    }
    format!("::{level} {}::{}", properties.join(","), escaped(&message))
}

/// The path of `workspace` within the repository that GitHub checked out, or else within the current folder: empty, or
/// ending in `/`.
pub fn path_in_repository(workspace: &Path) -> String {
    let repository = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from).or_else(|| std::env::current_dir().ok());
    let path_within = |repository: PathBuf| {
        let workspace = workspace.canonicalize().ok()?;
        let path = workspace.strip_prefix(repository.canonicalize().ok()?).ok()?.to_str()?.to_owned();
        (!path.is_empty()).then(|| format!("{path}/"))
    };
    repository.and_then(path_within).unwrap_or_default()
}

/// The escapes of a message, in which `%` and line breaks have a meaning. Logs are shown on terminals, too.
fn escaped(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(one_line).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// The escapes of a property, in which also `:` and `,` have a meaning.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
