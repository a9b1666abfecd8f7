//! The pixels of cels and tiles.

use std::borrow::Cow;
use std::collections::HashMap;

use super::fault::Fault;
use super::inflate::inflate;
use super::sprite::{Cel, Content, LayerKind, Rectangle, Sprite, TileMasks};
use crate::formats::tiles::size::MAX_PIXELS;

/// How many pixels and tiles are inflated and drawn for one file: as many as sixty-four of the largest sheets have.
const MAX_WORK: u64 = 64 * MAX_PIXELS;

/// What reads the pixels of a sprite. It keeps the tiles that it inflated, and no cels.
pub(super) struct Cels<'s, 'a> {
    sprite: &'s Sprite<'a>,
    /// The pixels of tilesets by their numbers.
    tiles: HashMap<u32, Vec<u8>>,
    /// How many pixels `tiles` have.
    held: u64,
    /// What was done so far, of [`MAX_WORK`].
    work: u64,
}

/// The pixels of a cel or of a tile, as the file has them.
pub(super) struct Picture<'p> {
    pub(super) area: Rectangle,
    pub(super) data: Cow<'p, [u8]>,
}

/// A cel of tiles.
pub(super) struct Tilemap<'p> {
    /// Where its upper left pixel is.
    origin: (i32, i32),
    /// Tiles in a row.
    columns: usize,
    /// Of a tile, in pixels.
    size: (u16, u16),
    masks: TileMasks,
    zero_is_empty: bool,
    cells: Vec<u8>,
    /// The pixels of all tiles, and how many bytes each has.
    tiles: &'p [u8],
    tile_bytes: usize,
}

/// What a cel shows.
pub(super) enum Shown<'p> {
    Nothing,
    Picture(Picture<'p>),
    Tilemap(Tilemap<'p>),
}

/// A tile of a tilemap at its place.
pub(super) struct Placed<'p> {
    pub(super) area: Rectangle,
    pub(super) data: &'p [u8],
    pub(super) flips: Flips,
}

/// How a tile is turned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flips {
    x: bool,
    y: bool,
    diagonal: bool,
}

impl Flips {
    /// The pixel of a tile of `width` × `height` pixels that is shown at (`u`, `v`): its number row by row. None where the
    /// axes of a tile that is no square are swapped, and it has no pixel there.
    pub(super) fn pixel(self, width: usize, height: usize, u: usize, v: usize) -> Option<usize> {
        let (x, y) = (if self.x { width - 1 - u } else { u }, if self.y { height - 1 - v } else { v });
        if !self.diagonal {
            return Some(y * width + x);
        }
        let least = width.min(height);
        (x < least && y < least).then_some(x * width + y)
    }
}

impl<'s, 'a> Cels<'s, 'a> {
    pub(super) fn new(sprite: &'s Sprite<'a>) -> Self {
        Self { sprite, tiles: HashMap::new(), held: 0, work: 0 }
    }

    /// Counts what is going to be done.
    pub(super) fn spend(&mut self, work: u64) -> Result<(), Fault> {
        self.work = self.work.saturating_add(work);
        if self.work > MAX_WORK {
            let message = format!(
                "the cels of the file have more than {MAX_WORK} pixels to draw, over all frames that are taken"
            );
            return Err(Fault::unsupported(message));
        }
        Ok(())
    }

