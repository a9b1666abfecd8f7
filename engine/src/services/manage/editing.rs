//! A running change of documents.

use crate::operation::Operation;
use crate::session::Session;

/// A running change of documents: an operation on a session. Its methods are in the files of this folder.
pub(super) struct Editing<'e, 'o> {
    pub(super) session: &'e mut Session,
    pub(super) operation: &'e mut Operation<'o>,
}
