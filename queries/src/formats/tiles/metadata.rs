//! The manifest fields of tiles, and their runtime metadata.

use serde::{Deserialize, Serialize};

/// How many palettes a tile bank holds. An assumption about the runtime: its own specification is not at hand.
pub(crate) const PALETTES: usize = 64;

/// Bytes of the palettes behind the pixels: 16 entries of 16 bits each.
pub(crate) const PALETTE_BYTES: u64 = PALETTES as u64 * 16 * 2;

/// Edge of a tile in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TileSize {
    /// 8 × 8
    #[default]
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
    /// One for each picture, in artifact order: of a file with frames, one for each frame that is taken.
    pub sheets: Vec<Sheet>,
    /// Ranges of sheets with a name, in artifact order; those of files that have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Edge of a tile in pixels.
    pub tile_size: u32,
    /// Pixels of the stacked sheet.
    pub width: u32,
}

/// The part of one picture, with its fields in canonical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// How long it is shown, in milliseconds, where it is a frame of an animation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u32>,
    /// Tiles are counted row-major over the stacked sheet.
    pub first_tile: u32,
    /// The number of its palette.
    pub palette: usize,
    /// How many tiles it has.
    pub tile_count: u32,
}

/// A range of sheets with a name, with its fields in canonical order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// In which order its sheets are shown.
    pub direction: Direction,
    /// The number of its first sheet.
    pub first_sheet: u32,
    /// Its name; others may have the same.
    pub name: String,
    /// How many sheets it has, at least 1.
    pub sheet_count: u32,
}

/// In which order the sheets of a tag are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// From the first to the last.
    Forward,
    /// From the last to the first.
    Reverse,
    /// From the first to the last, and back.
    PingPong,
    /// From the last to the first, and back.
    PingPongReverse,
}

impl Direction {
    /// Every direction, with the name that metadata use.
    pub const ALL: [(&'static str, Self); 4] = [
        ("FORWARD", Self::Forward),
        ("REVERSE", Self::Reverse),
        ("PING_PONG", Self::PingPong),
        ("PING_PONG_REVERSE", Self::PingPongReverse),
    ];

    /// The direction that Aseprite writes as `number`; forward, as there, for one that is not known.
    pub(super) fn new(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).map_or(Self::Forward, |(_, direction)| *direction)
    }
}
