//! Pixels of a PNG image become 4-bit indices.

use super::palette::{Colours, Palette, place, rgb565};
use super::png::rows::Row;
use super::png::{ColourType, Png};
use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::Faults;

/// Appends the pixels of `image`, whose size was checked, to `sheet`. The palette that they use, unless there is
/// a fault.
pub(super) fn append(image: &Png<'_>, sheet: &mut Vec<u8>, faults: &mut Faults<'_>) -> Option<Palette> {
    if let Err(fault) = image.check_data() {
        faults.error(Code::PngInvalid, fault);
        return None;
    }
    let start = sheet.len();
    sheet.resize(start + image.header.width as usize / 2 * image.header.height as usize, 0);
    let canvas = Canvas { width: image.header.width, pixels: &mut sheet[start..] };
    let transparency = image.transparency.unwrap_or_default();
    match image.header.colour {
        ColourType::Indexed => indexed(image, canvas, faults),
        ColourType::Grey => {
            let greys = greys(image.header.depth, transparency);
            let mut samples = Vec::new();
            coloured(image, canvas, faults, |row, mapper| {
                let samples = unpack(image.header.depth, row, &mut samples);
                mapper.map(row, samples.iter().map(|sample| greys[usize::from(*sample)]));
            })
        }
        ColourType::GreyAlpha => coloured(image, canvas, faults, |row, mapper| {
            mapper.map(row, row.samples.as_chunks().0.iter().map(|&[v, a]| [v, v, v, a]));
        }),
        ColourType::Rgb => {
            let transparent = match *transparency {
                [0, r, 0, g, 0, b] => Some([r, g, b]),
                // Absent, or a 16-bit value that no sample of 8 bits equals.
                _ => None,
            };
            coloured(image, canvas, faults, |row, mapper| {
                let alpha = |colour| if Some(colour) == transparent { 0 } else { 255 };
                mapper.map(row, row.samples.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, alpha([r, g, b])]));
            })
        }
        ColourType::Rgba => coloured(image, canvas, faults, |row, mapper| {
            mapper.map(row, row.samples.as_chunks().0.iter().copied());
        }),
    }
}

/// The pixels of one image in the sheet: two to a byte, the left one in the high nibble. Zero at first.
struct Canvas<'a> {
    width: u32,
    pixels: &'a mut [u8],
}

impl Canvas<'_> {
    /// Writes the indices of a row's pixels.
    fn store(&mut self, row: &Row<'_>, indices: &[u8]) {
        let stride = self.width as usize / 2;
        let Some(line) = self.pixels.chunks_exact_mut(stride).nth(row.y as usize) else { return };
        if row.step == 1 {
            for (byte, [left, right]) in line.iter_mut().zip(indices.as_chunks().0) {
                *byte = left << 4 | right;
            }
        } else {
            for (x, index) in (row.x as usize..).step_by(row.step as usize).zip(indices) {
                line[x / 2] |= if x % 2 == 0 { index << 4 } else { *index };
            }
        }
    }
}

/// The samples of a row of one-sample pixels, one to a byte; `buffer` is room for them.
fn unpack<'a>(depth: u8, row: &Row<'a>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    buffer.resize(row.width as usize, 0);
    match depth {
        1 => unpack_bits::<1>(row.samples, buffer),
        2 => unpack_bits::<2>(row.samples, buffer),
        4 => unpack_bits::<4>(row.samples, buffer),
        _ => return row.samples,
    }
    buffer
}

fn unpack_bits<const DEPTH: usize>(packed: &[u8], samples: &mut [u8]) {
    for (samples, byte) in samples.chunks_mut(8 / DEPTH).zip(packed) {
        for (sample, used) in samples.iter_mut().zip((DEPTH..).step_by(DEPTH)) {
            *sample = byte >> (8 - used) & (0xff >> (8 - DEPTH));
        }
    }
}

/// A pixel that cannot be an index.
#[derive(Clone, Copy)]
enum PixelFault {
    BeyondPalette { index: u8 },
    Index { index: u8 },
    Alpha { alpha: u8 },
}

impl PixelFault {
    fn help(self) -> &'static str {
        match self {
            Self::BeyondPalette { .. } => "export the picture again: the program that wrote it made a mistake",
            Self::Index { .. } => "move the colours that are used to the first 16 entries, or save the picture as RGB",
            Self::Alpha { .. } => "turn off soft edges: apply a threshold to the transparency",
        }
    }
}

