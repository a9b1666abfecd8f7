//! The fields of tiles in `output.metadata`.

use std::num::NonZeroU8;

use super::choice::read_choice;
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::tiles::{
    ColoursOf, Conversions, Dither, EntryZero, Key, MOST_COLOURS, Options, Pad, PaletteFrom, TileSize,
};
use crate::json::{Fields, Node, shortened};

/// The fields of tiles.
pub(super) const OF_TILES: &[&str] = &[
    "tile_size",
    "entry_zero",
    "transparent",
    "alpha",
    "palette",
    "colors",
    "colors_of",
    "dither",
    "renumber",
    "pad",
    "user",
];

/// Reads the fields of tiles; `format` is where the format is named.
pub(super) fn read_tiles(format: Node<'_, '_>, fields: Option<Fields<'_, '_>>) -> Option<Options> {
    let entry_zero = match fields.and_then(|fields| fields.optional("entry_zero")) {
        Some(entry_zero) => read_entry_zero(entry_zero),
        None => Some(EntryZero::default()),
    };
    let conversions = match fields {
        Some(fields) => read_conversions(fields),
        None => Some(Conversions::default()),
    };
    let Some(tile_size) = fields.and_then(|fields| fields.optional("tile_size")) else {
        let message = "this format needs \"tile_size\" in \"metadata\"";
        let help = "write \"metadata\": { \"tile_size\": 8 } beside it; a tile has 8, 16 or 32 pixels";
        let data = Data::missing("tile_size");
        format.report(Diagnostic::error(Code::FieldMissing, message).with_help(help).with_data(data));
        return None;
    };
    Some(Options { tile_size: read_tile_size(tile_size)?, entry_zero: entry_zero?, conversions: conversions? })
}

pub(crate) fn read_tile_size(node: Node<'_, '_>) -> Option<TileSize> {
    let pixels = node.integer()?;
    let tile_size = TileSize::new(pixels);
    if tile_size.is_none() {
        let data = Data::choice(pixels.to_string(), &["8", "16", "32"], None);
        let message = format!("a tile has 8, 16 or 32 pixels, not {pixels}");
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_data(data));
    }
    tile_size
}

fn read_entry_zero(node: Node<'_, '_>) -> Option<EntryZero> {
    let help = "WARN tells of pixels with an opaque entry 0, TRANSPARENT means that they are to be transparent";
    read_choice(node, "entry_zero", EntryZero::ALL.map(|value| (value.name(), value)), help)
}

/// Reads what is to be done to the pictures; all fields, even where one of them is faulty.
fn read_conversions(fields: Fields<'_, '_>) -> Option<Conversions> {
    let mut read = Conversions::default();
    let are_sound = [
        set(fields, "transparent", &mut read.transparent, |node| read_key(node).map(Some)),
        set(fields, "alpha", &mut read.alpha, |node| read_number(node, u8::MAX).map(Some)),
        set(fields, "palette", &mut read.palette, |node| read_palette(node).map(Some)),
        set(fields, "colors", &mut read.colors, |node| read_number(node, MOST_COLOURS).map(Some)),
        set(fields, "colors_of", &mut read.colors_of, |node| {
            let help = "FILE gives each file colours of its own, SHEET gives all files the same";
            read_choice(node, "colors_of", ColoursOf::ALL.map(|value| (value.name(), value)), help)
        }),
        set(fields, "dither", &mut read.dither, |node| {
            let help = "NONE gives each pixel the nearest colour, ORDERED mixes two of them in a pattern";
            read_choice(node, "dither", Dither::ALL.map(|value| (value.name(), value)), help)
        }),
        set(fields, "renumber", &mut read.renumber, Node::boolean),
        set(fields, "pad", &mut read.pad, |node| {
            let help =
                "BOTTOM_RIGHT adds pixels below and to the right, AROUND on all sides, TOP above and to both sides";
            read_choice(node, "pad", Pad::ALL.map(|value| (value.name(), Some(value))), help)
        }),
        goes_with(fields, "colors_of", &["colors"]),
        goes_with(fields, "dither", &["colors", "palette"]),
    ];
    are_sound.into_iter().all(|is_sound| is_sound).then_some(read)
}

/// Sets `to` to what `read` gives of the field `name`, where it is there. Whether it is not faulty.
fn set<'d, 't, T>(
    fields: Fields<'d, 't>,
    name: &str,
    to: &mut T,
    read: impl FnOnce(Node<'d, 't>) -> Option<T>,
) -> bool {
    let Some(node) = fields.optional(name) else { return true };
    match read(node) {
        Some(value) => {
            *to = value;
            true
        }
        None => false,
    }
}

fn read_number(node: Node<'_, '_>, most: u8) -> Option<NonZeroU8> {
    let number = node.integer_within(1, most.into())?;
    NonZeroU8::new(u8::try_from(number).ok()?)
}

/// Reads a colour, or the number of an entry.
fn read_key(node: Node<'_, '_>) -> Option<Key> {
    if !node.text().starts_with('"') {
        let entry = node.integer_within(0, u8::MAX.into())?;
        return Some(Key::Entry(u8::try_from(entry).ok()?));
    }
    let text = node.string()?;
    let key = Key::colour(&text);
    if key.is_none() {
        let message = format!("a colour is written as \"#rrggbb\", not {:?}", shortened(&text));
        let help = "write six hexadecimal digits, such as \"#ff00ff\"; or the number of a palette entry, such as 7";
        let data = Data::value(shortened(&text));
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help).with_data(data));
    }
    key
}

fn read_palette(node: Node<'_, '_>) -> Option<PaletteFrom> {
    let help = "FIRST_FILE takes the colours of the first artifact file: an indexed PNG, or a .gpl, .pal or .hex file";
    read_choice(node, "palette", [(PaletteFrom::FIRST_FILE, PaletteFrom::FirstFile)], help)
}

/// Refuses the field `name` where none of `others` is there. Whether it is not refused.
fn goes_with(fields: Fields<'_, '_>, name: &str, others: &[&str]) -> bool {
    let Some(node) = fields.optional(name) else { return true };
    if others.iter().any(|other| fields.optional(other).is_some()) {
        return true;
    }
    let list = others.iter().map(|other| format!("{other:?}")).collect::<Vec<_>>().join(" or ");
    let message = format!("{name:?} goes with {list}");
    let help = "add that field, or take this one out";
    let data = Data::missing(others.first().copied().unwrap_or_default());
    node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help).with_data(data));
    false
}
