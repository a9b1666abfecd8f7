//! The domain of papack, without any I/O: documents, formats, diagnostics, the envelope, and the salsa queries that
//! lead from the one to the other.
//!
//! ```text
//! (inputs, set by change)                                  (asset)           (pack)
//! manifest and files of a loaded asset
//!   manifest ─▶ checked_asset ─▶ derivation ─▶ payload ─▶ record ─┐
//! record of a recorded asset ─────────────────────────────────────┼─▶ groups ─▶ gate, layout ─▶ header ─▶ pack_plan
//! registry entries ───────────────────────────────────────────────┘
//! ```
//!
//! This crate reads no file, no clock and no environment, starts no thread, and knows neither the engine nor the
//! command line. It never fails: a query returns what it made and what it found wrong. File and payload bytes are
//! behind handles ([`content`]); the engine supplies them.
//!
//! # Floors
//!
//! A file imports only from floors below its own, and no files import each other in a circle (`tests/tidy`). From the
//! ground up:
//!
//! 1. [`diagnostic`], [`path`], [`glob`], [`suggest`], [`size`], `repeated`: values and rules that need nothing else
//! 2. [`signature`]: what a file really is, by its bytes
//! 3. [`content`], [`json`], [`tree`]: bytes behind handles, strict JSON, the names below a folder
//! 4. [`formats`], [`left_out`]: from the files of an asset to its payload; the files that globs leave out
//! 5. [`schema`]: the registry and the manifest
//! 6. [`record`], [`envelope`], [`budget`]: what a pack takes from an asset; `assets.pa`, written and read; how large it may be
//! 7. [`inputs`], [`extraction`]: the salsa inputs; where payloads go as files
//! 8. [`db`], [`discovery`], [`unmanaged`]: the database; what a walk found, held against the registry
//! 9. [`asset`]: the queries of one asset
//! 10. [`pack`], [`change`], [`unmanaged_folders`]: the queries of a whole pack; the one function through which a workspace
//!     becomes inputs; what no asset takes in

pub mod asset;
pub mod budget;
pub mod change;
pub mod content;
pub mod db;
pub mod diagnostic;
pub mod discovery;
pub mod envelope;
pub mod extraction;
pub mod formats;
pub mod glob;
pub mod inputs;
pub mod json;
pub mod left_out;
pub mod pack;
pub mod path;
pub mod record;
mod repeated;
pub mod schema;
pub mod signature;
pub mod size;
pub mod suggest;
pub mod tree;
pub mod unmanaged;
pub mod unmanaged_folders;
