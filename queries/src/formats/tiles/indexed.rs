//! Pixels of an image that brings its own indices and palette.

use super::canvas::{Canvas, unpack};
use super::metadata::EntryZero;
use super::palette::{Palette, pixel_at, place, rgb565};
use super::png::Png;
use super::png::rows::Row;
use crate::diagnostic::{Code, Data, Diagnostic, Pixel};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// Writes the pixels of `image` to `canvas`. Its palette, unless there is a fault.
pub(super) fn append(
    image: &Png<'_>,
    canvas: Canvas<'_>,
    entry_zero: EntryZero,
    faults: &mut Faults<'_>,
) -> Option<Palette> {
    let colours = image.palette.unwrap_or_default().as_chunks::<3>().0;
    let alphas = image.transparency.unwrap_or_default();
    let mut writer = Writer::new(canvas, colours, alphas, entry_zero);
    // Such rows are what the sheet has.
    let is_packed = image.header.depth == 4 && !image.header.interlaced && writer.zeros.is_none();
    let mut samples = Vec::new();
    let result = image.rows(|row| {
        if is_packed && writer.wrong.allows_packed(row.samples) {
            return writer.canvas.store_packed(row);
        }
        writer.write(row, unpack(image.header.depth, row, &mut samples));
    });
    if let Err(fault) = result {
        faults.damaged(Code::PngInvalid, fault);
        return None;
    }
    writer.finish(image.header.pixels(), faults)
}

/// Writes `indices`, those of a whole picture, to `canvas`. Their palette, which has all of them, unless there is a fault.
pub(super) fn append_indices(
    indices: &[u8],
    entries: &[[u8; 4]],
    canvas: Canvas<'_>,
    entry_zero: EntryZero,
    faults: &mut Faults<'_>,
) -> Option<Palette> {
    let colours: Vec<_> = entries.iter().map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let alphas: Vec<_> = entries.iter().map(|[.., alpha]| *alpha).collect();
    let width = canvas.width;
    let mut writer = Writer::new(canvas, &colours, &alphas, entry_zero);
    for (y, samples) in (0..).zip(indices.chunks_exact(width as usize)) {
        writer.write(&Row { y, x: 0, step: 1, width, samples }, samples);
    }
    writer.finish(indices.len() as u64, faults)
}

/// Writes rows of indices, and finds those that are not allowed.
struct Writer<'a> {
    canvas: Canvas<'a>,
    colours: &'a [[u8; 3]],
    alphas: &'a [u8],
    wrong: WrongPixels,
    /// Where the pixels of entry 0 are told.
    zeros: Option<ZeroPixels>,
}

impl<'a> Writer<'a> {
    fn new(canvas: Canvas<'a>, colours: &'a [[u8; 3]], alphas: &'a [u8], entry_zero: EntryZero) -> Self {
        let is_opaque = matches!(alphas.first(), None | Some(255));
        let zeros = (is_opaque && entry_zero == EntryZero::Warn).then(|| ZeroPixels::new(canvas.width));
        let wrong = WrongPixels::new(canvas.width, colours.len(), alphas);
        Self { canvas, colours, alphas, wrong, zeros }
    }

    fn write(&mut self, row: &Row<'_>, indices: &[u8]) {
        self.wrong.add_row(row, indices);
        if let Some(zeros) = &mut self.zeros {
            zeros.add_row(row, indices);
        }
        self.canvas.store(row, indices);
    }

    /// The palette of a picture of so many `pixels`, unless there is a fault.
    fn finish(self, pixels: u64, faults: &mut Faults<'_>) -> Option<Palette> {
        self.wrong.report(self.alphas, faults);
        if faults.has_error() {
            return None;
        }
        if let (Some(zeros), Some(colour)) = (self.zeros, self.colours.first()) {
            zeros.report(*colour, pixels, faults);
        }
        let mut palette = Palette::default();
        for (entry, colour) in palette.iter_mut().zip(self.colours) {
            *entry = rgb565(*colour);
        }
        Some(palette)
    }
}

