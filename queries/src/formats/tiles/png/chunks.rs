//! The chunks of a PNG file: their order, sizes and checksums.

use flate2::Crc;

use super::{ColourType, Header, Piece, Png};
use std::ops::Range;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::formats::foreign::Expected;
use crate::signature::Media;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// A PNG, as against any other file.
pub(in super::super) const PNG: Expected = Expected {
    media: Media::Picture,
    format: "TILES/indexed_v1",
    name: "PNG",
    start: &SIGNATURE,
    start_name: "its signature",
    code: Code::PngInvalid,
};

/// The longest chunk that PNG allows.
const MAX_LENGTH: u32 = (1 << 31) - 1;

/// How many bytes hold the signature and `IHDR`.
pub(in super::super) const HEAD: usize = SIGNATURE.len() + 8 + 13 + 4;

/// The header of the file that begins with `head`, where it can be trusted.
pub(in super::super) fn parse_header(head: &[u8]) -> Option<Header> {
    if !head.starts_with(&SIGNATURE) {
        return None;
    }
    let chunk = Chunks { bytes: head, offset: SIGNATURE.len() }.next().ok()?;
    header(&chunk, &mut Faults::new("")).ok()?
}

/// Whether these are the bytes of a PNG.
pub(in super::super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// Takes a file apart. What is wrong goes to `faults`; the result is then good for size checks only, and absent
/// where `IHDR` cannot be trusted.
pub(in super::super) fn parse<'a>(bytes: &'a [u8], faults: &mut Faults<'_>) -> Option<Png<'a>> {
    if !is_png(bytes) {
        let help = "open it in a picture editor and export it as PNG; renaming a file does not convert it";
        PNG.refuse(bytes, help, faults);
        return None;
    }
    let mut chunks = Chunks { bytes, offset: SIGNATURE.len() };
    let first = SIGNATURE.len()..bytes.len().min(HEAD);
    let header = faults.within(first.clone(), |faults| chunks.next().and_then(|chunk| header(&chunk, faults)));
    let mut walk = match header {
        Ok(Some(header)) => {
            let png = Png { header, palette: None, transparency: None, data: Vec::new() };
            Walk { png, faults, in_data: false, bytes: first }
        }
        Ok(None) => return None,
        Err(fault) => {
            faults.within(first, |faults| faults.damaged(Code::PngInvalid, fault));
            return None;
        }
    };
    loop {
        let start = chunks.offset;
        match chunks.next() {
            Ok(chunk) => {
                walk.bytes = start..chunks.offset;
                walk.chunk(&chunk);
                if &chunk.kind == b"IEND" {
                    break;
                }
            }
            Err(fault) => {
                walk.bytes = start..bytes.len();
                walk.invalid(fault);
                return Some(walk.png);
            }
        }
    }
    let (offset, rest) = (chunks.offset, bytes.len() - chunks.offset);
    if rest > 0 {
        let message = format!("the bytes after IEND are ignored: {rest}, from byte {offset}");
        let data = Data::bytes(offset, bytes.len());
        walk.faults.push(Diagnostic::warning(Code::PngTrailingBytes, message).with_data(data));
    }
    Some(walk.png)
}

struct Chunk<'a> {
    /// Where its length field begins.
    offset: usize,
    kind: [u8; 4],
    data: &'a [u8],
    stored_crc: u32,
}

impl Chunk<'_> {
    /// The type as text: ASCII letters, as was checked.
    fn name(&self) -> String {
        self.kind.iter().copied().map(char::from).collect()
    }

    fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }

    /// What is wrong with the checksum, if anything.
    fn crc_fault(&self) -> Option<String> {
        let mut crc = Crc::new();
        crc.update(&self.kind);
        crc.update(self.data);
        let (stored, actual) = (self.stored_crc, crc.sum());
        (stored != actual).then(|| {
            let (name, offset) = (self.name(), self.offset);
            format!("the CRC of the {name} chunk at byte {offset} is wrong: 0x{stored:08x}, not 0x{actual:08x}")
        })
    }
}

