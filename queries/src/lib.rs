//! The domain of papack, without any I/O: documents, formats, diagnostics, the envelope, and the salsa queries
//! that lead from the one to the other.
//!
//! ```text
//! manifest, tree, file contents of a live asset                  record of an asset at rest         (inputs)
//!   manifest ─▶ checked_asset ─▶ derivation ─▶ payload ─▶ record ─┐            │
//! registry entries ───────────────────────────────────────────────┴────────────┴─▶ group ─▶ layout ─▶ header ─▶ sidecar
//! ```
//!
//! This crate reads no file, no clock and no environment, starts no thread, and knows neither the engine nor the
//! command line. It never fails: a query returns what it made and what it found wrong. File and payload bytes are
//! behind handles ([`content`]); the engine supplies them.

pub mod asset;
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
pub mod pack;
pub mod path;
pub mod record;
pub mod schema;
pub mod suggest;
pub mod tree;
pub mod unmanaged;
