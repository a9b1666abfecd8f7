//! Pictures are filled up to whole tiles and one width.

use super::super::image::{Image, Pixels};
use super::super::metadata::TileSize;
use super::super::options::Pad;
use super::super::size::{Size, whole_tiles};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;

/// The sizes of the pictures of an asset once they are filled up: whole tiles, all as wide as the widest. One that cannot be
/// filled up keeps its size, and is refused for that.
pub(in super::super) fn filled_up(sizes: &[Option<Size>], tile_size: TileSize) -> Vec<Option<Size>> {
    let whole = |length: u32| u32::try_from(whole_tiles(length, tile_size.pixels())).unwrap_or(length);
    let widest = sizes.iter().flatten().map(|size| whole(size.width)).max().unwrap_or_default();
    let filled = |size: &Size| match size {
        Size { width: 0, .. } | Size { height: 0, .. } => *size,
        _ => Size { width: widest, height: whole(size.height) },
    };
    sizes.iter().map(|size| size.as_ref().map(filled)).collect()
}

/// Gives `image` this size, which is no smaller, with transparent pixels around it.
pub(in super::super) fn fill_up(image: &mut Image, size: Size, pad: Pad, faults: &mut Faults<'_>) {
    let old = Size { width: image.width, height: image.height };
    if old == size {
        return;
    }
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
    let data = Data::Count { found: size.pixels() - old.pixels(), unit: Unit::Pixels };
    faults.push(Diagnostic::info(Code::TilesPadded, message).with_data(data));
}

/// The pixels of a picture of the size `old`, at column and row `at` of a larger one.
fn placed<T: Copy + Default>(pixels: &[T], old: Size, new: Size, at: (u32, u32)) -> Vec<T> {
    let mut larger = vec![T::default(); new.pixels() as usize];
    let lines = larger.chunks_exact_mut(new.width as usize).skip(at.1 as usize);
    for (line, old) in lines.zip(pixels.chunks_exact(old.width as usize)) {
        line[at.0 as usize..][..old.len()].copy_from_slice(old);
    }
    larger
}
