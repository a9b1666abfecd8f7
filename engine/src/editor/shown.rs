//! What a look found, as an editor shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use papack_queries::diagnostic::Diagnostic;

/// What is wrong with a workspace, by the documents in which an editor shows it.
#[derive(Debug, Default)]
pub struct Look {
    /// Counts up with each look that found something else than the one before.
    pub revision: u64,
    /// The documents with something wrong, by their paths below the workspace.
    pub documents: BTreeMap<String, Arc<[Marked]>>,
    /// The documents of which something else is shown than after the look before, those that have nothing any more
    /// among them.
    pub changed: BTreeSet<String>,
    /// Whether to look again after a while, though no change is reported: the look failed, or a file may have changed
    /// under the same stamp, because somebody has it open for writing or its file system stamps too coarsely.
    pub is_unsettled: bool,
}

/// A diagnostic, and where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The diagnostic.
    pub diagnostic: Diagnostic,
    /// The place in the document, in bytes of the text that was looked at. It is the diagnostic's own where that is of
    /// this document. What is wrong with another file is shown where the document names that file, or at its start.
    pub range: Range<usize>,
}
