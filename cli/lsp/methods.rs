//! What a client asks and tells about documents: each method with its parameters becomes a task of the thread that has
//! the editor's session.

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, Uri,
};
use serde::de::DeserializeOwned;

use super::actions;
use super::desk::Desk;
use super::features;
use super::queue::{Change, Task};
use super::reports;
use crate::rpc::{Failure, Id, Params};

/// Makes a task of the request `id`. None if there is no such method.
pub fn request(id: &Id, method: &str, params: Params<'_>) -> Option<Result<Task<Desk>, Failure>> {
    let task = match method {
        "textDocument/diagnostic" => report(id, params, reports::of_document),
        "workspace/diagnostic" => report(id, params, reports::of_workspace),
        "textDocument/completion" => ask(id, params, features::complete),
        "textDocument/hover" => ask(id, params, features::hover),
        "textDocument/definition" => ask(id, params, features::definition),
        "textDocument/references" => ask(id, params, features::references),
        "textDocument/prepareRename" => ask(id, params, features::prepare_rename),
        "textDocument/rename" => try_to(id, params, features::rename),
        "textDocument/documentSymbol" => ask(id, params, features::document_symbols),
        "textDocument/foldingRange" => ask(id, params, features::folding),
        "textDocument/formatting" => ask(id, params, features::format),
        "textDocument/codeAction" => ask(id, params, actions::code_actions),
        "workspace/symbol" => ask(id, params, features::symbols),
        _ => return None,
    };
    Some(task)
}

/// Makes a change of a notification. None if there is no such method, or nothing to be done.
pub fn notification(method: &str, params: Params<'_>) -> Option<Change<Desk>> {
    match method {
        "textDocument/didOpen" => change(params, |desk, params: DidOpenTextDocumentParams| {
            let uri = params.text_document.uri.clone();
            let Some(document) = desk.documents.open(params.text_document, desk.client.encoding) else { return };
            let path = document.path.clone();
            desk.look_for_workspace_of(&path);
            desk.set_text(&uri);
        }),
        "textDocument/didChange" => change(params, |desk, params: DidChangeTextDocumentParams| {
            let DidChangeTextDocumentParams { text_document, content_changes } = params;
            let uri = text_document.text_document_identifier.uri;
            if desk.documents.change(&uri, text_document.version, content_changes).is_some() {
                desk.set_text(&uri);
            }
        }),
        "textDocument/didClose" => change(params, |desk, params: DidCloseTextDocumentParams| {
            let path = desk.document_path(&params.text_document.uri);
            desk.documents.close(&params.text_document.uri);
            if let Some(path) = path {
                desk.forget_text(&path);
            }
        }),
        "textDocument/didSave" => change(params, |desk, params: DidSaveTextDocumentParams| {
            desk.note_changed(&[params.text_document.uri]);
        }),
        "workspace/didChangeWatchedFiles" => change(params, |desk, params: DidChangeWatchedFilesParams| {
            let uris: Vec<Uri> = params.changes.into_iter().map(|change| change.uri).collect();
            desk.note_changed(&uris);
        }),
        _ => None,
    }
}

/// A report, which `answer` gives.
fn report<P: DeserializeOwned + Send + 'static>(
    id: &Id,
    params: Params<'_>,
    answer: fn(&mut Desk, P) -> String,
) -> Result<Task<Desk>, Failure> {
    let params: P = params.read()?;
    Ok(Task::Report(id.clone(), Box::new(move |desk| Ok(answer(desk, params)))))
}

/// A question that `answer` answers.
fn ask<P: DeserializeOwned + Send + 'static>(
    id: &Id,
    params: Params<'_>,
    answer: fn(&mut Desk, P) -> String,
) -> Result<Task<Desk>, Failure> {
    let params: P = params.read()?;
    Ok(Task::Question(id.clone(), Box::new(move |desk| Ok(answer(desk, params)))))
}

/// A question that `answer` answers, or refuses.
fn try_to<P: DeserializeOwned + Send + 'static>(
    id: &Id,
    params: Params<'_>,
    answer: fn(&mut Desk, P) -> Result<String, Failure>,
) -> Result<Task<Desk>, Failure> {
    let params: P = params.read()?;
    Ok(Task::Question(id.clone(), Box::new(move |desk| answer(desk, params))))
}

fn change<P: DeserializeOwned + Send + 'static>(params: Params<'_>, change: fn(&mut Desk, P)) -> Option<Change<Desk>> {
    // A notification that is none is not answered.
    let params: P = params.read().ok()?;
    Some(Box::new(move |desk| change(desk, params)))
}