/// The chunks of a file, one after the other.
struct Chunks<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Chunks<'a> {
    /// The next chunk, or why none can be read.
    fn next(&mut self) -> Result<Chunk<'a>, String> {
        let offset = self.offset;
        let rest = self.bytes.get(offset..).unwrap_or_default();
        if rest.is_empty() {
            return Err(format!("the file ends at byte {offset} without an IEND chunk"));
        }
        let Some((&[l0, l1, l2, l3, k0, k1, k2, k3], body)) = rest.split_first_chunk::<8>() else {
            return Err(format!("the chunk at byte {offset} is cut off after {} bytes", rest.len()));
        };
        let (length, kind) = (u32::from_be_bytes([l0, l1, l2, l3]), [k0, k1, k2, k3]);
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(format!("the type of the chunk at byte {offset} is not four ASCII letters: {kind:02x?}"));
        }
        let name = kind.map(char::from).iter().collect::<String>();
        if length > MAX_LENGTH {
            return Err(format!("the length of the {name} chunk at byte {offset}, {length}, is above {MAX_LENGTH}"));
        }
        let parts = usize::try_from(length).ok().and_then(|length| body.split_at_checked(length));
        let Some((data, Some(crc))) = parts.map(|(data, after)| (data, after.first_chunk::<4>())) else {
            let needed = u64::from(length) + 12;
            return Err(format!(
                "the {name} chunk at byte {offset} runs past the end of the file: {needed} bytes, where {} remain",
                rest.len()
            ));
        };
        self.offset += data.len() + 12;
        Ok(Chunk { offset, kind, data, stored_crc: u32::from_be_bytes(*crc) })
    }
}

/// Reads the first chunk. `None` where it is an `IHDR` with faults, which are in `faults` then.
fn header(chunk: &Chunk<'_>, faults: &mut Faults<'_>) -> Result<Option<Header>, String> {
    let offset = chunk.offset;
    if &chunk.kind != b"IHDR" {
        return Err(format!("the first chunk, at byte {offset}, is {}, not IHDR", chunk.name()));
    }
    if let Some(fault) = chunk.crc_fault() {
        return Err(fault);
    }
    let Ok(&[w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, compression, filter, interlace]) =
        <&[u8; 13]>::try_from(chunk.data)
    else {
        return Err(format!("the IHDR chunk at byte {offset} has {} bytes, not 13", chunk.data.len()));
    };
    for (name, value, max) in
        [("compression method", compression, 0), ("filter method", filter, 0), ("interlace method", interlace, 1)]
    {
        if value > max {
            faults.damaged(Code::PngInvalid, format!("the IHDR chunk at byte {offset} has an unknown {name}: {value}"));
        }
    }
    let Some(colour) = ColourType::new(colour).filter(|colour| colour.allows(depth)) else {
        return Err(format!("the IHDR chunk at byte {offset} has colour type {colour} with depth {depth}"));
    };
    if faults.has_error() {
        return Ok(None);
    }
    if depth == 16 {
        let message = format!("the picture has 16 bits a channel (IHDR chunk at byte {offset}); up to 8 are read");
        faults.push(Diagnostic::error(Code::PngUnsupported, message).with_help("export it with 8 bits a channel"));
    }
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    Ok(Some(Header { width, height, depth, colour, interlaced: interlace == 1 }))
}

/// The state after some of the chunks.
struct Walk<'a, 'f, 'l> {
    png: Png<'a>,
    faults: &'f mut Faults<'l>,
    /// Whether the last chunk was an `IDAT`.
    in_data: bool,
    /// The bytes of the chunk at hand.
    bytes: Range<usize>,
}

impl<'a> Walk<'a, '_, '_> {
    fn invalid(&mut self, message: impl Into<String>) {
        self.faults.within(self.bytes.clone(), |faults| faults.damaged(Code::PngInvalid, message));
    }

