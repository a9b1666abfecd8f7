//! What a sheet will be, told from the headers of its pictures.

use super::metadata::{Metadata, PALETTE_BYTES, PALETTES, Sheet};
use super::options::{Conversions, Options};
use super::png::chunks::{HEAD, parse_header};
use super::size::{MAX_HEIGHT, MAX_PIXELS, MAX_WIDTH};
use crate::content::ContentStore;
use crate::formats::payload;
use crate::formats::source::FileOutline;

/// What [`Format::foretell`](crate::formats::Format::foretell) tells of `files`. Palettes are not looked at: each picture
/// is taken to have one whose number is a digit.
pub(in super::super) fn foretell(
    options: Options,
    files: &[FileOutline<'_>],
    content: &dyn ContentStore,
) -> Option<(u64, Box<str>)> {
    // A palette is no picture, and only all pictures together tell how wide each is.
    let Conversions { palette: None, pad: None, .. } = options.conversions else { return None };
    let tile = options.tile_size.pixels();
    let (mut width, mut height) = (0, 0_u32);
    let mut sheets = Vec::with_capacity(files.len());
    for file in files {
        let mut head = [0; HEAD];
        content.read_at(file.content.filter(|content| content.size >= HEAD as u64)?, 0, &mut head).ok()?;
        let header = parse_header(&head)?;
        width = header.width;
        let tile_row = width / tile;
        let tile_count = tile_row.checked_mul(header.height / tile)?;
        sheets.push(Sheet {
            duration_ms: None,
            first_tile: tile_row.checked_mul(height / tile)?,
            palette: 0,
            tile_count,
        });
        height = height.checked_add(header.height)?;
    }
    let pixels = u64::from(width) * u64::from(height);
    // Nothing is placed behind a sheet that is going to be refused.
    (width <= MAX_WIDTH && u64::from(height) <= MAX_HEIGHT && pixels <= MAX_PIXELS).then_some(())?;
    let promoted = Metadata {
        tile_size: tile,
        width,
        height,
        palette_count: PALETTES,
        palette_authored: 1,
        sheets,
        tags: Vec::new(),
    };
    // Two pixels to a byte.
    Some((pixels / 2 + PALETTE_BYTES, payload::metadata(&promoted)))
}
