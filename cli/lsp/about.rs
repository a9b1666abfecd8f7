//! What the server tells about itself when a client begins.

use gen_lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProvider, CompletionOptions, DefinitionProvider, DiagnosticOptions,
    DiagnosticProvider, DocumentFormattingProvider, DocumentSymbolProvider, ExecuteCommandOptions,
    FoldingRangeProvider, HoverProvider, InitializeResult, ReferencesProvider, RenameOptions, RenameProvider, Save,
    SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkspaceSymbolProvider,
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
    let actions =
        CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QuickFix]), ..CodeActionOptions::default() };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(client.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::from(synchronization)),
            diagnostic_provider: Some(DiagnosticProvider::from(diagnostics)),
            code_action_provider: Some(CodeActionProvider::from(actions)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(["\"", "/", ":", ","].map(Into::into).into()),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProvider::from(true)),
            definition_provider: Some(DefinitionProvider::from(true)),
            references_provider: Some(ReferencesProvider::from(true)),
            rename_provider: Some(RenameProvider::from(RenameOptions {
                prepare_provider: Some(true),
                ..RenameOptions::default()
            })),
            document_symbol_provider: Some(DocumentSymbolProvider::from(true)),
            workspace_symbol_provider: Some(WorkspaceSymbolProvider::from(true)),
            folding_range_provider: Some(FoldingRangeProvider::from(true)),
            document_formatting_provider: Some(DocumentFormattingProvider::from(true)),
            execute_command_provider: Some(commands),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo { name: "papack".into(), version: Some(env!("CARGO_PKG_VERSION").into()) }),
    }
}
