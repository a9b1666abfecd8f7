//! The `fmt ` chunk: how the samples of a file are stored.

use uuid::Uuid;

use super::pcm::Encoding;
use super::walk::{Chunk, u16_at, u32_at};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;

/// What to do about samples that are stored in another way.
const SAVE_AS_PCM: &str = "save the sound as integer PCM of 8, 16, 24 or 32 bits, or as 32-bit float";

pub(super) const MAX_CHANNELS: u16 = 2;
pub(crate) const MAX_SAMPLE_RATE: u32 = 192_000;

/// The tags that say how to read a sample.
const TAG_INTEGER: u16 = 1;
const TAG_FLOAT: u16 = 3;
/// The tag that says to look at the subformat.
const TAG_EXTENSIBLE: u16 = 0xFFFE;

/// Size of the part that every `fmt ` has.
const BASE: usize = 16;
/// Size of an extensible `fmt `, and of what its extension has after the extension's own size field.
const EXTENSIBLE: usize = 40;
const EXTENSION: u16 = 22;

// Where the fields are in the chunk.
const TAG: usize = 0;
const CHANNELS: usize = 2;
const SAMPLE_RATE: usize = 4;
const BYTE_RATE: usize = 8;
const BLOCK_ALIGNMENT: usize = 12;
const BITS: usize = 14;
const EXTENSION_SIZE: usize = 16;
const VALID_BITS: usize = 18;
const SUBFORMAT: usize = 24;

/// How the frames of a file are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) encoding: Encoding,
    /// 1 or 2.
    pub(super) channels: u16,
    pub(super) sample_rate: u32,
}

impl Layout {
    /// The size of a frame in bytes; never 0.
    pub(super) fn frame_size(self) -> usize {
        usize::from(self.channels) * self.encoding.bytes()
    }

    /// How many bytes a second of it has.
    fn byte_rate(self) -> u64 {
        u64::from(self.sample_rate) * self.frame_size() as u64
    }
}

/// The layout that `chunk` describes, if papack reads it.
pub(super) fn read(chunk: Chunk<'_>, faults: &mut Faults<'_>) -> Option<Layout> {
    let Some(fields) = Fields::of(chunk) else {
        let size = chunk.body.len();
        faults.damaged(Code::WavInvalid, format!("{chunk} has {size} bytes; at least {BASE} are needed"));
        return None;
    };
    // All three are looked at before the first that is missing ends it, so that all their faults are reported.
    let encoding = fields.encoding(faults);
    let channels = fields.channels(faults);
    let sample_rate = fields.sample_rate(faults);
    let layout = Layout { encoding: encoding?, channels: channels?, sample_rate: sample_rate? };
    fields.check_redundant(layout, faults)?;
    Some(layout)
}

/// The part that every `fmt ` has.
struct Fields<'a> {
    chunk: Chunk<'a>,
    tag: u16,
    channels: u16,
    sample_rate: u32,
    byte_rate: u32,
    block_alignment: u16,
    bits: u16,
}

impl<'a> Fields<'a> {
    fn of(chunk: Chunk<'a>) -> Option<Self> {
        let body = chunk.body;
        Some(Self {
            chunk,
            tag: u16_at(body, TAG)?,
            channels: u16_at(body, CHANNELS)?,
            sample_rate: u32_at(body, SAMPLE_RATE)?,
            byte_rate: u32_at(body, BYTE_RATE)?,
            block_alignment: u16_at(body, BLOCK_ALIGNMENT)?,
            bits: u16_at(body, BITS)?,
        })
    }

    fn channels(&self, faults: &mut Faults<'_>) -> Option<u16> {
        let channels = self.channels;
        if (1..=MAX_CHANNELS).contains(&channels) {
            return Some(channels);
        }
        let byte = self.chunk.byte(CHANNELS);
        faults.push(
            Diagnostic::error(
                Code::WavUnsupported,
                format!("the file has {channels} channels (byte {byte}); 1 and 2 are allowed"),
            )
            .with_help("mix the sound to mono or stereo")
            .with_data(Data::limit(Some(channels.into()), 1, MAX_CHANNELS.into(), Unit::Channels)),
        );
        None
    }

    fn sample_rate(&self, faults: &mut Faults<'_>) -> Option<u32> {
        let rate = self.sample_rate;
        if (1..=MAX_SAMPLE_RATE).contains(&rate) {
            return Some(rate);
        }
        let byte = self.chunk.byte(SAMPLE_RATE);
        let message = format!("the sample rate is {rate} (byte {byte}); 1 to {MAX_SAMPLE_RATE} is allowed");
        faults.push(
            Diagnostic::error(Code::WavUnsupported, message)
                .with_help("resample the sound, as to 44100")
                .with_data(Data::range(rate.into(), 1, MAX_SAMPLE_RATE.into())),
        );
        None
    }

    fn encoding(&self, faults: &mut Faults<'_>) -> Option<Encoding> {
        let (tag, at) = match self.tag {
            TAG_EXTENSIBLE => (self.subformat(faults)?, SUBFORMAT),
            tag => (tag, TAG),
        };
        let (name, widths) = match (tag, self.bits) {
            (TAG_INTEGER, 8) => return Some(Encoding::U8),
            (TAG_INTEGER, 16) => return Some(Encoding::I16),
            (TAG_INTEGER, 24) => return Some(Encoding::I24),
            (TAG_INTEGER, 32) => return Some(Encoding::I32),
            (TAG_FLOAT, 32) => return Some(Encoding::F32),
            (TAG_INTEGER, _) => ("integer", "8, 16, 24 and 32"),
            (TAG_FLOAT, _) => ("float", "32"),
            _ => {
                faults.push(unsupported_tag(tag, self.chunk.byte(at)));
                return None;
            }
        };
        let (bits, byte) = (self.bits, self.chunk.byte(BITS));
        faults.error(
            Code::WavUnsupported,
            format!("the samples are {name} of {bits} bits (byte {byte}); {widths} are allowed"),
            SAVE_AS_PCM,
        );
        None
    }