/// The first faulty pixels of an image, row-major, and how many there are in all.
///
/// Millions of pixels can be wrong, and interlaced ones come out of order: only what is going to be shown is kept.
#[derive(Default)]
struct PixelFaults {
    first: Vec<(u32, PixelFault)>,
    count: u64,
}

impl PixelFaults {
    fn add(&mut self, pixel: u32, fault: PixelFault) {
        self.count += 1;
        let full = self.first.len() >= Faults::LIMIT;
        if full && self.first.last().is_some_and(|(last, _)| *last < pixel) {
            return;
        }
        let at = self.first.partition_point(|(other, _)| *other < pixel);
        self.first.insert(at, (pixel, fault));
        self.first.truncate(Faults::LIMIT);
    }

    fn report(self, image: &Png<'_>, faults: &mut Faults<'_>) {
        let entries = image.palette.unwrap_or_default().len() / 3;
        let shown = self.first.len() as u64;
        for (pixel, fault) in self.first {
            let (x, y) = place(pixel, image.header.width);
            let (code, message) = match fault {
                PixelFault::BeyondPalette { index } => (
                    Code::PngIndexBeyondPalette,
                    format!(
                        "the pixel at ({x}, {y}) has palette index {index}, but the palette (PLTE) has {entries} entries"
                    ),
                ),
                PixelFault::Index { index } => (
                    Code::TilesIndex,
                    format!("the pixel at ({x}, {y}) has palette index {index}; only 0 to 15 are allowed"),
                ),
                PixelFault::Alpha { alpha } => {
                    (Code::TilesAlpha, format!("the pixel at ({x}, {y}) has alpha {alpha}; only 0 and 255 are allowed"))
                }
            };
            // Said once: it is the same for every pixel.
            let help = (!faults.has_error()).then(|| fault.help().to_owned());
            faults.push(Diagnostic { help, ..Diagnostic::error(code, message) });
        }
        faults.suppress(self.count - shown);
    }
}

/// Maps an image that brings its own indices and palette.
fn indexed(image: &Png<'_>, mut canvas: Canvas<'_>, faults: &mut Faults<'_>) -> Option<Palette> {
    let width = image.header.width;
    let colours = image.palette.unwrap_or_default().as_chunks::<3>().0;
    let alphas = image.transparency.unwrap_or_default();
    // What a pixel must not use; whether it does is found out per row, and where only when it does.
    let opaque_or_first = |index: usize| match alphas.get(index) {
        None | Some(255) => true,
        Some(alpha) => index == 0 && *alpha == 0,
    };
    let usable = colours.len().min(16);
    let forbidden: [bool; 256] = std::array::from_fn(|index| index >= usable || !opaque_or_first(index));
    // The first pixel of each entry whose alpha forbids its use.
    let mut uses: [Option<u32>; 16] = [None; 16];
    let mut wrong = PixelFaults::default();
    let mut samples = Vec::new();
    let result = image.rows(|row| {
        let indices = unpack(image.header.depth, row, &mut samples);
        if indices.iter().fold(false, |found, index| found | forbidden[usize::from(*index)]) {
            for (x, &index) in (row.x..).step_by(row.step as usize).zip(indices) {
                let pixel = row.y * width + x;
                if usize::from(index) >= colours.len() {
                    wrong.add(pixel, PixelFault::BeyondPalette { index });
                } else if index > 15 {
                    wrong.add(pixel, PixelFault::Index { index });
                } else if forbidden[usize::from(index)] {
                    let first = uses[usize::from(index)].get_or_insert(pixel);
                    *first = pixel.min(*first);
                }
            }
        }
        canvas.store(row, indices);
    });
    if let Err(fault) = result {
        faults.error(Code::PngInvalid, fault);
        return None;
    }
    for ((entry, first), alpha) in uses.iter().enumerate().zip(alphas) {
        if let Some(pixel) = first {
            let (x, y) = place(*pixel, width);
            let allowed = if entry == 0 { "0 and 255 are" } else { "255 is" };
            let message = format!(
                "palette entry {entry} has alpha {alpha} and is used, first at ({x}, {y}); only {allowed} allowed"
            );
            let help = "in an indexed picture only entry 0 is transparent, and fully so";
            faults.push(Diagnostic::error(Code::TilesAlpha, message).with_help(help));
        }
    }
    wrong.report(image, faults);
    let mut palette = Palette::default();
    for (entry, colour) in palette.iter_mut().zip(colours) {
        *entry = rgb565(*colour);
    }
    (!faults.has_error()).then_some(palette)
}

