//! An Aseprite file, taken apart: its pixels are still compressed.

use std::borrow::Cow;
use std::collections::HashMap;

use super::blend::Mode;
use super::cursor::Cursor;

/// A sprite.
#[derive(Debug)]
pub(in super::super) struct Sprite<'a> {
    /// Width of the canvas in pixels, at least 1.
    pub(super) width: u16,
    /// Height of the canvas in pixels, at least 1.
    pub(super) height: u16,
    pub(super) colours: ColourMode,
    /// The index of transparent pixels in an indexed sprite.
    pub(super) transparent: u8,
    /// How many entries the palette has at first.
    pub(super) colour_count: u16,
    /// Whether the layers of a group are put together before the group is put over what is below.
    pub(super) composes_groups: bool,
    /// At least one.
    pub(super) frames: Vec<Frame<'a>>,
    /// From the lowest to the uppermost, groups before what is in them.
    pub(super) layers: Vec<Layer<'a>>,
    pub(super) tilesets: HashMap<u32, Tileset<'a>>,
    pub(super) tags: Vec<Tag<'a>>,
    pub(super) slices: Vec<Slice<'a>>,
}

/// What the bytes of a pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourMode {
    Rgba,
    Grey,
    Indexed,
}

impl ColourMode {
    /// Bytes of a pixel.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Grey => 2,
            Self::Indexed => 1,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    /// How long it is shown, in milliseconds.
    pub(super) duration: u16,
    /// What changes the palette with this frame, in order.
    pub(super) palettes: Vec<PaletteChange<'a>>,
    /// In ascending order of their layers, one for each.
    pub(super) cels: Vec<Cel<'a>>,
}

impl<'a> Frame<'a> {
    /// The cel of the layer with this number.
    pub(super) fn cel(&self, layer: u16) -> Option<&Cel<'a>> {
        let at = self.cels.binary_search_by_key(&layer, |cel| cel.layer).ok()?;
        self.cels.get(at)
    }
}

/// The content of a palette chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct PaletteChange<'a> {
    pub(super) form: PaletteForm,
    pub(super) content: Cursor<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaletteForm {
    /// RGBA, of any number of entries.
    New,
    /// RGB of 8 bits.
    Old,
    /// RGB of 6 bits.
    Older,
}

#[derive(Debug)]
pub(super) struct Layer<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) kind: LayerKind,
    pub(super) is_visible: bool,
    pub(super) is_background: bool,
    pub(super) is_reference: bool,
    pub(super) mode: Mode,
    pub(super) opacity: u8,
    /// The group that it is in.
    pub(super) parent: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerKind {
    Image,
    Group,
    /// With the number of its tileset.
    Tilemap(u32),
}

/// What one layer has in one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cel<'a> {
    pub(super) layer: u16,
    /// Where its upper left pixel is on the canvas.
    pub(super) x: i16,
    pub(super) y: i16,
    pub(super) opacity: u8,
    /// By how many layers it is shown further up.
    pub(super) z: i16,
    /// The frame whose cel of the layer has the content; that is no link.
    pub(super) source: u32,
    pub(super) content: Content<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    /// That of the cel in the frame `source`.
    Linked,
    Raw {
        width: u16,
        height: u16,
        data: &'a [u8],
    },
    Compressed {
        width: u16,
        height: u16,
        data: &'a [u8],
    },
    Tilemap {
        width: u16,
        height: u16,
        masks: TileMasks,
        data: &'a [u8],
    },
}

/// Which bits of a tile mean what.
#[derive(Debug, Clone, Copy)]
pub(super) struct TileMasks {
    pub(super) number: u32,
    pub(super) flip_x: u32,
    pub(super) flip_y: u32,
    /// The axes are swapped.
    pub(super) diagonal: u32,
}

/// The tiles of tilemaps, one below the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tileset<'a> {
    pub(super) count: u32,
    /// Of a tile, in pixels, at least 1.
    pub(super) width: u16,
    /// Of a tile, in pixels, at least 1.
    pub(super) height: u16,
    /// Whether tile 0 is the empty one; else that is 0xffffffff.
    pub(super) zero_is_empty: bool,
    /// None where the tiles are in another file.
    pub(super) data: Option<&'a [u8]>,
}

/// A range of frames with a name.
#[derive(Debug, Clone)]
pub(super) struct Tag<'a> {
    pub(super) name: Cow<'a, str>,
    /// First and last frame; both are there.
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) direction: u8,
}

/// A rectangle with a name, which may change from frame to frame.
#[derive(Debug)]
pub(super) struct Slice<'a> {
    pub(super) name: Cow<'a, str>,
    /// In ascending order of their frames.
    pub(super) keys: Vec<SliceKey>,
}

/// A rectangle, which counts from a frame on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SliceKey {
    pub(super) frame: u32,
    pub(super) bounds: Rectangle,
}

/// Some pixels of the canvas, or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Sprite<'_> {
    pub(super) fn canvas(&self) -> Rectangle {
        Rectangle { x: 0, y: 0, width: self.width.into(), height: self.height.into() }
    }

    /// The groups around the layer with this number, from the inside out.
    pub(super) fn around(&self, layer: u16) -> impl Iterator<Item = u16> {
        std::iter::successors(self.parent(layer), |group| self.parent(*group))
    }

    fn parent(&self, layer: u16) -> Option<u16> {
        self.layers.get(usize::from(layer))?.parent
    }
}
