//! `TILES/indexed_v1`: pictures become one sheet of 4-bit pixels and up to 64 palettes.
//!
//! `file` tells the kind of a file; `png`, `ase`, `gif` and `bmp` read it, and `decoded` makes a PNG a picture in memory, as
//! the others are. `size` checks the sizes, `pixels` has the pixels reduced to a palette, by `indexed` or by `coloured`, and
//! `stack` puts pictures below each other. Where the manifest asks for conversions, `converted` has a picture changed by what is
//! in `convert` before. `missing` tells of what a file was to have; `sheet` makes a picture again, `preview` a small one to
//! look at, and `drawing` one for a terminal. `foretell` tells the size of a sheet.

mod ase;
mod bmp;
mod canvas;
mod coloured;
mod convert;
mod converted;
mod decoded;
mod drawing;
mod file;
mod foretell;
mod gif;
mod image;
mod indexed;
mod metadata;
mod missing;
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
use self::file::File;
pub(super) use self::foretell::foretell;
pub use self::metadata::{Direction, EntryZero, Metadata, Sheet, Tag, TileSize};
pub(crate) use self::metadata::{PALETTE_BYTES, PALETTES};
pub use self::options::{ColoursOf, Conversions, Dither, Key, MOST_COLOURS, Options, Pad, PaletteFrom};
pub use self::preview::preview;
pub use self::sheet::{Picture, changed_palettes, changed_tiles};
use self::stack::Stack;
use super::faults::Faults;
use super::source::Source;
use crate::content::{ContentStore, Outcome};

/// The fields of an entry of `artifacts` that choose a part of a picture file.
pub(super) const PART_FIELDS: &[&str] = &["tag", "layer", "slice", "frame"];

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
/// When `content` fails, and when the work is cancelled; what is wrong with the sources is in the [`Outcome`].
pub fn derive(options: Options, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    if options.conversions.any() {
        return converted::derive(options, sources, content);
    }
    let files = sources.iter().map(|source| file::read(source.content, content)).collect::<io::Result<Vec<_>>>()?;
    let mut faults: Vec<_> = sources.iter().map(|source| Faults::new(source.path)).collect();
    let opened = sources.iter().zip(&files).zip(&mut faults);
    let opened: Vec<_> = opened.map(|((source, bytes), faults)| File::open(bytes, source.part, faults)).collect();

    // A sheet of a wrong size may be as large as its headers claim: nothing of it is decoded.
    let mut stack = Stack::new(options);
    let sizes: Vec<_> = opened.iter().map(|file| file.as_ref().map(File::sizes).unwrap_or_default()).collect();
    if size::check(options.tile_size, sources, &sizes, &mut faults) {
        let held = opened.iter().zip(&sizes).filter_map(|(file, sizes)| Some(file.as_ref()?.held_pixels(sizes)));
        stack.reserve(held.sum());
        for (file, faults) in opened.iter().zip(&mut faults) {
            if let Some(file) = file {
                stack.add(file, faults);
            }
        }
    }
    stack.outcome(faults, content)
}
