//! Pictures are filled up to whole tiles and one width.

use super::super::image::{Image, Pixels, Size};
use super::super::metadata::TileSize;
use super::super::options::Pad;
use super::super::size::whole_tiles;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;

/// How the pictures of an asset are filled up: to whole tiles, and all of them to the width of the widest.
pub(in super::super) struct Filling {
    pad: Pad,
    tile_size: TileSize,
    widest: u32,
}

impl Filling {
    /// For pictures of these `sizes`.
    pub(in super::super) fn of<'s>(pad: Pad, tile_size: TileSize, sizes: impl Iterator<Item = &'s Size>) -> Self {
        let widest = sizes.map(|size| whole(size.width, tile_size)).max().unwrap_or_default();
        Self { pad, tile_size, widest }
    }

    /// The size that pictures of this one get. One that cannot be filled up keeps it, and is refused for that.
    pub(in super::super) fn size(&self, size: Size) -> Size {
        match size {
            Size { width: 0, .. } | Size { height: 0, .. } => size,
            _ => Size { width: self.widest, height: whole(size.height, self.tile_size), ..size },
        }
    }

    /// Gives `image` its size, with transparent pixels around it.
    pub(in super::super) fn fill_up(&self, image: &mut Image, faults: &mut Faults<'_>) {
        let old = Size::of(image.width, image.height);
        let size = self.size(old);
        if old != size {
            fill_up(image, old, size, self.pad, faults);
        }
    }
}

/// The least length in whole tiles that has room for `length`.
fn whole(length: u32, tile_size: TileSize) -> u32 {
    u32::try_from(whole_tiles(length, tile_size.pixels())).unwrap_or(length)
}

fn fill_up(image: &mut Image, old: Size, size: Size, pad: Pad, faults: &mut Faults<'_>) {
    let (spare_width, spare_height) = (size.width - old.width, size.height - old.height);
    let (left, top) = match pad {
        Pad::BottomRight => (0, 0),
        Pad::Around => (spare_width / 2, spare_height / 2),
        Pad::Top => (spare_width / 2, spare_height),
    };
    match &mut image.pixels {
        Pixels::Rgba(pixels) => *pixels = placed(pixels, old, size, (left, top)),
        Pixels::Indexed { indices, palette } => {
            // An opaque entry that nothing shows may as well be transparent.
            if let Some(zero) = palette.first_mut()
                && !indices.contains(&0)
            {
                zero[3] = 0;
            }
            *indices = placed(indices, old, size, (left, top));
        }
    }
    (image.width, image.height) = (size.width, size.height);
    let message = format!(
        "the picture of {} × {} pixels becomes one of {} × {}, and begins at ({left}, {top}); what is added is transparent",
        old.width, old.height, size.width, size.height
    );
    let data = Data::Count { found: size.total_pixels() - old.total_pixels(), unit: Unit::Pixels };
    faults.push(Diagnostic::info(Code::TilesPadded, message).with_data(data));
}

/// The pixels of a picture of the size `old`, at column and row `at` of a larger one.
fn placed<T: Copy + Default>(pixels: &[T], old: Size, new: Size, at: (u32, u32)) -> Vec<T> {
    let mut larger = vec![T::default(); new.total_pixels() as usize];
    let lines = larger.chunks_exact_mut(new.width as usize).skip(at.1 as usize);
    for (line, old) in lines.zip(pixels.chunks_exact(old.width as usize)) {
        line[at.0 as usize..][..old.len()].copy_from_slice(old);
    }
    larger
}
