//! Pixels of a picture become 4-bit indices.

use super::canvas::{Canvas, unpack};
use super::image::{Image, Pixels};
use super::metadata::EntryZero;
use super::palette::Palette;
use super::png::{ColourType, Png};
use super::{coloured, indexed};
use crate::diagnostic::Code;
use crate::formats::faults::Faults;

/// Appends the pixels of `image`, whose size was checked, to `sheet`. The palette that they use, unless there is
/// a fault.
pub(super) fn append(
    image: &Png<'_>,
    entry_zero: EntryZero,
    sheet: &mut Vec<u8>,
    faults: &mut Faults<'_>,
) -> Option<Palette> {
    if let Err(fault) = image.check_data() {
        faults.damaged(Code::PngInvalid, fault);
        return None;
    }
    let canvas = Canvas::below(sheet, image.header.width, image.header.height);
    let transparency = image.transparency.unwrap_or_default();
    match image.header.colour {
        ColourType::Indexed => indexed::append(image, canvas, entry_zero, faults),
        ColourType::Grey => {
            let greys = greys(image.header.depth, transparency);
            let mut samples = Vec::new();
            coloured::append(image, canvas, faults, |row, mapper| {
                let samples = unpack(image.header.depth, row, &mut samples);
                mapper.map(row, samples.iter().map(|sample| greys[usize::from(*sample)]));
            })
        }
        ColourType::GreyAlpha => coloured::append(image, canvas, faults, |row, mapper| {
            mapper.map(row, row.samples.as_chunks().0.iter().map(|&[v, a]| [v, v, v, a]));
        }),
        ColourType::Rgb => {
            let transparent = match *transparency {
                [0, r, 0, g, 0, b] => Some([r, g, b]),
                // Absent, or a 16-bit value that no sample of 8 bits equals.
                _ => None,
            };
            coloured::append(image, canvas, faults, |row, mapper| {
                let alpha = |colour| if Some(colour) == transparent { 0 } else { 255 };
                mapper.map(row, row.samples.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, alpha([r, g, b])]));
            })
        }
        ColourType::Rgba => coloured::append(image, canvas, faults, |row, mapper| {
            mapper.map(row, row.samples.as_chunks().0.iter().copied());
        }),
    }
}

/// Appends the pixels of `image`, whose size was checked, to `sheet`. The palette that they use, unless there is a fault.
pub(super) fn append_image(
    image: &Image,
    entry_zero: EntryZero,
    sheet: &mut Vec<u8>,
    faults: &mut Faults<'_>,
) -> Option<Palette> {
    let canvas = Canvas::below(sheet, image.width, image.height);
    match &image.pixels {
        Pixels::Indexed { indices, palette } => indexed::append_indices(indices, palette, canvas, entry_zero, faults),
        Pixels::Rgba(pixels) => coloured::append_pixels(pixels, canvas, faults),
    }
}

/// The RGBA values of all grey samples of `depth` bits.
pub(super) fn greys(depth: u8, transparency: &[u8]) -> Box<[[u8; 4]; 256]> {
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