/// The pixels whose index is not allowed.
struct WrongPixels {
    width: u32,
    /// Entries of `PLTE`.
    entries: usize,
    /// The indices that no pixel may have.
    forbidden: [bool; 256],
    /// All indices below are allowed.
    allowed: usize,
    /// Pixel and index, where there is no such entry.
    beyond: Repeated<(u32, u8)>,
    /// Pixel and index, where that is above 15.
    high: Repeated<(u32, u8)>,
    /// The first pixel of each entry whose alpha forbids its use.
    uses: [Option<u32>; 16],
}

impl WrongPixels {
    /// None yet, in an image of this width with so many entries in `PLTE` and these alpha values in `tRNS`.
    fn new(width: u32, entries: usize, alphas: &[u8]) -> Self {
        let has_allowed_alpha = |index: usize| match alphas.get(index) {
            None | Some(255) => true,
            Some(alpha) => index == 0 && *alpha == 0,
        };
        let usable = entries.min(16);
        let forbidden: [bool; 256] = std::array::from_fn(|index| index >= usable || !has_allowed_alpha(index));
        let allowed = forbidden.iter().take_while(|forbidden| !**forbidden).count();
        let (beyond, high) = (Repeated::default(), Repeated::default());
        Self { width, entries, forbidden, allowed, beyond, high, uses: [None; 16] }
    }

    /// Whether the highest index of a row, two to a byte, shows that all of it are allowed.
    fn allows_packed(&self, row: &[u8]) -> bool {
        let highest = row.iter().fold(0, |highest, pair| (pair >> 4).max(pair & 15).max(highest));
        usize::from(highest) < self.allowed
    }

    /// Whether a row has a forbidden index is found out for all its pixels together; where, only when it has.
    fn add_row(&mut self, row: &Row<'_>, indices: &[u8]) {
        let highest = indices.iter().fold(0, |highest: u8, index| highest.max(*index));
        if usize::from(highest) < self.allowed
            || !indices.iter().fold(false, |found, index| found | self.forbidden[usize::from(*index)])
        {
            return;
        }
        for (x, &index) in (row.x..).step_by(row.step as usize).zip(indices) {
            let pixel = row.y * self.width + x;
            if usize::from(index) >= self.entries {
                self.beyond.insert((pixel, index));
            } else if index > 15 {
                self.high.insert((pixel, index));
            } else if self.forbidden[usize::from(index)] {
                let first = self.uses[usize::from(index)].get_or_insert(pixel);
                *first = pixel.min(*first);
            }
        }
    }

