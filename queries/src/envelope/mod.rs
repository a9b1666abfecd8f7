//! The envelope of `assets.pa`, version 1: `docs/spec/artifacts.md`.
//!
//! ```text
//! writing   pack: rows of the table, PreloadEntry ──canonical JSON──▶ bytes behind a Prelude
//! reading   Source ──▶ Survey: what can be read, and every fault ──▶ Reader: only of a pack without a fault
//! ```
//!
//! [`Reader`] is the strict reader of what papack writes. It needs neither a workspace nor a database: any
//! [`Source`] of bytes will do. Tools that show damaged packs use the [`Survey`] that it is made from.
//!
//! This folder knows no asset of a workspace and no query. What papack assumes about the runtime until its own specs
//! decide it is listed in `docs/spec/assumptions.md`: here the prelude and the shape of a preload entry.

mod identity;
mod maps;
mod metadata;
mod preload;
mod prelude;
mod reader;
mod salvage;
mod sidecar;
mod sound;
mod source;
mod survey;
mod table;

pub use identity::content_digest;
pub use preload::PreloadEntry;
pub use prelude::{MAGIC, PRELUDE_SIZE, Prelude, SCHEMA_VERSION};
pub use reader::{Asset, OpenError, Reader};
pub use sidecar::{SIDECAR_VERSIONS, SidecarCheck, check_sidecar};
pub use sound::Lists;
pub use source::Source;
pub use survey::Survey;
pub use table::Entry;
