//! Pixels of a BMP file that are run-length encoded.

use super::fault::Fault;
use super::header::Header;

/// The indices in `data`, of 4 or 8 bits. Pixels that are left out have index 0.
pub(super) fn indices(header: &Header, bits: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
    let (width, height) = (header.width as usize, header.height as usize);
    let mut picture = Picture { width, height, x: 0, y: 0, indices: vec![0; width * height] };
    let mut pairs = Pairs { data, at: 0, start: header.data };
    loop {
        match pairs.next()? {
            [0, 0] => (picture.x, picture.y) = (0, picture.y + 1),
            [0, 1] => return Ok(picture.indices),
            [0, 2] => {
                let [right, up] = pairs.next()?;
                (picture.x, picture.y) = (picture.x + usize::from(right), picture.y + usize::from(up));
            }
            [0, count] => {
                // Padded to whole pairs.
                let count = usize::from(count);
                let bytes = (count * bits as usize).div_ceil(16) * 2;
                let place = pairs.place();
                let values = pairs.take(bytes)?;
                for number in 0..count {
                    let value = if bits == 8 { values[number] } else { half(values[number / 2], number) };
                    picture.put(value, place)?;
                }
            }
            [count, value] => {
                let place = pairs.place();
                for number in 0..usize::from(count) {
                    picture.put(if bits == 8 { value } else { half(value, number) }, place)?;
                }
            }
        }
    }
}

/// The index of a pixel whose byte has two: the left one is in the high nibble.
fn half(byte: u8, number: usize) -> u8 {
    if number.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

struct Picture {
    width: usize,
    height: usize,
    /// The next pixel; rows count from the lowest.
    x: usize,
    y: usize,
    indices: Vec<u8>,
}

impl Picture {
    /// Puts the next pixel, which is encoded at byte `place`.
    fn put(&mut self, index: u8, place: usize) -> Result<(), Fault> {
        if self.x >= self.width || self.y >= self.height {
            return Err(format!("the run at byte {place} goes past the end of row {} from below", self.y).into());
        }
        self.indices[(self.height - 1 - self.y) * self.width + self.x] = index;
        self.x += 1;
        Ok(())
    }
}

struct Pairs<'d> {
    data: &'d [u8],
    at: usize,
    /// Where the data begin in the file.
    start: usize,
}

impl<'d> Pairs<'d> {
    fn place(&self) -> usize {
        self.start + self.at
    }

    fn take(&mut self, count: usize) -> Result<&'d [u8], Fault> {
        let taken = self.data.get(self.at..self.at + count);
        let taken = taken.ok_or_else(|| format!("the runs are cut off at byte {}, before their end", self.place()))?;
        self.at += count;
        Ok(taken)
    }

    fn next(&mut self) -> Result<[u8; 2], Fault> {
        let taken = self.take(2)?;
        Ok([taken[0], taken[1]])
    }
}
