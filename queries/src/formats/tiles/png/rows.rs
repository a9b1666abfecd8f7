//! The rows of a PNG image: interlacing and filters.

use super::inflate::Inflated;
use super::{Header, Png, filters};

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
        let longest = passes(self.header).iter().map(|pass| self.header.row_bytes(pass.size(self.header).0));
        let longest = longest.max().and_then(|length| usize::try_from(length).ok()?.checked_add(1));
        let longest = longest.ok_or("rows too long for this machine")?;
        let mut data = Inflated::new(&self.data, self.implied(), longest);
        // Filters look back by whole bytes, even where a pixel is less.
        let pixel_bytes = (self.header.depth * self.header.colour.channels()).div_ceil(8);
        // The row above the first is all zero.
        let zeros = vec![0; longest];
        for (number, pass) in (1..).zip(passes(self.header)) {
            let (width, height) = pass.size(self.header);
            let length = self.header.row_bytes(width) as usize;
            for line in 0..height {
                let (above, row) = data.take(if line == 0 { 0 } else { length }, length + 1)?;
                let above = if line == 0 { &zeros[..length] } else { above };
                let Some((filter, samples)) = row.split_first_mut() else { break };
                let y = pass.y + line * pass.dy;
                if !filters::undo(*filter, pixel_bytes, above, samples) {
                    let part =
                        if self.header.interlaced { format!(", interlace pass {number}") } else { String::new() };
                    return Err(format!("unknown filter type {filter} in row {y} of the image{part}"));
                }
                sink(&Row { y, x: pass.x, step: pass.dx, width, samples });
            }
        }
        data.finish()
    }
}
