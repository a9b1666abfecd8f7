//! `artifacts` of a manifest: what an asset takes.

use super::part::read_part;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::Part;
use crate::glob::{Effort, Pattern};
use crate::json::{Elsewhere, Node, Place, shortened};
use crate::path;

const MAX_ARTIFACTS: usize = 65_536;

/// How many steps of matching the entry of a file is looked for.
const MAX_LOOKUP_STEPS: u64 = 1_000_000;

/// The fields of an entry of `artifacts`.
pub(super) const OF_ARTIFACTS: Elsewhere =
    (&["file", "glob", "except", "tag", "layer", "slice", "frame", "level"], "an entry of artifacts");

/// One entry of `artifacts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactEntry {
    /// What it selects.
    pub selection: Selection,
    /// Which part of each file it takes; none for all of it.
    pub part: Option<Part>,
    /// Where the path or pattern is written.
    pub place: Place,
}

/// The entries of `artifacts` that can be read, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactList {
    /// The entries.
    pub entries: Vec<ArtifactEntry>,
    /// Whether these are all. A list with holes gives no payload, but its files are looked at.
    pub is_complete: bool,
}

impl ArtifactList {
    /// The entry that selects the file at `path` below the asset root: the one that names it, or else the first whose
    /// pattern matches it.
    pub fn entry_of(&self, path: &str) -> Option<&ArtifactEntry> {
        let mut effort = Effort::new(MAX_LOOKUP_STEPS);
        let names = |entry: &&ArtifactEntry| matches!(&entry.selection, Selection::File(file) if file == path);
        let mut takes = |entry: &&ArtifactEntry| match &entry.selection {
            Selection::File(_) => false,
            Selection::Glob { pattern, .. } => pattern.matches(path, &mut effort),
        };
        self.entries.iter().find(names).or_else(|| self.entries.iter().find(|entry| takes(entry)))
    }
}

/// What an entry of `artifacts` selects below the asset root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// One file.
    File(String),
    /// Every file that `pattern` matches and none of `except` does.
    Glob {
        /// What to take.
        pattern: Pattern,
        /// What to leave out of it.
        except: Vec<Pattern>,
    },
}

/// Reads the list of a manifest of this `version`.
pub(super) fn read_artifacts(node: Node<'_, '_>, version: i64) -> Option<ArtifactList> {
    let nodes = node.array()?;
    if nodes.is_empty() || nodes.len() > MAX_ARTIFACTS {
        let message = format!("an asset takes 1 to {MAX_ARTIFACTS} entries, these are {}", nodes.len());
        let data = Data::limit(Some(nodes.len() as u64), 1, MAX_ARTIFACTS as u64, Unit::Entries);
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_data(data));
        return None;
    }
    let count = nodes.len();
    let entries: Vec<_> = nodes
        .into_iter()
        .enumerate()
        .filter_map(|(index, node)| match version {
            1 => read_file(node, format!("/artifacts/{index}")),
            _ => read_entry(node, index),
        })
        .collect();
    Some(ArtifactList { is_complete: entries.len() == count, entries })
}

fn read_entry(node: Node<'_, '_>, index: usize) -> Option<ArtifactEntry> {
    let fields = node.object(OF_ARTIFACTS.0)?;
    let part = read_part(fields).ok();
    match (fields.optional("file"), fields.optional("glob"), fields.optional("except")) {
        (Some(file), None, None) => {
            let entry = read_file(file, format!("/artifacts/{index}/file"))?;
            Some(ArtifactEntry { part: part?, ..entry })
        }
        (None, Some(glob), except) => {
            let pattern = read_pattern(glob);
            let except = match except {
                None => Some(Vec::new()),
                Some(list) => list.array()?.into_iter().map(read_pattern).collect(),
            };
            let selection = Selection::Glob { pattern: pattern?, except: except? };
            Some(ArtifactEntry { selection, part: part?, place: glob.place(format!("/artifacts/{index}/glob")) })
        }
        (Some(_), None, Some(except)) => {
            let message = "\"except\" goes with \"glob\", not with \"file\"";
            except.report(Diagnostic::error(Code::FieldInvalid, message).with_data(Data::missing("glob")));
            None
        }
        _ => {
            node.error(Code::FieldInvalid, "an entry has either \"file\" or \"glob\"");
            None
        }
    }
}

fn read_file(node: Node<'_, '_>, pointer: String) -> Option<ArtifactEntry> {
    let file = node.string()?;
    if let Err(fault) = path::check(&file) {
        node.report(invalid(&file, "path", &fault));
        return None;
    }
    Some(ArtifactEntry { selection: Selection::File(file), part: None, place: node.place(pointer) })
}

fn read_pattern(node: Node<'_, '_>) -> Option<Pattern> {
    let pattern = node.string()?;
    if let Err(fault) = path::check_pattern(&pattern) {
        node.report(invalid(&pattern, "pattern", &fault));
        return None;
    }
    Some(Pattern::new(pattern))
}

/// The fault of `text`, which is no valid path or pattern.
fn invalid(text: &str, what: &str, fault: &str) -> Diagnostic {
    let shown = shortened(text);
    let message = format!("{shown:?} is no valid {what}: {fault}");
    Diagnostic::error(Code::PathInvalid, message).with_data(Data::value(shown))
}
