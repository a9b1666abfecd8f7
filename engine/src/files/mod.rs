//! The services on files that a user names: packs to verify, inspect, extract, compare and measure, pictures and sounds to
//! convert, and registries to merge.
//!
//! The files may lie anywhere: no service of this folder needs a workspace or a session.

mod baseline;
mod convert;
mod diff;
mod extract;
mod folder;
mod inspect;
mod merge;
mod picture;
mod verdict;
mod verify;

pub use baseline::{UnusableBaseline, baseline_at, baseline_of};
pub use convert::{ConvertRequest, ConvertResult, ConvertedFile, convert};
pub use diff::{
    AssetDiff, AssetSide, DataDiff, DiffKind, DiffResult, DiffStatus, EntryDiff, MetadataDiff, MovedAsset, PackSide,
    SampleDiff, SoundsDiff, TileRange, TilesDiff, UnreadableFile, diff,
};
pub use extract::{ExtractRequest, ExtractResult, ExtractedAsset, extract};
pub use inspect::{BankTotals, InspectedAsset, Inspection, inspect};
pub use merge::{MergeResult, MergeStatus, merge_registries};
pub use picture::{AssetPicture, Loss};
pub use verdict::Verdict;
pub use verify::{VerifyResult, verify};
