//! The world around the queries: files, snapshot, lane, staging and promotion. It offers the services.
//!
//! This crate prints nothing, parses no arguments, and holds no rule of a format or schema.

mod assemble;
mod cancel;
mod check;
mod derive;
mod event;
pub mod fs;
mod inspect;
mod lane;
mod manage;
mod merge;
mod open_file;
mod operation;
mod output;
mod pack;
mod probe;
mod projection;
mod read;
mod session;
mod snapshot;
mod status;
mod store;
mod verify;
mod walk;

pub use cancel::Cancel;
pub use check::{CheckRequest, CheckResult};
pub use event::{AssetOutcome, Event, EventKind, Observer, OperationId, OperationResult};
pub use inspect::{BankTotals, InspectedAsset, Inspection, inspect};
pub use manage::{Change, DoctorRequest, ManageRequest, ManageResult, PreloadChange, Task};
pub use merge::{MergeResult, MergeStatus, merge_registries};
pub use open_file::{OpenFile, Verdict};
pub use operation::Status;
pub use output::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR};
pub use pack::{Companions, PackRequest, PackResult};
pub use session::{Session, find_workspace, is_workspace};
pub use status::{
    AssetState, AssetStatus, BankStatus, Counts, NextAction, NextPack, StatusRequest, StatusResult, Summary,
    UnmanagedStatus, UsedSlot,
};
pub use verify::{VerifyResult, verify};
