//! The services on files that a user names, wherever they lie: packs to verify, inspect, extract and compare, registries to
//! merge.
//!
//! None of them needs a workspace or a session.

mod diff;
mod extract;
mod inspect;
mod merge;
mod verdict;
mod verify;

pub use diff::{
    AssetDiff, AssetSide, DataDiff, DiffKind, DiffResult, DiffStatus, EntryDiff, MetadataDiff, MovedAsset, PackSide,
    SampleDiff, SoundsDiff, TileRange, TilesDiff, UnreadableFile, diff,
};
pub use extract::{ExtractRequest, ExtractResult, ExtractedAsset, extract};
pub use inspect::{BankTotals, InspectedAsset, Inspection, inspect};
pub use merge::{MergeResult, MergeStatus, merge_registries};
pub use verdict::Verdict;
pub use verify::{VerifyResult, verify};
