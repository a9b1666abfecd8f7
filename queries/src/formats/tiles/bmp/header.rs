//! The headers of a BMP file, and its palette.

use super::fault::Fault;

/// Bytes of the header of the file, which comes before that of the picture.
const FILE_HEADER: usize = 14;

/// The sizes that the header of the picture has, by which its kinds are told.
const SIZES: [u32; 7] = [12, 40, 52, 56, 64, 108, 124];

/// What the headers say.
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Whether the first row is the uppermost one.
    pub(super) is_top_down: bool,
    pub(super) layout: Layout,
    /// Where the pixels begin in the file.
    pub(super) data: usize,
    /// Where the palette begins, and how many bytes an entry has.
    palette_at: usize,
    entry_bytes: usize,
    /// As the file says; 0 for all that its indices can name.
    colours: u32,
}

/// How pixels are written.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// Indices of so many bits.
    Indices(u32),
    /// The same, run-length encoded.
    Runs(u32),
    /// Blue, green and red, a byte each.
    Bytes,
    /// So many bits, of which masks tell red, green, blue and alpha.
    Masks(u32, [Mask; 4]),
}

/// Where the bits of a channel are in a pixel.
#[derive(Clone, Copy)]
pub(super) struct Mask {
    shift: u32,
    /// The largest value of the channel; 0 where there is none.
    most: u32,
}

impl Mask {
    /// The channel of a pixel as 8 bits, rounded to the nearest; `absent` where there is none.
    pub(super) fn channel(self, pixel: u32, absent: u8) -> u8 {
        let most = u64::from(self.most);
        let value = u64::from(pixel >> self.shift) & most;
        (value * 255 + most / 2).checked_div(most).map_or(absent, |value| value as u8)
    }
}

impl TryFrom<u32> for Mask {
    type Error = Fault;

    fn try_from(mask: u32) -> Result<Self, Fault> {
        let shift = if mask == 0 { 0 } else { mask.trailing_zeros() };
        let most = mask >> shift;
        if most & most.wrapping_add(1) != 0 {
            return Err(format!("the bits of the channel mask {mask:#010x} are not side by side").into());
        }
        Ok(Self { shift, most })
    }
}

/// Whether these are the first bytes of a BMP file. `BM` alone may begin anything.
pub(in super::super) fn is_bmp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && number(bytes, FILE_HEADER).is_some_and(|size| SIZES.contains(&size))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        Self::fields(bytes).ok_or_else(|| format!("the header is cut off: the file has {} bytes", bytes.len()))?
    }

    /// None where the file ends too soon.
    fn fields(bytes: &[u8]) -> Option<Result<Self, Fault>> {
        let data = number(bytes, 10)? as usize;
        let size = number(bytes, FILE_HEADER)?;
        let is_old = size == 12;
        let (width, height, bits) = if is_old {
            (i64::from(short(bytes, 18)?), i64::from(short(bytes, 20)?), short(bytes, 24)?)
        } else {
            // Both are signed, and a negative height means that the first row is the uppermost one.
            (
                i64::from(number(bytes, 18)?.cast_signed()),
                i64::from(number(bytes, 22)?.cast_signed()),
                short(bytes, 28)?,
            )
        };
        let (compression, colours) = if is_old { (0, 0) } else { (number(bytes, 30)?, number(bytes, 46)?) };
        let has_own_masks = size >= 52 && size != 64;
        let masks_behind = match compression {
            3 if !has_own_masks => 12,
            6 if !has_own_masks => 16,
            _ => 0,
        };
        let mut masks = [0; 4];
        if matches!(compression, 3 | 6) {
            // Those of a header that has them are where they would be behind one that has none.
            let count = if compression == 6 || size >= 56 && size != 64 { 4 } else { 3 };
            for (at, mask) in masks.iter_mut().enumerate().take(count) {
                *mask = number(bytes, FILE_HEADER + 40 + 4 * at)?;
            }
        }
        Some(layout(bits, compression, masks).and_then(|layout| {
            let width = u32::try_from(width).map_err(|_| format!("the width of {width} pixels is negative"))?;
            if height < 0 && matches!(layout, Layout::Runs(_)) {
                return Err("a picture that is run-length encoded begins with its lowest row".to_owned().into());
            }
            let most = if let Layout::Indices(bits) | Layout::Runs(bits) = layout { 1 << bits } else { u32::MAX };
            if colours > most {
                return Err(format!("the palette has {colours} entries, and {bits} bits name {most}").into());
            }
            Ok(Self {
                width,
                height: height.unsigned_abs() as u32,
                is_top_down: height < 0,
                layout,
                data,
                palette_at: FILE_HEADER + size as usize + masks_behind,
                entry_bytes: if is_old { 3 } else { 4 },
                colours,
            })
        }))
    }

    /// Bytes of a row; none where rows are run-length encoded.
    pub(super) fn row_bytes(&self) -> Option<usize> {
        let bits = match self.layout {
            Layout::Runs(_) => return None,
            Layout::Indices(bits) | Layout::Masks(bits, _) => bits,
            Layout::Bytes => 24,
        };
        // Whole numbers of 4 bytes.
        usize::try_from((u64::from(self.width) * u64::from(bits)).div_ceil(32) * 4).ok()
    }

    /// The palette: red, green and blue of each entry. Empty where pixels have no indices.
    pub(super) fn palette(&self, bytes: &[u8]) -> Result<Vec<[u8; 3]>, Fault> {
        let (Layout::Indices(bits) | Layout::Runs(bits)) = self.layout else { return Ok(Vec::new()) };
        let count = if self.colours == 0 { 1 << bits } else { self.colours as usize };
        let length = count * self.entry_bytes;
        let entries = bytes.get(self.palette_at..).and_then(|rest| rest.get(..length));
        let entries = entries
            .ok_or_else(|| format!("the palette of {count} entries, from byte {} on, is cut off", self.palette_at))?;
        Ok(entries.chunks_exact(self.entry_bytes).map(|entry| [entry[2], entry[1], entry[0]]).collect())
    }
}

fn layout(bits: u16, compression: u32, masks: [u32; 4]) -> Result<Layout, Fault> {
    let [red, green, blue, alpha] = masks;
    let masked = |masks: [u32; 4]| -> Result<Layout, Fault> {
        let [red, green, blue, alpha] = masks.map(Mask::try_from);
        Ok(Layout::Masks(bits.into(), [red?, green?, blue?, alpha?]))
    };
    match (bits, compression) {
        (1 | 4 | 8, 0) => Ok(Layout::Indices(bits.into())),
        (8, 1) | (4, 2) => Ok(Layout::Runs(bits.into())),
        (16, 0) => masked([0x7c00, 0x03e0, 0x001f, 0]),
        (24, 0) => Ok(Layout::Bytes),
        (32, 0) => masked([0x00ff_0000, 0x0000_ff00, 0x0000_00ff, 0]),
        (16 | 32, 3 | 6) => masked([red, green, blue, alpha]),
        (_, 4 | 5) => Err(Fault::unsupported("the file has a JPEG or PNG inside".into())),
        _ => Err(Fault::unsupported(format!("the file has {bits} bits a pixel with compression {compression}"))),
    }
}
