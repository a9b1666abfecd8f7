//! The world around the queries: files, snapshot, lane, staging and promotion. It offers the services.
//!
//! This crate prints nothing, parses no arguments, and holds no rule of a format or schema.

mod cancel;
mod event;
pub mod fs;
mod inspect;
mod lane;
mod open_file;
mod output;
mod pack;
mod read;
mod session;
mod snapshot;
mod store;
mod verify;
mod walk;

pub use cancel::Cancel;
pub use event::{AssetOutcome, Event, EventKind, Observer, OperationId};
pub use inspect::{BankTotals, InspectedAsset, Inspection, inspect};
pub use open_file::{OpenFile, Verdict};
pub use output::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR};
pub use pack::{Companions, PackRequest, PackResult, Status};
pub use session::{Session, find_workspace, is_workspace};
pub use verify::{VerifyResult, verify};