    /// What `cel` shows.
    pub(super) fn shown(&mut self, cel: &Cel<'a>) -> Result<Shown<'_>, Fault> {
        let about = |fault: String| {
            let name = self.sprite.layers.get(usize::from(cel.layer)).map_or("", |layer| &layer.name);
            format!("the cel of layer {}, {name:?}: {fault}", cel.layer)
        };
        let source = self.sprite.frames.get(cel.source as usize).and_then(|frame| frame.cel(cel.layer));
        let pixel_bytes = self.sprite.colours.bytes();
        let area = |width: u16, height: u16| Rectangle {
            x: cel.x.into(),
            y: cel.y.into(),
            width: width.into(),
            height: height.into(),
        };
        match source.map(|cel| cel.content) {
            None | Some(Content::Linked) => Ok(Shown::Nothing),
            Some(Content::Raw { width, height, data }) => {
                let length = usize::from(width) * usize::from(height) * pixel_bytes;
                let missing =
                    || about(format!("{width} × {height} pixels need {length} bytes, and {} are there", data.len()));
                let data = Cow::Borrowed(data.get(..length).ok_or_else(missing)?);
                Ok(Shown::Picture(Picture { area: area(width, height), data }))
            }
            Some(Content::Compressed { width, height, data }) => {
                let count = checked_count(width, height).map_err(about)?;
                let data = inflate(data, count * pixel_bytes).map_err(about)?;
                self.spend(count as u64)?;
                Ok(Shown::Picture(Picture { area: area(width, height), data: Cow::Owned(data) }))
            }
            Some(Content::Tilemap { width, height, masks, data }) => {
                let count = checked_count(width, height).map_err(about)?;
                let cells = inflate(data, count * 4).map_err(about)?;
                self.spend(count as u64)?;
                self.tilemap(cel, usize::from(width), masks, cells)
            }
        }
    }

    fn tilemap(&mut self, cel: &Cel<'a>, columns: usize, masks: TileMasks, cells: Vec<u8>) -> Result<Shown<'_>, Fault> {
        let kind = self.sprite.layers.get(usize::from(cel.layer)).map(|layer| layer.kind);
        let Some(LayerKind::Tilemap(number)) = kind else { return Ok(Shown::Nothing) };
        let Some(tileset) = self.sprite.tilesets.get(&number) else {
            return Err(format!("layer {} has tiles of tileset {number}, which is not there", cel.layer).into());
        };
        let Some(data) = tileset.data else {
            let message = format!("layer {} has tiles of tileset {number}, which is in another file", cel.layer);
            return Err(Fault::unsupported(message));
        };
        let tile_pixels = usize::from(tileset.width) * usize::from(tileset.height);
        let tile_bytes = tile_pixels * self.sprite.colours.bytes();
        if !self.tiles.contains_key(&number) {
            let pixels = u64::from(tileset.count).saturating_mul(tile_pixels as u64);
            self.held = self.held.saturating_add(pixels);
            if self.held > MAX_PIXELS {
                let message = format!("the tiles of the file have more than {MAX_PIXELS} pixels (tileset {number})");
                return Err(Fault::unsupported(message));
            }
            let length = tileset.count as usize * tile_bytes;
            let tiles = inflate(data, length).map_err(|fault| format!("tileset {number}: {fault}"))?;
            self.spend(pixels)?;
            self.tiles.insert(number, tiles);
        }
        Ok(Shown::Tilemap(Tilemap {
            origin: (cel.x.into(), cel.y.into()),
            columns,
            size: (tileset.width, tileset.height),
            masks,
            zero_is_empty: tileset.zero_is_empty,
            cells,
            tiles: self.tiles.get(&number).map_or(&[], Vec::as_slice),
            tile_bytes,
        }))
    }
}

impl<'p> Tilemap<'p> {
    /// The tiles that are not empty, row by row. One that the tileset does not have shows nothing.
    pub(super) fn placed(&self) -> impl Iterator<Item = Placed<'p>> + '_ {
        let cells = self.cells.as_chunks().0.iter().map(|cell| u32::from_le_bytes(*cell)).enumerate();
        cells.filter_map(|(at, cell)| self.place(at, cell))
    }

    fn place(&self, at: usize, cell: u32) -> Option<Placed<'p>> {
        let TileMasks { number, flip_x, flip_y, diagonal } = self.masks;
        if !self.zero_is_empty && cell == u32::MAX {
            return None;
        }
        let tile = (cell & number).checked_shr(number.trailing_zeros()).unwrap_or(0);
        if self.zero_is_empty && tile == 0 {
            return None;
        }
        let start = (tile as usize).checked_mul(self.tile_bytes)?;
        let data = self.tiles.get(start..start.checked_add(self.tile_bytes)?)?;
        // A tilemap has at most 65,535 columns and rows, and a tile as many pixels.
        let offset = |tiles: usize, length: u16| i32::try_from(tiles as u64 * u64::from(length)).ok();
        let area = Rectangle {
            x: self.origin.0.checked_add(offset(at % self.columns, self.size.0)?)?,
            y: self.origin.1.checked_add(offset(at / self.columns, self.size.1)?)?,
            width: self.size.0.into(),
            height: self.size.1.into(),
        };
        let has = |mask: u32| mask != 0 && cell & mask == mask;
        Some(Placed { area, data, flips: Flips { x: has(flip_x), y: has(flip_y), diagonal: has(diagonal) } })
    }
}

/// How many pixels or tiles there are, where they are no more than a sheet has pixels.
fn checked_count(width: u16, height: u16) -> Result<usize, String> {
    let count = u64::from(width) * u64::from(height);
    if count > MAX_PIXELS {
        return Err(format!("it has {width} × {height} pixels or tiles, more than the {MAX_PIXELS} that are read"));
    }
    Ok(count as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::parse::parse;
    use super::*;

    /// Many frames, each of which has many cels that cover the canvas, would take hours.
    #[test]
    fn work_is_bounded_for_the_whole_file() {
        let file = include_bytes!("../../../../tests/aseprite/linked_cels.aseprite");
        let sprite = parse(file).unwrap();
        let cel = sprite.frames[0].cels[0];
        let mut cels = Cels::new(&sprite);
        assert!(matches!(cels.shown(&cel), Ok(Shown::Picture(_))));
        cels.spend(MAX_WORK - cels.work).unwrap();
        assert!(cels.shown(&cel).is_err());
    }
}
