//! The manifest fields of tiles, and their runtime metadata.

use serde::{Deserialize, Serialize};

/// How many palettes a tile bank holds. An assumption about the runtime: its own specification is not at hand.
pub(crate) const PALETTES: usize = 64;

/// Bytes of the palettes behind the pixels: 16 entries of 16 bits each.
pub(crate) const PALETTE_BYTES: u64 = PALETTES as u64 * 16 * 2;

/// Edge of a tile in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TileSize {
    /// 8 × 8
    Eight,
    /// 16 × 16
    Sixteen,
    /// 32 × 32
    ThirtyTwo,
}

impl TileSize {
    /// The tile size of `pixels`, where there is one.
    pub fn new(pixels: i64) -> Option<Self> {
        match pixels {
            8 => Some(Self::Eight),
            16 => Some(Self::Sixteen),
            32 => Some(Self::ThirtyTwo),
            _ => None,
        }
    }

    /// The edge in pixels.
    pub fn pixels(self) -> u32 {
        match self {
            Self::Eight => 8,
            Self::Sixteen => 16,
            Self::ThirtyTwo => 32,
        }
    }
}

/// What it means that pixels of an indexed picture have an opaque entry 0. The console shows them as transparent in any
/// case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum EntryZero {
    /// Probably an oversight: a warning.
    #[default]
    Warn,
    /// They are to be transparent.
    Transparent,
}

impl EntryZero {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Warn, Self::Transparent];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "WARN",
            Self::Transparent => "TRANSPARENT",
        }
    }
}

/// The runtime metadata of a tile bank. The fields are in the order that canonical JSON has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Pixels of the stacked sheet.
    pub height: u32,
    /// Distinct palettes among the files.
    pub palette_authored: usize,
    /// Palettes in the payload.
    pub palette_count: usize,
    /// One for each file, in artifact order.
    pub sheets: Vec<Sheet>,
    /// Edge of a tile in pixels.
    pub tile_size: u32,
    /// Pixels of the stacked sheet.
    pub width: u32,
}

/// The part of one file, with its fields in canonical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Tiles are counted row-major over the stacked sheet.
    pub first_tile: u32,
    /// The number of its palette.
    pub palette: usize,
    /// How many tiles it has.
    pub tile_count: u32,
}
