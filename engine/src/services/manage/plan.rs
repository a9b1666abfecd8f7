//! Plans: steps in such an order that a kill between two of them does no harm.

use std::borrow::Cow;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::change::Change;

/// What an operation is going to do.
#[derive(Default)]
pub(super) struct Plan {
    /// The steps, in the order in which they are done.
    pub(super) steps: Vec<Step>,
    /// How many documents are skipped because of faults.
    pub(super) skipped: usize,
    /// Folders, relative to the workspace, that are deleted after the last step.
    pub(super) folders_to_delete: Vec<Utf8PathBuf>,
}

/// One step of a plan. It is done as a whole or not at all.
pub(super) struct Step {
    pub(super) work: Work,
    /// The changes that the result lists for it.
    pub(super) changes: Vec<Change>,
}

impl Step {
    /// The step that makes the folder at `path`.
    pub(super) fn create_folder(path: Utf8PathBuf) -> Self {
        let created = Change::FolderCreated { path: path.to_string() };
        Self { work: Work::CreateFolder { path }, changes: vec![created] }
    }
}

/// How a step changes the workspace. Paths are relative to the workspace.
pub(super) enum Work {
    /// Replaces the text of a document. Fails if the document has changed since it was read.
    Replace { path: Utf8PathBuf, before: Arc<[u8]>, after: String },
    /// Makes a file. Fails if anything is at its place.
    Create { path: Utf8PathBuf, content: Cow<'static, [u8]> },
    /// Makes a folder. Fails if anything is at its place. If a later step fails, the folder is removed if it is empty.
    CreateFolder { path: Utf8PathBuf },
    /// Moves a folder. Fails if anything is at its new place. If a later step fails, the folder is moved back.
    MoveFolder { from: Utf8PathBuf, to: Utf8PathBuf },
}
