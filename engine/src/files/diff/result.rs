//! The result of a comparison of two packs.

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
    /// How the packs compare.
    pub status: DiffStatus,
    /// The first pack.
    pub old: PackSide,
    /// The second pack.
    pub new: PackSide,
    /// Assets that are the same in both.
    pub unchanged_count: usize,
    /// Assets that differ, in ascending id.
    pub assets: Vec<AssetDiff>,
    /// Assets whose root changed, as far as both packs have a sidecar that states it. The packs may be equal all the
    /// same.
    pub moved: Vec<MovedAsset>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

/// How two packs compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DiffStatus {
    /// They are the same, byte for byte.
    Equal,
    /// They differ.
    Different,
    /// At least one of them is no `assets.pa` as papack writes it, so they were not compared.
    Refused,
}

/// What changed of one asset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssetDiff {
    /// The stable id. Assets of the same id are compared.
    pub asset_id: u32,
    /// What happened to it.
    pub change: DiffKind,
    /// The asset in the old pack; null if it was added.
    pub old: Option<AssetSide>,
    /// The asset in the new pack; null if it was removed.
    pub new: Option<AssetSide>,
    /// The metadata that differ, in the order of their keys.
    pub metadata: Vec<MetadataDiff>,
    /// The first byte at which the payloads differ; the shorter size if one begins with the other; null if they are the
    /// same, or if there is only one.
    pub first_difference: Option<u64>,
    /// What changed of the tiles; absent unless both packs have the asset as a tile bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<TilesDiff>,
    /// What changed of the samples; absent unless both packs have the asset as a sound bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sounds: Option<SoundsDiff>,
    /// What changed of the files; absent unless both packs have the asset in the bank `DATA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataDiff>,
}

/// One asset in one of the two packs.
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

/// A key of the metadata whose value differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetadataDiff {
    /// The key.
    pub key: String,
    /// The old value. Absent if there is none, and for the lists of parts, which the rest of the result compares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// An asset whose root changed.
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
