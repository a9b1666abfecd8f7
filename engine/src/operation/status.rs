//! How operations end.

use serde::Serialize;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It did what was asked for; of a pack: the four artifacts are published.
    Success,
    /// Something is wrong with the workspace; of a pack: blocked before emission.
    GateFailed,
    /// Failed while reading, materializing, deriving, assembling or staging.
    ExecutionFailed,
    /// Failed while making the outputs final, or while completing an earlier promotion.
    PublicationFailed,
    /// Another operation holds the lane, and the caller does not wait.
    LaneBusy,
    /// The caller cancelled, of a pack: before promotion.
    Cancelled,
}

/// Why an operation ended without success. What it has to say is among the diagnostics already.
pub(crate) struct Stop(pub(crate) Status);
