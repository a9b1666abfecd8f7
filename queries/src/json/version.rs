//! The version of a document, which is read before anything else.

use std::ops::RangeInclusive;

use nojson::JsonValueKind;

use super::document::Document;
use super::node::Node;
use super::schema_faults::{missing_fault, type_fault};
use crate::diagnostic::{Code, Diagnostic, Type};

impl<'t> Document<'t> {
    /// As [`version_within`](Self::version_within), of a document that `papack migrate` rewrites. An older version is
    /// reported as a notice.
    pub fn schema_version(&self, what: &str, window: RangeInclusive<i64>) -> Option<i64> {
        let (node, version) = self.version_within(what, window.clone())?;
        let current = *window.end();
        if version < current {
            let message = format!("schema version {version} of {what} is read as version {current}");
            let notice = Diagnostic::info(Code::SchemaOlder, message).with_help("rewrite it with: papack migrate");
            node.report(notice.with_versions(version, window));
        }
        Some(version)
    }

    /// Reads `schema_version` before anything else, so that a newer document is reported as such and not as many
    /// unknown fields. Returns the version, and the value that has it, when it lies in `window`.
    pub fn version_within(&self, what: &str, window: RangeInclusive<i64>) -> Option<(Node<'_, 't>, i64)> {
        let Some(node) = self.root().member("schema_version") else {
            // A document that is no object gets its fault from the schema.
            if self.json.value().kind() == JsonValueKind::Object {
                self.root().report(missing_fault("schema_version"));
            } else {
                self.root().report(type_fault(self.root().value_type(), Type::Object));
            }
            return None;
        };
        let version = node.integer()?;
        let (oldest, current) = (window.start(), window.end());
        if !window.contains(&version) {
            let help = if version > *current {
                "update papack, or save the document with the version that this papack reads"
            } else {
                "such a document was never written by a papack; check the number"
            };
            let message =
                format!("schema version {version} of {what} is not supported: this papack reads {oldest} to {current}");
            let fault = Diagnostic::error(Code::SchemaVersion, message).with_help(help);
            node.report(fault.with_versions(version, window));
            return None;
        }
        Some((node, version))
    }
}
