//! The entries of the preload list.

use serde::Serialize;

/// One asset to preload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PreloadEntry {
    /// An id of the asset table.
    pub asset_id: u32,
    /// The slot of the asset's bank, 0 to 15.
    pub slot: u8,
}
