//! The services on a workspace, each in a file or folder of its own.
//!
//! A service takes a typed request and an [`Observer`](crate::Observer), runs an operation on a
//! [`Session`](crate::Session), and returns a typed result. What several of them do is in `examine`. Two call others:
//! `watch` calls `pack`, and `fix` calls `check` and has `manage` replace documents. `named_assets` is no operation: it
//! only looks for names.

mod budget;
mod cache;
mod check;
mod examine;
mod fix;
mod list;
mod manage;
mod named_assets;
mod outdated;
mod pack;
mod pack_check;
mod plan;
mod reproduce;
mod serving;
mod status;
mod watch;

pub use budget::{BankSize, BudgetKind, BudgetLevel, BudgetRequest, BudgetResult, LimitStatus, PackSize};
pub use cache::{CacheContents, CacheRequest, CacheResult, CacheTask, CachedPayloads};
pub use check::{AppliedFix, CheckRequest, CheckResult};
pub use fix::FixRequest;
pub use list::{ListRequest, ListResult};
pub use manage::{Change, DoctorRequest, ManageRequest, ManageResult, PreloadChange, Task};
pub use named_assets::{NamedAsset, NamedFolders, named_assets, named_folders};
pub use outdated::{FoundOutput, OutdatedOutput};
pub use pack::{Companions, PackRequest, PackResult};
pub use plan::{PlanRequest, PlanResult};
pub use reproduce::{Difference, Listing, Packing, Part, ReproduceRequest, ReproduceResult};
pub use serving::{Serving, connect};
pub use status::{
    AssetState, AssetStatus, BankStatus, Counts, NextAction, NextPack, StatusRequest, StatusResult, Summary,
    UnmanagedStatus, UsedSlot,
};
pub use watch::{
    ChangedFiles, Doubt, Following, WatchEnd, WatchEvent, WatchObserver, WatchRequest, follow, watch, watch_files,
};
