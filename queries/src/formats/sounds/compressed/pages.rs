//! The pages of an Ogg file. The decoder goes on behind what is damaged, and leaves it out; here it is an error.

use std::ops::Range;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::{DAMAGED, Faults};

const START: &[u8] = b"OggS";

// Where the fields of a page are, and how long it is without the sizes of its segments.
const FLAGS: usize = 5;
const SERIAL: usize = 14;
const SEQUENCE: usize = 18;
const CHECKSUM: Range<usize> = 22..26;
const SEGMENTS: usize = 26;
const HEADER: usize = 27;

/// The flag of the last page of a stream.
const IS_LAST: u8 = 4;

const CONVERT: &str = "save the sound as Ogg Vorbis, FLAC or WAV, without anything else in the file, as by `ffmpeg -i in.ogg \
                       -map 0:a:0 out.flac`";

/// The part of `bytes` that is one stream of Ogg, from its first page to its last. What begins the stream tells its kind,
/// which has to be one that is read.
pub(super) fn check<'b>(bytes: &'b [u8], faults: &mut Faults<'_>) -> Option<&'b [u8]> {
    let first = Page::at(bytes, 0, faults)?;
    if let Some(name) = foreign(&bytes[first.body.clone()]) {
        faults.error(Code::AudioUnsupported, format!("the Ogg begins with {name}, which is not read"), CONVERT);
        return None;
    }
    let mut page = first.clone();
    while !page.is_last {
        let at = page.body.end;
        if at == bytes.len() {
            let message = "the Ogg has no last page: it was probably cut short, and what there is of it is taken";
            faults.push(Diagnostic::warning(Code::AudioInconsistent, message).with_help(DAMAGED));
            return Some(bytes);
        }
        let next = Page::at(bytes, at, faults)?;
        if next.serial != first.serial {
            let message = format!("the Ogg has a second stream (byte {at}); files of one are read");
            faults.error(Code::AudioUnsupported, message, CONVERT);
            return None;
        }
        if next.sequence != page.sequence.wrapping_add(1) {
            let (found, before) = (next.sequence, page.sequence);
            let message =
                format!("page {found} of the Ogg (byte {at}) follows page {before}: what was between is lost");
            let fault = Diagnostic::error(Code::AudioInvalid, message).with_help(DAMAGED);
            faults.push(fault.with_data(Data::mismatch(found, before.wrapping_add(1))));
            return None;
        }
        page = next;
    }
    let (stream, rest) = bytes.split_at(page.body.end);
    if rest.starts_with(START) {
        let message = format!("the Ogg has a second stream (byte {}); files of one are read", stream.len());
        faults.error(Code::AudioUnsupported, message, CONVERT);
        return None;
    }
    if !rest.is_empty() {
        let (count, at) = (rest.len(), stream.len());
        faults.warning(
            Code::AudioInconsistent,
            format!("{count} bytes follow the end of the Ogg (byte {at}); they are ignored"),
        );
    }
    Some(stream)
}

/// The name of what a stream holds that begins with `body`, if it is known and not read.
fn foreign(body: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 5] = [
        (b"OpusHead", "Opus"),
        (b"Speex   ", "Speex"),
        (b"\x80theora", "a video (Theora)"),
        (b"fishead\0", "an index of several streams (Skeleton)"),
        (b"BBCD\0", "a video (Dirac)"),
    ];
    kinds.into_iter().find(|(start, _)| body.starts_with(start)).map(|(_, name)| name)
}

#[derive(Clone)]
struct Page {
    serial: u32,
    sequence: u32,
    is_last: bool,
    /// Where its contents are.
    body: Range<usize>,
}

impl Page {
    /// The page at `at`, if it is whole.
    fn at(bytes: &[u8], at: usize, faults: &mut Faults<'_>) -> Option<Self> {
        let damaged = |what: &str, faults: &mut Faults<'_>| {
            faults.within(at..(at + HEADER).min(bytes.len()), |faults| {
                faults.damaged(Code::AudioInvalid, format!("the page of the Ogg at byte {at} {what}"));
            });
        };
        let rest = &bytes[at..];
        if !rest.starts_with(&START[..rest.len().min(START.len())]) {
            damaged("does not begin with `OggS`", faults);
            return None;
        }
        let Some((header, sizes, body)) = split(rest) else {
            damaged("runs past the end of the file", faults);
            return None;
        };
        let expected = u32_at(header, CHECKSUM.start);
        if checksum([&header[..CHECKSUM.start], &[0; 4], &header[CHECKSUM.end..], sizes, body]) != expected {
            damaged("has a wrong checksum", faults);
            return None;
        }
        let start = at + HEADER + sizes.len();
        Some(Self {
            serial: u32_at(header, SERIAL),
            sequence: u32_at(header, SEQUENCE),
            is_last: header[FLAGS] & IS_LAST != 0,
            body: start..start + body.len(),
        })
    }
}

/// The header of the page at the start of `bytes`, the sizes of its segments, and its contents.
fn split(bytes: &[u8]) -> Option<(&[u8; HEADER], &[u8], &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let (sizes, rest) = rest.split_at_checked(header[SEGMENTS].into())?;
    let size = sizes.iter().copied().map(usize::from).sum();
    Some((header, sizes, rest.get(..size)?))
}

fn u32_at(header: &[u8; HEADER], at: usize) -> u32 {
    header[at..].first_chunk().copied().map_or(0, u32::from_le_bytes)
}

/// The CRC of Ogg, which has the polynomial 0x04c11db7, and neither begins nor ends with all bits set.
fn checksum(parts: [&[u8]; 5]) -> u32 {
    parts.into_iter().flatten().fold(0, |sum: u32, byte| sum << 8 ^ REMAINDERS[usize::from((sum >> 24) as u8 ^ byte)])
}

/// What each value of a byte adds to the checksum.
static REMAINDERS: [u32; 256] = {
    let mut remainders = [0; 256];
    let mut value = 0;
    while value < 256 {
        let mut remainder = (value as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            remainder = if remainder >> 31 == 1 { remainder << 1 ^ 0x04c1_1db7 } else { remainder << 1 };
            bit += 1;
        }
        remainders[value] = remainder;
        value += 1;
    }
    remainders
};
