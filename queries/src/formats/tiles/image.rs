//! A picture in memory, for all that is not streamed from a PNG; and the sizes of pictures.

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

/// A picture of a file, on its way into the sheet.
pub(super) struct Taken {
    pub(super) image: Image,
    /// Which of the files it is of.
    pub(super) file: usize,
    /// The number of the frame, of a file that has several.
    pub(super) frame: Option<u32>,
    /// How long it is shown, in milliseconds, of a file that has several.
    pub(super) duration_ms: Option<u32>,
}

/// Pictures of one size, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    /// How many pictures have that size, at least 1.
    pub(super) count: u32,
}

impl Size {
    /// Of one picture.
    pub(super) fn of(width: u32, height: u32) -> Self {
        Self { width, height, count: 1 }
    }

    /// The height of all of them, stacked.
    pub(super) fn total_height(self) -> u64 {
        u64::from(self.height) * u64::from(self.count)
    }

    /// The pixels of all of them.
    pub(super) fn total_pixels(self) -> u64 {
        u64::from(self.width).saturating_mul(self.total_height())
    }
}
