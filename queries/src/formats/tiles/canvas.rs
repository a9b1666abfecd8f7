//! The pixels of one image in the sheet, and the samples that become them.

use super::png::rows::Row;

/// The pixels of one image in the sheet: two to a byte, the left one in the high nibble. Zero at first.
pub(super) struct Canvas<'a> {
    /// Width in pixels.
    pub(super) width: u32,
    pub(super) pixels: &'a mut [u8],
}

impl Canvas<'_> {
    /// Writes the indices of a row's pixels.
    pub(super) fn store(&mut self, row: &Row<'_>, indices: &[u8]) {
        let stride = self.width as usize / 2;
        let Some(line) = self.pixels.chunks_exact_mut(stride).nth(row.y as usize) else { return };
        if row.step == 1 {
            for (byte, [left, right]) in line.iter_mut().zip(indices.as_chunks().0) {
                *byte = left << 4 | right;
            }
        } else {
            for (x, index) in (row.x as usize..).step_by(row.step as usize).zip(indices) {
                line[x / 2] |= if x % 2 == 0 { index << 4 } else { *index };
            }
        }
    }
}

/// The samples of a row of one-sample pixels, one to a byte; `buffer` is room for them.
pub(super) fn unpack<'a>(depth: u8, row: &Row<'a>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    buffer.resize(row.width as usize, 0);
    match depth {
        1 => unpack_bits::<1>(row.samples, buffer),
        2 => unpack_bits::<2>(row.samples, buffer),
        4 => unpack_bits::<4>(row.samples, buffer),
        _ => return row.samples,
    }
    buffer
}

fn unpack_bits<const DEPTH: usize>(packed: &[u8], samples: &mut [u8]) {
    for (samples, byte) in samples.chunks_mut(8 / DEPTH).zip(packed) {
        for (sample, used) in samples.iter_mut().zip((DEPTH..).step_by(DEPTH)) {
            *sample = byte >> (8 - used) & (0xff >> (8 - DEPTH));
        }
    }
}
