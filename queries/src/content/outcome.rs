//! The outcome of a derivation.

use serde::{Deserialize, Serialize};

use super::handle::ContentId;
use crate::diagnostic::{Diagnostic, stored};

/// A payload: its identity, where its bytes are, and its runtime metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Digest and size of the whole payload.
    pub id: ContentId,
    /// The contents that make up the payload, one after the other.
    pub slices: Box<[ContentId]>,
    /// The runtime metadata that the format promotes, as canonical JSON.
    pub metadata: Box<str>,
}

/// What a format made of its sources, and what it found wrong.
///
/// It is the same for the same inputs, wherever the asset is: its diagnostics name files by their path below the asset
/// root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The payload; absent exactly when a diagnostic is an error.
    pub payload: Option<Payload>,
    /// Faults and notices, in artifact order.
    #[serde(with = "stored")]
    pub diagnostics: Vec<Diagnostic>,
}
