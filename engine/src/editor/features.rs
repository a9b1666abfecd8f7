//! What the features of an editor hand out: values with places, in bytes of the text that a document has now.

use std::ops::Range;

/// A change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced, in bytes; empty where text is only put in.
    pub range: Range<usize>,
    /// What comes there.
    pub text: String,
}

/// Changes of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEdit {
    /// The document's path below the workspace.
    pub path: String,
    /// The changes, which do not overlap, in the order of their places.
    pub edits: Vec<TextEdit>,
}

/// Something that can be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What a person chooses by: a name or value, without quotes.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside the label.
    pub detail: Option<String>,
    /// What it means, as Markdown.
    pub documentation: Option<String>,
    /// What is to be held against the text that `edit` replaces, to see whether it goes on so: the label as the document
    /// has it, with quotes.
    pub filter: String,
    /// The change that writes it. Its range holds the place that was asked for.
    pub edit: TextEdit,
    /// Changes elsewhere that go with it: a comma behind the member before.
    pub additional: Vec<TextEdit>,
    /// Completions are shown in the order of these.
    pub sort: String,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// The name of a field.
    Field,
    /// A value that the schema lists, a number or a boolean.
    Value,
    /// A file below the asset's folder.
    File,
    /// A folder, or a pattern that takes what is in it.
    Folder,
    /// An asset or its identity.
    Reference,
}

/// What is told of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is told of, in bytes of the document.
    pub range: Range<usize>,
    /// What is told, as Markdown. A picture in it is a `data:` URI of at most 64 KiB.
    pub markdown: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path below the workspace.
    pub path: String,
    /// Where in it, in bytes; `0..0` for the file itself. In a document, it is a place in its present text.
    pub range: Range<usize>,
}

/// An asset of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its name; its root where it has none.
    pub name: String,
    /// Its root and id, in words.
    pub container: String,
    /// Where its manifest says its name.
    pub place: Place,
}

/// A value of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSymbol {
    /// The name of the member, or what tells an element from the others.
    pub name: String,
    /// The value, where it is short.
    pub detail: String,
    /// What it is.
    pub kind: ValueKind,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// Its name or beginning, within `range`.
    pub selection: Range<usize>,
    /// What is in it. It is nested at most 64 levels deep.
    pub children: Vec<DocumentSymbol>,
}

/// The kind of a value of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number, `true`, `false` or `null`, or what is to become one.
    Literal,
}
