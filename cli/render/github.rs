//! Workflow commands of GitHub, which annotate a pull request.

use std::path::{Path, PathBuf};

use papack_queries::diagnostic::{Diagnostic, Severity};

use super::location::{location, with_location_in_path};
use super::print::{one_line, print_data, print_line};
use super::short;
use super::words::counted;

/// How many annotations of each kind GitHub shows for a step of a job. It drops the rest without a word.
const MAX_ANNOTATIONS: usize = 10;

/// Prints diagnostics, errors first: the first of each kind as annotations, and the others as lines of the log. For
/// `workspace` and `is_text` see [`annotation`].
pub fn diagnostics(diagnostics: &[&Diagnostic], workspace: &str, is_text: bool) {
    let (mut lines, mut counts) = (Vec::new(), Vec::new());
    for (severity, noun) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "notice")] {
        let of_kind = || diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
        for diagnostic in of_kind().take(MAX_ANNOTATIONS) {
            print_data(annotation(diagnostic, workspace, is_text));
        }
        let others = of_kind().skip(MAX_ANNOTATIONS).map(|diagnostic| line(diagnostic, workspace, is_text));
        let before = lines.len();
        lines.extend(others);
        if lines.len() > before {
            counts.push(counted(lines.len() - before, noun));
        }
    }
    if !lines.is_empty() {
        let counts = counts.join(", ");
        print_line(&format!(
            "{counts} more than GitHub annotates for a step, {MAX_ANNOTATIONS} of each kind; in full with \
             --message-format human:"
        ));
        lines.iter().for_each(|line| print_line(line));
    }
}

/// Prints an annotation of an error that is at no place.
pub fn error(message: &str) {
    print_data(format!("::error title=papack::{}", escaped(message)));
}

/// A diagnostic as a line of the log; its path as in [`annotation`].
pub(super) fn line(diagnostic: &Diagnostic, workspace: &str, is_text: bool) -> String {
    let path = diagnostic.path.as_ref().map(|path| format!("{workspace}{path}"));
    let diagnostic = Diagnostic { path, ..diagnostic.clone() };
    if is_text { short::diagnostic(&diagnostic) } else { short::diagnostic(&with_location_in_path(&diagnostic)) }
}

/// `::error file=…,line=…,col=…,title=…::message`. Paths are relative to the repository, so `workspace`, empty or
/// ending in `/`, comes before them. An annotation can only name lines: unless `is_text`, the location is a part of the
/// message.
fn annotation(diagnostic: &Diagnostic, workspace: &str, is_text: bool) -> String {
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
