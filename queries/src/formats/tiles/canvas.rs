//! The pixels of one image in the sheet, and the samples that become them.

use super::png::rows::Row;

/// The pixels of one image in the sheet: two to a byte, the left one in the high nibble. Zero at first.
pub(super) struct Canvas<'a> {
    /// Width in pixels.
    pub(super) width: u32,
    pub(super) pixels: &'a mut [u8],
}

impl<'a> Canvas<'a> {
    /// Room for an image of `width` × `height` pixels behind what `sheet` has.
    pub(super) fn below(sheet: &'a mut Vec<u8>, width: u32, height: u32) -> Self {
        let start = sheet.len();
        sheet.resize(start + width as usize / 2 * height as usize, 0);
        Self { width, pixels: &mut sheet[start..] }
    }

    /// Writes the indices of a row's pixels.
    pub(super) fn store(&mut self, row: &Row<'_>, indices: &[u8]) {
        let Some(line) = self.line(row) else { return };
        if row.step == 1 {
            for (byte, pair) in line.iter_mut().zip(indices.as_chunks().0) {
                *byte = packed(*pair);
            }
        } else {
            for (x, index) in (row.x as usize..).step_by(row.step as usize).zip(indices) {
                line[x / 2] |= if x % 2 == 0 { index << 4 } else { *index };
            }
        }
    }

    /// Writes the indices of a whole row, which are packed as those of the sheet are.
    pub(super) fn store_packed(&mut self, row: &Row<'_>) {
        if let Some(line) = self.line(row) {
            line.copy_from_slice(row.samples);
        }
    }

    /// The place of the image's row that `row` belongs to.
    fn line(&mut self, row: &Row<'_>) -> Option<&mut [u8]> {
        self.pixels.chunks_exact_mut(self.width as usize / 2).nth(row.y as usize)
    }
}

/// Two indices as one byte, the left one in the high nibble. Computed from both at once, many pairs go side by side.
fn packed(pair: [u8; 2]) -> u8 {
    let pair = u16::from_le_bytes(pair);
    (pair << 4 | pair >> 8) as u8
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
