//! The world around the queries: files, snapshot, lane, staging and promotion. It offers the services.
//!
//! This crate prints nothing, parses no arguments, and holds no rule of a format or schema.
//!
//! A [`Session`] is one workspace, open for operations: [`Session::pack`], [`Session::plan`], [`Session::check`],
//! [`Session::status`]. What one operation derived, the next one reuses, and so does the next process. Each takes a typed
//! request and an [`Observer`], and returns a typed result, as [`PackResult`]. None of them fails in any other way than
//! by the [`Status`] of its result, and none panics for what it finds. [`verify`] and [`inspect`] need no workspace.
//! [`Session::reproduce`] packs in sessions of its own, compares what comes of it, and publishes nothing.
//! [`Session::cache`] tells how much is kept for other processes, and removes it.
//!
//! While an operation runs, the observer is told of every [`Event`]: numbered from 0 without gaps, causes before effects,
//! one at a time, on whatever thread it happens. The last is [`EventKind::OperationFinished`], with the result. Every
//! diagnostic of a result was told as [`EventKind::Diagnostic`] before.
//!
//! [`Session::watch`] packs whenever something changed, each time as an operation of its own.
//!
//! A [`Cancel`] stops an operation from any other thread. A pack stops before promotion or not at all, so what is
//! published is whole in any case.
//!
//! ```
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use papack_engine::fs::RealFs;
//! use papack_engine::{Cancel, EventKind, PackRequest, Session, Status, UserKey};
//!
//! fn pack_twice(workspace: &Path) -> std::io::Result<()> {
//!     // `Session::open` takes the key of the user for the cache; this caller has one of its own.
//!     let files = RealFs::new(workspace)?.with_key(UserKey::new([7; 32]));
//!     let mut session = Session::with_file_system(Arc::new(files));
//!     let result = session.pack(&PackRequest::default(), &|event| {
//!         if let EventKind::AssetFinished { asset_id, outcome } = &event.kind {
//!             println!("asset {asset_id}: {outcome:?}");
//!         }
//!     });
//!     assert_eq!(result.status, Status::Success);
//!     assert_eq!(result.packed_asset_count, 1);
//!
//!     // Cancelled by another thread: in time, or the pack was quicker.
//!     let cancel = Cancel::new();
//!     let request = PackRequest { cancel: cancel.clone(), ..PackRequest::default() };
//!     let result = std::thread::scope(|scope| {
//!         scope.spawn(move || cancel.cancel());
//!         session.pack(&request, &|_| {})
//!     });
//!     assert!(matches!(result.status, Status::Cancelled | Status::Success));
//!     Ok(())
//! }
//! # let folder = tempfile::tempdir()?;
//! # let write = |path: &str, text: &str| {
//! #     let path = folder.path().join(path);
//! #     std::fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| std::fs::write(path, text))
//! # };
//! # let uuid = r#""asset_uuid": "00000000-0000-4000-8000-000000000001""#;
//! # let entry = format!(r#"{{ "asset_id": 1, {uuid}, "root": "a", "included_in_build": true }}"#);
//! # write("assets/.prometeu/index.json", &format!(r#"{{ "schema_version": 2, "next_asset_id": 2, "assets": [{entry}] }}"#))?;
//! # let rest = r#""name": "a", "artifacts": [{ "file": "f" }], "output": { "format": "DATA/raw_v1" }"#;
//! # write("assets/a/asset.json", &format!(r#"{{ "schema_version": 2, {uuid}, {rest} }}"#))?;
//! # write("assets/a/f", "content")?;
//! # pack_twice(folder.path())?;
//! # Ok::<(), std::io::Error>(())
//! ```

// Tests share files with those outside, which know this crate by its name.
#[cfg(test)]
extern crate self as papack_engine;

mod assemble;
mod batch;
mod cache;
mod cancel;
mod changes;
mod check;
mod clock;
mod decision;
mod derive;
mod diff;
mod event;
mod extract;
pub mod fs;
mod inspect;
mod known;
mod lane;
mod manage;
mod merge;
mod obstacle;
mod open_file;
mod operation;
mod output;
mod pack;
mod plan;
mod probe;
mod projection;
mod published;
mod racy;
mod read;
mod reproduce;
mod seen;
mod session;
mod snapshot;
mod spool;
mod status;
mod store;
mod timings;
mod verify;
mod walk;
mod watch;
mod workspace;

pub use cache::{CacheContents, CacheRequest, CacheResult, CacheTask, CachedPayloads, KeySource, UserKey};
pub use cancel::Cancel;
pub use check::{CheckRequest, CheckResult};
pub use decision::{Decision, DecisionOutcome, Reason};
pub use diff::{
    AssetDiff, AssetSide, DataDiff, DiffKind, DiffResult, DiffStatus, EntryDiff, MetadataDiff, MovedAsset, PackSide,
    SampleDiff, SoundsDiff, TileRange, TilesDiff, UnreadableFile, diff,
};
pub use event::{AssetOutcome, Event, EventKind, Observer, OperationId, OperationResult};
pub use extract::{ExtractRequest, ExtractResult, ExtractedAsset, extract};
pub use inspect::{BankTotals, InspectedAsset, Inspection, inspect};
pub use manage::{Change, DoctorRequest, ManageRequest, ManageResult, PreloadChange, Task};
pub use merge::{MergeResult, MergeStatus, merge_registries};
pub use open_file::{OpenFile, Verdict};
pub use operation::Status;
pub use output::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR};
pub use pack::{Companions, PackRequest, PackResult};
pub use plan::{PlanRequest, PlanResult};
pub use reproduce::{Difference, Listing, Packing, Part, ReproduceRequest, ReproduceResult};
pub use session::Session;
pub use status::{
    AssetState, AssetStatus, BankStatus, Counts, NextAction, NextPack, StatusRequest, StatusResult, Summary,
    UnmanagedStatus, UsedSlot,
};
pub use timings::Timings;
pub use verify::{VerifyResult, verify};
pub use watch::{WatchEnd, WatchEvent, WatchObserver, WatchRequest};
pub use workspace::{find_workspace, is_workspace, make_folder};
