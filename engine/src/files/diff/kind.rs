//! What happened to something that has a name.

use serde::Serialize;

/// What happened to something that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DiffKind {
    /// Only the new pack has it.
    Added,
    /// Only the old pack has it.
    Removed,
    /// Both packs have it, and it differs.
    Changed,
}
