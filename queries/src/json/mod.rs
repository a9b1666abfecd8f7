//! Strict JSON with places: the only way in which papack reads a JSON document.
//!
//! The grammar is RFC 8259 by `nojson`, which keeps the span of every key and value and all duplicates. What
//! papack refuses beyond the grammar is checked here, once, for every schema: `docs/spec/inputs.md`.
//!
//! A text goes in at [`Document`]; a schema reads [`Node`]s, and every mismatch becomes a fault of the document. This
//! folder knows no schema. Its lower files are `text` and `value`; `document` parses, and `node` is what a schema
//! reads. [`lenient`] reads what is no document yet, for those who type one.

pub mod canonical;
mod conflict;
mod document;
mod foreign;
pub mod lenient;
mod node;
mod plain;
mod scan;
mod schema_faults;
mod syntax;
mod text;
mod value;
mod version;

pub(crate) use conflict::conflict_in;
pub use document::{Document, MAX_DEPTH};
pub use node::{Elsewhere, Fields, Node};
pub(crate) use scan::end_of_nested;
pub use text::Place;
pub(crate) use text::{shortened, span, too_large};
pub use value::MAX_INTEGER;
