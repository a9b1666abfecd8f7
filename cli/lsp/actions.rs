//! Quick fixes: the fixes that diagnostics carry, as edits of documents.

use std::collections::{BTreeMap, HashMap};

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};
use papack_queries::diagnostic::Fix;

use super::client::json;
use super::desk::Desk;

/// Answers `textDocument/codeAction`: the fixes of what is wrong in the range.
pub fn code_actions(desk: &mut Desk, params: CodeActionParams) -> String {
    let wants = |kind: &CodeActionKind| *kind == CodeActionKind::QuickFix || *kind == CodeActionKind::Empty;
    let is_wanted = params.context.only.is_none_or(|only| only.iter().any(wants));
    let path = desk.document_path(&params.text_document.uri).filter(|_| is_wanted);
    let Some((path, workspace)) = path.zip(desk.workspace.as_ref()) else { return "[]".into() };
    let marked = workspace.editor.last_look().documents.get(&path).cloned().unwrap_or_default();
    let shown = desk.shown.state(&path).diagnostics;
    let mut actions = Vec::new();
    for (marked, shown) in marked.iter().zip(shown.iter()) {
        let touches = shown.range.start <= params.range.end && params.range.start <= shown.range.end;
        for fix in marked.diagnostic.fixes.iter().filter(|_| touches) {
            actions.push(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(vec![shown.clone()]),
                is_preferred: Some(fix.is_safe),
                edit: Some(edit(desk, edits_by_path(fix))),
                ..CodeAction::default()
            });
        }
    }
    json(&actions)
}

/// A change of some bytes of a document.
pub struct Replacement {
    pub range: std::ops::Range<usize>,
    pub text: String,
}

fn edits_by_path(fix: &Fix) -> BTreeMap<String, Vec<Replacement>> {
    let mut by_path = BTreeMap::<String, Vec<Replacement>>::new();
    for edit in &fix.edits {
        let replacement = Replacement { range: edit.start..edit.end, text: edit.text.clone() };
        by_path.entry(edit.path.to_string()).or_default().push(replacement);
    }
    by_path
}

/// The edit that makes these replacements, in the form that the client takes.
pub fn edit(desk: &Desk, by_path: BTreeMap<String, Vec<Replacement>>) -> WorkspaceEdit {
    let edits = by_path.into_iter().map(|(path, replacements)| {
        let edits = text_edits(desk, &path, replacements);
        (desk.uri(&path), desk.version(&path), edits)
    });
    if desk.client.takes_versioned_edits {
        let changes = edits.map(|(uri, version, edits)| {
            let text_document = OptionalVersionedTextDocumentIdentifier {
                version,
                text_document_identifier: TextDocumentIdentifier { uri },
            };
            TextDocumentEdit { text_document, edits: edits.into_iter().map(Into::into).collect() }.into()
        });
        return WorkspaceEdit { document_changes: Some(changes.collect()), ..WorkspaceEdit::default() };
    }
    let changes: HashMap<Uri, Vec<TextEdit>> = edits.map(|(uri, _, edits)| (uri, edits)).collect();
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

/// The edits of the document at `path` that make these replacements in its present text.
pub fn text_edits(desk: &Desk, path: &str, replacements: Vec<Replacement>) -> Vec<TextEdit> {
    let Some(text) = desk.text(path) else { return Vec::new() };
    replacements.into_iter().map(|it| TextEdit { range: text.range(&it.range), new_text: it.text }).collect()
}
