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
