//! What an editor's session tells of documents, in the form of the protocol.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use gen_lsp_types::{
    BaseSymbolInformation, CompletionItem, CompletionItemKind, CompletionList, CompletionParams, DefinitionParams,
    DocumentFormattingParams, DocumentSymbolParams, FoldingRange, FoldingRangeParams, Hover, HoverParams, Location,
    MarkupContent, MarkupKind, PrepareRenameParams, ReferenceParams, RenameParams, SymbolKind,
    TextDocumentPositionParams, TextEdit, WorkspaceSymbol, WorkspaceSymbolParams,
};
use papack_engine::{Completion, CompletionKind, DocumentSymbol, Editor, Place, ValueKind};

use super::actions::{Replacement, edit, text_edits};
use super::client::json;
use super::desk::Desk;
use super::text::Text;
use crate::rpc::Failure;

/// How many symbols of a workspace are told.
const MAX_SYMBOLS: usize = 128;

/// A client is told to ask again, while one types on, where it was told so many completions.
const MANY_COMPLETIONS: usize = 1000;

/// Answers `textDocument/completion`.
pub fn complete(desk: &mut Desk, params: CompletionParams) -> String {
    let Some(at) = At::find(desk, &params.text_document_position_params) else { return "null".into() };
    let items = at.editor.complete(&at.path, at.offset).into_iter();
    let items: Vec<_> = items.map(|found| completion_item(found, &at.text)).collect();
    let is_incomplete = items.len() >= MANY_COMPLETIONS;
    json(&CompletionList { is_incomplete, items, ..CompletionList::default() })
}

fn completion_item(found: Completion, text: &Text) -> CompletionItem {
    let kind = match found.kind {
        CompletionKind::Field => CompletionItemKind::Property,
        CompletionKind::Value => CompletionItemKind::Value,
        CompletionKind::File => CompletionItemKind::File,
        CompletionKind::Folder => CompletionItemKind::Folder,
        CompletionKind::Reference => CompletionItemKind::Reference,
    };
    let additional: Vec<_> = found.additional.into_iter().map(|edit| text_edit(edit, text)).collect();
    CompletionItem {
        label: found.label,
        kind: Some(kind),
        detail: found.detail,
        documentation: found.documentation.map(|text| markdown(text).into()),
        sort_text: Some(found.sort),
        filter_text: Some(found.filter),
        text_edit: Some(text_edit(found.edit, text).into()),
        additional_text_edits: (!additional.is_empty()).then_some(additional),
        ..CompletionItem::default()
    }
}

/// Answers `textDocument/hover`.
pub fn hover(desk: &mut Desk, params: HoverParams) -> String {
    let at = At::find(desk, &params.text_document_position_params);
    let hover = at.and_then(|at| {
        let found = at.editor.hover(&at.path, at.offset)?;
        Some(Hover { contents: markdown(found.markdown).into(), range: Some(at.text.range(&found.range)) })
    });
    json(&hover)
}

/// Answers `textDocument/definition`.
pub fn definition(desk: &mut Desk, params: DefinitionParams) -> String {
    let at = At::find(desk, &params.text_document_position_params);
    let places = at.map(|at| at.editor.definition(&at.path, at.offset)).unwrap_or_default();
    json(&Locations::new(desk).all(&places))
}

/// Answers `textDocument/references`.
pub fn references(desk: &mut Desk, params: ReferenceParams) -> String {
    let at = At::find(desk, &params.text_document_position_params);
    let places = at.map(|at| at.editor.references(&at.path, at.offset)).unwrap_or_default();
    json(&Locations::new(desk).all(&places))
}

/// Answers `textDocument/prepareRename`.
pub fn prepare_rename(desk: &mut Desk, params: PrepareRenameParams) -> String {
    let at = At::find(desk, &params.text_document_position_params);
    let range = at.and_then(|at| Some(at.text.range(&at.editor.prepare_rename(&at.path, at.offset)?)));
    json(&range)
}

/// Answers `textDocument/rename`.
pub fn rename(desk: &mut Desk, params: RenameParams) -> Result<String, Failure> {
    let Some(at) = At::find(desk, &params.text_document_position_params) else { return Ok("null".into()) };
    let edits = at.editor.rename(&at.path, at.offset, &params.new_name).map_err(Failure::failed)?;
    let by_path: BTreeMap<_, _> = edits.into_iter().map(|it| (it.path, replacements(it.edits))).collect();
    Ok(json(&edit(desk, by_path)))
}

/// Answers `workspace/symbol`.
pub fn symbols(desk: &mut Desk, params: WorkspaceSymbolParams) -> String {
    let Some(workspace) = &desk.workspace else { return "[]".into() };
    let mut locations = Locations::new(desk);
    let symbols = workspace.editor.symbols(&params.query, MAX_SYMBOLS).into_iter().map(|found| WorkspaceSymbol {
        location: locations.one(&found.place).into(),
        data: None,
        base_symbol_information: BaseSymbolInformation {
            name: found.name,
            kind: SymbolKind::Object,
            tags: None,
            container_name: Some(found.container),
        },
    });
    json(&symbols.collect::<Vec<_>>())
}

