//! The rows of a PNG image: interlacing and filters.

use super::inflate::Inflated;
use super::{Header, Png};

/// Deflate turns a byte into at most so many.
const MAX_RATIO: u64 = 1032;

/// Some pixels of one row of the image.
pub(in super::super) struct Row<'a> {
    /// The row.
    pub(in super::super) y: u32,
    /// Column of the first pixel.
    pub(in super::super) x: u32,
    /// Columns from one pixel to the next.
    pub(in super::super) step: u32,
    /// How many pixels there are.
    pub(in super::super) width: u32,
    /// Their samples, packed.
    pub(in super::super) samples: &'a [u8],
}

/// Every `dx`-th pixel of every `dy`-th row, from `(x, y)` on.
#[derive(Clone, Copy)]
struct Pass {
    x: u32,
    y: u32,
    dx: u32,
    dy: u32,
}

impl Pass {
    const fn new(x: u32, y: u32, dx: u32, dy: u32) -> Self {
        Self { x, y, dx, dy }
    }

    /// Width and height of the pass's own image. Either may be 0; such a pass has no bytes.
    fn size(self, header: Header) -> (u32, u32) {
        let width = header.width.saturating_sub(self.x).div_ceil(self.dx);
        let height = header.height.saturating_sub(self.y).div_ceil(self.dy);
        if width == 0 || height == 0 { (0, 0) } else { (width, height) }
    }
}

const WHOLE: [Pass; 1] = [Pass::new(0, 0, 1, 1)];

const ADAM7: [Pass; 7] = [
    Pass::new(0, 0, 8, 8),
    Pass::new(4, 0, 8, 8),
    Pass::new(0, 4, 4, 8),
    Pass::new(2, 0, 4, 4),
    Pass::new(0, 2, 2, 4),
    Pass::new(1, 0, 2, 2),
    Pass::new(0, 1, 1, 2),
];

fn passes(header: Header) -> &'static [Pass] {
    if header.interlaced { &ADAM7 } else { &WHOLE }
}

impl Png<'_> {
    /// How many bytes of image data the header implies.
    fn implied(&self) -> u64 {
        let bytes = |pass: &Pass| {
            let (width, height) = pass.size(self.header);
            u64::from(height).saturating_mul(self.header.row_bytes(width) + 1)
        };
        passes(self.header).iter().map(bytes).fold(0, u64::saturating_add)
    }

    /// Refuses image data that is too short to inflate to what the header implies, so that a small file cannot
    /// ask for much memory.
    pub(in super::super) fn check_data(&self) -> Result<(), String> {
        let data = self.data.iter().fold(0, |sum: u64, piece| sum.saturating_add(piece.bytes.len() as u64));
        let implied = self.implied();
        if implied > data.saturating_mul(MAX_RATIO) {
            return Err(format!("image data of {data} bytes inflates to less than the {implied} that IHDR implies"));
        }
        Ok(())
    }

    /// Passes all rows to `sink`: from top to bottom, in an interlaced image once for each pass. Says what is
    /// wrong with the image data; the rows that were passed are worth nothing then.
    pub(in super::super) fn rows(&self, mut sink: impl FnMut(&Row<'_>)) -> Result<(), String> {
        let mut data = Inflated::new(&self.data, self.implied());
        // Filters look back by whole bytes, even where a pixel is less.
        let pixel_bytes = (self.header.depth * self.header.colour.channels()).div_ceil(8);
        for (number, pass) in (1..).zip(passes(self.header)) {
            let (width, height) = pass.size(self.header);
            let length = usize::try_from(self.header.row_bytes(width)).map_err(|_| "rows too long for this machine")?;
            // The row above the first is all zero.
            let (mut previous, mut current) = (vec![0; length], vec![0; length]);
            for line in 0..height {
                let mut filter = [0];
                data.read(&mut filter)?;
                data.read(&mut current)?;
                let [filter] = filter;
                let y = pass.y + line * pass.dy;
                if !unfilter(filter, pixel_bytes, &previous, &mut current) {
                    let part =
                        if self.header.interlaced { format!(", interlace pass {number}") } else { String::new() };
                    return Err(format!("unknown filter type {filter} in row {y} of the image{part}"));
                }
                sink(&Row { y, x: pass.x, step: pass.dx, width, samples: &current });
                std::mem::swap(&mut previous, &mut current);
            }
        }
        data.finish()
    }
}

/// Undoes the filter of a row. Whether there is such a filter.
fn unfilter(filter: u8, pixel_bytes: u8, previous: &[u8], row: &mut [u8]) -> bool {
    match (filter, pixel_bytes) {
        (0, _) => {}
        (2, _) => row.iter_mut().zip(previous).for_each(|(value, up)| *value = value.wrapping_add(*up)),
        (1 | 3 | 4, 1) => unfilter_pixels::<1>(filter, previous, row),
        (1 | 3 | 4, 2) => unfilter_pixels::<2>(filter, previous, row),
        (1 | 3 | 4, 3) => unfilter_pixels::<3>(filter, previous, row),
        (1 | 3 | 4, _) => unfilter_pixels::<4>(filter, previous, row),
        _ => return false,
    }
    true
}

/// Undoes a filter that looks to the left, for pixels of `N` bytes.
fn unfilter_pixels<const N: usize>(filter: u8, previous: &[u8], row: &mut [u8]) {
    match filter {
        1 => predict::<N>(previous, row, |left, _, _| left),
        3 => predict::<N>(previous, row, |left, up, _| left.midpoint(up)),
        _ => predict::<N>(previous, row, paeth),
    }
}

/// Adds to each byte what `predictor` makes of its neighbours: left, above, and above left.
fn predict<const N: usize>(previous: &[u8], row: &mut [u8], predictor: impl Fn(u8, u8, u8) -> u8) {
    let (mut left, mut corner) = ([0; N], [0; N]);
    for (pixel, up) in row.as_chunks_mut::<N>().0.iter_mut().zip(previous.as_chunks::<N>().0) {
        for i in 0..N {
            pixel[i] = pixel[i].wrapping_add(predictor(left[i], up[i], corner[i]));
        }
        (left, corner) = (*pixel, *up);
    }
}

/// The neighbour that is nearest to left + above − above left; in a tie the first in this order.
///
/// Where `corner` lies in the lower third of the way between the two others, or below, that is the higher of
/// them; in the upper third, or above, the lower; else `corner`. Asked in this way it takes no branches.
#[inline]
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (low, high) = (left.min(up), left.max(up));
    let third = 3 * i16::from(corner) - i16::from(left) - i16::from(up);
    let upper = if i16::from(high) <= third { low } else { corner };
    if third <= i16::from(low) { high } else { upper }
}
