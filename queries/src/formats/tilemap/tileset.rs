//! Where the tiles of a tileset are in a bank of tiles.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::tiles::{Metadata, Options, Pad};

/// What is known of a picture that a map asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedTileset {
    /// The picture as seen from the asset root of the map; `..` leads out of it.
    pub picture: String,
    /// Where its tiles are.
    pub found: Result<TilesetPlace, TilesetFault>,
}

/// Where the tiles of a picture are: in a part of the sheet of a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TilesetPlace {
    /// The asset with the bank.
    pub asset_id: u32,
    /// Edge of a tile in pixels.
    pub tile_size: u32,
    /// Tiles in a row of the sheet.
    pub columns: u32,
    /// The number of its first tile.
    pub first_tile: u32,
    /// How many tiles it has.
    pub tile_count: u32,
}

/// Why the tiles of a picture are in no bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TilesetFault {
    /// It lies beside the folder `assets/`, or its path is none.
    Outside,
    /// No registered asset has it as an artifact file.
    Unowned,
    /// The asset with this id has it, which is none of tiles.
    NotTiles(u32),
    /// The asset with this id has it, which is not in the build.
    Excluded(u32),
    /// The asset with this id has it, with which something is wrong.
    Faulty(u32),
    /// The asset with this id has it, whose files are not one picture each.
    Frames(u32),
    /// The asset with this id has it, whose pictures are moved by a conversion.
    Padded(u32),
    /// The asset with this id takes only a slice of it.
    Sliced(u32),
    /// The asset with this id has it as the palette of its pictures.
    Palette(u32),
}

/// As content keys have it.
impl fmt::Display for TilesetPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asset_id, tile_size, columns, first_tile, tile_count } = self;
        write!(formatter, "{asset_id} {tile_size} {columns} {first_tile} {tile_count}")
    }
}

impl fmt::Display for TilesetFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => formatter.write_str("it does not lie below assets/"),
            Self::Unowned => formatter.write_str("it is no artifact of a registered asset"),
            Self::NotTiles(id) => {
                write!(formatter, "it belongs to asset {id}, which is not of the format TILES/indexed_v1")
            }
            Self::Excluded(id) => write!(formatter, "it belongs to asset {id}, which is not in the build"),
            Self::Faulty(id) => write!(formatter, "it belongs to asset {id}, with which something is wrong"),
            Self::Frames(id) => write!(formatter, "it belongs to asset {id}, in which a file has several frames"),
            Self::Sliced(id) => write!(formatter, "asset {id} takes only a slice of it"),
            Self::Palette(id) => write!(formatter, "asset {id} takes only its palette"),
            Self::Padded(id) => {
                write!(formatter, "it belongs to asset {id}, whose \"pad\" moves the pictures")
            }
        }
    }
}

impl TilesetFault {
    /// What to do about it.
    pub(super) fn help(self) -> String {
        match self {
            Self::Outside | Self::Unowned => {
                "put the picture into the folder of a tile asset, list it there, and have the map name it there"
                    .to_owned()
            }
            Self::NotTiles(_) => "make a tile asset of the picture, in a folder of its own".to_owned(),
            Self::Excluded(id) => format!("include the asset: papack include {id}"),
            Self::Faulty(_) => "mend that asset first".to_owned(),
            Self::Sliced(_) | Self::Palette(_) => "have a tile asset take the whole picture".to_owned(),
            Self::Frames(_) => "put the tiles of the map into a tile asset without animations".to_owned(),
            Self::Padded(_) => {
                "set \"pad\" of that asset to \"BOTTOM_RIGHT\", or give its pictures whole tiles".to_owned()
            }
        }
    }
}

impl TilesetPlace {
    /// Where the tiles of the artifact file with this `number` are, of the `count` files of the asset `asset_id`, that has
    /// a sheet with these metadata.
    ///
    /// # Errors
    ///
    /// When it cannot be told.
    pub fn of(
        asset_id: u32,
        options: Options,
        metadata: &Metadata,
        (number, count): (usize, usize),
    ) -> Result<Self, TilesetFault> {
        // A palette is the first file, and no picture.
        let palettes = usize::from(options.conversions.palette.is_some());
        if matches!(options.conversions.pad, Some(Pad::Top | Pad::Around)) {
            return Err(TilesetFault::Padded(asset_id));
        }
        if metadata.sheets.len() != count.saturating_sub(palettes) || metadata.tile_size == 0 {
            return Err(TilesetFault::Frames(asset_id));
        }
        let sheet = number.checked_sub(palettes).and_then(|number| metadata.sheets.get(number));
        let sheet = sheet.ok_or(TilesetFault::Palette(asset_id))?;
        Ok(Self {
            asset_id,
            tile_size: metadata.tile_size,
            columns: metadata.width / metadata.tile_size,
            first_tile: sheet.first_tile,
            tile_count: sheet.tile_count,
        })
    }
}