    /// Takes in a chunk after `IHDR`.
    fn chunk(&mut self, chunk: &Chunk<'a>) {
        let offset = chunk.offset;
        if (chunk.is_critical() || &chunk.kind == b"tRNS")
            && let Some(fault) = chunk.crc_fault()
        {
            self.invalid(fault);
        }
        match &chunk.kind {
            b"IHDR" => self.invalid(format!("a second IHDR chunk at byte {offset}")),
            b"PLTE" => self.palette(chunk),
            b"tRNS" => self.transparency(chunk),
            b"IDAT" => self.data(chunk),
            b"IEND" => self.end(chunk),
            b"acTL" => {
                let message = format!("the picture is animated (acTL chunk at byte {offset}); animations are not read");
                let fault = Diagnostic::error(Code::PngUnsupported, message);
                let data = Data::bytes(self.bytes.start, self.bytes.end);
                self.faults.push(fault.with_help("export its frames one by one").with_data(data));
            }
            _ if chunk.is_critical() => {
                self.invalid(format!("an unknown critical chunk, {}, at byte {offset}", chunk.name()));
            }
            _ => {}
        }
        self.in_data = &chunk.kind == b"IDAT";
    }

    fn palette(&mut self, chunk: &Chunk<'a>) {
        let Header { colour, depth, .. } = self.png.header;
        let offset = chunk.offset;
        if matches!(colour, ColourType::Grey | ColourType::GreyAlpha) {
            return self.invalid(format!("a misplaced PLTE chunk at byte {offset}: grey images have no palette"));
        }
        if self.png.palette.is_some() {
            return self.invalid(format!("a second PLTE chunk at byte {offset}"));
        }
        if !self.png.data.is_empty() {
            self.invalid(format!("a misplaced PLTE chunk at byte {offset}, after IDAT"));
        }
        if self.png.transparency.is_some() {
            self.invalid(format!("a misplaced PLTE chunk at byte {offset}, after tRNS"));
        }
        let max = if colour == ColourType::Indexed { 1 << depth } else { 256 };
        let length = chunk.data.len();
        if !length.is_multiple_of(3) || length == 0 || length / 3 > max {
            let message =
                format!("the PLTE chunk at byte {offset} has {length} bytes, not 3 for each of 1 to {max} colours");
            self.invalid(message);
        }
        self.png.palette = Some(chunk.data);
    }

    fn transparency(&mut self, chunk: &Chunk<'a>) {
        let offset = chunk.offset;
        let (min, max) = match self.png.header.colour {
            ColourType::Grey => (2, 2),
            ColourType::Rgb => (6, 6),
            // Without a palette so far the place is wrong, and no size is right or wrong.
            ColourType::Indexed => (1, self.png.palette.map_or(256, |palette| palette.len() / 3)),
            ColourType::GreyAlpha | ColourType::Rgba => {
                let message = format!("a misplaced tRNS chunk at byte {offset}: the image has an alpha channel");
                return self.invalid(message);
            }
        };
        if self.png.transparency.is_some() {
            return self.invalid(format!("a second tRNS chunk at byte {offset}"));
        }
        if !self.png.data.is_empty() {
            self.invalid(format!("a misplaced tRNS chunk at byte {offset}, after IDAT"));
        }
        if self.png.header.colour == ColourType::Indexed && self.png.palette.is_none() {
            self.invalid(format!("a misplaced tRNS chunk at byte {offset}: no PLTE comes before it"));
        }
        let length = chunk.data.len();
        if length < min || length > max {
            let allowed = if min == max { format!("{min}") } else { format!("{min} to {max}") };
            self.invalid(format!("the tRNS chunk at byte {offset} has {length} bytes, not {allowed}"));
        }
        self.png.transparency = Some(chunk.data);
    }

    fn data(&mut self, chunk: &Chunk<'a>) {
        let offset = chunk.offset;
        if self.png.data.is_empty() {
            if self.png.header.colour == ColourType::Indexed && self.png.palette.is_none() {
                self.invalid(format!("no PLTE chunk before the first IDAT chunk, at byte {offset}"));
            }
        } else if !self.in_data {
            self.invalid(format!("the IDAT chunk at byte {offset} does not follow the one before at once"));
        }
        // The content begins after length and type.
        self.png.data.push(Piece { offset: offset + 8, bytes: chunk.data });
    }

    fn end(&mut self, chunk: &Chunk<'a>) {
        let offset = chunk.offset;
        if !chunk.data.is_empty() {
            self.invalid(format!("the IEND chunk at byte {offset} has {} bytes, not 0", chunk.data.len()));
        }
        if self.png.data.is_empty() {
            self.invalid(format!("no IDAT chunk before the IEND chunk at byte {offset}"));
        }
    }
}