    fn report(self, alphas: &[u8], faults: &mut Faults<'_>) {
        let Self { width, entries, .. } = self;
        let at = |pixel: u32| place(pixel, width);
        let item = |(pixel, index): &(u32, u8)| format!("{index} at {}", at(*pixel));
        let beyond = self.beyond.message(
            |(pixel, index)| {
                let place = at(*pixel);
                format!("the pixel at {place} has palette index {index}, but the palette (PLTE) has {entries} entries")
            },
            |count, list| {
                format!(
                    "{count} pixels have palette indices beyond the palette (PLTE), which has {entries} entries: {list}"
                )
            },
            item,
        );
        let high = self.high.message(
            |(pixel, index)| format!("the pixel at {} has palette index {index}; only 0 to 15 are allowed", at(*pixel)),
            |count, list| format!("{count} pixels have palette indices above 15, which are not allowed: {list}"),
            item,
        );
        let uses = self.uses.iter().enumerate().zip(alphas);
        let wrong_alphas: Repeated<_> =
            uses.filter_map(|((entry, first), alpha)| Some((entry, *alpha, (*first)?))).collect();
        let alpha = wrong_alphas.message(
            |(entry, alpha, pixel)| {
                let (place, allowed) = (at(*pixel), if *entry == 0 { "0 and 255 are" } else { "255 is" });
                format!("palette entry {entry} has alpha {alpha} and is used, first at {place}; only {allowed} allowed")
            },
            |count, list| format!("{count} palette entries have an alpha that is not allowed, and are used: {list}"),
            |(entry, alpha, pixel)| format!("entry {entry} has {alpha}, first at {}", at(*pixel)),
        );
        let pixels = |count, places: Vec<Pixel>, max: Option<usize>| Data::Pixels {
            count,
            places,
            max: max.map(|max| max as u32),
        };
        let indices = |found: &Repeated<(u32, u8)>, max| {
            let places = found.places().map(|(pixel, index)| pixel_at(*pixel, width, *index)).collect();
            pixels(found.count(), places, Some(max))
        };
        let alphas = wrong_alphas.places().map(|(_, alpha, pixel)| pixel_at(*pixel, width, *alpha)).collect();
        for (code, message, data, help) in [
            (
                Code::PngIndexBeyondPalette,
                beyond,
                indices(&self.beyond, entries.saturating_sub(1)),
                "export the picture again: the program that wrote it made a mistake",
            ),
            (
                Code::TilesIndex,
                high,
                indices(&self.high, 15),
                "move the colours that are used to the first 16 entries, or save the picture as RGB; or set \"renumber\" to \
                 true in \"metadata\", if it uses no more than 15, else \"colors\" to 15",
            ),
            (
                Code::TilesAlpha,
                alpha,
                pixels(wrong_alphas.count(), alphas, None),
                "in an indexed picture only entry 0 is transparent, and fully so; \"alpha\": 128 in \"metadata\" makes entries \
                 opaque or transparent, and \"renumber\": true moves transparent ones to 0",
            ),
        ] {
            if let Some(message) = message {
                faults.push(Diagnostic::error(code, message).with_help(help).with_data(data));
            }
        }
    }
}

/// The pixels of index 0, which the console shows as transparent.
struct ZeroPixels {
    width: u32,
    count: u64,
    first: u32,
}

impl ZeroPixels {
    fn new(width: u32) -> Self {
        Self { width, count: 0, first: u32::MAX }
    }

    fn add_row(&mut self, row: &Row<'_>, indices: &[u8]) {
        let count = zeros(indices);
        self.count += count;
        let start = row.y * self.width + row.x;
        // Rows come in order, but for the passes of an interlaced image: mostly this is asked once.
        if count > 0
            && start < self.first
            && let Some(at) = indices.iter().position(|index| *index == 0)
        {
            self.first = self.first.min(start + at as u32 * row.step);
        }
    }

    /// Warns, where there are any. `colour` is that of entry 0; the image has `pixels` pixels.
    fn report(self, [r, g, b]: [u8; 3], pixels: u64, faults: &mut Faults<'_>) {
        if self.count == 0 {
            return;
        }
        let (count, first) = (self.count, place(self.first, self.width));
        let message = format!(
            "{count} of {pixels} pixels have palette entry 0, #{r:02x}{g:02x}{b:02x}, which the console shows as \
             transparent; the first is at {first}"
        );
        let help = "move the colour to another entry; or, where these pixels are to be transparent, set \"entry_zero\" \
                    to \"TRANSPARENT\" in \"metadata\"";
        let places = vec![pixel_at(self.first, self.width, 0)];
        let data = Data::Pixels { count: self.count, places, max: None };
        faults.push(Diagnostic::warning(Code::TilesEntryZero, message).with_help(help).with_data(data));
    }
}

/// How many of `indices` are 0. Summed up in bytes, so that many are compared at once.
fn zeros(indices: &[u8]) -> u64 {
    let parts = indices.chunks(usize::from(u8::MAX));
    parts.map(|part| u64::from(part.iter().map(|index| u8::from(*index == 0)).sum::<u8>())).sum()
}
