//! A reader of BMP files of 1, 4, 8, 16, 24 or 32 bits a pixel, run-length encoded or not.
//!
//! The headers are read first ([`header`]) and give the size; [`rows`] has pixels that lie there as they are, [`runs`] those that
//! are run-length encoded. This folder knows nothing of tiles.

mod fault;
mod header;
mod rows;
mod runs;

use self::fault::Fault;
pub(super) use self::header::is_bmp;
use self::header::{Header, Layout};
use super::image::{Image, Pixels};
use crate::formats::faults::Faults;

/// A BMP file, taken apart.
pub(super) struct Bmp<'a> {
    header: Header,
    /// Red, green and blue of each entry; empty in a file without indices.
    palette: Vec<[u8; 3]>,
    /// The pixels and what is behind them.
    data: &'a [u8],
}

/// Width and height in pixels of the file that begins with `head`, as its header claims.
pub(super) fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    let header = Header::read(head).ok()?;
    Some((header.width, header.height))
}

impl<'a> Bmp<'a> {
    /// Takes a file apart. What is wrong goes to `faults`; there is no result then.
    pub(super) fn open(bytes: &'a [u8], faults: &mut Faults<'_>) -> Option<Self> {
        Self::read(bytes).map_err(|fault| fault.report(faults)).ok()
    }

    fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let header = Header::read(bytes)?;
        let palette = header.palette(bytes)?;
        let data = bytes.get(header.data..).ok_or_else(|| {
            format!("the pixels are to begin at byte {}, and the file has {}", header.data, bytes.len())
        })?;
        if let Some(needed) = header.row_bytes().map(|row| row as u64 * u64::from(header.height))
            && needed > data.len() as u64
        {
            return Err(format!(
                "the pixels need {needed} bytes from byte {} on, and {} are there",
                header.data,
                data.len()
            )
            .into());
        }
        Ok(Self { header, palette, data })
    }

    /// Width and height in pixels, neither of which need be above 0.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.header.width, self.header.height)
    }

    /// The picture, whose size was checked.
    pub(super) fn image(&self, faults: &mut Faults<'_>) -> Option<Image> {
        let (width, height) = self.size();
        let pixels = self.pixels().map_err(|fault| fault.report(faults)).ok()?;
        Some(Image { width, height, pixels })
    }

    fn pixels(&self) -> Result<Pixels, Fault> {
        let indices = match self.header.layout {
            Layout::Indices(bits) => rows::indices(&self.header, bits, self.data),
            Layout::Runs(bits) => runs::indices(&self.header, bits, self.data)?,
            Layout::Bytes => return Ok(Pixels::Rgba(rows::bytes(&self.header, self.data))),
            Layout::Masks(bits, masks) => return Ok(Pixels::Rgba(rows::masked(&self.header, bits, masks, self.data))),
        };
        let count = self.palette.len();
        if let Some(at) = indices.iter().position(|index| usize::from(*index) >= count) {
            let (x, y, index) = (at % self.header.width as usize, at / self.header.width as usize, indices[at]);
            return Err(
                format!("the pixel at ({x}, {y}) has index {index}, but the palette has {count} entries").into()
            );
        }
        let palette = self.palette.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect();
        Ok(Pixels::Indexed { indices, palette })
    }
}
