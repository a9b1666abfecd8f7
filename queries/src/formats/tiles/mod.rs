//! `TILES/indexed_v1`: pictures become one sheet of 4-bit pixels and up to 64 palettes.
//!
//! `file` tells the kind of a file; `png`, `ase`, `gif` and `bmp` read it, `size` checks the sizes, `pixels` has its pixels
//! reduced to a palette, by `indexed` or by `coloured`; `missing` tells of what a file was to have; `sheet` makes a picture again, and `preview` a small one to look at. `foretell` tells the size of a sheet.

mod ase;
mod bmp;
mod canvas;
mod coloured;
mod file;
mod foretell;
mod gif;
mod image;
mod indexed;
mod metadata;
mod missing;
mod palette;
mod pixels;
mod png;
mod preview;
mod sheet;
pub(crate) mod size;

use std::collections::HashMap;
use std::io;

use self::file::File;
pub(super) use self::foretell::foretell;
use self::image::Image;
pub use self::metadata::{Direction, EntryZero, Metadata, Sheet, Tag, TileSize};
pub(crate) use self::metadata::{PALETTE_BYTES, PALETTES};
use self::palette::Palette;
pub use self::preview::preview;
pub use self::sheet::{Picture, changed_palettes, changed_tiles};
use super::faults::Faults;
use super::payload::{self, whole};
use super::source::Source;
use crate::content::{ContentStore, Outcome, Payload};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};

/// How many bytes of a picture tell its size.
pub(super) const HEAD: usize = file::HEAD;

/// Width and height in pixels of the picture that begins with `head`, if it is one.
pub fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    file::dimensions(head).filter(|(width, height)| *width > 0 && *height > 0)
}

/// Whether `head` is the beginning of a picture of a kind that is read.
pub(super) fn is_picture(head: &[u8]) -> bool {
    head.starts_with(png::chunks::PNG.start) || file::is_other(head)
}

/// Stacks `sources` into one sheet.
///
/// # Errors
///
/// Only when `content` fails; what is wrong with the sources is in the [`Outcome`].
pub fn derive(
    tile_size: TileSize,
    entry_zero: EntryZero,
    sources: &[Source<'_>],
    content: &dyn ContentStore,
) -> io::Result<Outcome> {
    let files = sources.iter().map(|source| file::read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let opened = sources.iter().zip(&files).zip(&mut faults);
    let opened: Vec<_> = opened.map(|((source, bytes), faults)| File::open(bytes, source.part, faults)).collect();

    // A sheet of a wrong size may be as large as its headers claim: nothing of it is decoded.
    let mut stack = Stack { tile_size, entry_zero, ..Stack::default() };
    let sizes: Vec<_> = opened.iter().map(|file| file.as_ref().map(File::sizes).unwrap_or_default()).collect();
    if size::check(tile_size, sources, &sizes, &mut faults) {
        stack.reserve(opened.iter().flatten());
        for (file, faults) in opened.iter().zip(&mut faults) {
            if let Some(file) = file {
                stack.add(file, faults);
            }
        }
    }

    let failed = faults.iter().any(Faults::has_error);
    let payload = if failed { None } else { Some(stack.finish(content)?) };
    Ok(Outcome { payload, diagnostics: faults.into_iter().flat_map(Faults::into_diagnostics).collect() })
}

/// The sheet as far as it is stacked.
#[derive(Default)]
struct Stack {
    tile_size: TileSize,
    entry_zero: EntryZero,
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
    /// Makes room for `files`, whose sizes were checked, and for the palettes. Those that claim more than their data can
    /// hold get none.
    fn reserve<'a>(&mut self, files: impl Iterator<Item = &'a File<'a>>) {
        let held = |file: &File<'_>| match file {
            File::Png(png) if png.check_data().is_err() => 0,
            _ => file.sizes().iter().map(|size| size.total_pixels()).sum(),
        };
        let pixels: u64 = files.map(held).sum();
        self.pixels.reserve_exact((pixels / 2 + PALETTE_BYTES) as usize);
    }

    /// Adds the pictures of `file`, whose size was checked, below the others. Leaves out those that have a fault.
    fn add(&mut self, file: &File<'_>, faults: &mut Faults<'_>) {
        if faults.has_error() {
            return;
        }
        match file {
            File::Png(png) => {
                let palette = pixels::append(png, self.entry_zero, &mut self.pixels, faults);
                self.push(palette, (png.header.width, png.header.height), None, faults);
            }
            File::Bmp(bmp) => {
                if let Some(image) = bmp.image(faults) {
                    self.add_image(&image, None, faults);
                }
            }
            File::Gif(gif) => {
                let mut durations = gif.durations().into_iter();
                gif.images(faults, |frame, image, faults| self.add_frame(frame, &image, durations.next(), faults));
            }
            File::Ase(ase) => {
                let first_sheet = self.sheets.len() as u32;
                let mut durations = ase.durations().into_iter();
                let drawn = ase.images(|frame, image| self.add_frame(frame, &image, durations.next(), faults));
                if let Err(fault) = drawn {
                    fault.report(faults);
                }
                self.tags.extend(ase.tags().map(|tag| Tag {
                    direction: tag.direction,
                    first_sheet: first_sheet + tag.frames.start,
                    name: tag.name.to_owned(),
                    sheet_count: tag.frames.end - tag.frames.start,
                }));
            }
        }
    }

    /// Adds the picture of a frame; what is wrong with it is told with its number where the file has several.
    fn add_frame(&mut self, frame: u32, image: &Image, duration_ms: Option<u32>, faults: &mut Faults<'_>) {
        let number = duration_ms.map(|_| frame);
        faults.in_frame(number, |faults| self.add_image(image, duration_ms, faults));
    }

    fn add_image(&mut self, image: &Image, duration_ms: Option<u32>, faults: &mut Faults<'_>) {
        let palette = pixels::append_image(image, self.entry_zero, &mut self.pixels, faults);
        self.push(palette, (image.width, image.height), duration_ms, faults);
    }

    /// Adds the sheet of a picture whose pixels were appended; none where that has a fault, and no palette.
    fn push(
        &mut self,
        palette: Option<Palette>,
        (width, height): (u32, u32),
        duration_ms: Option<u32>,
        faults: &mut Faults<'_>,
    ) {
        let Some(palette) = palette else { return };
        let palette = self.number(palette, faults);
        let tile_row = width / self.tile_size.pixels();
        let first_tile = tile_row * (self.height / self.tile_size.pixels());
        let tile_count = tile_row * (height / self.tile_size.pixels());
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
            tile_size: self.tile_size.pixels(),
            width: self.width,
        };
        whole(content, &self.pixels, payload::metadata(&promoted))
    }
}
