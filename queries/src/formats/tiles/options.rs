//! The manifest fields of tiles.

use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::metadata::{EntryZero, TileSize};

/// The manifest fields that tiles declare as inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    /// Edge of a tile in pixels.
    pub tile_size: TileSize,
    /// What an opaque entry 0 of an indexed picture means.
    pub entry_zero: EntryZero,
    /// What is done to the pictures before they are packed.
    pub conversions: Conversions,
}

/// What is done to pictures before they are packed; by default nothing. It is done in the order of these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Conversions {
    /// What becomes transparent.
    pub transparent: Option<Key>,
    /// The least alpha that becomes opaque; what is below becomes transparent.
    pub alpha: Option<NonZeroU8>,
    /// Where the colours come from that the pictures may have.
    pub palette: Option<PaletteFrom>,
    /// The most colours of a palette, 1 to [`MOST_COLOURS`].
    pub colors: Option<NonZeroU8>,
    /// What shares a palette of reduced colours.
    pub colors_of: ColoursOf,
    /// How colours are mixed that the palette lacks.
    pub dither: Dither,
    /// Whether the entries that a picture uses are moved to where the console can use them.
    pub renumber: bool,
    /// How pictures are brought to whole tiles and one width.
    pub pad: Option<Pad>,
}

/// How many colours a palette has besides the transparent entry.
pub const MOST_COLOURS: u8 = 15;

/// What becomes transparent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Key {
    /// All pixels of this colour, as red, green and blue.
    Colour([u8; 3]),
    /// All pixels of this entry of the palette, which changes places with entry 0.
    Entry(u8),
}

/// Where the colours come from that the pictures may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaletteFrom {
    /// From the first artifact file, which is no picture of the sheet then.
    FirstFile,
}

/// What shares a palette of reduced colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum ColoursOf {
    /// Each file has one of its own.
    #[default]
    File,
    /// All files have one together.
    Sheet,
}

/// How colours are mixed that the palette lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Dither {
    /// They are not: each pixel gets the nearest colour.
    #[default]
    None,
    /// By a fixed pattern of 8 × 8 pixels.
    Ordered,
}

/// Where the transparent pixels go that fill a picture up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pad {
    /// Below and to the right: the picture stays at the top left.
    BottomRight,
    /// To all sides: the picture is in the middle, and an odd pixel more is below or to the right.
    Around,
    /// Above, and to both sides: the picture stands on the bottom.
    Top,
}

impl Options {
    /// Tiles of this size, and all else by default.
    pub const fn new(tile_size: TileSize) -> Self {
        let conversions = Conversions {
            transparent: None,
            alpha: None,
            palette: None,
            colors: None,
            colors_of: ColoursOf::File,
            dither: Dither::None,
            renumber: false,
            pad: None,
        };
        Self { tile_size, entry_zero: EntryZero::Warn, conversions }
    }

    /// The fields as a manifest may write them, in the order of their application: those of every manifest, and the
    /// conversions that are asked for.
    pub fn fields(self) -> Vec<(&'static str, Value)> {
        let mut fields =
            vec![("tile_size", self.tile_size.pixels().into()), ("entry_zero", self.entry_zero.name().into())];
        fields.extend(self.conversions.fields());
        fields
    }
}

impl Conversions {
    /// Whether anything is to be done.
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// The conversions that are asked for, as a manifest may write them.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, Value)> {
        let fields = [
            ("transparent", self.transparent.map(Key::value)),
            ("alpha", self.alpha.map(|alpha| alpha.get().into())),
            ("palette", self.palette.map(|PaletteFrom::FirstFile| PaletteFrom::FIRST_FILE.into())),
            ("colors", self.colors.map(|colors| colors.get().into())),
            ("colors_of", (self.colors_of != ColoursOf::default()).then(|| self.colors_of.name().into())),
            ("dither", (self.dither != Dither::default()).then(|| self.dither.name().into())),
            ("renumber", self.renumber.then(|| true.into())),
            ("pad", self.pad.map(|pad| pad.name().into())),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Key {
    /// The key that manifests write as the colour `text`, such as `#ff00ff`.
    pub fn colour(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self::Colour([r, g, b]))
    }

    fn value(self) -> Value {
        match self {
            Self::Colour([r, g, b]) => format!("#{r:02x}{g:02x}{b:02x}").into(),
            Self::Entry(entry) => entry.into(),
        }
    }
}

impl PaletteFrom {
    /// The only name that manifests use.
    pub const FIRST_FILE: &str = "FIRST_FILE";
}

impl ColoursOf {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::File, Self::Sheet];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "FILE",
            Self::Sheet => "SHEET",
        }
    }
}

impl Dither {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::None, Self::Ordered];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Ordered => "ORDERED",
        }
    }
}

impl Pad {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::BottomRight, Self::Around, Self::Top];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::BottomRight => "BOTTOM_RIGHT",
            Self::Around => "AROUND",
            Self::Top => "TOP",
        }
    }
}
