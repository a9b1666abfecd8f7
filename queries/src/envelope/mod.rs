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
//! What the runtime's own specs will decide, and papack assumes until then, is in this file: the magic, the
//! widths and order of the prelude's fields, and the shape of a preload entry. The bank names, their slots and the
//! palettes of a tile bank are in [`formats`](crate::formats) and [`schema`](crate::schema).

mod metadata;
mod prelude;
mod reader;
mod salvage;
mod sidecar;
mod source;
mod survey;
mod table;

use serde::Serialize;

use crate::content::{ContentId, Digest};

pub use prelude::Prelude;
pub use reader::{Asset, OpenError, Reader};
pub use sidecar::{SIDECAR_SCHEMA_VERSION, SidecarCheck, check_sidecar};
pub use source::Source;
pub use survey::Survey;
pub use table::Entry;

/// The first four bytes of `assets.pa`.
pub const MAGIC: [u8; 4] = *b"ASPA";

/// The version of the envelope, in the prelude.
pub const SCHEMA_VERSION: u32 = 1;

/// Bytes of the prelude.
pub const PRELUDE_SIZE: usize = 32;

/// One asset to preload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PreloadEntry {
    /// An id of the asset table.
    pub asset_id: u32,
    /// The slot of the asset's bank, 0 to 15.
    pub slot: u8,
}

/// The identity of a whole content: over, for each asset in order, its id, and the size and digest of its payload.
pub fn content_digest(payloads: impl IntoIterator<Item = (u32, ContentId)>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for (asset_id, payload) in payloads {
        hasher.update(&asset_id.to_le_bytes());
        hasher.update(&payload.size.to_le_bytes());
        hasher.update(&payload.digest.0);
    }
    Digest(*hasher.finalize().as_bytes())
}
