//! The container: a strict reader of RIFF files of the form WAVE.

use std::fmt;

use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::Faults;
use crate::formats::foreign::Expected;
use crate::signature::{Media, Signature};

/// A WAVE, as against any other file.
pub(super) const WAVE: Expected =
    Expected { media: Media::Sound, name: "WAVE", start: b"RIFF", start_name: "`RIFF`", code: Code::WavInvalid };

const EXPORT: &str = "open it in a sound editor and export it as WAV; renaming a file does not convert it";

/// Size of a chunk header: an identifier and the size of the body.
const HEADER: usize = 8;

/// Where the first chunk begins, after the RIFF header and the form type.
const FIRST_CHUNK: usize = 12;

/// A chunk of a RIFF file. Displayed, it names itself and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    id: [u8; 4],
    /// Where the chunk's header begins in the file.
    at: usize,
    /// The chunk without header and padding.
    pub(super) body: &'a [u8],
}

impl Chunk<'_> {
    /// Where in the file the byte at `offset` of the body is.
    pub(super) fn byte(self, offset: usize) -> usize {
        self.at + HEADER + offset
    }
}

impl fmt::Display for Chunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the `{}` chunk at byte {}", self.id.escape_ascii(), self.at)
    }
}

/// The chunks that papack knows.
#[derive(Debug, Default)]
pub(super) struct Chunks<'a> {
    /// The first `fmt `.
    pub(super) fmt: Option<Chunk<'a>>,
    /// The first `data`.
    pub(super) data: Option<Chunk<'a>>,
    /// Every `smpl`, in file order.
    pub(super) smpl: Vec<Chunk<'a>>,
}

/// The chunks of a WAVE file; nothing when the file is none. Whether the set of chunks is complete, and in order,
/// is checked, and a fault is reported, but what there is can still be looked at.
pub(super) fn read<'a>(bytes: &'a [u8], faults: &mut Faults<'_>) -> Option<Chunks<'a>> {
    let size = open(bytes, faults)?;
    let mut walk = Walk::new(bytes, size);
    let mut chunks = Chunks::default();
    let mut broken = false;
    for step in walk.by_ref() {
        match step {
            Ok(chunk) => chunks.add(chunk, faults),
            Err(fault) => {
                faults.push(fault);
                broken = true;
            }
        }
    }
    walk.check_size(faults);
    // Behind a chunk that runs past the file nothing can be found, so nothing there can be missed either.
    if !broken {
        chunks.check_presence(&walk, faults);
    }
    chunks.check_order(faults);
    Some(chunks)
}

/// Checks that `bytes` are a RIFF/WAVE file and returns the size that the RIFF header declares.
fn open(bytes: &[u8], faults: &mut Faults<'_>) -> Option<u32> {
    let container = id_at(bytes, 0);
    let form = id_at(bytes, HEADER);
    if let Some(name) = container.and_then(|id| foreign(&id)) {
        faults.push(
            Diagnostic::error(Code::WavUnsupported, format!("the file is {name}; only RIFF is read"))
                .with_help("save the sound as an ordinary WAVE file"),
        );
        return None;
    }
    match (container, u32_at(bytes, 4), form) {
        (Some([b'R', b'I', b'F', b'F']), Some(size), Some([b'W', b'A', b'V', b'E'])) => Some(size),
        (Some([b'R', b'I', b'F', b'F']), _, Some(form)) => {
            let found = Signature::of(bytes).filter(|found| !found.is_plain_text());
            let is = found.map_or(String::new(), |found| format!(", {}", found.name));
            let form = form.escape_ascii();
            let message = format!("the file is RIFF of the form `{form}` (byte {HEADER}){is}; only `WAVE` is read");
            let help = found.map_or(EXPORT, |found| found.advice(Media::Sound));
            faults.push(Diagnostic::error(Code::WavUnsupported, message).with_help(help));
            None
        }
        (container, _, _) if container != Some(*b"RIFF") => {
            WAVE.refuse(bytes, EXPORT, faults);
            None
        }
        _ => {
            let length = bytes.len();
            faults.error(
                Code::WavInvalid,
                format!("the file has {length} bytes; a WAVE begins with a header of {FIRST_CHUNK}"),
            );
            None
        }
    }
}

