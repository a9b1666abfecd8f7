//! What a comparison of two packs gives.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::Bank;
use serde::Serialize;
use serde_json::Value;

use super::kind::DiffKind;
use super::pack::PackSide;
use super::parts::{DataDiff, SoundsDiff, TilesDiff};

/// What changed from the old pack to the new one.
#[derive(Debug, Clone, Serialize)]
pub struct DiffResult {
    /// Version of this document.
    pub schema_version: u32,
    /// What came of it.
    pub status: DiffStatus,
    /// The first pack.
    pub old: PackSide,
    /// The second pack.
    pub new: PackSide,
    /// Assets that are the same in both.
    pub unchanged_count: usize,
    /// Assets that are not, in ascending id.
    pub assets: Vec<AssetDiff>,
    /// Assets whose root is another, where both packs have a sidecar that tells. The packs may be equal even so.
    pub moved: Vec<MovedAsset>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// How two packs compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DiffStatus {
    /// They are the same, byte for byte.
    Equal,
    /// They are not.
    Different,
    /// One of them at least is no `assets.pa` as papack writes it; they were not compared.
    Refused,
}

/// What changed of one asset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssetDiff {
    /// The stable id, which is what makes it the same asset.
    pub asset_id: u32,
    /// What happened to it.
    pub change: DiffKind,
    /// What the old pack says of it; null when it was added.
    pub old: Option<AssetSide>,
    /// What the new pack says of it; null when it was removed.
    pub new: Option<AssetSide>,
    /// The metadata that are not the same, in the order of their keys.
    pub metadata: Vec<MetadataDiff>,
    /// Where the payloads first differ, in bytes; the shorter size where one begins with the other; null where they
    /// are the same, or there is one only.
    pub first_difference: Option<u64>,
    /// Of two tile banks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<TilesDiff>,
    /// Of two sound banks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sounds: Option<SoundsDiff>,
    /// Of two assets of bank `DATA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataDiff>,
}

/// One asset in one of two packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssetSide {
    /// The logical name.
    pub asset_name: String,
    /// The bank that it is loaded into.
    pub bank_type: Bank,
    /// Bytes of the payload.
    pub size: u64,
    /// The slot that it is preloaded into.
    pub preload_slot: Option<u8>,
}

/// A key of the metadata whose value is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetadataDiff {
    /// The key.
    pub key: String,
    /// The old value. Absent where there is none, and for the lists of parts, of which the rest of the result tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// An asset whose root is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedAsset {
    /// The stable id.
    pub asset_id: u32,
    /// The logical name in the new pack.
    pub asset_name: String,
    /// The old root, below `assets/`.
    pub old: String,
    /// The new root.
    pub new: String,
}
