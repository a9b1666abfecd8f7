//! What a format is given.

use crate::content::ContentId;

/// One artifact file as a format sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path below the asset root.
    pub path: &'a str,
    /// Its bytes.
    pub content: ContentId,
}
