//! Pixels of an image of colours, which papack puts into a palette.

use super::canvas::Canvas;
use super::palette::{Colours, Palette, pixel_at, place};
use super::png::Png;
use super::png::rows::Row;
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// Larger than any index.
const UNKNOWN: u8 = u8::MAX;

/// Writes the pixels of `image` to `canvas`; `expand` passes on each row pixel by pixel. The palette that they use,
/// unless there is a fault.
pub(super) fn append(
    image: &Png<'_>,
    canvas: Canvas<'_>,
    faults: &mut Faults<'_>,
    mut expand: impl FnMut(&Row<'_>, &mut Mapper<'_>),
) -> Option<Palette> {
    let mut mapper = Mapper::new(canvas, image.header.interlaced);
    if let Err(fault) = image.rows(|row| expand(row, &mut mapper)) {
        faults.damaged(Code::PngInvalid, fault);
        return None;
    }
    mapper.finish(faults)
}

/// Writes `pixels`, those of a whole picture, to `canvas`. The palette that they use, unless there is a fault.
pub(super) fn append_pixels(pixels: &[[u8; 4]], canvas: Canvas<'_>, faults: &mut Faults<'_>) -> Option<Palette> {
    let width = canvas.width;
    let mut mapper = Mapper::new(canvas, false);
    for (y, line) in (0..).zip(pixels.chunks_exact(width as usize)) {
        mapper.map(&Row { y, x: 0, step: 1, width, samples: &[] }, line.iter().copied());
    }
    mapper.finish(faults)
}

/// Writes `numbers`, those of the colours of a whole picture, to `canvas`. The `colours` are RGBA, opaque or transparent. The palette
/// that they use, unless there is a fault.
pub(super) fn append_numbers(
    numbers: &[u8],
    colours: &[[u8; 4]; 256],
    canvas: Canvas<'_>,
    faults: &mut Faults<'_>,
) -> Option<Palette> {
    let width = canvas.width;
    let mut mapper = Mapper::new(canvas, false);
    let mut known = [UNKNOWN; 256];
    for (y, line) in (0..).zip(numbers.chunks_exact(width as usize)) {
        mapper.map_numbers(&Row { y, x: 0, step: 1, width, samples: line }, colours, &mut known);
    }
    mapper.finish(faults)
}

/// Reports pixels whose alpha is neither 0 nor 255.
pub(super) fn report_soft(soft: &Repeated<(u32, u8)>, width: u32, faults: &mut Faults<'_>) {
    let message = soft.message(
        |(pixel, alpha)| format!("the pixel at {} has alpha {alpha}; only 0 and 255 are allowed", place(*pixel, width)),
        |count, list| format!("{count} pixels have an alpha other than 0 and 255: {list}"),
        |(pixel, alpha)| format!("{alpha} at {}", place(*pixel, width)),
    );
    if let Some(message) = message {
        let help = "turn off soft edges; or set \"alpha\" to 128 in \"metadata\", by which such pixels become opaque from 128 on, \
                    and transparent below";
        let places = soft.places().map(|(pixel, alpha)| pixel_at(*pixel, width, *alpha)).collect();
        let data = Data::Pixels { count: soft.count(), places, max: None };
        faults.push(Diagnostic::error(Code::TilesAlpha, message).with_help(help).with_data(data));
    }
}

/// Gives colours their provisional indices.
pub(super) struct Mapper<'a> {
    canvas: Canvas<'a>,
    interlaced: bool,
    colours: Colours,
    /// Pixel and alpha, where that is neither 0 nor 255.
    soft: Repeated<(u32, u8)>,
    /// RGBA values met lately and their indices, at a place that depends on the value. There are many more places than
    /// colours, so that two of these seldom have the same.
    cache: [(u32, u8); 256],
    /// The indices of one row.
    indices: Vec<u8>,
}

impl<'a> Mapper<'a> {
    /// Transparent black is index 0, so that it needs no mark for places that are free.
    const EMPTY: [(u32, u8); 256] = [(0, 0); 256];

    fn new(canvas: Canvas<'a>, interlaced: bool) -> Self {
        Self {
            canvas,
            interlaced,
            colours: Colours::default(),
            soft: Repeated::default(),
            cache: Self::EMPTY,
            indices: Vec::new(),
        }
    }

    /// The palette, and the final indices in the place of the provisional ones, unless there is a fault.
    fn finish(self, faults: &mut Faults<'_>) -> Option<Palette> {
        let width = self.canvas.width;
        report_soft(&self.soft, width, faults);
        let (palette, indices) = self.colours.finish(width, faults)?;
        // Both pixels of a byte at once.
        let bytes: [u8; 256] = std::array::from_fn(|byte| indices[byte >> 4] << 4 | indices[byte & 15]);
        for byte in self.canvas.pixels {
            *byte = bytes[usize::from(*byte)];
        }
        (!faults.has_error()).then_some(palette)
    }

    /// Maps the pixels of a row, given as RGBA.
    pub(super) fn map(&mut self, row: &Row<'_>, colours: impl Iterator<Item = [u8; 4]>) {
        if self.interlaced {
            // This row may lie above the last one, so colours are looked up again to find out where each
            // appears first.
            self.cache = Self::EMPTY;
        }
        let first = row.y * self.canvas.width + row.x;
        let mut indices = std::mem::take(&mut self.indices);
        indices.resize(row.width as usize, 0);
        for ((number, index), rgba) in (0..).zip(&mut indices).zip(colours) {
            *index = self.index(rgba, || first + number * row.step);
        }
        self.canvas.store(row, &indices);
        self.indices = indices;
    }

    /// Maps the pixels of a row, given as numbers of `colours`. Of those that came before, the indices are `known`.
    fn map_numbers(&mut self, row: &Row<'_>, colours: &[[u8; 4]; 256], known: &mut [u8; 256]) {
        let mut indices = std::mem::take(&mut self.indices);
        indices.clear();
        indices.extend(row.samples.iter().map(|number| known[usize::from(*number)]));
        // Looked for in the whole row together: it is in few rows.
        if indices.iter().copied().max() == Some(UNKNOWN) {
            let first = row.y * self.canvas.width + row.x;
            for ((pixel, index), number) in
                (first..).zip(&mut indices).zip(row.samples.iter().copied().map(usize::from))
            {
                if known[number] == UNKNOWN {
                    known[number] = self.index(colours[number], || pixel);
                }
                *index = known[number];
            }
        }
        self.canvas.store(row, &indices);
        self.indices = indices;
    }

    /// The provisional index of a pixel.
    #[inline]
    fn index(&mut self, rgba: [u8; 4], pixel: impl FnOnce() -> u32) -> u8 {
        let value = u32::from_ne_bytes(rgba);
        // The golden ratio's bits spread similar values over the places.
        let place = (value.wrapping_mul(0x9e37_79b1) >> 24) as usize;
        let (cached, index) = self.cache[place];
        if cached == value { index } else { self.learn(rgba, pixel(), place) }
    }

    /// The provisional index of a pixel whose colour is not at its `place` in the cache.
    #[cold]
    fn learn(&mut self, rgba: [u8; 4], pixel: u32, place: usize) -> u8 {
        let [r, g, b, alpha] = rgba;
        let index = match alpha {
            0 => 0,
            255 => self.colours.add([r, g, b], pixel),
            _ => {
                self.soft.insert((pixel, alpha));
                return 0;
            }
        };
        self.cache[place] = (u32::from_ne_bytes(rgba), index);
        index
    }
}
