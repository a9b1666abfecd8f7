//! The runtime metadata in a pack, read back by bank.

use super::bank::Bank;
use super::{data, sounds, tiles};

/// The parts of a payload, as its runtime metadata describe them. The game's own `user` is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described<'a> {
    /// Of bank `TILES`.
    Tiles(tiles::Metadata),
    /// Of bank `SOUNDS`.
    Sounds(sounds::Metadata<'a>),
    /// Of bank `DATA`.
    Data(data::Metadata<'a>),
}

impl<'a> Described<'a> {
    /// Reads the metadata `text` of an asset of `bank`.
    ///
    /// # Errors
    ///
    /// When `text` is not what a format of the bank writes.
    pub fn read(bank: Bank, text: &'a str) -> serde_json::Result<Self> {
        Ok(match bank {
            Bank::Tiles => Self::Tiles(serde_json::from_str(text)?),
            Bank::Sounds => Self::Sounds(serde_json::from_str(text)?),
            Bank::Data => Self::Data(serde_json::from_str(text)?),
        })
    }
}
