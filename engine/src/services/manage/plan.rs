//! Plans: what is to be done, in such an order that a kill between two steps does no harm.

use std::borrow::Cow;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::change::Change;

/// What is to be done.
#[derive(Default)]
pub(super) struct Plan {
    /// In this order.
    pub(super) steps: Vec<Step>,
    /// How many documents are left as they are, because of faults.
    pub(super) left: usize,
    /// Folders, relative to the workspace, that are deleted when all is done.
    pub(super) doomed: Vec<Utf8PathBuf>,
}

/// One thing that is done as a whole or not at all.
pub(super) struct Step {
    pub(super) work: Work,
    /// What it changes.
    pub(super) changes: Vec<Change>,
}

/// How a step changes the workspace. Paths are relative to it.
pub(super) enum Work {
    /// A document gets another text, unless it is no longer what was read.
    Replace { path: Utf8PathBuf, before: Arc<[u8]>, after: String },
    /// A file is made where nothing is.
    Create { path: Utf8PathBuf, content: Cow<'static, [u8]> },
    /// A folder is made where nothing is.
    CreateFolder { path: Utf8PathBuf },
    /// A folder moves to where nothing is. It moves back if a later step fails.
    MoveFolder { from: Utf8PathBuf, to: Utf8PathBuf },
}
