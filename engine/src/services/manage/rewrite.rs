//! Documents that are replaced by texts which another service made.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::editing::Editing;
use super::plan::{Step, Work};
use crate::operation::{Operation, Stop};
use crate::publish::recovery;
use crate::session::Session;
use crate::workspace::lane;

/// A document, and what is to become of it.
pub(in super::super) struct Rewritten {
    /// The document, relative to the workspace.
    pub(in super::super) path: Utf8PathBuf,
    /// Its text, as it was read.
    pub(in super::super) before: Arc<[u8]>,
    /// Its new text.
    pub(in super::super) after: String,
}

/// Replaces the texts of `documents`, in the lane, as the operation `task`. A document that is not as it was read ends the
/// operation.
pub(in super::super) fn rewrite(
    session: &mut Session,
    operation: &mut Operation<'_>,
    task: &str,
    no_wait: bool,
    documents: Vec<Rewritten>,
) -> Result<(), Stop> {
    let fs = Arc::clone(session.fs());
    let _lane = lane::expect(operation, &fs, task, no_wait)?;
    recovery::recover_if_possible(operation, &*fs)?;
    let step =
        |Rewritten { path, before, after }| Step { work: Work::Replace { path, before, after }, changes: vec![] };
    Editing { session, operation }.apply(documents.into_iter().map(step).collect(), &mut Vec::new())
}
