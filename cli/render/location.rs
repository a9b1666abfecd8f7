//! Locations of diagnostics in words, for files that have no lines to show.

use std::borrow::Cow;

use papack_queries::diagnostic::Diagnostic;

/// The location within the file: the byte, and the JSON pointer, as far as the diagnostic has them.
pub fn location(diagnostic: &Diagnostic) -> Option<String> {
    let byte = diagnostic.span.map(|span| format!("byte {}", span.start));
    let pointer = diagnostic.pointer.clone().filter(|pointer| !pointer.is_empty());
    Some(byte.into_iter().chain(pointer).collect::<Vec<_>>().join(", ")).filter(|location| !location.is_empty())
}

/// The diagnostic with its location as a part of its path, instead of line and column.
pub fn with_location_in_path(diagnostic: &Diagnostic) -> Cow<'_, Diagnostic> {
    let path: Vec<_> = diagnostic.path.clone().into_iter().chain(location(diagnostic)).collect();
    let path = (!path.is_empty()).then(|| path.join(", "));
    Cow::Owned(Diagnostic { path, span: None, ..diagnostic.clone() })
}
