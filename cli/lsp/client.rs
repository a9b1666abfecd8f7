//! What the client can, as it said at the beginning, and the way to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gen_lsp_types::{InitializeParams, RootPath, WorkspaceFolders};
use serde::Serialize;

use super::text::Encoding;
use super::uri;
use crate::rpc::{Failure, Id, Outbox, answer, notification, refusal, request};

/// What the client can.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is an ability that a client has or has not")]
pub struct Abilities {
    pub encoding: Encoding,
    /// It asks for diagnostics, so that none are sent unasked.
    pub pulls_diagnostics: bool,
    /// It asks for diagnostics again when it is told to.
    pub refreshes_diagnostics: bool,
    /// Edits may name the versions of documents.
    pub takes_versioned_edits: bool,
    /// It makes a place for progress when it is asked to.
    pub makes_progress: bool,
    /// It watches files when it is asked to.
    pub watches_files: bool,
    /// Patterns of files to watch may be relative to a folder.
    pub takes_relative_patterns: bool,
    /// It shows symbols of a document within each other.
    pub nests_symbols: bool,
}

impl Abilities {
    /// What a client says of itself.
    pub fn new(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let documents = capabilities.text_document.as_ref();
        let encodings = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let watching = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let symbols = documents.and_then(|it| it.document_symbol.as_ref());
        Self {
            encoding: Encoding::negotiate(encodings),
            pulls_diagnostics: documents.is_some_and(|it| it.diagnostic.is_some()),
            refreshes_diagnostics: is(workspace.and_then(|it| it.diagnostics.as_ref()?.refresh_support)),
            takes_versioned_edits: is(workspace.and_then(|it| it.workspace_edit.as_ref()?.document_changes)),
            makes_progress: is(capabilities.window.as_ref().and_then(|it| it.work_done_progress)),
            watches_files: is(watching.and_then(|it| it.dynamic_registration)),
            takes_relative_patterns: is(watching.and_then(|it| it.relative_pattern_support)),
            nests_symbols: is(symbols.and_then(|it| it.hierarchical_document_symbol_support)),
        }
    }
}

fn is(ability: Option<bool>) -> bool {
    ability == Some(true)
}

/// The folders that are open in the client.
#[allow(deprecated, reason = "older clients tell their folder so")]
pub fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    if let Some(WorkspaceFolders::WorkspaceFolderList(folders)) =
        &params.workspace_folders_initialize_params.workspace_folders
    {
        return folders.iter().filter_map(|folder| uri::to_path(&folder.uri)).collect();
    }
    if let Some(root) = params.root_uri.as_ref().and_then(uri::to_path) {
        return vec![root];
    }
    match &params.root_path {
        Some(RootPath::String(path)) => vec![path.into()],
        _ => Vec::new(),
    }
}

/// What is sent to the client.
pub struct ToClient {
    pub outbox: Arc<Outbox>,
    next_request: AtomicU64,
}

impl ToClient {
    /// The way through `outbox`.
    pub fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox, next_request: AtomicU64::new(1) }
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: &impl Serialize) {
        self.outbox.send(&notification(method, &json(params)));
    }

    /// Sends a request, and returns its id, which the answer will have.
    pub fn request(&self, method: &str, params: &impl Serialize) -> Id {
        let id = Id::number(self.next_request.fetch_add(1, Ordering::Relaxed));
        self.outbox.send(&request(&id, method, &json(params)));
        id
    }

    /// Answers a request of the client. `result` is JSON.
    pub fn answer(&self, id: &Id, result: Result<String, Failure>) {
        match result {
            Ok(result) => self.outbox.send(&answer(id, &result)),
            Err(failure) => self.outbox.send(&refusal(Some(id), &failure)),
        }
    }
}

/// `value` as JSON.
pub fn json(value: &impl Serialize) -> String {
    // None of the types of the protocol fails to be written.
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}
