//! The values that the parser found, as papack understands them.

use std::borrow::Cow;
use std::ops::Range;

use nojson::{JsonValueKind, RawJsonValue};

/// Largest magnitude of an integer: what a binary64 holds exactly, 2^53 − 1.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// The members of an object; none of any other kind.
pub(super) fn members<'t, 'd>(
    value: RawJsonValue<'t, 'd>,
) -> impl Iterator<Item = (RawJsonValue<'t, 'd>, RawJsonValue<'t, 'd>)> {
    let mut members = value.to_object().ok();
    std::iter::from_fn(move || members.as_mut()?.next())
}

/// The text of a string value or key; empty for any other kind.
pub(super) fn string<'t>(value: RawJsonValue<'t, '_>) -> Cow<'t, str> {
    match unescaped(value) {
        Some(text) => Cow::Borrowed(text),
        None => value.to_unquoted_string_str().unwrap_or_default(),
    }
}

/// Whether a string value or key reads `text`. Most differ in their first byte.
pub(super) fn reads(value: RawJsonValue<'_, '_>, text: &str) -> bool {
    let mut raw = value.as_raw_str().bytes().skip(1);
    for byte in text.bytes().chain([b'"']) {
        match raw.next() {
            Some(b'\\') => return string(value) == text,
            found if found == Some(byte) => {}
            _ => return false,
        }
    }
    true
}

/// The text of a string that is written without escapes.
fn unescaped<'t>(value: RawJsonValue<'t, '_>) -> Option<&'t str> {
    let text = value.as_raw_str().strip_prefix('"')?.strip_suffix('"')?;
    (!text.as_bytes().contains(&b'\\')).then_some(text)
}

/// The value of an integer within ±(2^53 − 1). `-0`, `1.0` and `1e3` are floats.
pub(super) fn integer(value: RawJsonValue<'_, '_>) -> Option<i64> {
    if value.kind() != JsonValueKind::Integer || is_float(value) {
        return None;
    }
    value.as_raw_str().parse().ok().filter(|number: &i64| number.unsigned_abs() <= MAX_INTEGER.unsigned_abs())
}

/// Whether a number is a float: it has a fraction or an exponent, or is `-0`, which no integer is.
pub(super) fn is_float(value: RawJsonValue<'_, '_>) -> bool {
    value.kind() == JsonValueKind::Float || value.as_raw_str() == "-0"
}

/// The RFC 6901 pointer of `value`. Computed only for faults, by walking up.
pub(super) fn pointer(value: RawJsonValue<'_, '_>) -> String {
    let mut steps = Vec::new();
    let mut child = value;
    while let Some(parent) = child.parent() {
        let step = match parent.kind() {
            JsonValueKind::Array => {
                parent.to_array().into_iter().flatten().position(|v| v.index() == child.index()).map(|i| i.to_string())
            }
            _ => members(parent)
                .find(|(key, v)| key.index() == child.index() || v.index() == child.index())
                .map(|(key, _)| string(key).replace('~', "~0").replace('/', "~1")),
        };
        steps.extend(step);
        child = parent;
    }
    steps.iter().rev().flat_map(|step| ["/", step]).collect()
}

/// The text of `value` in its document.
pub(super) fn range(value: RawJsonValue<'_, '_>) -> Range<usize> {
    let start = value.position();
    start..start + value.as_raw_str().len()
}
