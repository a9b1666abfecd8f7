//! What is wrong, where, and what to do: the one shape in which every part of papack reports a fault.
//!
//! Diagnostics are values. A query returns what it made *and* what it found wrong, so that a fault is memoized
//! with the value it belongs to. This file knows nothing that can be wrong: whoever finds a fault words it.

mod code;
mod data;
pub mod fix;
pub mod levels;
pub mod stored;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use data::{Data, Lines, OtherAsset, Pixel, Sample, Type, Unit};
pub use fix::{Edit, Fix, Fixes, RegistryFix, apply_edits, difference};

/// How much a diagnostic matters. An [`Error`](Severity::Error) blocks a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Probably not what the author meant; blocks nothing.
    Warning,
    /// Blocks the pack.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A place in a text: byte offsets, and lines and columns, 1-based, in Unicode scalar values. Ends are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of `start`, from 1.
    pub line: usize,
    /// Column of `start` in Unicode scalar values, from 1.
    pub column: usize,
    /// Line of `end`, from 1.
    pub end_line: usize,
    /// Column of `end`, from 1: one past the last character, where that is on the same line.
    pub end_column: usize,
}

impl Span {
    /// A place in a file that is no text: it counts as one line with a column for each byte.
    pub fn in_bytes(range: Range<usize>) -> Self {
        let column = |byte: usize| byte.saturating_add(1);
        let (column, end_column) = (column(range.start), column(range.end));
        Self { start: range.start, end: range.end, line: 1, column, end_line: 1, end_column }
    }
}

/// A second place that helps to understand a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// The file, relative to the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The place in the file, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The asset there, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<u32>,
}

impl Related {
    /// A place that is a file as a whole, or none.
    pub fn new(message: impl Into<String>, path: Option<String>) -> Self {
        Self { message: message.into(), path, span: None, asset_id: None }
    }
}

/// One fault or notice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    /// The stable name of the kind of fault.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it is by itself, where somebody asked to be told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_severity: Option<Severity>,
    /// What happened, in the user's words, with the figures found and allowed.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The facts of the message, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<Data>>,
    /// The file, relative to the workspace, `/`-separated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The JSON value, as an RFC 6901 pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The place in the file, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The asset's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<u32>,
    /// The asset's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_name: Option<String>,
    /// Other places that matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// What would mend it; at most one of these is safe.
    #[serde(skip_serializing_if = "<[Fix]>::is_empty")]
    pub fixes: Fixes,
}

impl Diagnostic {
    /// A diagnostic that says `message` and has no place yet.
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            found_severity: None,
            message: message.into(),
            help: None,
            data: None,
            path: None,
            pointer: None,
            span: None,
            asset_id: None,
            asset_name: None,
            related: Vec::new(),
            fixes: Fixes::default(),
        }
    }

    /// A diagnostic that blocks the pack.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A diagnostic that blocks nothing.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A notice.
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    /// The same, saying what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with the version found and the window of versions that are read, for programs.
    #[must_use]
    pub fn with_versions(self, found: i64, window: RangeInclusive<i64>) -> Self {
        self.with_data(Data::Version { found, oldest: *window.start(), newest: *window.end() })
    }

    /// The same, with the facts of its message, for programs.
    #[must_use]
    pub fn with_data(mut self, data: Data) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// The same, at these bytes of a file that is no text.
    #[must_use]
    pub fn at_bytes(mut self, range: Range<u64>) -> Self {
        let byte = |at| usize::try_from(at).unwrap_or(usize::MAX);
        self.span = Some(Span::in_bytes(byte(range.start)..byte(range.end)));
        self
    }

    /// The same, at a file given relative to the workspace.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same, pointing to another place too.
    #[must_use]
    pub fn with_related(self, message: impl Into<String>, path: Option<String>) -> Self {
        self.with_place(Related::new(message, path))
    }

    /// The same, pointing to another `place` too.
    #[must_use]
    pub fn with_place(mut self, place: Related) -> Self {
        self.related.push(place);
        self
    }

    /// The same, with something that would mend it.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fixes.extend(fix.into());
        self
    }

    /// The same, with the fix of the registry that would mend it.
    #[must_use]
    pub fn with_registry_fix(mut self, fix: RegistryFix) -> Self {
        self.fixes.set_of_registry(fix);
        self
    }

    /// Whether this blocks a pack.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `word` as a shell takes it for one word, for commands in help texts.
pub fn command_word(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%=,".contains(c);
    if word.chars().all(is_plain) && !word.starts_with('-') {
        return Cow::Borrowed(word);
    }
    let option = if word.starts_with('-') { "-- " } else { "" };
    Cow::Owned(format!("{option}'{}'", word.replace('\'', r"'\''")))
}