/// Answers `textDocument/documentSymbol`, for clients that show symbols within each other and for others.
pub fn document_symbols(desk: &mut Desk, params: DocumentSymbolParams) -> String {
    let uri = params.text_document.uri;
    let Some((editor, path, text)) = document(desk, &uri) else { return "[]".into() };
    let symbols = editor.document_symbols(&path);
    if desk.client.nests_symbols {
        let symbols: Vec<_> = symbols.into_iter().map(|symbol| nested(symbol, &text)).collect();
        return json(&symbols);
    }
    let mut flat = Vec::new();
    for symbol in symbols {
        flatten(symbol, None, &mut |symbol: &DocumentSymbol, container| {
            let location = Location { uri: uri.clone(), range: text.range(&symbol.range) };
            flat.push(WorkspaceSymbol {
                location: location.into(),
                data: None,
                base_symbol_information: BaseSymbolInformation {
                    name: symbol.name.clone(),
                    kind: symbol_kind(symbol.kind),
                    tags: None,
                    container_name: container,
                },
            });
        });
    }
    json(&flat)
}

#[allow(deprecated, reason = "the protocol has an older member of the same meaning as `tags`")]
fn nested(symbol: DocumentSymbol, text: &Text) -> gen_lsp_types::DocumentSymbol {
    gen_lsp_types::DocumentSymbol {
        name: symbol.name,
        detail: Some(symbol.detail).filter(|detail| !detail.is_empty()),
        kind: symbol_kind(symbol.kind),
        range: text.range(&symbol.range),
        selection_range: text.range(&symbol.selection),
        children: Some(symbol.children.into_iter().map(|child| nested(child, text)).collect()),
        tags: None,
        deprecated: None,
    }
}

/// Calls `tell` with a symbol and all that are in it, each with the name of what it is in.
fn flatten(symbol: DocumentSymbol, container: Option<String>, tell: &mut impl FnMut(&DocumentSymbol, Option<String>)) {
    tell(&symbol, container);
    for child in symbol.children {
        flatten(child, Some(symbol.name.clone()), tell);
    }
}

fn symbol_kind(kind: ValueKind) -> SymbolKind {
    match kind {
        ValueKind::Object => SymbolKind::Object,
        ValueKind::Array => SymbolKind::Array,
        ValueKind::String => SymbolKind::String,
        ValueKind::Literal => SymbolKind::Constant,
    }
}

/// Answers `textDocument/foldingRange`.
pub fn folding(desk: &mut Desk, params: FoldingRangeParams) -> String {
    let Some((editor, path, text)) = document(desk, &params.text_document.uri) else { return "[]".into() };
    let ranges = editor.folding(&path).into_iter().map(|bytes| {
        let range = text.range(&bytes);
        // The line with the closing bracket stays.
        let end_line = range.end.line.saturating_sub(1).max(range.start.line);
        FoldingRange { start_line: range.start.line, end_line, ..FoldingRange::default() }
    });
    json(&ranges.collect::<Vec<_>>())
}

/// Answers `textDocument/formatting`.
pub fn format(desk: &mut Desk, params: DocumentFormattingParams) -> String {
    let Some((editor, path, _)) = document(desk, &params.text_document.uri) else { return "null".into() };
    let edits = editor.format(&path).map(|edits| text_edits(desk, &path, replacements(edits)));
    json(&edits)
}

/// A place in a document that a client asks about.
struct At<'d> {
    editor: &'d Editor,
    path: String,
    text: Box<Text>,
    offset: usize,
}

impl<'d> At<'d> {
    /// None where it is in no document of the workspace.
    fn find(desk: &'d Desk, params: &TextDocumentPositionParams) -> Option<Self> {
        let (editor, path, text) = document(desk, &params.text_document.uri)?;
        let offset = text.offset(params.position);
        Some(Self { editor, path, text, offset })
    }
}

/// The path and the text of a document of the workspace.
fn document<'d>(desk: &'d Desk, uri: &gen_lsp_types::Uri) -> Option<(&'d Editor, String, Box<Text>)> {
    let path = desk.document_path(uri)?;
    let text = desk.text(&path)?;
    Some((&desk.workspace.as_ref()?.editor, path, text))
}

/// Tells places in the form of the protocol. The text of each file is read once.
struct Locations<'d> {
    desk: &'d Desk,
    texts: HashMap<String, Option<Box<Text>>>,
}

impl<'d> Locations<'d> {
    fn new(desk: &'d Desk) -> Self {
        Self { desk, texts: HashMap::new() }
    }

    fn all(&mut self, places: &[Place]) -> Vec<Location> {
        places.iter().map(|place| self.one(place)).collect()
    }

    fn one(&mut self, place: &Place) -> Location {
        Location { uri: self.desk.uri(&place.path), range: self.range(&place.path, &place.range) }
    }

    fn range(&mut self, path: &str, bytes: &Range<usize>) -> gen_lsp_types::Range {
        // Of a file that is no text nothing is read.
        if *bytes == (0..0) {
            return gen_lsp_types::Range::default();
        }
        let text = self.texts.entry(path.to_owned()).or_insert_with(|| self.desk.text(path));
        text.as_ref().map(|text| text.range(bytes)).unwrap_or_default()
    }
}

fn replacements(edits: Vec<papack_engine::TextEdit>) -> Vec<Replacement> {
    edits.into_iter().map(|edit| Replacement { range: edit.range, text: edit.text }).collect()
}

fn text_edit(edit: papack_engine::TextEdit, text: &Text) -> TextEdit {
    TextEdit { range: text.range(&edit.range), new_text: edit.text }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}
