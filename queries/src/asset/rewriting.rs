//! Fixes that write another text into the manifest: a path, a pattern or a uuid.

use crate::diagnostic::{Edit, Fix};
use crate::glob::Pattern;
use crate::json::Place;
use crate::path;

/// A fix that writes the string `new` at `place` of the manifest at `location`, which has the text `text`.
pub(super) fn rewriting(text: &str, location: &str, place: &Place, is_safe: bool, new: &str) -> Fix {
    let new = serde_json::Value::from(new).to_string();
    let title = format!("Write {new}");
    let edit = Edit { path: location.into(), start: place.range.start, end: place.range.end, text: new };
    Fix::new(title, is_safe, text, vec![edit])
}

/// `path`, if a manifest can have it.
pub(super) fn writable_path(path: String) -> Option<String> {
    path::check(&path).is_ok().then_some(path)
}

/// `path` with its first components as `actual` has them, if a manifest can have that.
pub(super) fn respelled_path(path: &str, actual: &str) -> Option<String> {
    writable_path(respelled(path, actual))
}

/// The text of `pattern` with its first folders as `actual` has them, if these can stand in a pattern as they are.
pub(super) fn respelled_pattern(pattern: &Pattern, actual: &str) -> Option<String> {
    let respelled = respelled(pattern.as_str(), actual);
    path::check_pattern(&respelled).ok()?;
    let is_literal = Pattern::new(respelled.clone()).literal_prefix().starts_with(&format!("{actual}/"));
    is_literal.then_some(respelled)
}

fn respelled(path: &str, actual: &str) -> String {
    let count = actual.split('/').count();
    match path.splitn(count + 1, '/').nth(count) {
        Some(rest) => format!("{actual}/{rest}"),
        None => actual.to_owned(),
    }
}
