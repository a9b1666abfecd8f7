//! The domain of papack, without any I/O: documents, formats, diagnostics, the envelope, and the salsa queries
//! that lead from the one to the other.
//!
//! ```text
//! registry entry, manifest, tree, file contents          (inputs)
//!   manifest ─▶ checked_asset ─▶ derivation ─▶ payload ─┐
//!        └────────────────────▶ runtime_fields ─────────┼─▶ layout ─▶ header ─▶ sidecar
//!   registry entries ─▶ build_set ──────────────────────┘
//! ```
//!
//! This crate reads no file, no clock and no environment, starts no thread, and knows neither the engine nor the
//! command line. It never fails: a query returns what it made and what it found wrong. File and payload bytes are
//! behind handles ([`content`]); the engine supplies them.

pub mod asset;
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
pub mod schema;
pub mod suggest;
pub mod tree;
pub mod unmanaged;
