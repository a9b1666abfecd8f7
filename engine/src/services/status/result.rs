//! The result of a status.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::formats::Bank;
use papack_queries::unmanaged::Relation;
use papack_queries::unmanaged_folders::UnmanagedFolder;
use serde::Serialize;

use crate::operation::{OperationId, Status, operation_result};

/// A workspace at a glance.
#[derive(Debug, Clone, Serialize)]
pub struct StatusResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if the workspace could be examined, whatever is wrong with it; `GATE_FAILED` if a link is in the place
    /// of `assets/`, or it may not be read.
    pub status: Status,
    /// What the workspace holds, and what a pack would do; null unless `SUCCESS`.
    pub workspace: Option<Summary>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

/// What a workspace holds.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// What a pack would do next.
    pub next_pack: NextPack,
    /// The registered assets by state.
    pub counts: Counts,
    /// The build set by bank. Every bank is listed.
    pub banks: Vec<BankStatus>,
    /// Every registered asset, in ascending `asset_id`.
    pub assets: Vec<AssetStatus>,
    /// Manifests whose assets are not registered, by root.
    pub unmanaged: Vec<UnmanagedStatus>,
    /// Folders of pictures and sounds that no asset takes in, by root.
    pub unmanaged_folders: Vec<UnmanagedFolder>,
    /// Pictures and sounds that lie directly in `assets/`, where no asset can be.
    pub loose_files: Vec<String>,
    /// Documents of an older version, relative to the workspace: what `migrate` would rewrite.
    pub needs_migration: Vec<String>,
}

/// What a pack would do next.
#[derive(Debug, Clone, Serialize)]
pub struct NextPack {
    /// What it would do.
    pub action: NextAction,
    /// Which of the outputs it would replace; empty unless `PACK`.
    pub replaces: Vec<&'static str>,
    /// ERRORs that block it. An output that it cannot replace counts as one.
    pub error_count: usize,
    /// WARNINGs that it would report.
    pub warning_count: usize,
    /// The outputs that it would first make final, by completing a promotion that was cut short; empty if there is none.
    pub recovers: Vec<&'static str>,
}

/// What a pack would do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NextAction {
    /// Publish outputs.
    Pack,
    /// Nothing: the published outputs are right already.
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
    /// The bank.
    pub bank: Bank,
    /// Assets of this bank.
    pub asset_count: usize,
    /// Bytes of their payloads, as far as these can be derived.
    pub payload_bytes: u64,
    /// The slots that assets preload into, ascending.
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
    /// It could be packed.
    Ready,
    /// Something is wrong with it.
    Faulty,
    /// Its root or its manifest does not exist.
    Missing,
    /// Its root does not exist, and its manifest was found elsewhere.
    Moved,
}

/// One registered asset.
#[derive(Debug, Clone, Serialize)]
pub struct AssetStatus {
    /// Its id.
    pub asset_id: u32,
    /// Its name; null if the manifest does not state it.
    pub asset_name: Option<String>,
    /// Its root, relative to `assets/`.
    pub root: String,
    /// Whether it is in the build set.
    pub included_in_build: bool,
    /// Whether it could be packed.
    pub state: AssetState,
    /// Its format; null if the manifest does not state it.
    pub format: Option<&'static str>,
    /// Its bank; null if the manifest does not state the format.
    pub bank: Option<Bank>,
    /// Bytes of its payload; null if it cannot be derived.
    pub payload_bytes: Option<u64>,
    /// The slot that it preloads into; null if there is none.
    pub preload_slot: Option<u8>,
    /// Files below the root that no artifact entry uses, relative to the root; null if it cannot be determined which
    /// files the entries use.
    pub unused_files: Option<Vec<String>>,
}

/// A manifest whose asset is not registered.
#[derive(Debug, Clone, Serialize)]
pub struct UnmanagedStatus {
    /// Its folder, relative to `assets/`.
    pub root: String,
    /// How it relates to the registered assets.
    #[serde(flatten)]
    pub relation: Relation,
}

operation_result!(StatusResult);
