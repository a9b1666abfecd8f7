//! `TILES/indexed_v1`: PNG files become one sheet of 4-bit pixels and up to 64 palettes.
//!
//! `png` reads a file, `size` checks the sizes, `pixels` has its pixels reduced to a palette, by `indexed` or by
//! `coloured`; `sheet` makes a picture again, and `preview` a small one to look at. `foretell` tells the size of a sheet.

mod canvas;
mod coloured;
mod foretell;
mod indexed;
mod metadata;
mod palette;
mod pixels;
mod png;
mod preview;
mod sheet;
pub(crate) mod size;

use std::collections::HashMap;
use std::io;

pub(super) use self::foretell::foretell;
pub use self::metadata::{EntryZero, Metadata, Sheet, TileSize};
pub(crate) use self::metadata::{PALETTE_BYTES, PALETTES};
use self::palette::Palette;
use self::png::Png;
pub use self::preview::preview;
pub use self::sheet::{Picture, changed_palettes, changed_tiles};
use super::faults::Faults;
use super::payload::{self, whole};
use super::source::Source;
use crate::content::{ContentStore, Outcome, Payload};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};

/// How many bytes of a picture tell its size.
pub(super) const HEAD: usize = png::chunks::HEAD;

/// Width and height in pixels of the picture that begins with `head`, if it is one.
pub fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    let header = png::chunks::parse_header(head)?;
    (header.width > 0 && header.height > 0).then_some((header.width, header.height))
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
    let files =
        sources.iter().map(|source| png::chunks::PNG.read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let images: Vec<_> =
        files.iter().zip(&mut faults).map(|(bytes, faults)| png::chunks::parse(bytes, faults)).collect();

    // A sheet of a wrong size may be as large as its headers claim: nothing of it is decoded.
    let mut stack = Stack::default();
    if size::check(tile_size, sources, &images, &mut faults) {
        stack.reserve(images.iter().flatten());
        for (image, faults) in images.iter().zip(&mut faults) {
            if let Some(image) = image {
                stack.add(tile_size, entry_zero, image, faults);
            }
        }
    }

    let failed = faults.iter().any(Faults::has_error);
    let payload = if failed { None } else { Some(stack.finish(tile_size, content)?) };
    Ok(Outcome { payload, diagnostics: faults.into_iter().flat_map(Faults::into_diagnostics).collect() })
}

/// The sheet as far as it is stacked.
#[derive(Default)]
struct Stack {
    width: u32,
    height: u32,
    /// Two pixels to a byte, the left one in the high nibble.
    pixels: Vec<u8>,
    /// Palettes in order of their first appearance.
    palettes: Vec<Palette>,
    numbers: HashMap<Palette, usize>,
    sheets: Vec<Sheet>,
}

impl Stack {
    /// Makes room for `images`, whose sizes were checked, and for the palettes. Those that claim more than their data can
    /// hold get none.
    fn reserve<'a>(&mut self, images: impl Iterator<Item = &'a Png<'a>>) {
        let pixels: u64 = images.filter(|image| image.check_data().is_ok()).map(|image| image.header.pixels()).sum();
        self.pixels.reserve_exact((pixels / 2 + PALETTE_BYTES) as usize);
    }

    /// Adds `image`, whose size was checked, below the others. Leaves it out when it has a fault.
    fn add(&mut self, tile_size: TileSize, entry_zero: EntryZero, image: &Png<'_>, faults: &mut Faults<'_>) {
        if faults.has_error() {
            return;
        }
        let Some(palette) = pixels::append(image, entry_zero, &mut self.pixels, faults) else { return };
        let palette = self.number(palette, faults);
        let tile_row = image.header.width / tile_size.pixels();
        let first_tile = tile_row * (self.height / tile_size.pixels());
        let tile_count = tile_row * (image.header.height / tile_size.pixels());
        self.sheets.push(Sheet { first_tile, palette, tile_count });
        self.width = image.header.width;
        self.height += image.header.height;
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
    fn finish(mut self, tile_size: TileSize, content: &dyn ContentStore) -> io::Result<Payload> {
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
            tile_size: tile_size.pixels(),
            width: self.width,
        };
        whole(content, &self.pixels, payload::metadata(&promoted))
    }
}
