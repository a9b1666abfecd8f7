//! What the XML and the JSON of Tiled have in common: the map before its cells are put together.

use std::sync::Arc;

use super::super::map::{Cell, Content, Layer, Map, Tileset};
use super::super::notes::{MAX_TILESETS, Notes, Read};
use super::cells::Form;

/// Reads the tileset in the file that a map names.
pub(super) type External<'e> = &'e dyn Fn(&str, &mut Notes<'_, '_>) -> Read<Tileset>;

/// How a map is drawn, and how large it is, as its file says.
pub(super) struct Header<'h> {
    pub(super) orientation: &'h str,
    pub(super) is_infinite: bool,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) tile_size: (u32, u32),
}

/// How the picture of a tileset is cut into tiles, as its file says. 0 is what it does not say.
pub(super) struct Cut {
    pub(super) columns: u32,
    pub(super) tile_count: u32,
    pub(super) tile_size: (u32, u32),
    /// Pixels between the tiles, and around them.
    pub(super) spacing: u32,
    pub(super) margin: u32,
    pub(super) picture_size: (u32, u32),
}

impl Cut {
    /// The tileset that has the `picture`. Old versions of Tiled save no numbers of tiles, and take them from the size of
    /// the picture.
    pub(super) fn tileset(&self, name: String, first: u32, picture: Option<String>) -> Tileset {
        let count = |pixels: u32, tile: u32| {
            let pixels = (pixels.saturating_sub(self.margin)).saturating_add(self.spacing);
            pixels.checked_div(tile.saturating_add(self.spacing)).unwrap_or(0)
        };
        let rows = count(self.picture_size.1, self.tile_size.1);
        let columns = if self.columns > 0 { self.columns } else { count(self.picture_size.0, self.tile_size.0) };
        let tile_count = if self.tile_count > 0 { self.tile_count } else { columns.saturating_mul(rows) };
        let has_gaps = self.spacing > 0 || self.margin > 0;
        Tileset { name, first, columns, tile_count, tile_size: self.tile_size, has_gaps, picture, file: None }
    }
}

impl Header<'_> {
    /// The empty map.
    pub(super) fn map(&self, notes: &mut Notes<'_, '_>) -> Read<Map> {
        if self.orientation != "orthogonal" {
            let message = format!("the map is {}; only orthogonal ones are read", self.orientation);
            return Err(notes.unsupported(message, "set its orientation to orthogonal in Tiled"));
        }
        if self.is_infinite {
            let help = "clear Infinite in the properties of the map, which gives it a size, and save it";
            return Err(notes.unsupported("the map is infinite, and has no size", help));
        }
        if self.width == 0 || self.height == 0 {
            return Err(notes.invalid(format!("the map has {} × {} cells", self.width, self.height)));
        }
        let (width, height) = self.tile_size;
        if width != height || width == 0 {
            let message = format!("the cells of the map are {width} × {height} pixels, and no squares");
            return Err(notes.unsupported(message, "tiles of a bank are squares of 8, 16 or 32 pixels"));
        }
        Ok(Map { width: self.width, height: self.height, tile_size: width, ..Map::default() })
    }
}

impl Map {
    /// Adds a tile layer with the size of the map.
    pub(super) fn add_tiles(
        &mut self,
        name: String,
        (width, height): (u32, u32),
        form: Form<'_>,
        text: &str,
        notes: &mut Notes<'_, '_>,
    ) -> Read<()> {
        let count = self.count_cells(&name, (width, height), notes)?;
        let cells = form.read(text, count, &name, notes)?;
        self.push_tiles(name, cells);
        Ok(())
    }

    /// How many cells a tile layer has.
    pub(super) fn count_cells(&self, name: &str, size: (u32, u32), notes: &mut Notes<'_, '_>) -> Read<usize> {
        if size != (self.width, self.height) {
            let message = format!("the layer {name:?} is {} × {} cells, and not as large as the map", size.0, size.1);
            return Err(notes.invalid(message));
        }
        notes.count_cells(size.0, size.1)
    }

    pub(super) fn push_tiles(&mut self, name: String, cells: Vec<u32>) {
        let cells = cells.into_iter().map(Cell::of_tiled).collect();
        self.layers.push(Layer { name, content: Content::Tiles(cells) });
    }

    pub(super) fn push_tileset(&mut self, tileset: Tileset, notes: &mut Notes<'_, '_>) -> Read<()> {
        if self.tilesets.len() >= MAX_TILESETS {
            let help = "leave out those that are not used: Map, Remove Unused Tilesets in Tiled";
            return Err(notes.unsupported(format!("the map has more than {MAX_TILESETS} tilesets"), help));
        }
        notes.check_name(&tileset.name)?;
        if tileset.first == 0 {
            return Err(notes.invalid(format!("the tileset {:?} has no firstgid", tileset.name)));
        }
        if tileset.columns == 0 && tileset.picture.is_some() {
            let message =
                format!("the tileset {:?} says neither how many columns nor how wide a picture it has", tileset.name);
            return Err(notes.unsupported(message, "open it in Tiled, and save it"));
        }
        notes.check_name(tileset.picture.as_deref().unwrap_or_default())?;
        Arc::make_mut(&mut self.tilesets).push(tileset);
        Ok(())
    }
}
