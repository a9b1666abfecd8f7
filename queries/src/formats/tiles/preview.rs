//! A small picture of a payload, to be looked at: its tiles, and below them the 16 colours of its first palette.

use super::metadata::Metadata;
use super::sheet::indexed_png;

/// What is shown of a sheet at most, in pixels of the sheet.
const MOST_WIDTH: usize = 512;
const MOST_HEIGHT: usize = 512;

/// How wide a small sheet is enlarged to be, at most.
const WIDTH: usize = 192;

/// How often pixels of a small sheet are repeated at most.
const MOST_SCALE: usize = 8;

/// Edge of the square of a colour, and the space above the colours.
const SQUARE: usize = 12;

/// A PNG of `payload`, of which `metadata` are the metadata: its upper left part, enlarged if it is small, and its first
/// palette. It has at most `max_size` bytes; `None` where that is impossible, or the payload is not what the metadata say.
pub fn preview(metadata: &Metadata, payload: &[u8], max_size: usize) -> Option<Vec<u8>> {
    let picture = metadata.picture(*metadata.sheets.first()?)?;
    let part =
        |range: std::ops::Range<u64>| payload.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?);
    let (pixels, palette) = (part(picture.pixels)?, part(picture.palette)?);
    let width = metadata.width as usize;
    let mut rows = (pixels.len() * 2).checked_div(width)?.min(MOST_HEIGHT);
    while rows > 0 {
        let png = Drawn::of(pixels, width, rows).png(palette)?;
        if png.len() <= max_size {
            return Some(png);
        }
        rows /= 2;
    }
    None
}

/// A picture that is being drawn, with one pixel a byte.
struct Drawn {
    width: usize,
    pixels: Vec<u8>,
}

impl Drawn {
    /// The first `rows` of `packed`, two pixels to a byte and `width` pixels wide, and all 16 colours below.
    fn of(packed: &[u8], width: usize, rows: usize) -> Self {
        let scale = (WIDTH / width.max(1)).clamp(1, MOST_SCALE);
        let shown = width.min(MOST_WIDTH);
        let mut drawn = Self { width: (shown * scale).max(16 * SQUARE), pixels: Vec::new() };
        for row in packed.chunks(width / 2).take(rows) {
            let row = row.iter().flat_map(|pair| [pair >> 4, pair & 15]).take(shown);
            let line: Vec<u8> = row.flat_map(|pixel| std::iter::repeat_n(pixel, scale)).collect();
            (0..scale).for_each(|_| drawn.add_line(&line));
        }
        (0..SQUARE).for_each(|_| drawn.add_line(&[]));
        let colours: Vec<u8> = (0..16).flat_map(|colour| [colour; SQUARE]).collect();
        (0..SQUARE).for_each(|_| drawn.add_line(&colours));
        drawn
    }

    /// Adds a line, filled up with the colour that is transparent.
    fn add_line(&mut self, line: &[u8]) {
        self.pixels.extend(line);
        self.pixels.extend(std::iter::repeat_n(0, self.width - line.len()));
    }

    fn png(&self, palette: &[u8]) -> Option<Vec<u8>> {
        // The width is even: that of a sheet is, and so is that of the colours.
        let packed: Vec<u8> = self.pixels.as_chunks().0.iter().map(|[left, right]| left << 4 | right).collect();
        let height = self.pixels.len() / self.width;
        indexed_png(u32::try_from(self.width).ok()?, u32::try_from(height).ok()?, &packed, palette).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::metadata::Sheet;
    use super::super::palette::rgb565;
    use super::*;

    fn sheet(width: u32, height: u32, pixel: impl Fn(u32) -> u8) -> (Metadata, Vec<u8>) {
        let tile_count = width / 8 * (height / 8);
        let sheets = vec![Sheet { duration_ms: None, first_tile: 0, palette: 0, tile_count }];
        let metadata =
            Metadata { tile_size: 8, width, height, palette_count: 64, palette_authored: 1, sheets, tags: Vec::new() };
        let mut payload: Vec<u8> = (0..width * height / 2).map(|at| pixel(2 * at) << 4 | pixel(2 * at + 1)).collect();
        payload.extend((0..64 * 16_u16).flat_map(|at| rgb565([at as u8 % 16 * 16, 0, 255]).to_le_bytes()));
        (metadata, payload)
    }

    /// Width and height of a PNG, and the colour of each of its pixels.
    fn decoded(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::IDENTITY);
        let mut reader = decoder.read_info().unwrap();
        let mut packed = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut packed).unwrap();
        (frame.width, frame.height, packed.iter().flat_map(|pair| [pair >> 4, pair & 15]).collect())
    }

    #[test]
    fn small_sheets_are_enlarged_over_their_palette() {
        let (metadata, payload) = sheet(8, 8, |at| (at % 16) as u8);
        let (width, height, pixels) = decoded(&preview(&metadata, &payload, 65_536).unwrap());
        assert_eq!((width, height), (192, 64 + 24));
        let at = |x: usize, y: usize| pixels[y * 192 + x];
        assert_eq!([at(0, 0), at(7, 7), at(8, 0), at(8, 8), at(63, 7)], [0, 0, 1, 9, 7]);
        assert_eq!([at(64, 0), at(0, 70), at(11, 80), at(12, 80), at(191, 87)], [0, 0, 0, 1, 15]);
    }

    #[test]
    fn large_sheets_are_cut_to_what_is_allowed() {
        let noise = |at: u32| (at.wrapping_mul(2_654_435_761) >> 13 & 15) as u8;
        let (metadata, payload) = sheet(4096, 1024, noise);
        for max_size in [100_000, 20_000, 4_000] {
            let png = preview(&metadata, &payload, max_size).unwrap();
            assert!(png.len() <= max_size, "{}", png.len());
            assert_eq!(decoded(&png).0, 512);
        }
        assert_eq!(preview(&metadata, &payload, 50), None);
        assert_eq!(preview(&metadata, &payload[..100], 65_536), None);
    }
}
