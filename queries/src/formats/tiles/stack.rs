//! The sheet that is made of the pictures of an asset.

use std::collections::HashMap;
use std::io;

use super::canvas::Canvas;
use super::coloured;
use super::file::File;
use super::image::Taken;
use super::metadata::{Metadata, PALETTE_BYTES, PALETTES, Sheet, Tag};
use super::options::Options;
use super::palette::Palette;
use super::pixels;
use crate::content::{ContentStore, Outcome, Payload};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;
use crate::formats::payload::{self, whole};

/// The sheet as far as it is stacked.
pub(super) struct Stack {
    options: Options,
    width: u32,
    height: u32,
    /// Two pixels to a byte, the left one in the high nibble.
    pixels: Vec<u8>,
    /// Palettes in order of their first appearance.
    palettes: Vec<Palette>,
    numbers: HashMap<Palette, usize>,
    sheets: Vec<Sheet>,
    tags: Vec<Tag>,
}

impl Stack {
    /// No file yet.
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            width: 0,
            height: 0,
            pixels: Vec::new(),
            palettes: Vec::new(),
            numbers: HashMap::new(),
            sheets: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Makes room for so many `pixels`, within the limit of a sheet, and for the palettes.
    pub(super) fn reserve(&mut self, pixels: u64) {
        self.pixels.reserve_exact((pixels / 2 + PALETTE_BYTES) as usize);
    }

    /// Adds the pictures of `file`, whose sizes were checked, below the others. Leaves out those that have a fault.
    pub(super) fn add(&mut self, file: &File<'_>, faults: &mut Faults<'_>) {
        if faults.has_error() {
            return;
        }
        self.add_tags(file);
        match file {
            File::Png(png) => {
                let palette = pixels::append(png, self.options.entry_zero, &mut self.pixels, faults);
                self.place(png.header.width, png.header.height, palette, None, faults);
            }
            File::Gif(gif) if gif.is_still() => {
                if let (Some(still), [size]) = (gif.still(faults), &*file.sizes()) {
                    let canvas = Canvas::below(&mut self.pixels, size.width, size.height);
                    let palette = coloured::append_numbers(&still.numbers, &still.colours, canvas, faults);
                    self.place(size.width, size.height, palette, None, faults);
                }
            }
            // Which of the files it is does not matter here.
            _ => file.pictures(0, faults, |taken, faults| self.add_picture(&taken, faults)),
        }
    }

    /// Adds the tags of `file`, whose pictures come next.
    pub(super) fn add_tags(&mut self, file: &File<'_>) {
        self.tags.extend(file.tags(self.sheets.len() as u32));
    }

    /// Adds the picture of `taken`, whose size was checked, below the others. Leaves it out where it has a fault.
    pub(super) fn add_picture(&mut self, taken: &Taken, faults: &mut Faults<'_>) {
        let Taken { image, frame, duration_ms, .. } = taken;
        faults.in_frame(*frame, |faults| {
            let palette = pixels::append_image(image, self.options.entry_zero, &mut self.pixels, faults);
            self.place(image.width, image.height, palette, *duration_ms, faults);
        });
    }

    /// Counts the picture whose pixels were appended last, and its `palette`; none where it had a fault.
    fn place(
        &mut self,
        width: u32,
        height: u32,
        palette: Option<Palette>,
        duration_ms: Option<u32>,
        faults: &mut Faults<'_>,
    ) {
        let Some(palette) = palette else { return };
        let palette = self.number(palette, faults);
        let tile = self.options.tile_size.pixels();
        let tile_row = width / tile;
        let first_tile = tile_row * (self.height / tile);
        let tile_count = tile_row * (height / tile);
        self.sheets.push(Sheet { duration_ms, first_tile, palette, tile_count });
        self.width = width;
        self.height += height;
    }

    /// The number of `palette`; a fault where it is the first that has no place.
    fn number(&mut self, palette: Palette, faults: &mut Faults<'_>) -> usize {
        let next = self.palettes.len();
        let number = *self.numbers.entry(palette).or_insert(next);
        if number == next {
            self.palettes.push(palette);
            if number == PALETTES {
                let message = format!(
                    "this file brings the {}th distinct palette of the asset, and a tile bank holds {PALETTES}",
                    PALETTES + 1
                );
                let help = "let files share a palette, equal in all 16 entries, or split the asset";
                let data = Data::limit(Some(PALETTES as u64 + 1), 0, PALETTES as u64, Unit::Palettes);
                faults.push(Diagnostic::error(Code::TilesPalettes, message).with_help(help).with_data(data));
            }
        }
        number
    }

    /// What came of all files, whose `faults` these are.
    pub(super) fn outcome(self, faults: Vec<Faults<'_>>, content: &dyn ContentStore) -> io::Result<Outcome> {
        let failed = faults.iter().any(Faults::has_error);
        let payload = if failed { None } else { Some(self.finish(content)?) };
        Ok(Outcome { payload, diagnostics: faults.into_iter().flat_map(Faults::into_diagnostics).collect() })
    }

    /// The payload: the pixels, then the palettes.
    fn finish(mut self, content: &dyn ContentStore) -> io::Result<Payload> {
        let authored = self.palettes.len();
        self.palettes.resize(PALETTES, Palette::default());
        for palette in &self.palettes {
            self.pixels.extend_from_slice(palette.map(u16::to_le_bytes).as_flattened());
        }
        let promoted = Metadata {
            height: self.height,
            palette_authored: authored,
            palette_count: PALETTES,
            sheets: self.sheets,
            tags: self.tags,
            tile_size: self.options.tile_size.pixels(),
            width: self.width,
        };
        whole(content, &self.pixels, payload::metadata(&promoted))
    }
}
