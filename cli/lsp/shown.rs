//! The diagnostics as the client sees them, by document, each state of a document with an id.

use std::collections::BTreeMap;
use std::sync::Arc;

use gen_lsp_types::{Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location};
use papack_engine::{Marked, Related, Severity};

use super::text::Text;

/// What the diagnostics of a document are. By default it never had one.
#[derive(Clone, Default)]
pub struct State {
    /// Differs from those of all states before; 0 for a document that never had a diagnostic.
    pub id: u64,
    pub diagnostics: Arc<[Diagnostic]>,
}

/// The diagnostics of all documents that have some, or had some.
#[derive(Default)]
pub struct Shown {
    by_path: BTreeMap<String, State>,
    last_id: u64,
}

impl Shown {
    /// Sets the diagnostics of a document. Returns whether they are others than before.
    pub fn set(&mut self, path: &str, diagnostics: Vec<Diagnostic>) -> bool {
        if *self.state(path).diagnostics == *diagnostics {
            return false;
        }
        self.last_id += 1;
        self.by_path.insert(path.to_owned(), State { id: self.last_id, diagnostics: diagnostics.into() });
        true
    }

    /// The state of a document.
    pub fn state(&self, path: &str) -> State {
        self.by_path.get(path).cloned().unwrap_or_default()
    }

    /// All documents that have diagnostics, or had some, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &State)> {
        self.by_path.iter()
    }
}

/// What a client is shown of a diagnostic in the document at `path`, which has this text; none where it cannot be read.
/// `locate` gives the places of others.
pub fn diagnostic(
    path: &str,
    text: Option<&Text>,
    marked: &Marked,
    mut locate: impl FnMut(&Related) -> Option<Location>,
) -> Diagnostic {
    let found = &marked.diagnostic;
    let is_elsewhere = |file: &&String| file.as_str() != path;
    let mut message = match found.path.as_ref().filter(is_elsewhere) {
        Some(file) => format!("{file}: {}", found.message),
        None => found.message.clone(),
    };
    if let Some(help) = &found.help {
        message += "\n\n";
        message += help;
    }
    let related = found.related.iter().filter_map(|related| {
        Some(DiagnosticRelatedInformation { location: locate(related)?, message: related.message.clone() })
    });
    let related: Vec<_> = related.collect();
    Diagnostic {
        range: text.map(|text| text.range(&marked.range)).unwrap_or_default(),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(found.code.to_string())),
        source: Some("papack".into()),
        message: message.into(),
        related_information: (!related.is_empty()).then_some(related),
        data: serde_json::to_value(found).ok(),
        code_description: None,
        tags: None,
    }
}
