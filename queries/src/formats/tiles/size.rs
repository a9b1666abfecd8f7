//! The size rules of a sheet, checked from the sizes alone.

use super::image::Size;
use super::metadata::TileSize;
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::formats::source::Source;

/// Widest sheet, in pixels.
pub(crate) const MAX_WIDTH: u32 = 4_096;
/// Highest stacked sheet, in pixels.
pub(crate) const MAX_HEIGHT: u64 = 65_536;
/// Largest stacked sheet, in pixels.
pub(crate) const MAX_PIXELS: u64 = 16_777_216;

const SPLIT: &str = "make several assets of it";

/// The least length in whole tiles that has room for `length`. A smaller canvas would cut the picture.
pub(crate) fn whole_tiles(length: u32, tile: u32) -> u64 {
    u64::from(length.max(1)).next_multiple_of(tile.into())
}

/// What helps where a length does not fit whole tiles.
fn fitting(name: &str, length: u32, tile: u32) -> String {
    let wanted = whole_tiles(length, tile);
    format!(
        "give the canvas a {name} of {wanted}, without scaling the picture; or set \"pad\" to \"BOTTOM_RIGHT\" in \
         \"metadata\" to have transparent pixels added; or correct \"tile_size\""
    )
}

/// Whether all pictures whose size could be read keep the rules, each by itself and stacked. `sizes` are those of the
/// pictures of each of `sources`, and `faults` theirs, in order.
pub(super) fn check(
    tile_size: TileSize,
    sources: &[Source<'_>],
    sizes: &[Vec<Size>],
    faults: &mut [Faults<'_>],
) -> bool {
    let all = || sizes.iter().flatten();
    let total_height: u64 = all().map(|size| size.total_height()).sum();
    let total_pixels = all().fold(0, |sum: u64, size| sum.saturating_add(size.total_pixels()));
    let first = sources.iter().zip(sizes).find_map(|(source, sizes)| Some((source, *sizes.first()?)));
    let facts = |size: Size| Data::Size {
        width: size.width,
        height: size.height,
        tile_size: tile_size.pixels(),
        first_width: first.as_ref().map_or(size.width, |(_, first)| first.width),
        max_width: MAX_WIDTH,
        total_height,
        max_height: MAX_HEIGHT,
        total_pixels,
        max_pixels: MAX_PIXELS,
    };
    let (mut height, mut pixels) = (0, 0_u64);
    let mut pass = true;
    for (sizes, faults) in sizes.iter().zip(faults) {
        for size in sizes.iter().copied() {
            let mut fault = |message: String, help: Option<String>| {
                let fault = Diagnostic::error(Code::TilesSize, message).with_data(facts(size));
                faults.push(Diagnostic { help, ..fault });
                pass = false;
            };
            for (name, length) in [("width", size.width), ("height", size.height)] {
                if length == 0 || length % tile_size.pixels() != 0 {
                    let tile = tile_size.pixels();
                    fault(
                        format!("the {name} of {length} pixels is no positive multiple of the tile size {tile}"),
                        Some(fitting(name, length, tile)),
                    );
                }
            }
            if size.width > MAX_WIDTH {
                fault(format!("the width of {} pixels is above the limit of {MAX_WIDTH}", size.width), None);
            }
            if let Some((source, other)) = first
                && other.width != size.width
            {
                let (path, width) = (source.path, other.width);
                fault(
                    format!(
                        "the width of {} pixels differs from that of {path}, the asset's first image: {width}",
                        size.width
                    ),
                    Some(
                        "all images of an asset are stacked, so give them one width, or make them assets of their own; or set \
                         \"pad\" to \"BOTTOM_RIGHT\" in \"metadata\" to have all made as wide as the widest"
                            .into(),
                    ),
                );
            }
            // The totals are reported once, where the stack grows beyond the limit.
            let within = height <= MAX_HEIGHT;
            height += size.total_height();
            if within && height > MAX_HEIGHT {
                fault(
                    format!("here the stacked sheet grows above the limit of {MAX_HEIGHT} rows; it has {total_height}"),
                    Some(SPLIT.into()),
                );
            }
            let within = pixels <= MAX_PIXELS;
            pixels = pixels.saturating_add(size.total_pixels());
            if within && pixels > MAX_PIXELS {
                fault(
                    format!(
                        "here the stacked sheet grows above the limit of {MAX_PIXELS} pixels; it has {total_pixels}"
                    ),
                    Some(SPLIT.into()),
                );
            }
        }
    }
    pass
}
