//! Diagnostics that the client asks for.

use std::collections::HashMap;

use gen_lsp_types::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::client::json;
use super::desk::Desk;
use super::shown::State;

/// Answers `textDocument/diagnostic`.
pub fn of_document(desk: &mut Desk, params: DocumentDiagnosticParams) -> String {
    let path = desk.document_path(&params.text_document.uri);
    let state = path.map_or_else(State::default, |path| desk.shown.state(&path));
    let report = match report(&state, params.previous_result_id.as_deref()) {
        Report::Full(full) => DocumentDiagnosticReport::from(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: full,
        }),
        Report::Unchanged(unchanged) => DocumentDiagnosticReport::from(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: unchanged,
        }),
    };
    json(&report)
}

/// Answers `workspace/diagnostic`: all documents that have diagnostics, had some, or of which the client has an id.
pub fn of_workspace(desk: &mut Desk, params: WorkspaceDiagnosticParams) -> String {
    let mut known: HashMap<Uri, String> =
        params.previous_result_ids.into_iter().map(|known| (known.uri, known.value)).collect();
    let mut items = Vec::new();
    for (path, state) in desk.shown.iter() {
        let uri = desk.uri(path);
        let previous = known.remove(&uri);
        items.push(item(uri, desk.version(path), report(state, previous.as_deref())));
    }
    let mut rest: Vec<_> = known.into_iter().collect();
    rest.sort_unstable_by(|one, other| one.0.0.cmp(&other.0.0));
    for (uri, previous) in rest {
        items.push(item(uri, None, report(&State::default(), Some(&previous))));
    }
    json(&WorkspaceDiagnosticReport { items })
}

enum Report {
    Full(FullDocumentDiagnosticReport),
    Unchanged(UnchangedDocumentDiagnosticReport),
}

/// What a client is told of `state`, that knows the one with the id `previous`.
fn report(state: &State, previous: Option<&str>) -> Report {
    let id = state.id.to_string();
    if previous == Some(&id) {
        return Report::Unchanged(UnchangedDocumentDiagnosticReport { result_id: id });
    }
    Report::Full(FullDocumentDiagnosticReport { result_id: Some(id), items: state.diagnostics.to_vec() })
}

fn item(uri: Uri, version: Option<i32>, report: Report) -> WorkspaceDocumentDiagnosticReport {
    match report {
        Report::Full(full) => WorkspaceDocumentDiagnosticReport::from(WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: full,
        }),
        Report::Unchanged(unchanged) => {
            WorkspaceDocumentDiagnosticReport::from(WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: unchanged,
            })
        }
    }
}