    /// The tag that the extension stands for.
    fn subformat(&self, faults: &mut Faults<'_>) -> Option<u16> {
        let chunk = self.chunk;
        let Some(extension) = Extension::of(chunk) else {
            let size = chunk.body.len();
            faults.damaged(
                Code::WavInvalid,
                format!("{chunk} is extensible and has {size} bytes; at least {EXTENSIBLE} are needed"),
            );
            return None;
        };
        let size_is_valid = extension.size >= EXTENSION;
        if !size_is_valid {
            let (size, byte) = (extension.size, chunk.byte(EXTENSION_SIZE));
            faults.damaged(
                Code::WavInvalid,
                format!("the extension of the format has {size} bytes (byte {byte}); at least {EXTENSION} are needed"),
            );
        }
        let bits_are_valid = extension.valid_bits == self.bits;
        if !bits_are_valid {
            let (valid, bits, byte) = (extension.valid_bits, self.bits, chunk.byte(VALID_BITS));
            faults.error(
                Code::WavUnsupported,
                format!("{valid} bits of a sample are valid (byte {byte}); all {bits} have to be"),
                SAVE_AS_PCM,
            );
        }
        let tag = tag_of(extension.subformat);
        if tag.is_none() {
            let (subformat, byte) = (extension.subformat, chunk.byte(SUBFORMAT));
            faults.push(unsupported(&format!("the subformat {subformat} (byte {byte})")));
        }
        tag.filter(|_| size_is_valid && bits_are_valid)
    }

    /// Checks the fields that follow from the others.
    fn check_redundant(&self, layout: Layout, faults: &mut Faults<'_>) -> Option<()> {
        self.check_alignment(layout, faults)?;
        let implied = layout.byte_rate();
        if u64::from(self.byte_rate) != implied {
            let (rate, byte) = (self.byte_rate, self.chunk.byte(BYTE_RATE));
            faults.warning(
                Code::WavInconsistent,
                format!("the byte rate is {rate} (byte {byte}), but the sample rate makes it {implied}"),
            );
        }
        Some(())
    }

    /// Checks the size of a frame. One that could be true all the same is an error, since samples of 24 bits may lie in 4
    /// bytes each; unless the byte rate, which says it once more, agrees with the other fields.
    fn check_alignment(&self, layout: Layout, faults: &mut Faults<'_>) -> Option<()> {
        const WIDEST_SAMPLE: u16 = 8;
        let (alignment, frame_size) = (self.block_alignment, layout.frame_size());
        if usize::from(alignment) == frame_size {
            return Some(());
        }
        let (byte, bits, channels) = (self.chunk.byte(BLOCK_ALIGNMENT), self.bits, self.channels);
        let sample = alignment / channels;
        let may_be_true = alignment.is_multiple_of(channels)
            && usize::from(sample) > layout.encoding.bytes()
            && sample <= WIDEST_SAMPLE;
        if may_be_true && u64::from(self.byte_rate) != layout.byte_rate() {
            let message = format!(
                "the block alignment is {alignment} (byte {byte}), which is {sample} bytes a sample, but samples have \
                 {bits} bits; which of the two is true cannot be told"
            );
            let help = format!("export the sound again, such that samples of {bits} bits take no more bytes than that");
            faults.push(Diagnostic::error(Code::WavInvalid, message).with_help(help));
            return None;
        }
        let why = if may_be_true { "contradicts the byte rate" } else { "cannot be true" };
        faults.warning(
            Code::WavInconsistent,
            format!(
                "the block alignment is {alignment} (byte {byte}), which {why}: a frame of {channels} × {bits} bits \
                 has {frame_size} bytes, and that is taken"
            ),
        );
        Some(())
    }
}

/// The part of an extensible `fmt ` that papack reads. The channel mask is none of it.
struct Extension {
    size: u16,
    valid_bits: u16,
    subformat: Uuid,
}

impl Extension {
    fn of(chunk: Chunk<'_>) -> Option<Self> {
        let body = chunk.body;
        Some(Self {
            size: u16_at(body, EXTENSION_SIZE)?,
            valid_bits: u16_at(body, VALID_BITS)?,
            subformat: Uuid::from_bytes_le(*body.get(SUBFORMAT..EXTENSIBLE)?.first_chunk()?),
        })
    }
}

/// The tag in a subformat of the family that is made from tags.
fn tag_of(subformat: Uuid) -> Option<u16> {
    let (tag, 0x0000, 0x0010, [0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71]) = subformat.as_fields() else {
        return None;
    };
    u16::try_from(tag).ok()
}

fn unsupported_tag(tag: u16, byte: usize) -> Diagnostic {
    let name = match tag {
        0x0002 => " (Microsoft ADPCM)",
        0x0006 => " (A-law)",
        0x0007 => " (\u{b5}-law)",
        0x0011 => " (IMA ADPCM)",
        0x0031 => " (GSM 6.10)",
        0x0050 => " (MPEG)",
        0x0055 => " (MP3)",
        0x00FF => " (AAC)",
        0x0161 => " (Windows Media Audio)",
        0x674F..=0x6751 | 0x676F..=0x6771 => " (Vorbis)",
        0x704F => " (Opus)",
        0xF1AC => " (FLAC)",
        TAG_EXTENSIBLE => " (extensible)",
        _ => "",
    };
    unsupported(&format!("format tag {tag:#06X}{name} (byte {byte})"))
}

fn unsupported(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WavUnsupported, format!("{what} is not read")).with_help(SAVE_AS_PCM)
}
