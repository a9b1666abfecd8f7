//! Canonical JSON: RFC 8785 by `serde_json_canonicalizer`.
//!
//! The library rounds integers beyond 2^53 silently, so those are refused before they get here: in documents by
//! [`Document::parse`](super::Document::parse), in figures of papack's own by their bounds.

use std::io;

use nojson::{JsonValueKind, RawJsonValue};
use serde::Serialize;

use super::value::{integer, is_float, members, string};

/// The canonical bytes of `value`.
///
/// # Errors
///
/// When `value` has no JSON form, as a map with keys that are no strings.
pub fn to_vec(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value)
}

/// The canonical text of `value`.
///
/// # Errors
///
/// As [`to_vec`].
pub fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json_canonicalizer::to_string(value)
}

/// Writes the canonical form of the string `text`. JSON escapes nothing that RFC 8785 does not, and in the same way.
///
/// # Errors
///
/// None: writing to memory does not fail.
pub fn write_string(text: &str, to: &mut Vec<u8>) -> io::Result<()> {
    Ok(serde_json::to_writer(to, text)?)
}

/// Where `text`, parsed as `root`, first differs from its canonical form.
///
/// The form is compared as it is made, one value at a time: a header of many megabytes is never held twice.
pub(super) fn first_difference(text: &str, root: RawJsonValue<'_, '_>) -> Option<usize> {
    let mut comparison = Comparison { text: text.as_bytes(), at: 0 };
    match comparison.value(root) {
        Ok(()) => (comparison.at < text.len()).then_some(comparison.at),
        Err(Differs) => Some(comparison.at),
    }
}

/// The text, as far as it was found to be canonical.
struct Comparison<'t> {
    text: &'t [u8],
    at: usize,
}

/// The text goes on otherwise.
struct Differs;

impl Comparison<'_> {
    fn expect(&mut self, canonical: &[u8]) -> Result<(), Differs> {
        let rest = &self.text[self.at..];
        let same = if rest.starts_with(canonical) {
            canonical.len()
        } else {
            canonical.iter().zip(rest).take_while(|(a, b)| a == b).count()
        };
        self.at += same;
        if same == canonical.len() { Ok(()) } else { Err(Differs) }
    }

    /// Recursion is bounded by [`MAX_DEPTH`](super::MAX_DEPTH).
    fn value(&mut self, value: RawJsonValue<'_, '_>) -> Result<(), Differs> {
        let raw = value.as_raw_str();
        match value.kind() {
            JsonValueKind::Integer if !is_float(value) => match integer(value) {
                Some(number) => self.expect(number.to_string().as_bytes()),
                None => self.written(&raw.parse::<f64>().unwrap_or_default()),
            },
            JsonValueKind::Null | JsonValueKind::Boolean => self.expect(raw.as_bytes()),
            JsonValueKind::Integer | JsonValueKind::Float => self.written(&raw.parse::<f64>().unwrap_or_default()),
            JsonValueKind::String => self.string(value),
            JsonValueKind::Array => self.array(value),
            JsonValueKind::Object => self.object(value),
        }
    }

    fn written(&mut self, value: &impl Serialize) -> Result<(), Differs> {
        // A string and a finite number always have a form.
        self.expect(&to_vec(value).unwrap_or_default())
    }

    /// A string without escapes is canonical: what must be escaped is no JSON without.
    fn string(&mut self, value: RawJsonValue<'_, '_>) -> Result<(), Differs> {
        let raw = value.as_raw_str();
        if raw.contains('\\') { self.written(&string(value)) } else { self.expect(raw.as_bytes()) }
    }

    fn array(&mut self, array: RawJsonValue<'_, '_>) -> Result<(), Differs> {
        let mut before: &[u8] = b"[";
        for element in array.to_array().into_iter().flatten() {
            self.expect(before)?;
            self.value(element)?;
            before = b",";
        }
        self.expect(if before == b"[" { b"[]" } else { b"]" })
    }

    fn object(&mut self, object: RawJsonValue<'_, '_>) -> Result<(), Differs> {
        let mut sorted: Vec<_> = members(object).map(|(key, value)| (string(key), key, value)).collect();
        sorted.sort_by(|(a, ..), (b, ..)| a.encode_utf16().cmp(b.encode_utf16()));
        let mut before: &[u8] = b"{";
        for (_, key, value) in sorted {
            self.expect(before)?;
            self.string(key)?;
            self.expect(b":")?;
            self.value(value)?;
            before = b",";
        }
        self.expect(if before == b"{" { b"{}" } else { b"}" })
    }
}
