//! The format that a manifest names, and the fields that it declares in `metadata`.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use super::choice::read_choice;
use super::tiles::{OF_TILES, read_tiles};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::sounds::options::{GAINS, PEAKS, SAMPLE_RATES, TRIMS};
use crate::formats::sounds::{Level, Loops, Options};
use crate::formats::{Format, FormatName};
use crate::json::{Elsewhere, Fields, Node, shortened};
use crate::suggest;

/// The fields of `output`.
pub(super) const OF_OUTPUT: Elsewhere = (&["format", "codec", "metadata", "pipeline"], "output");

/// The fields that tiles have in `metadata`.
pub(super) const OF_TILES_METADATA: Elsewhere = (OF_TILES, "output.metadata");

/// The fields that sounds have in `metadata`.
pub(super) const OF_SOUNDS_METADATA: Elsewhere =
    (&["loops", "channels", "sample_rate", "trim", "gain", "normalize", "user"], "output.metadata");

/// Reads the format's name and the metadata that it declares.
pub(super) fn read_format(node: Node<'_, '_>, metadata: Option<Node<'_, '_>>) -> Option<Format> {
    let text = node.string()?;
    let Some(name) = FormatName::of(&text) else {
        let message = format!("unknown format {:?}", shortened(&text));
        let list = "the formats are \"TILES/indexed_v1\", \"SOUNDS/pcm_v1\", \"DATA/raw_v1\" and \"DATA/tilemap_v1\"";
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
        FormatName::SoundsPcmV1 => OF_SOUNDS_METADATA.0,
        FormatName::DataRawV1 | FormatName::DataTilemapV1 => &["user"],
    };
    let fields = match metadata {
        Some(metadata) => Some(metadata.object_among(own, &[OF_OUTPUT])?),
        None => None,
    };
    match name {
        FormatName::TilesIndexedV1 => read_tiles(node, fields).map(Format::TilesIndexedV1),
        FormatName::SoundsPcmV1 => {
            let options = match fields {
                Some(fields) => read_sounds(fields)?,
                None => Options::default(),
            };
            Some(Format::SoundsPcmV1(options))
        }
        FormatName::DataRawV1 => Some(Format::DataRawV1),
        FormatName::DataTilemapV1 => Some(Format::DataTilemapV1),
    }
}

/// Reads the fields of sounds. All are read, so that all their faults are reported.
fn read_sounds(fields: Fields<'_, '_>) -> Option<Options> {
    let loops = fields.optional("loops").map_or(Some(Loops::default()), read_loops);
    let mono = fields.optional("channels").map_or(Some(false), read_channels);
    let sample_rate = read_number(fields, "sample_rate", SAMPLE_RATES);
    let trim = read_number(fields, "trim", TRIMS);
    let gain = read_number(fields, "gain", GAINS);
    let normalize = read_number(fields, "normalize", PEAKS);
    if let (Some(_), Some(second)) = (fields.optional("gain"), fields.optional("normalize")) {
        let message = "\"gain\" and \"normalize\" both say how loud the sound is";
        second.report(Diagnostic::error(Code::FieldInvalid, message).with_help("keep the one that is meant"));
        return None;
    }
    let level = match (gain?, normalize?) {
        (Some(gain), _) => Some(Level::Gain(gain)),
        (None, peak) => peak.map(Level::Normalize),
    };
    Some(Options {
        loops: loops?,
        mono: mono?,
        sample_rate: sample_rate?.and_then(NonZeroU32::new),
        trim: trim?,
        level,
    })
}

/// Reads an optional number within `range`. `None` where it is wrong.
#[expect(clippy::option_option, reason = "a wrong number is not the same as none")]
fn read_number<N>(fields: Fields<'_, '_>, name: &str, range: RangeInclusive<N>) -> Option<Option<N>>
where
    N: Copy + Into<i64> + TryFrom<i64>,
{
    let Some(node) = fields.optional(name) else { return Some(None) };
    let number = node.integer_within((*range.start()).into(), (*range.end()).into())?;
    N::try_from(number).ok().map(Some)
}

/// Reads whether sounds are mixed to mono, which is all that the field can ask for.
fn read_channels(node: Node<'_, '_>) -> Option<bool> {
    let channels = node.integer()?;
    if channels == 1 {
        return Some(true);
    }
    let message = format!("\"channels\" is 1, not {channels}");
    let fault = Diagnostic::error(Code::FieldInvalid, message)
        .with_help("1 mixes stereo to mono; without the field, each sound has the channels of its file")
        .with_data(Data::choice(channels.to_string(), &["1"], None));
    node.report(fault);
    None
}

fn read_loops(node: Node<'_, '_>) -> Option<Loops> {
    let help = "OFF ignores loops, DETECT takes the first of a file";
    read_choice(node, "loops", Loops::ALL.map(|value| (value.name(), value)), help)
}
