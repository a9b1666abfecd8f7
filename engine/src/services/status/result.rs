//! What a status tells.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::Bank;
use papack_queries::unmanaged::Relation;
use serde::Serialize;

use crate::operation::{OperationId, Status, operation_result};

/// A workspace at a glance.
#[derive(Debug, Clone, Serialize)]
pub struct StatusResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` where the workspace could be looked at, whatever is wrong with it; `GATE_FAILED` where a link is in
    /// the way of `assets/`, or it may not be read.
    pub status: Status,
    /// What there is, and what would happen; null unless `SUCCESS`.
    pub workspace: Option<Summary>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a workspace holds.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// What a pack would do next.
    pub next_pack: NextPack,
    /// The registered assets by state.
    pub counts: Counts,
    /// The build set by bank, every bank.
    pub banks: Vec<BankStatus>,
    /// Every registered asset, in ascending `asset_id`.
    pub assets: Vec<AssetStatus>,
    /// Manifests that the registry does not know, by root.
    pub unmanaged: Vec<UnmanagedStatus>,
    /// Documents of an older version, relative to the workspace: what `migrate` would rewrite.
    pub needs_migration: Vec<String>,
}

/// What a pack would do next.
#[derive(Debug, Clone, Serialize)]
pub struct NextPack {
    /// What.
    pub action: NextAction,
    /// Which of the outputs it would replace; empty unless `PACK`.
    pub replaces: Vec<&'static str>,
    /// ERRORs that block it, that of an output which it cannot replace included.
    pub error_count: usize,
    /// WARNINGs that it would give.
    pub warning_count: usize,
    /// Whether it would first complete a promotion that was cut short.
    pub recovers: bool,
}

/// What a pack would do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NextAction {
    /// Publish.
    Pack,
    /// Nothing: the outputs are what it would write.
    Nothing,
    /// Fail.
    Fail,
}

/// How many registered assets there are, in all and by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub registered: usize,
    /// Those in the build set.
    pub included: usize,
    /// Those in [`AssetState::Ready`].
    pub ready: usize,
    /// Those in [`AssetState::Faulty`].
    pub faulty: usize,
    /// Those in [`AssetState::Missing`].
    pub missing: usize,
    /// Those in [`AssetState::Moved`].
    pub moved: usize,
    /// Files below asset roots that no artifact entry uses.
    pub unused_files: usize,
}

/// One bank of the build set.
#[derive(Debug, Clone, Serialize)]
pub struct BankStatus {
    /// Which.
    pub bank: Bank,
    /// Assets that are made for it.
    pub asset_count: usize,
    /// Bytes of those of their payloads that can be derived.
    pub payload_bytes: u64,
    /// Preloads, by slot.
    pub used_slots: Vec<UsedSlot>,
    /// Slots that no asset preloads into.
    pub free_slots: Vec<u8>,
}

/// A slot that an asset preloads into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UsedSlot {
    /// 0 to 15.
    pub slot: u8,
    /// The asset.
    pub asset_id: u32,
}

/// Whether an asset could be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssetState {
    /// It can.
    Ready,
    /// Something is wrong with it.
    Faulty,
    /// Its root or its manifest is not there.
    Missing,
    /// Its root is gone, and its manifest was found elsewhere.
    Moved,
}

/// One registered asset.
#[derive(Debug, Clone, Serialize)]
pub struct AssetStatus {
    /// Its id.
    pub asset_id: u32,
    /// Its name; null where the manifest does not tell it.
    pub asset_name: Option<String>,
    /// Its root, relative to `assets/`.
    pub root: String,
    /// Whether it is in the build set.
    pub included_in_build: bool,
    /// Whether it could be packed.
    pub state: AssetState,
    /// Its format; null where the manifest does not tell it.
    pub format: Option<&'static str>,
    /// Its bank; null where the manifest does not tell its format.
    pub bank: Option<Bank>,
    /// Bytes of its payload; null where it cannot be derived.
    pub payload_bytes: Option<u64>,
    /// The slot that it preloads into; null where it does not.
    pub preload_slot: Option<u8>,
    /// Files below the root that no artifact entry uses, relative to it; null where the artifact files are not known.
    pub unused_files: Option<Vec<String>>,
}

/// A manifest that the registry does not know.
#[derive(Debug, Clone, Serialize)]
pub struct UnmanagedStatus {
    /// Its folder, relative to `assets/`.
    pub root: String,
    /// What it is to the registry.
    #[serde(flatten)]
    pub relation: Relation,
}

operation_result!(StatusResult);
