//! All formats, as one type.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bank::Bank;
use super::source::Source;
use super::{data, sounds, tiles};
use crate::content::{ContentStore, Outcome};

/// A format together with the manifest fields that it declares as inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// `TILES/indexed_v1`
    TilesIndexedV1 {
        /// Edge of a tile in pixels.
        tile_size: tiles::TileSize,
    },
    /// `SOUNDS/pcm_v1`
    SoundsPcmV1 {
        /// Whether loops are taken from `smpl` chunks.
        loops: sounds::Loops,
    },
    /// `DATA/raw_v1`
    DataRawV1,
}

impl Format {
    /// The names of all formats.
    pub const NAMES: [&str; 3] = ["TILES/indexed_v1", "SOUNDS/pcm_v1", "DATA/raw_v1"];

    /// The bank of the format with this name.
    pub fn bank_of(name: &str) -> Option<Bank> {
        match name {
            "TILES/indexed_v1" => Some(Bank::Tiles),
            "SOUNDS/pcm_v1" => Some(Bank::Sounds),
            "DATA/raw_v1" => Some(Bank::Data),
            _ => None,
        }
    }

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::TilesIndexedV1 { .. } => "TILES/indexed_v1",
            Self::SoundsPcmV1 { .. } => "SOUNDS/pcm_v1",
            Self::DataRawV1 => "DATA/raw_v1",
        }
    }

    /// The bank that the payload is made for.
    pub fn bank(self) -> Bank {
        match self {
            Self::TilesIndexedV1 { .. } => Bank::Tiles,
            Self::SoundsPcmV1 { .. } => Bank::Sounds,
            Self::DataRawV1 => Bank::Data,
        }
    }

    /// The manifest fields that it declares as inputs, as a manifest may write them.
    pub fn fields(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TilesIndexedV1 { tile_size } => vec![("tile_size", tile_size.pixels().into())],
            Self::SoundsPcmV1 { loops } => vec![("loops", loops.name().into())],
            Self::DataRawV1 => Vec::new(),
        }
    }

    /// Derives the payload of `sources`, in artifact order.
    ///
    /// # Errors
    ///
    /// Only when `content` fails; what is wrong with the sources is in the [`Outcome`].
    pub fn derive(self, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
        match self {
            Self::TilesIndexedV1 { tile_size } => tiles::derive(tile_size, sources, content),
            Self::SoundsPcmV1 { loops } => sounds::derive(loops, sources, content),
            Self::DataRawV1 => data::derive(sources, content),
        }
    }
}
