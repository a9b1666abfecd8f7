//! Workflow commands of GitHub, which annotate a pull request.

use std::path::{Path, PathBuf};

use papack_queries::diagnostic::{Diagnostic, Severity};

use super::{one_line, place_in_words};

/// `::error file=…,line=…,col=…,title=…::message`. A file is named relative to the repository, in which the workspace
/// lies at `workspace` (empty, or ending in `/`). A place in what `is_text` denies is told in the message: an annotation
/// has lines only.
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
    if let Some(place) = place_in_words(diagnostic).filter(|_| !is_text) {
        message += &format!(" ({place})");
    }
    if let Some(help) = &diagnostic.help {
        message += &format!("\n{help}");
    }
    format!("::{level} {}::{}", properties.join(","), escaped(&message))
}

/// Where `workspace` lies below the checked-out repository, or below the current folder where that is not told.
pub fn place_in_repository(workspace: &Path) -> String {
    let repository = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from).or_else(|| std::env::current_dir().ok());
    let below = |repository: PathBuf| {
        let workspace = workspace.canonicalize().ok()?;
        let place = workspace.strip_prefix(repository.canonicalize().ok()?).ok()?.to_str()?.to_owned();
        (!place.is_empty()).then(|| format!("{place}/"))
    };
    repository.and_then(below).unwrap_or_default()
}

/// A message can hold no line break and no bare `%`; and a log is shown on terminals.
fn escaped(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(one_line).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// A property can hold no `:` and no `,` either.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