/// The name of a container that is related to RIFF but built differently.
fn foreign(id: &[u8; 4]) -> Option<&'static str> {
    match id {
        b"RF64" => Some("RF64 (64-bit RIFF)"),
        b"BW64" => Some("BW64 (64-bit RIFF)"),
        b"RIFX" => Some("RIFX (big-endian RIFF)"),
        b"FFIR" => Some("FFIR (big-endian RIFF)"),
        _ => None,
    }
}

impl<'a> Chunks<'a> {
    fn add(&mut self, chunk: Chunk<'a>, faults: &mut Faults<'_>) {
        let place = match &chunk.id {
            b"fmt " => &mut self.fmt,
            b"data" => &mut self.data,
            b"smpl" => return self.smpl.push(chunk),
            _ => return,
        };
        match place {
            None => *place = Some(chunk),
            Some(first) => faults
                .error(Code::WavInvalid, format!("{chunk} is one too many: there is one at byte {} already", first.at)),
        }
    }

    fn check_presence(&self, walk: &Walk<'_>, faults: &mut Faults<'_>) {
        for (id, found) in [("fmt ", self.fmt), ("data", self.data)] {
            if found.is_none() {
                faults.push(walk.missing(id));
            }
        }
    }

    fn check_order(&self, faults: &mut Faults<'_>) {
        if let (Some(fmt), Some(data)) = (self.fmt, self.data)
            && data.at < fmt.at
        {
            faults.error(Code::WavInvalid, format!("{data} lies before {fmt}; it has to come after it"));
        }
    }
}

/// Goes from chunk to chunk, and ends at the first that runs past the file.
struct Walk<'a> {
    bytes: &'a [u8],
    /// The end of the RIFF chunk, as declared.
    end: u64,
    /// Where the next chunk would begin. Beyond the file only if that ends where a pad byte should be.
    at: usize,
    broken: bool,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], size: u32) -> Self {
        Self { bytes, end: HEADER as u64 + u64::from(size), at: FIRST_CHUNK, broken: false }
    }

    /// Reports a declared size that is not the file's.
    fn check_size(&self, faults: &mut Faults<'_>) {
        let length = self.bytes.len() as u64;
        // A file that lacks only its last pad byte is one byte shorter than a header that counts it says.
        let unpadded = self.end == self.at as u64 && self.end == length + 1;
        if self.end != length && !unpadded {
            faults.warning(
                Code::WavInconsistent,
                format!("the RIFF size (byte 4) makes the file end at byte {}, but it has {length} bytes", self.end),
            );
        }
    }

    /// The fault that no chunk `id` was found.
    fn missing(&self, id: &str) -> Diagnostic {
        let length = self.bytes.len();
        let fault = Diagnostic::error(Code::WavInvalid, format!("the file has no `{id}` chunk"));
        if self.end < length as u64 {
            fault.with_help(format!(
                "chunks are only read up to byte {} of {length}, where the RIFF size (byte 4) ends them",
                self.end
            ))
        } else {
            fault
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Chunk<'a>, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        let header_end = self.at.checked_add(HEADER)?;
        // The header has to lie before the RIFF end; the body need not.
        if self.broken || header_end as u64 > self.end {
            return None;
        }
        let at = self.at;
        let rest = self.bytes.get(header_end..)?;
        let id = id_at(self.bytes, at)?;
        let size = u32_at(self.bytes, at + 4)?;
        match usize::try_from(size).ok().and_then(|size| rest.get(..size)) {
            Some(body) => {
                self.at = header_end + body.len() + body.len() % 2;
                Some(Ok(Chunk { id, at, body }))
            }
            None => {
                self.broken = true;
                Some(Err(overrun(Chunk { id, at, body: rest }, size)))
            }
        }
    }
}

/// The fault that `chunk` should have `size` bytes, more than the file has.
fn overrun(chunk: Chunk<'_>, size: u32) -> Diagnostic {
    let message = format!("{chunk} runs past the file: it has {size} bytes, and {} are left", chunk.body.len());
    Diagnostic::error(Code::WavInvalid, message)
}

/// The identifier at `offset`.
fn id_at(bytes: &[u8], offset: usize) -> Option<[u8; 4]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// The little-endian number at `offset`.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// The little-endian number at `offset`.
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}
