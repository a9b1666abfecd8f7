//! A picture that is in memory as a whole.

/// A picture that is in memory as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Width in pixels.
    pub(super) width: u32,
    /// Height in pixels.
    pub(super) height: u32,
    /// Its pixels, row by row.
    pub(super) pixels: Pixels,
}

/// The pixels of a picture, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pixels {
    /// One index a pixel, and the colours of the entries as red, green, blue and alpha.
    Indexed {
        /// Index of each pixel.
        indices: Vec<u8>,
        /// Colour of each entry, at most 256.
        palette: Vec<[u8; 4]>,
    },
    /// Red, green, blue and alpha of each pixel, which is not multiplied in.
    Rgba(Vec<[u8; 4]>),
}
