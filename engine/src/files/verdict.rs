//! Whether a file is an `assets.pa`.

use serde::Serialize;

/// Whether a file is an `assets.pa` as papack writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It keeps every rule that was checked.
    Valid,
    /// It breaks a rule; the diagnostics say which.
    Refused,
}
