//! A map as it was read, whatever program saved it.

use std::sync::Arc;

/// A map: layers of cells and of objects, over tilesets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// The name of a level; that of its file where it is the only one.
    pub(super) name: Option<String>,
    /// Cells.
    pub(super) width: u32,
    /// Cells.
    pub(super) height: u32,
    /// Edge of a cell in pixels.
    pub(super) tile_size: u32,
    /// All levels of a project have the same.
    pub(super) tilesets: Arc<Vec<Tileset>>,
    pub(super) layers: Vec<Layer>,
}

/// A tileset of a map: tiles of one picture, in rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tileset {
    pub(super) name: String,
    /// The number that its first tile has in cells.
    pub(super) first: u32,
    /// Tiles in a row of the picture.
    pub(super) columns: u32,
    pub(super) tile_count: u32,
    /// Width and height of a tile in pixels.
    pub(super) tile_size: (u32, u32),
    /// Whether there are pixels around or between the tiles.
    pub(super) has_gaps: bool,
    /// The picture, as the file of the map or tileset names it; none where the tileset is a collection of pictures.
    pub(super) picture: Option<String>,
    /// The file of the tileset below the asset root; none where it is that of the map.
    pub(super) file: Option<String>,
}

impl Tileset {
    /// The picture as seen from the asset root, where the map is at `path` below it.
    pub(super) fn picture_seen(&self, path: &str) -> Option<String> {
        let picture = self.picture.as_deref()?;
        let file = self.file.as_deref().unwrap_or(path);
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(if folder.is_empty() { picture.to_owned() } else { format!("{folder}/{picture}") })
    }
}

/// One layer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// With the groups that it is in, divided by `/`.
    pub(super) name: String,
    pub(super) content: Content,
}

/// What is in a layer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Tiles, row by row.
    Tiles(Vec<Cell>),
    /// Integers, row by row.
    Values(Vec<i32>),
    Objects(Vec<Object>),
}

/// A tile in a cell, by the number that the map gives it. 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) tile: u32,
    pub(super) flips: Flips,
}

/// How a tile is turned: first diagonally, then horizontally and vertically.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flips {
    pub(super) horizontal: bool,
    pub(super) vertical: bool,
    pub(super) diagonal: bool,
}

/// An object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) class: String,
    /// Pixels from the upper left corner of the map.
    pub(super) x: i32,
    pub(super) y: i32,
    /// Pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) cell: Cell,
    /// Its integers and truth values, in their order.
    pub(super) properties: Vec<(String, i32)>,
}

impl Cell {
    /// The cell with a number as Tiled saves it, which has the flips in its highest bits.
    pub(super) fn of_tiled(number: u32) -> Self {
        let has = |bit: u32| number & (1 << bit) != 0;
        // Bit 28 turns tiles of hexagonal maps.
        let flips = Flips { horizontal: has(31), vertical: has(30), diagonal: has(29) };
        Self { tile: number & 0x0fff_ffff, flips }
    }
}