/// Maps an image of colours, whose rows `expand` passes on pixel by pixel.
fn coloured(
    image: &Png<'_>,
    canvas: Canvas<'_>,
    faults: &mut Faults<'_>,
    mut expand: impl FnMut(&Row<'_>, &mut Mapper<'_>),
) -> Option<Palette> {
    let mut mapper = Mapper {
        canvas,
        interlaced: image.header.interlaced,
        colours: Colours::new(),
        wrong: PixelFaults::default(),
        cache: Mapper::EMPTY,
        indices: Vec::new(),
    };
    if let Err(fault) = image.rows(|row| expand(row, &mut mapper)) {
        faults.error(Code::PngInvalid, fault);
        return None;
    }
    mapper.wrong.report(image, faults);
    let (palette, indices) = mapper.colours.finish(image.header.width, faults)?;
    // Both pixels of a byte at once.
    let bytes: [u8; 256] = std::array::from_fn(|byte| indices[byte >> 4] << 4 | indices[byte & 15]);
    for byte in mapper.canvas.pixels {
        *byte = bytes[usize::from(*byte)];
    }
    (!faults.has_error()).then_some(palette)
}

/// Gives colours their provisional indices.
struct Mapper<'a> {
    canvas: Canvas<'a>,
    interlaced: bool,
    colours: Colours,
    wrong: PixelFaults,
    /// RGBA values met lately and their indices, at a place that depends on the value.
    cache: [([u8; 4], u8); 64],
    /// The indices of one row.
    indices: Vec<u8>,
}

impl Mapper<'_> {
    /// Transparent black is index 0, so that it needs no mark for places that are free.
    const EMPTY: [([u8; 4], u8); 64] = [([0; 4], 0); 64];

    /// Maps the pixels of a row, given as RGBA.
    fn map(&mut self, row: &Row<'_>, colours: impl Iterator<Item = [u8; 4]>) {
        if self.interlaced {
            // This row may lie above the last one, so colours are looked up again to find out where each
            // appears first.
            self.cache = Self::EMPTY;
        }
        let mut pixel = row.y * self.canvas.width + row.x;
        let mut indices = std::mem::take(&mut self.indices);
        indices.resize(row.width as usize, 0);
        for (index, rgba) in indices.iter_mut().zip(colours) {
            *index = self.index(rgba, pixel);
            pixel += row.step;
        }
        self.canvas.store(row, &indices);
        self.indices = indices;
    }

    /// The provisional index of a pixel.
    #[inline]
    fn index(&mut self, rgba: [u8; 4], pixel: u32) -> u8 {
        // The golden ratio's bits spread similar values over the places.
        let place = (u32::from_ne_bytes(rgba).wrapping_mul(0x9e37_79b1) >> 26) as usize;
        let (cached, index) = self.cache[place];
        if cached == rgba { index } else { self.learn(rgba, pixel, place) }
    }

    /// The provisional index of a pixel whose colour is not at its `place` in the cache.
    #[cold]
    fn learn(&mut self, rgba: [u8; 4], pixel: u32, place: usize) -> u8 {
        let [r, g, b, alpha] = rgba;
        let index = match alpha {
            0 => 0,
            255 => self.colours.add([r, g, b], pixel),
            _ => {
                self.wrong.add(pixel, PixelFault::Alpha { alpha });
                return 0;
            }
        };
        self.cache[place] = (rgba, index);
        index
    }
}

/// The RGBA values of all grey samples of `depth` bits.
fn greys(depth: u8, transparency: &[u8]) -> Box<[[u8; 4]; 256]> {
    let transparent = transparency.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
    // The largest sample divides 255 at every depth.
    let max = 0xff >> (8 - depth);
    let mut greys = Box::new([[0; 4]; 256]);
    for (sample, grey) in (0..=max).zip(greys.iter_mut()) {
        let value = sample * (255 / max);
        *grey = [value, value, value, if Some(u16::from(sample)) == transparent { 0 } else { 255 }];
    }
    greys
}
