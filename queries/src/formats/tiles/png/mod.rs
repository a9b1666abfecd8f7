//! A strict reader of PNG files of up to 8 bits a sample.
//!
//! The structure of a file is read first ([`chunks`]) and gives its size; pixels come row by row ([`rows`], [`filters`])
//! from the inflated image data ([`inflate`]), so that a large image is never in memory as a whole. This folder knows
//! nothing of tiles.

pub(super) mod chunks;
mod filters;
mod inflate;
pub(super) mod rows;

/// How the samples of a pixel are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourType {
    Grey,
    Rgb,
    Indexed,
    GreyAlpha,
    Rgba,
}

impl ColourType {
    /// The colour type that `IHDR` writes as `value`.
    fn new(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Grey),
            2 => Some(Self::Rgb),
            3 => Some(Self::Indexed),
            4 => Some(Self::GreyAlpha),
            6 => Some(Self::Rgba),
            _ => None,
        }
    }

    /// Whether PNG has this colour type with samples of `depth` bits.
    fn allows(self, depth: u8) -> bool {
        match self {
            Self::Grey => matches!(depth, 1 | 2 | 4 | 8 | 16),
            Self::Indexed => matches!(depth, 1 | 2 | 4 | 8),
            Self::Rgb | Self::GreyAlpha | Self::Rgba => matches!(depth, 8 | 16),
        }
    }

    /// Samples of a pixel.
    fn channels(self) -> u8 {
        match self {
            Self::Grey | Self::Indexed => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// What `IHDR` says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bits of a sample.
    pub(super) depth: u8,
    pub(super) colour: ColourType,
    pub(super) interlaced: bool,
}

impl Header {
    /// Width × height.
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Bytes of a row of `width` pixels, without its filter type.
    fn row_bytes(self, width: u32) -> u64 {
        (u64::from(width) * u64::from(self.depth * self.colour.channels())).div_ceil(8)
    }
}

/// A PNG file, taken apart.
#[derive(Debug)]
pub(super) struct Png<'a> {
    pub(super) header: Header,
    /// The content of `PLTE`; in a truecolour image it is only a suggestion.
    pub(super) palette: Option<&'a [u8]>,
    /// The content of `tRNS`.
    pub(super) transparency: Option<&'a [u8]>,
    /// The contents of the `IDAT` chunks.
    data: Vec<Piece<'a>>,
}

/// Bytes of the file and where they begin.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    offset: usize,
    bytes: &'a [u8],
}
