//! A payload read back: the picture of each file, and where two payloads differ.

use std::io::{self, Write};
use std::ops::Range;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::metadata::{Metadata, PALETTE_BYTES, PALETTES, Sheet};
use super::palette::rgb888;

/// Bytes of one palette.
const PALETTE_SIZE: u64 = PALETTE_BYTES / PALETTES as u64;

/// The picture that one file came from, and where a payload holds its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    /// The bytes of its pixels in the payload.
    pub pixels: Range<u64>,
    /// The bytes of its palette in the payload.
    pub palette: Range<u64>,
}

impl Metadata {
    /// Bytes of a row of pixels: two pixels to a byte.
    fn row_bytes(&self) -> u64 {
        u64::from(self.width) / 2
    }

    /// Tiles side by side.
    fn tile_row(&self) -> Option<u32> {
        self.width.checked_div(self.tile_size).filter(|tiles| *tiles > 0)
    }

    /// Tiles of the whole sheet.
    pub fn tile_count(&self) -> u32 {
        self.sheets.iter().map(|sheet| sheet.tile_count).fold(0, u32::saturating_add)
    }

    /// The bytes of palette `number` in the payload, if it has one of that number.
    pub(super) fn palette(&self, number: usize) -> Option<Range<u64>> {
        let pixels = self.row_bytes() * u64::from(self.height);
        let start = (number < PALETTES).then_some(pixels + number as u64 * PALETTE_SIZE)?;
        Some(start..start + PALETTE_SIZE)
    }

    /// The picture of `sheet`, one of these sheets; `None` when these metadata are none that a reader lets pass.
    pub fn picture(&self, sheet: Sheet) -> Option<Picture> {
        let tile_row = self.tile_row()?;
        let rows = |tiles: u32| (tiles / tile_row).checked_mul(self.tile_size);
        let (first, height) = (rows(sheet.first_tile)?, rows(sheet.tile_count)?);
        let at = |row: u32| u64::from(row) * self.row_bytes();
        let pixels = at(first)..at(first.checked_add(height)?);
        Some(Picture { width: self.width, height, pixels, palette: self.palette(sheet.palette)? })
    }

    /// The bytes of row `row` of tile `number` in `payload`.
    fn tile_part<'p>(&self, payload: &'p [u8], number: u32, row: u32) -> Option<&'p [u8]> {
        let (tile_row, length) = (self.tile_row()?, u64::from(self.tile_size) / 2);
        let y = (number / tile_row).checked_mul(self.tile_size)?.checked_add(row)?;
        let start = u64::from(y) * self.row_bytes() + u64::from(number % tile_row) * length;
        part(payload, start..start + length)
    }
}

fn part(payload: &[u8], range: Range<u64>) -> Option<&[u8]> {
    payload.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

impl Picture {
    /// The picture as an indexed PNG of 4 bits a pixel, given its parts of the payload. A picture that papack packed
    /// becomes one that packs to the same pixels and the same palette again.
    ///
    /// Its palette has 16 colours, of which the first is transparent.
    ///
    /// # Errors
    ///
    /// Only when compression fails.
    pub fn png(&self, pixels: &[u8], palette: &[u8]) -> io::Result<Vec<u8>> {
        indexed_png(self.width, self.height, pixels, palette)
    }
}

/// An indexed PNG of 4 bits a pixel: `pixels` are two to a byte, and `palette` has 16 entries of 16 bits. The first is
/// transparent.
pub(super) fn indexed_png(width: u32, height: u32, pixels: &[u8], palette: &[u8]) -> io::Result<Vec<u8>> {
    let (entries, _) = palette.as_chunks();
    let colours: Vec<u8> = entries.iter().flat_map(|entry| rgb888(u16::from_le_bytes(*entry))).collect();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // 4 bits a pixel; colour type 3; the only methods of compression and filtering; not interlaced.
    header.extend([4, 3, 0, 0, 0]);
    append_chunk(&mut png, b"IHDR", &header);
    append_chunk(&mut png, b"PLTE", &colours);
    append_chunk(&mut png, b"tRNS", &[0]);
    append_chunk(&mut png, b"IDAT", &compressed(pixels, width as usize / 2)?);
    append_chunk(&mut png, b"IEND", &[]);
    Ok(png)
}

fn append_chunk(png: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    // No body is larger than the largest sheet.
    png.extend((body.len() as u32).to_be_bytes());
    png.extend(kind);
    png.extend(body);
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(body);
    png.extend(crc.sum().to_be_bytes());
}

/// The image data of `pixels`: each row behind a byte that says that it is not filtered.
fn compressed(pixels: &[u8], row_bytes: usize) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in pixels.chunks(row_bytes.max(1)) {
        encoder.write_all(&[0])?;
        encoder.write_all(row)?;
    }
    encoder.finish()
}

/// The tiles that both payloads have and that are not the same in both, by their numbers. Tiles of different sizes
/// cannot be compared.
pub fn changed_tiles(old: (&Metadata, &[u8]), new: (&Metadata, &[u8])) -> Vec<Range<u32>> {
    if old.0.tile_size != new.0.tile_size {
        return Vec::new();
    }
    let differs = |number: &u32| {
        (0..old.0.tile_size).any(|row| old.0.tile_part(old.1, *number, row) != new.0.tile_part(new.1, *number, row))
    };
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for number in (0..old.0.tile_count().min(new.0.tile_count())).filter(differs) {
        match ranges.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => ranges.push(number..number + 1),
        }
    }
    ranges
}

/// The numbers of the palettes that are not the same in both payloads.
pub fn changed_palettes(old: (&Metadata, &[u8]), new: (&Metadata, &[u8])) -> Vec<usize> {
    let differs = |number: &usize| {
        let palette =
            |(metadata, payload): (&Metadata, &[u8])| part(payload, metadata.palette(*number)?).map(<[u8]>::to_vec);
        palette(old) != palette(new)
    };
    (0..PALETTES).filter(differs).collect()
}
