//! AIFF and AIFC files whose samples are not compressed.

use std::ops::Range;

use super::fmt::{Layout, MAX_CHANNELS, MAX_SAMPLE_RATE};
use super::pcm::Encoding;
use super::uncompressed::Pcm;
use super::walk::id_at;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::{DAMAGED, Faults};

/// Size of a chunk's header, and of what stands before the first chunk.
const HEADER: usize = 8;
const FIRST_CHUNK: usize = 12;

// Where the fields are in `COMM`, and how much of it AIFF and AIFC have at least.
const CHANNELS: usize = 0;
const FRAMES: usize = 2;
const BITS: usize = 6;
const RATE: usize = 8;
const COMPRESSION: usize = 18;
const AIFF_COMM: usize = 18;
const AIFC_COMM: usize = 22;

/// What stands in `SSND` before the samples: an offset, and a block size.
const SSND_FIELDS: usize = 8;

const SAVE: &str = "save the sound as an AIFF without compression, or as a WAV";

/// A chunk: its identifier, where it begins in the file, and what is in it.
#[derive(Debug, Clone, Copy)]
struct Chunk<'a> {
    id: [u8; 4],
    at: usize,
    body: &'a [u8],
}

/// The samples of the AIFF or AIFC in `bytes`.
pub(super) fn read<'a>(bytes: &'a [u8], faults: &mut Faults<'_>) -> Option<Pcm<'a>> {
    let is_aifc = id_at(bytes, HEADER) == Some(*b"AIFC");
    let (comm, ssnd) = chunks(bytes, faults)?;
    let common = faults.within(comm.range(), |faults| Common::read(comm, is_aifc, faults))?;
    let offset = u32_at(ssnd.body, 0);
    let start = offset.and_then(|offset| SSND_FIELDS.checked_add(usize::try_from(offset).ok()?));
    let size = usize::try_from(common.frames).ok().and_then(|frames| frames.checked_mul(common.layout.frame_size()));
    let samples = start.zip(size).and_then(|(start, size)| Some((start, ssnd.body.get(start..)?.get(..size)?)));
    let Some((start, samples)) = samples else {
        let (frames, at, has) = (common.frames, ssnd.at, ssnd.body.len());
        let frame = common.layout.frame_size();
        let message = format!(
            "`COMM` tells of {frames} frames of {frame} bytes, but `SSND` (byte {at}) has {has} bytes, of which 8 are no \
             samples"
        );
        faults.within(ssnd.range(), |faults| faults.damaged(Code::AudioInvalid, message));
        return None;
    };
    Some(Pcm { layout: common.layout, samples, at: ssnd.at + HEADER + start })
}

/// The first `COMM` and the first `SSND`.
fn chunks<'a>(bytes: &'a [u8], faults: &mut Faults<'_>) -> Option<(Chunk<'a>, Chunk<'a>)> {
    let (mut comm, mut ssnd) = (None, None);
    let mut at = FIRST_CHUNK;
    while let (Some(id), Some(size)) = (id_at(bytes, at), u32_at(bytes, at.saturating_add(4))) {
        let rest = bytes.get(at + HEADER..).unwrap_or_default();
        let Some(body) = usize::try_from(size).ok().and_then(|size| rest.get(..size)) else {
            let id = id.escape_ascii();
            let message = format!(
                "the `{id}` chunk at byte {at} runs past the file: it has {size} bytes, and {} are left",
                rest.len()
            );
            let fault = Diagnostic::error(Code::AudioInvalid, message).with_help(DAMAGED);
            faults.push(fault.with_data(Data::mismatch(size, rest.len())));
            return None;
        };
        let place = match &id {
            b"COMM" => Some(&mut comm),
            b"SSND" => Some(&mut ssnd),
            _ => None,
        };
        if let Some(place @ None) = place {
            *place = Some(Chunk { id, at, body });
        }
        at += HEADER + body.len() + body.len() % 2;
    }
    for (id, is_missing) in [("COMM", comm.is_none()), ("SSND", ssnd.is_none())] {
        if is_missing {
            let fault = Diagnostic::error(Code::AudioInvalid, format!("the file has no `{id}` chunk"));
            faults.push(fault.with_help(DAMAGED).with_data(Data::missing(id)));
        }
    }
    comm.zip(ssnd)
}

/// What `COMM` says.
struct Common {
    layout: Layout,
    frames: u32,
}

