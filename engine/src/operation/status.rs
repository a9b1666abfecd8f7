//! How operations end.

use serde::Serialize;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It did what the caller asked for. Of a pack: the four outputs are published.
    Success,
    /// Something is wrong with the workspace. Of a pack: blocked before emission.
    GateFailed,
    /// It failed while reading, materializing, deriving, assembling or staging.
    ExecutionFailed,
    /// It failed while making the outputs final, or while completing an earlier promotion.
    PublicationFailed,
    /// Another operation holds the lane, and the caller does not wait.
    LaneBusy,
    /// The caller cancelled it. Of a pack: before promotion.
    Cancelled,
}

/// Why an operation ended without success. Its diagnostics are reported before.
pub(crate) struct Stop(pub(crate) Status);
