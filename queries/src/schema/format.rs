//! The format that a manifest names, and the fields that it declares in `metadata`.

use super::choice::read_choice;
use super::tiles::{OF_TILES, read_tiles};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::sounds::Loops;
use crate::formats::{Format, FormatName};
use crate::json::{Elsewhere, Node, shortened};
use crate::suggest;

/// The fields of `output`.
pub(super) const OF_OUTPUT: Elsewhere = (&["format", "codec", "metadata", "pipeline"], "output");

/// The fields that one of the formats has in `metadata`.
pub(super) const OF_METADATA: Elsewhere = (
    &[
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
        "loops",
        "user",
    ],
    "output.metadata",
);

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
        FormatName::TilesIndexedV1 => OF_TILES,
        FormatName::SoundsPcmV1 => &["loops", "user"],
        FormatName::DataRawV1 => &["user"],
    };
    let fields = match metadata {
        Some(metadata) => Some(metadata.object_among(own, &[OF_OUTPUT])?),
        None => None,
    };
    match name {
        FormatName::TilesIndexedV1 => read_tiles(node, fields).map(Format::TilesIndexedV1),
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

fn read_loops(node: Node<'_, '_>) -> Option<Loops> {
    let help = "OFF ignores loops, DETECT takes the first of a file";
    read_choice(node, "loops", Loops::ALL.map(|value| (value.name(), value)), help)
}
