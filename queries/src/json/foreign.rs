//! Files in the place of a document that are none at all.

use crate::diagnostic::{Code, Diagnostic, Span, command_word};
use crate::signature::{LfsPointer, Signature};

/// What `bytes`, the file at `path` that is no JSON, are instead; `None` where that is a text like any other.
pub(super) fn foreign_fault(path: &str, bytes: &[u8]) -> Option<Diagnostic> {
    let span = Span::in_bytes(0..bytes.len().min(1));
    if let Some(pointer) = LfsPointer::of(bytes) {
        return Some(Diagnostic { span: Some(span), ..pointer.fault().at(path) });
    }
    let found = Signature::of(bytes).filter(|found| !found.is_plain_text())?;
    let help = if found.is_utf16() {
        "save it as UTF-8 without BOM".to_owned()
    } else {
        format!("take it back from version control (git restore {}) or from a backup", command_word(path))
    };
    let message = format!("the file is no JSON: it is {}", found.name);
    Some(Diagnostic { span: Some(span), ..Diagnostic::error(Code::JsonSyntax, message).at(path).with_help(help) })
}
