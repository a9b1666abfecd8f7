//! A change of documents under way.

use crate::operation::Operation;
use crate::session::Session;

/// A change of documents under way: an operation on a session. Its steps are in the files of this folder.
pub(super) struct Editing<'e, 'o> {
    pub(super) session: &'e mut Session,
    pub(super) operation: &'e mut Operation<'o>,
}
