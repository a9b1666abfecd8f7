//! The tiles of a map as numbers in the banks that it asks for.

use super::map::{Cell, Content, Map, Object, Tileset};
use super::notes::{MissingTiles, Notes, Read};
use super::tileset::{AskedTileset, TilesetFault, TilesetPlace};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::json::shortened;

/// The most banks that an asset asks for.
const MAX_BANKS: usize = 255;

/// Bits of a cell: the number of the tile, the number of the bank from 1, and the flips.
const BANK: u32 = 20;
const DIAGONAL: u32 = 1 << 29;
const VERTICAL: u32 = 1 << 30;
const HORIZONTAL: u32 = 1 << 31;

/// The banks that cells name, by the ids of their assets.
#[derive(Debug, Default)]
pub(super) struct Banks(pub(super) Vec<u32>);

impl Banks {
    fn number(&mut self, asset_id: u32, notes: &mut Notes<'_, '_>) -> Read<u32> {
        let at = match self.0.iter().position(|known| *known == asset_id) {
            Some(at) => at,
            None if self.0.len() >= MAX_BANKS => {
                let message = format!("the maps ask for more than {MAX_BANKS} banks");
                return Err(notes.unsupported(message, "make several assets of the maps"));
            }
            None => {
                self.0.push(asset_id);
                self.0.len() - 1
            }
        };
        Ok(u32::try_from(at + 1).unwrap_or(u32::MAX))
    }
}

/// A tileset with the place of its tiles, or what is wrong with it.
struct Bound<'m> {
    tileset: &'m Tileset,
    place: Result<TilesetPlace, Box<Diagnostic>>,
}

/// Why a cell has no tile.
enum Unbound {
    /// No tileset has one with this number.
    Tileset(u32),
    /// A bank has none for this `tile` of a tileset, by its place among those of the map.
    Tile { tileset: usize, tile: u32, asset_id: u32 },
}

/// The binding of one map.
pub(super) struct Binding<'m> {
    map: &'m Map,
    /// In ascending number of their first tile.
    tilesets: Vec<Bound<'m>>,
}

impl<'m> Binding<'m> {
    /// Binds the tilesets of the map in the file at `path` to what was found for them.
    pub(super) fn new(map: &'m Map, path: &str, asked: &[AskedTileset]) -> Self {
        let bound = |tileset: &'m Tileset| Bound { tileset, place: place(map, tileset, path, asked) };
        let mut tilesets: Vec<_> = map.tilesets.iter().map(bound).collect();
        tilesets.sort_by_key(|bound| bound.tileset.first);
        Self { map, tilesets }
    }

    /// The numbers of all cells of a layer of tiles.
    pub(super) fn tiles(
        &self,
        layer: &str,
        cells: &[Cell],
        banks: &mut Banks,
        notes: &mut Notes<'_, '_>,
    ) -> Read<Vec<u32>> {
        let mut missing = MissingTiles::default();
        let mut numbers = Vec::with_capacity(cells.len());
        let width = self.map.width.max(1) as usize;
        for (at, cell) in cells.iter().enumerate() {
            let number = self.cell(*cell, banks, notes)?;
            numbers.push(number.unwrap_or_else(|why| {
                missing.add(|| format!("cell ({}, {}): {}", at % width, at / width, self.show(why)));
                0
            }));
        }
        missing.finish(layer, notes);
        Ok(numbers)
    }

    /// The numbers of the tiles that the objects of a layer show; 0 where one shows none.
    pub(super) fn objects(
        &self,
        layer: &str,
        objects: &[Object],
        banks: &mut Banks,
        notes: &mut Notes<'_, '_>,
    ) -> Read<Vec<u32>> {
        let mut missing = MissingTiles::default();
        let mut numbers = Vec::with_capacity(objects.len());
        for object in objects {
            let number = self.cell(object.cell, banks, notes)?;
            numbers.push(number.unwrap_or_else(|why| {
                missing.add(|| format!("object {}: {}", object.id, self.show(why)));
                0
            }));
        }
        missing.finish(layer, notes);
        Ok(numbers)
    }

    /// What is wrong with a cell.
    fn show(&self, why: Unbound) -> String {
        match why {
            Unbound::Tileset(tile) => format!("no tileset of the map has the tile {tile}"),
            Unbound::Tile { tileset, tile, asset_id } => {
                let name = shortened(self.tilesets.get(tileset).map_or("", |bound| &bound.tileset.name));
                format!("tile {tile} of the tileset {name:?} is not in the bank of asset {asset_id}")
            }
        }
    }

