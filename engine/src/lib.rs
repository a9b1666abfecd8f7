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
//! [`watch`] packs whenever something changed, each time as an operation of its own.
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
//!     let files = Arc::new(RealFs::new(workspace)?);
//!     let mut session = Session::with_file_system(files, UserKey::new([7; 32]));
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

mod build;
mod cache;
mod content;
mod files;
pub mod fs;
#[cfg(test)]
#[path = "../../tests/publication/hooked.rs"]
#[allow(dead_code, missing_docs, reason = "shared with other tests, which use more of it")]
mod hooked;
mod operation;
mod publish;
mod services;
mod session;
mod workspace;

pub use build::{Decision, DecisionOutcome, Reason};
pub use cache::{KeySource, UserKey};
pub use files::{
    AssetDiff, AssetSide, BankTotals, DataDiff, DiffKind, DiffResult, DiffStatus, EntryDiff, ExtractRequest,
    ExtractResult, ExtractedAsset, InspectedAsset, Inspection, MergeResult, MergeStatus, MetadataDiff, MovedAsset,
    PackSide, SampleDiff, SoundsDiff, TileRange, TilesDiff, UnreadableFile, Verdict, VerifyResult, diff, extract,
    inspect, merge_registries, verify,
};
pub use fs::OpenFile;
pub use operation::{AssetOutcome, Cancel, Event, EventKind, Observer, OperationId, OperationResult, Status, Timings};
pub use services::{
    AssetState, AssetStatus, BankStatus, CacheContents, CacheRequest, CacheResult, CacheTask, CachedPayloads, Change,
    CheckRequest, CheckResult, Companions, Counts, Difference, DoctorRequest, Listing, ManageRequest, ManageResult,
    NextAction, NextPack, PackRequest, PackResult, Packing, Part, PlanRequest, PlanResult, PreloadChange,
    ReproduceRequest, ReproduceResult, StatusRequest, StatusResult, Summary, Task, UnmanagedStatus, UsedSlot, WatchEnd,
    WatchEvent, WatchObserver, WatchRequest, watch,
};
pub use session::Session;
pub use workspace::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR, find_workspace, is_workspace, make_folder};
