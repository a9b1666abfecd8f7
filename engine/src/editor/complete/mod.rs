//! What could be written at a place of a document: `docs/spec/language.md`.
//!
//! `fields` completes names of members, `values` what the schema or the workspace has for them, and `paths` files and
//! patterns. `insertion` makes a change of the text of what was found.

mod fields;
mod insertion;
mod paths;
mod values;

use super::Editor;
use super::features::Completion;

/// How many completions there are at most.
const MOST: usize = 1000;

impl Editor {
    /// What could be written at byte `offset` of the document at `path`, at most 1,000 completions. The document need
    /// not be JSON yet. Of the workspace, it is known what the last look found.
    pub fn complete(&self, path: &str, offset: usize) -> Vec<Completion> {
        let Some(document) = self.document(path) else { return Vec::new() };
        let Some(here) = document.at(offset) else { return Vec::new() };
        let mut found = if here.spot.is_key { fields::fields(&here) } else { self.values_at(&here) };
        found.truncate(MOST);
        for (position, completion) in found.iter_mut().enumerate() {
            completion.sort = format!("{position:04}");
        }
        found
    }
}
