//! `TILES/indexed_v1`: PNG files become one sheet of 4-bit pixels and up to 64 palettes.
//!
//! `png` reads a file, `size` checks the sizes, `pixels` has its pixels reduced to a palette, by `indexed` or by
//! `coloured`; `stack` puts them below each other. Where the manifest asks for conversions, `converted` has a file read as
//! a whole, changed by what is in `convert`, and then stacked. `sheet` makes a picture again, `preview` a small one to
//! look at, and `drawing` one for a terminal. `foretell` tells the size of a sheet.

mod canvas;
mod coloured;
mod convert;
mod converted;
mod drawing;
mod foretell;
mod image;
mod indexed;
mod metadata;
mod options;
mod palette;
mod pixels;
mod png;
mod preview;
mod sheet;
pub(crate) mod size;
mod stack;

use std::io;

pub use self::drawing::{Shown, drawing, palettes};
pub(super) use self::foretell::foretell;
pub use self::metadata::{EntryZero, Metadata, Sheet, TileSize};
pub(crate) use self::metadata::{PALETTE_BYTES, PALETTES};
pub use self::options::{ColoursOf, Conversions, Dither, Key, MOST_COLOURS, Options, Pad, PaletteFrom};
pub use self::preview::preview;
pub use self::sheet::{Picture, changed_palettes, changed_tiles};
use self::stack::Stack;
use super::faults::Faults;
use super::source::Source;
use crate::content::{ContentStore, Outcome};

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
pub fn derive(options: Options, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    if options.conversions.any() {
        return converted::derive(options, sources, content);
    }
    let files =
        sources.iter().map(|source| png::chunks::PNG.read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let images: Vec<_> =
        files.iter().zip(&mut faults).map(|(bytes, faults)| png::chunks::parse(bytes, faults)).collect();

    // A sheet of a wrong size may be as large as its headers claim: nothing of it is decoded.
    let mut stack = Stack::new(options);
    let sizes: Vec<_> = images.iter().map(|image| Some(image.as_ref()?.header.into())).collect();
    if size::check(options.tile_size, sources, &sizes, &mut faults) {
        let whole = images.iter().flatten().filter(|image| image.check_data().is_ok());
        stack.reserve(whole.map(|image| image.header.pixels()).sum());
        for (image, faults) in images.iter().zip(&mut faults) {
            if let Some(image) = image {
                stack.add(image, faults);
            }
        }
    }
    stack.outcome(faults, content)
}
