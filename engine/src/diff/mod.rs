//! `diff`: what changed between two packs.

mod asset;
mod pack;
mod parts;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::envelope::Asset;
use papack_queries::formats::Bank;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use self::pack::{Opened, Pack};
pub use self::parts::{DataDiff, EntryDiff, SampleDiff, SoundsDiff, TileRange, TilesDiff};
use crate::open_file::Verdict;

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

/// One of two packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackSide {
    /// The file, as it was named.
    pub file: String,
    /// Whether it keeps every rule that can be checked without its payloads.
    pub status: Verdict,
    /// Bytes of the file.
    pub file_size: u64,
    /// Entries of the asset table that could be read.
    pub asset_count: usize,
    /// Bytes of all payloads, as the table has it.
    pub payload_bytes: u64,
}

/// What happened to something that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DiffKind {
    /// Only the new pack has it.
    Added,
    /// Only the old pack has it.
    Removed,
    /// Both packs have it, and it is not the same.
    Changed,
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

/// A file that cannot be read.
#[derive(Debug)]
pub struct UnreadableFile {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// Compares the packs at `old` and `new`, piece by piece. Sidecars in the folders where they are named tell of assets
/// that were moved.
///
/// # Errors
///
/// When one of them cannot be read, or is no regular file.
pub fn diff(old: &Path, new: &Path) -> Result<DiffResult, UnreadableFile> {
    let started = Instant::now();
    let (old, new) = (Opened::new(old)?, Opened::new(new)?);
    let mut result = DiffResult {
        schema_version: 1,
        status: DiffStatus::Refused,
        old: old.side(),
        new: new.side(),
        unchanged_count: 0,
        assets: Vec::new(),
        moved: Vec::new(),
        elapsed_ms: 0,
        diagnostics: Vec::new(),
    };
    match (old.pack(), new.pack()) {
        (Ok(old), Ok(new)) => compare(&old, &new, &mut result)?,
        (old, new) => {
            result.diagnostics = [old.err(), new.err()].into_iter().flatten().flatten().collect();
        }
    }
    result.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(result)
}

fn compare(old: &Pack, new: &Pack, result: &mut DiffResult) -> Result<(), UnreadableFile> {
    let pairs = pairs(old.reader.assets(), new.reader.assets());
    let compared = pairs.par_iter().map(|(was, is)| asset::compare((old, *was), (new, *is)));
    result.assets = compared.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    result.unchanged_count = pairs.len() - result.assets.len();
    result.status = if result.assets.is_empty() { DiffStatus::Equal } else { DiffStatus::Different };
    let (old_roots, new_roots) = (old.roots(&mut result.diagnostics), new.roots(&mut result.diagnostics));
    result.moved = pairs
        .into_iter()
        .filter_map(|(was, is)| {
            let (asset_id, asset_name) = (is?.asset_id, is?.asset_name.clone());
            let (old, new) = (old_roots.get(&was?.asset_id)?.clone(), new_roots.get(&asset_id)?.clone());
            (old != new).then_some(MovedAsset { asset_id, asset_name, old, new })
        })
        .collect();
    Ok(())
}

/// Each asset that one of the packs has, in ascending id. Both lists ascend.
fn pairs<'a>(old: &'a [Asset], new: &'a [Asset]) -> Vec<(Option<&'a Asset>, Option<&'a Asset>)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut pairs = Vec::new();
    while let Some(id) = old.peek().into_iter().chain(new.peek()).map(|asset| asset.asset_id).min() {
        pairs.push((old.next_if(|asset| asset.asset_id == id), new.next_if(|asset| asset.asset_id == id)));
    }
    pairs
}