impl Common {
    fn read(chunk: Chunk<'_>, is_aifc: bool, faults: &mut Faults<'_>) -> Option<Self> {
        let (body, least) = (chunk.body, if is_aifc { AIFC_COMM } else { AIFF_COMM });
        if body.len() < least {
            let message = format!("{} has {} bytes; at least {least} are needed", chunk.name(), body.len());
            faults.damaged(Code::AudioInvalid, message);
            return None;
        }
        let (channels, bits) = (u16_at(body, CHANNELS)?, u16_at(body, BITS)?);
        let compression = if is_aifc { id_at(body, COMPRESSION)? } else { *b"NONE" };
        // All are looked at before the first that is missing ends it, so that all their faults are reported.
        let encoding = encoding(compression, bits);
        if encoding.is_none() {
            let (id, byte) = (compression.escape_ascii(), chunk.byte(BITS));
            let message = format!("samples of {bits} bits (byte {byte}), compressed as `{id}`, are not read");
            faults.error(Code::AudioUnsupported, message, SAVE);
        }
        let is_few = (1..=MAX_CHANNELS).contains(&channels);
        if !is_few {
            let byte = chunk.byte(CHANNELS);
            let message = format!("the file has {channels} channels (byte {byte}); 1 and 2 are allowed");
            let fault = Diagnostic::error(Code::AudioUnsupported, message).with_help("mix the sound to mono or stereo");
            faults.push(fault.with_data(Data::limit(Some(channels.into()), 1, MAX_CHANNELS.into(), Unit::Channels)));
        }
        let rate = rate(body).filter(|rate| (1..=MAX_SAMPLE_RATE).contains(rate));
        if rate.is_none() {
            let byte = chunk.byte(RATE);
            let message = format!("the sample rate (byte {byte}) is none of 1 to {MAX_SAMPLE_RATE}");
            faults.error(Code::AudioUnsupported, message, "resample the sound, as to 44100");
        }
        let frames = u32_at(body, FRAMES)?;
        Some(Self {
            layout: Layout { encoding: encoding?, channels: Some(channels).filter(|_| is_few)?, sample_rate: rate? },
            frames,
        })
    }
}

impl Chunk<'_> {
    fn name(self) -> String {
        format!("the `{}` chunk at byte {}", self.id.escape_ascii(), self.at)
    }

    /// Where it is in the file, with its header.
    fn range(self) -> Range<usize> {
        self.at..self.at + HEADER + self.body.len()
    }

    /// Where in the file the byte at `offset` of the body is.
    fn byte(self, offset: usize) -> usize {
        self.at + HEADER + offset
    }
}

/// How samples are stored. Those of other widths than whole bytes are in the high bits of their bytes.
fn encoding(compression: [u8; 4], bits: u16) -> Option<Encoding> {
    match (&compression, bits.div_ceil(8)) {
        (b"NONE" | b"twos", 2) => Some(Encoding::I16Big),
        (b"NONE" | b"twos" | b"in24", 3) => Some(Encoding::I24Big),
        (b"NONE" | b"twos" | b"in32", 4) => Some(Encoding::I32Big),
        (b"NONE" | b"twos" | b"sowt", 1) => Some(Encoding::I8),
        (b"sowt", 2) => Some(Encoding::I16),
        (b"sowt", 3) => Some(Encoding::I24),
        (b"sowt", 4) => Some(Encoding::I32),
        (b"raw ", 1) => Some(Encoding::U8),
        (b"fl32" | b"FL32", 4) => Some(Encoding::F32Big),
        _ => None,
    }
}

/// The sample rate, an 80-bit float, rounded to the nearest integer, half up.
fn rate(comm: &[u8]) -> Option<u32> {
    let exponent = u16_at(comm, RATE)?;
    let mantissa = u64::from_be_bytes(*comm.get(RATE + 2..)?.first_chunk()?);
    // The mantissa is an integer below 2^64, of which so many bits are behind the point.
    let fraction = 16_383_u32 + 63 - u32::from(exponent).min(16_383 + 63);
    let rounded = match fraction {
        0 => mantissa,
        1..=64 => ((u128::from(mantissa) + (1_u128 << (fraction - 1))) >> fraction) as u64,
        _ => 0,
    };
    u32::try_from(rounded).ok()
}

/// The big-endian number at `offset`.
fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_be_bytes)
}

/// The big-endian number at `offset`.
fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_be_bytes)
}
