//! What the server tells about itself when a client begins.

use gen_lsp_types::{
    DiagnosticOptions, DiagnosticProvider, ExecuteCommandOptions, InitializeResult, Save, SaveOptions,
    ServerCapabilities, ServerInfo, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions,
};

use super::client::Abilities;
use super::operations;

/// The result of `initialize`.
pub fn about(client: &Abilities) -> InitializeResult {
    let synchronization = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(Save::from(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let diagnostics = DiagnosticOptions {
        identifier: Some("papack".into()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..DiagnosticOptions::default()
    };
    let commands = ExecuteCommandOptions { commands: operations::commands(), ..ExecuteCommandOptions::default() };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(client.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::from(synchronization)),
            diagnostic_provider: Some(DiagnosticProvider::from(diagnostics)),
            execute_command_provider: Some(commands),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo { name: "papack".into(), version: Some(env!("CARGO_PKG_VERSION").into()) }),
    }
}