    /// The number of a cell; or why there is none. What is wrong with a tileset as a whole is reported once.
    fn cell(&self, cell: Cell, banks: &mut Banks, notes: &mut Notes<'_, '_>) -> Read<Result<u32, Unbound>> {
        if cell.tile == 0 {
            return Ok(Ok(0));
        }
        let behind = self.tilesets.partition_point(|bound| bound.tileset.first <= cell.tile);
        let Some(at) = behind.checked_sub(1) else { return Ok(Err(Unbound::Tileset(cell.tile))) };
        let bound = &self.tilesets[at];
        let place = match &bound.place {
            Ok(place) => *place,
            Err(fault) => {
                notes.tileset_unbound(bound.tileset.first, self.map.tile_size, fault);
                return Ok(Ok(0));
            }
        };
        let local = cell.tile - bound.tileset.first;
        let columns = bound.tileset.columns.max(1);
        let (column, row) = (local % columns, local / columns);
        let number = row.checked_mul(place.columns).and_then(|number| number.checked_add(column));
        let number = number.filter(|number| column < place.columns && *number < place.tile_count);
        let Some(number) = number.filter(|_| local < bound.tileset.tile_count) else {
            return Ok(Err(Unbound::Tile { tileset: at, tile: local, asset_id: place.asset_id }));
        };
        let bank = banks.number(place.asset_id, notes)?;
        let flips =
            [(cell.flips.horizontal, HORIZONTAL), (cell.flips.vertical, VERTICAL), (cell.flips.diagonal, DIAGONAL)];
        let flips = flips.into_iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, bit)| all | bit);
        Ok(Ok((place.first_tile + number) | (bank << BANK) | flips))
    }
}

/// Where the tiles of `tileset` are.
fn place(map: &Map, tileset: &Tileset, path: &str, asked: &[AskedTileset]) -> Result<TilesetPlace, Box<Diagnostic>> {
    let name = shortened(&tileset.name).into_owned();
    let wrong = |message: String, help: &str| Box::new(Diagnostic::error(Code::MapTileset, message).with_help(help));
    let Some(picture) = tileset.picture_seen(path) else {
        let message = format!("the tileset {name:?} is not made of one picture file, and is no part of a bank");
        return Err(wrong(message, "make a tileset of one picture, which is an artifact of a tile asset"));
    };
    // They are in ascending order.
    let found = asked.binary_search_by(|asked| asked.picture.as_str().cmp(&picture)).ok().map(|at| asked[at].found);
    let place = match found {
        Some(Ok(place)) => place,
        Some(Err(fault)) => return Err(unbound(&name, &picture, fault)),
        None => return Err(unbound(&name, &picture, TilesetFault::Unowned)),
    };
    let edges = (map.tile_size, map.tile_size);
    if tileset.has_gaps || tileset.tile_size != edges || place.tile_size != map.tile_size {
        let (width, height) = tileset.tile_size;
        let gaps = if tileset.has_gaps { " with a margin or spacing" } else { "" };
        let message = format!(
            "the tiles of the tileset {name:?} are {width} × {height} pixels{gaps}, those of the map {0} × {0}, and those of asset {1} \
             {2} × {2}",
            map.tile_size, place.asset_id, place.tile_size
        );
        return Err(wrong(
            message,
            "give the map, the tileset and the asset one tile size, without margin and spacing",
        ));
    }
    Ok(place)
}

/// The fault that the tiles of a tileset are nowhere.
fn unbound(name: &str, picture: &str, fault: TilesetFault) -> Box<Diagnostic> {
    let shown = shortened(picture);
    let message = format!("the tileset {name:?} has the picture {shown:?}, whose tiles are in no bank: {fault}");
    let data = Data::value(shown.clone());
    Box::new(Diagnostic::error(Code::MapTileset, message).with_help(fault.help()).with_data(data))
}

/// The name of a kind of layer, in the metadata.
pub(super) fn layer_kind(content: &Content) -> &'static str {
    match content {
        Content::Tiles(_) => "TILES",
        Content::Values(_) => "VALUES",
        Content::Objects(_) => "OBJECTS",
    }
}
