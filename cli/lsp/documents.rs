//! The documents that are open in the client.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};
use papack_queries::left_out::IGNORE_PATH;
use papack_queries::schema::settings::SETTINGS_NAME;
use papack_queries::schema::{MANIFEST_NAME, REGISTRY_PATH};

use super::text::{Encoding, Text};
use super::uri;

/// An open document, which may be one of a workspace.
pub struct Document {
    /// Its file.
    pub path: PathBuf,
    /// The version that the client gave its text.
    pub version: i32,
    pub text: Text,
}

/// The open documents.
#[derive(Default)]
pub struct Documents {
    by_uri: HashMap<Uri, Document>,
}

impl Documents {
    /// Keeps a document that was opened. None where it is none of those that workspaces have.
    pub fn open(&mut self, item: TextDocumentItem, encoding: Encoding) -> Option<&Document> {
        let path = uri::to_path(&item.uri).filter(|path| has_name_of_document(path))?;
        let text = Text::new(&item.text.into_bytes().into(), encoding);
        let document = Document { path, version: item.version, text };
        Some(self.by_uri.entry(item.uri).insert_entry(document).into_mut())
    }

    /// Changes the text of a document. None where it is not kept.
    pub fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Option<&Document> {
        let document = self.by_uri.get_mut(uri)?;
        document.text.apply(changes);
        document.version = version;
        Some(document)
    }

    /// Lets go of a document that was closed.
    pub fn close(&mut self, uri: &Uri) -> Option<Document> {
        self.by_uri.remove(uri)
    }

    /// The document with this URI.
    pub fn get(&self, uri: &Uri) -> Option<&Document> {
        self.by_uri.get(uri)
    }

    /// The URIs of all of them, in order.
    pub fn uris(&self) -> Vec<Uri> {
        let mut uris: Vec<_> = self.by_uri.keys().cloned().collect();
        uris.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        uris
    }
}

/// Whether a file of this name may be a document of a workspace.
fn has_name_of_document(path: &Path) -> bool {
    let paths = [MANIFEST_NAME, REGISTRY_PATH, SETTINGS_NAME, IGNORE_PATH];
    paths.iter().any(|known| Path::new(known).file_name() == path.file_name())
}
