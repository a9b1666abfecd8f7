//! Canonical JSON: RFC 8785 by `serde_json_canonicalizer`.
//!
//! The library rounds integers beyond 2^53 silently, so those are refused before they get here: in documents by
//! [`Document::parse`](super::Document::parse), in figures of papack's own by their bounds.

use serde::Serialize;

/// The canonical bytes of `value`.
///
/// # Errors
///
/// When `value` has no JSON form, as a map with keys that are no strings.
pub fn to_vec(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value)
}

/// The canonical form of an object that holds a number known only later, cut where that number goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    before: String,
    after: String,
}

impl Fragment {
    /// Cuts the canonical form of `object`, in which the number is 0, before its last part `after`.
    ///
    /// `None` when it does not end in `0` and `after`.
    pub fn cut(object: &impl Serialize, after: String) -> Option<Self> {
        let mut before = serde_json_canonicalizer::to_string(object).ok()?;
        let end = before.strip_suffix(&after)?.strip_suffix('0')?.len();
        before.truncate(end);
        before.shrink_to_fit();
        Some(Self { before, after })
    }

    /// Appends the whole form, with `number` in its place.
    pub fn write(&self, number: u64, to: &mut Vec<u8>) {
        to.extend_from_slice(self.before.as_bytes());
        to.extend_from_slice(number.to_string().as_bytes());
        to.extend_from_slice(self.after.as_bytes());
    }
}
