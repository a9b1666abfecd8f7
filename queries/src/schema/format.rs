//! The format that a manifest names, and the fields that it declares in `metadata`.

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::sounds::Loops;
use crate::formats::tiles::{EntryZero, TileSize};
use crate::formats::{Format, FormatName};
use crate::json::{Elsewhere, Fields, Node, shortened};
use crate::suggest;

/// The fields of `output`.
pub(super) const OF_OUTPUT: Elsewhere = (&["format", "codec", "metadata", "pipeline"], "output");

/// The fields that one of the formats has in `metadata`.
pub(super) const OF_METADATA: Elsewhere = (&["tile_size", "entry_zero", "loops", "user"], "output.metadata");

/// Reads the format's name and the metadata that it declares.
pub(super) fn read_format(node: Node<'_, '_>, metadata: Option<Node<'_, '_>>) -> Option<Format> {
    let text = node.string()?;
    let Some(name) = FormatName::of(&text) else {
        let message = format!("unknown format {:?}", shortened(&text));
        let list = "the formats are \"TILES/indexed_v1\", \"SOUNDS/pcm_v1\" and \"DATA/raw_v1\"";
        let names = FormatName::ALL.map(FormatName::text);
        let data = Data::choice(shortened(&text), &names, suggest::nearest_of(&text, &names));
        let help = suggest::one_of(&text, &names, list);
        let fix = suggest::only_one_of(&text, &names).and_then(|meant| {
            // What differs in more than case may be the format of a newer papack.
            node.string_replacement(meant.eq_ignore_ascii_case(&text), meant)
        });
        node.report(Diagnostic::error(Code::FieldInvalid, message).with_help(help).with_data(data).with_fix(fix));
        return None;
    };
    let own: &[&str] = match name {
        FormatName::TilesIndexedV1 => &["tile_size", "entry_zero", "user"],
        FormatName::SoundsPcmV1 => &["loops", "user"],
        FormatName::DataRawV1 => &["user"],
    };
    let fields = match metadata {
        Some(metadata) => Some(metadata.object_among(own, &[OF_OUTPUT])?),
        None => None,
    };
    match name {
        FormatName::TilesIndexedV1 => read_tiles(node, fields),
        FormatName::SoundsPcmV1 => {
            let loops = match fields.and_then(|fields| fields.optional("loops")) {
                Some(loops) => read_loops(loops)?,
                None => Loops::default(),
            };
            Some(Format::SoundsPcmV1 { loops })
        }
        FormatName::DataRawV1 => Some(Format::DataRawV1),
    }
}

/// Reads the fields of tiles; `format` is where the format is named.
fn read_tiles(format: Node<'_, '_>, fields: Option<Fields<'_, '_>>) -> Option<Format> {
    let entry_zero = match fields.and_then(|fields| fields.optional("entry_zero")) {
        Some(entry_zero) => read_entry_zero(entry_zero),
        None => Some(EntryZero::default()),
    };
    let Some(tile_size) = fields.and_then(|fields| fields.optional("tile_size")) else {
        let message = "this format needs \"tile_size\" in \"metadata\"";
        let help = "write \"metadata\": { \"tile_size\": 8 } beside it; a tile has 8, 16 or 32 pixels";
        let data = Data::missing("tile_size");
        format.report(Diagnostic::error(Code::FieldMissing, message).with_help(help).with_data(data));
        return None;
    };
    Some(Format::TilesIndexedV1 { tile_size: read_tile_size(tile_size)?, entry_zero: entry_zero? })
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

fn read_loops(node: Node<'_, '_>) -> Option<Loops> {
    let help = "OFF ignores loops, DETECT takes the first of a file";
    read_choice(node, "loops", Loops::ALL.map(|value| (value.name(), value)), help)
}

/// Reads one of two names. `help` says what they mean, where no name is alike.
fn read_choice<T: Copy>(node: Node<'_, '_>, field: &str, values: [(&str, T); 2], help: &str) -> Option<T> {
    let text = node.string()?;
    if let Some((_, value)) = values.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    let names = values.map(|(name, _)| name);
    let message = format!("{field:?} is {:?} or {:?}, not {:?}", names[0], names[1], shortened(&text));
    let data = Data::choice(shortened(&text), &names, suggest::nearest_of(&text, &names));
    let fix = suggest::only_one_of(&text, &names).and_then(|meant| node.string_replacement(true, meant));
    let fault = Diagnostic::error(Code::FieldInvalid, message).with_help(suggest::one_of(&text, &names, help));
    node.report(fault.with_data(data).with_fix(fix));
    None
}
