//! What a format is given.

use super::part::Part;
use crate::content::ContentId;

/// One artifact file as a format sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path below the asset root.
    pub path: &'a str,
    /// Its bytes.
    pub content: ContentId,
    /// Which part of it is taken; none for all of it.
    pub part: Option<&'a Part>,
}

/// One artifact file of which not all is known yet.
#[derive(Debug, Clone, Copy)]
pub struct FileOutline<'a> {
    /// Its path below the asset root.
    pub path: &'a str,
    /// Its size in bytes, as it seems.
    pub size: u64,
    /// Its bytes, where they were read.
    pub content: Option<ContentId>,
}
