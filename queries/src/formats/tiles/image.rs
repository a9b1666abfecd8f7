//! A picture in memory, for all that is not streamed from a PNG.

/// A picture, with at least one pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    pub(super) pixels: Pixels,
}

/// The pixels of a picture, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pixels {
    /// Numbers of entries of the palette, all of which are there. Its entries are RGBA, not premultiplied.
    Indexed { indices: Vec<u8>, palette: Vec<[u8; 4]> },
    /// RGBA, not premultiplied.
    Rgba(Vec<[u8; 4]>),
}
