//! The banks of the runtime.

use serde::{Deserialize, Serialize};

/// What the runtime loads an asset into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Bank {
    /// Tile sheets and their palettes.
    Tiles,
    /// Samples.
    Sounds,
    /// Anything.
    Data,
}

impl Bank {
    /// Every bank.
    pub const ALL: [Self; 3] = [Self::Tiles, Self::Sounds, Self::Data];

    /// The name that the header holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiles => "TILES",
            Self::Sounds => "SOUNDS",
            Self::Data => "DATA",
        }
    }
}
