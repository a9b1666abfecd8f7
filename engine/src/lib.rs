//! The engine of papack: it reads a workspace, packs it, and publishes what comes of it. It offers the services.
//!
//! This crate prints nothing, parses no arguments, and holds no rule of a format or schema. Its folders are floors,
//! each of which imports only from those below it: `operation`, [`fs`], `workspace`, `cache`, `content`, `publish`,
//! `incremental`, `session`, and at the top `services`, `files` and `editor`.
//!
//! A [`Session`] is one workspace, open for operations: [`Session::pack`], [`Session::plan`], [`Session::check`],
//! [`Session::fix`], [`Session::status`], [`Session::list`]. What one operation derived, the next one reuses, and so does
//! the next process; of [`Session::ephemeral`] nothing stays behind. Each takes a typed request and an [`Observer`], and
//! returns a typed result, as [`PackResult`]. None of them fails in any other way than by the [`Status`] of its result,
//! and none panics for what it finds. [`verify`] and [`inspect`] need no workspace. [`Session::reproduce`] packs in sessions of its
//! own, compares the outputs, and publishes nothing. [`Session::cache`] reports how much is kept for other processes,
//! and removes it.
//!
//! While an operation runs, the observer gets every [`Event`]: numbered from 0 without gaps, causes before effects, one
//! at a time, on whatever thread it happens. The last is [`EventKind::OperationFinished`], with the result. Every
//! diagnostic of a result came as [`EventKind::Diagnostic`] before.
//!
//! [`watch`] packs whenever something changed, each time as an operation of its own. It shares the session: between two
//! builds others use it.
//!
//! An [`Editor`] is a workspace with unsaved texts over its files. It looks at it, answers for places in documents, and
//! writes nothing.
//!
//! A [`Cancel`] stops an operation from any other thread. A pack stops before promotion or not at all, so what is
//! published is whole in any case.
//!
//! Types of the queries that the engine hands out, as [`Diagnostic`], are named here too. A small editor that needs
//! nothing else is in `examples/editor.rs`.
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

mod cache;
mod content;
mod editor;
mod files;
pub mod fs;
#[cfg(test)]
#[path = "../../tests/publication/hooked.rs"]
#[allow(dead_code, missing_docs, reason = "shared with other tests, which use more of it")]
mod hooked;
mod incremental;
mod operation;
mod publish;
mod services;
mod session;
mod workspace;

// What the engine hands out of the queries: who depends on the engine alone can name all of it.
pub use papack_queries::budget::{Baseline, SizedAsset, Sizes};
pub use papack_queries::content::{ContentId, Digest};
pub use papack_queries::diagnostic::levels::{Level, Levels};
pub use papack_queries::diagnostic::{
    Code, Data, Diagnostic, Edit, Fix, Fixes, Lines, OtherAsset, Pixel, RegistryFix, Related, Sample, Severity, Span,
    Type, Unit,
};
pub use papack_queries::formats::{Bank, FormatChoice};
pub use papack_queries::record::InputChange;
pub use papack_queries::schema::registry::RegistryEntry;
pub use papack_queries::unmanaged::Relation;
pub use papack_queries::unmanaged_folders::UnmanagedFolder;
pub use papack_queries::{envelope, formats};
pub use serde_json::Value;
pub use smol_str::SmolStr;

pub use cache::{KeySource, UserKey};
pub use content::RecentPayloads;
pub use editor::{
    Completion, CompletionKind, DocumentEdit, DocumentSymbol, Editor, Hover, Look, Marked, Place, Symbol, TextEdit,
    ValueKind, is_document,
};
pub use files::{
    AssetDiff, AssetPicture, AssetSide, BankTotals, ConvertRequest, ConvertResult, ConvertedFile, DataDiff, DiffKind,
    DiffResult, DiffStatus, EntryDiff, ExtractRequest, ExtractResult, ExtractedAsset, InspectedAsset, Inspection, Loss,
    MergeResult, MergeStatus, MetadataDiff, MovedAsset, PackSide, SampleDiff, SoundsDiff, TileRange, TilesDiff,
    UnreadableFile, UnusableBaseline, Verdict, VerifyResult, baseline_at, baseline_of, convert, diff, extract, inspect,
    merge_registries, verify,
};
pub use fs::OpenFile;
pub use incremental::{Decision, DecisionOutcome, Reason};
pub use operation::{AssetOutcome, Cancel, Event, EventKind, Observer, OperationId, OperationResult, Status, Timings};
pub use services::{
    AppliedFix, AssetState, AssetStatus, BankSize, BankStatus, BudgetKind, BudgetLevel, BudgetRequest, BudgetResult,
    CacheContents, CacheRequest, CacheResult, CacheTask, CachedPayloads, Change, ChangedFiles, CheckRequest,
    CheckResult, Companions, Counts, Difference, DoctorRequest, Doubt, FixRequest, Following, FoundOutput, LimitStatus,
    ListRequest, ListResult, Listing, ManageRequest, ManageResult, NamedAsset, NamedFolders, NextAction, NextPack,
    OutdatedOutput, PackRequest, PackResult, PackSize, Packing, Part, PlanRequest, PlanResult, PreloadChange,
    ReproduceRequest, ReproduceResult, StatusRequest, StatusResult, Summary, Task, UnmanagedStatus, UsedSlot, WatchEnd,
    WatchEvent, WatchObserver, WatchRequest, follow, named_assets, named_folders, watch, watch_files,
};
pub use services::{Serving, connect};
pub use session::Session;
pub use workspace::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR, find_workspace, is_workspace, make_folder};
