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

const ONE_WIDTH: &str = "all images of an asset are stacked, so give them one width, or make them assets of their own; or set \
                         \"pad\" to \"BOTTOM_RIGHT\" in \"metadata\" to have all made as wide as the widest";

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
    let mut stack = Stack::new(tile_size, sources, sizes);
    let mut pass = true;
    for (sizes, faults) in sizes.iter().zip(faults) {
        for size in sizes.iter().copied() {
            for (message, help) in stack.alone(size).into_iter().chain(stack.add(size)) {
                let fault = Diagnostic::error(Code::TilesSize, message).with_data(stack.facts(size));
                faults.push(Diagnostic { help, ..fault });
                pass = false;
            }
        }
    }
    pass
}

/// A message, and what to do.
type Fault = (String, Option<String>);

/// Pictures that are put below each other.
struct Stack<'s> {
    tile: u32,
    /// The first picture, and the path of its file.
    first: Option<(&'s str, Size)>,
    /// The sums of all pictures.
    total_height: u64,
    total_pixels: u64,
    /// Those of the pictures so far.
    height: u64,
    pixels: u64,
}

impl<'s> Stack<'s> {
    fn new(tile_size: TileSize, sources: &'s [Source<'_>], sizes: &[Vec<Size>]) -> Self {
        let all = || sizes.iter().flatten();
        Self {
            tile: tile_size.pixels(),
            first: sources.iter().zip(sizes).find_map(|(source, sizes)| Some((source.path, *sizes.first()?))),
            total_height: all().map(|size| size.total_height()).sum(),
            total_pixels: all().fold(0, |sum: u64, size| sum.saturating_add(size.total_pixels())),
            height: 0,
            pixels: 0,
        }
    }

    fn facts(&self, size: Size) -> Data {
        Data::Size {
            width: size.width,
            height: size.height,
            tile_size: self.tile,
            first_width: self.first.map_or(size.width, |(_, first)| first.width),
            max_width: MAX_WIDTH,
            total_height: self.total_height,
            max_height: MAX_HEIGHT,
            total_pixels: self.total_pixels,
            max_pixels: MAX_PIXELS,
        }
    }

    /// What is wrong with one picture: by itself, and beside the first.
    fn alone(&self, size: Size) -> Vec<Fault> {
        let mut all = Vec::new();
        let tile = self.tile;
        for (name, length) in [("width", size.width), ("height", size.height)] {
            if length == 0 || length % tile != 0 {
                let message = format!("the {name} of {length} pixels is no positive multiple of the tile size {tile}");
                all.push((message, Some(fitting(name, length, tile))));
            }
        }
        if size.width > MAX_WIDTH {
            all.push((format!("the width of {} pixels is above the limit of {MAX_WIDTH}", size.width), None));
        }
        if let Some((path, first)) = self.first.filter(|(_, first)| first.width != size.width) {
            let message = format!(
                "the width of {} pixels differs from that of {path}, the asset's first image: {}",
                size.width, first.width
            );
            all.push((message, Some(ONE_WIDTH.to_owned())));
        }
        all
    }

    /// Adds one picture. What is wrong with the sums is told once, where the stack grows beyond a limit.
    fn add(&mut self, size: Size) -> Vec<Fault> {
        let mut all = Vec::new();
        let mut grows = |limit: u64, unit: &str, total: u64| {
            let message = format!("here the stacked sheet grows above the limit of {limit} {unit}; it has {total}");
            all.push((message, Some(SPLIT.to_owned())));
        };
        let (height, pixels) = (self.height, self.pixels);
        self.height += size.total_height();
        self.pixels = pixels.saturating_add(size.total_pixels());
        if height <= MAX_HEIGHT && self.height > MAX_HEIGHT {
            grows(MAX_HEIGHT, "rows", self.total_height);
        }
        if pixels <= MAX_PIXELS && self.pixels > MAX_PIXELS {
            grows(MAX_PIXELS, "pixels", self.total_pixels);
        }
        all
    }
}
