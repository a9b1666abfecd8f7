//! From chunk to chunk: where each begins and ends, also where its size was never written.

use std::fmt;
use std::ops::Range;

use super::unfinished::{are_chunks, is_stand_in};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::{DAMAGED, Faults};

/// Size of a chunk header: an identifier and the size of the body.
pub(super) const HEADER: usize = 8;

/// Where the first chunk begins, after the RIFF header and the form type.
pub(super) const FIRST_CHUNK: usize = 12;

/// A chunk of a RIFF file. Displayed, it names itself and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) id: [u8; 4],
    /// Where the chunk's header begins in the file.
    pub(super) at: usize,
    /// The size that its header says.
    size: u32,
    /// The chunk without header and padding.
    pub(super) body: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// A chunk of which only the `body` is known, not its place.
    pub(super) fn whole(id: [u8; 4], body: &'a [u8]) -> Option<Self> {
        Some(Self { id, at: 0, size: u32::try_from(body.len()).ok()?, body })
    }
}

impl Chunk<'_> {
    /// Whether its size was never written, so that it goes to the end of the file.
    pub(super) fn is_unfinished(self) -> bool {
        u32::try_from(self.body.len()) != Ok(self.size)
    }

    /// Where it is in the file, with its header.
    pub(super) fn range(self) -> Range<usize> {
        self.at..self.at + HEADER + self.body.len()
    }

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

/// Goes from chunk to chunk, and ends at the first that runs past the file.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    /// The RIFF size.
    size: u32,
    /// The end of the RIFF chunk, as declared; that of the file where nothing is declared.
    end: u64,
    /// Where the next chunk would begin. Beyond the file only if that ends where a pad byte should be.
    at: usize,
    /// Whether there was a `data`.
    has_data: bool,
    broken: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], size: u32) -> Self {
        let end = if size == 0 { bytes.len() as u64 } else { HEADER as u64 + u64::from(size) };
        Self { bytes, size, end, at: FIRST_CHUNK, has_data: false, broken: false }
    }

    /// Whether the RIFF size was never written, given where the samples begin: it is none, or that of a file without
    /// samples.
    fn is_unfinished(&self, samples: usize) -> bool {
        let length = self.bytes.len() as u64;
        self.size == 0 || self.end > length && is_stand_in(self.size) || self.end == samples as u64
    }

    /// Whether `chunk`, a `data` whose body is here all that follows, has a size that was never written.
    fn is_data_unfinished(&self, chunk: Chunk<'_>) -> bool {
        let rest = chunk.body;
        match usize::try_from(chunk.size) {
            Ok(0) => !rest.is_empty() && self.is_unfinished(chunk.byte(0)) && !are_chunks(rest),
            Ok(size) if size <= rest.len() => false,
            _ => is_stand_in(chunk.size),
        }
    }

    /// Reports that `data` goes to the end of the file.
    pub(super) fn report_unfinished(&self, data: Chunk<'_>, faults: &mut Faults<'_>) {
        let (size, length) = (data.size, data.body.len());
        let message = format!(
            "the size of {data} was never written: it is {size}, and the {length} bytes up to the end of the file are \
             taken for it"
        );
        let help = "the recorder was cut short, or wrote to a pipe: listen to the end, and export it again if something is \
                    missing";
        faults.push(Diagnostic::warning(Code::WavInconsistent, message).with_help(help).with_data(size_of(data)));
        if !self.is_unfinished(data.byte(0)) {
            self.check_size(faults);
        }
    }

    /// Reports a `data` of no size that is followed by something other than chunks.
    pub(super) fn check_empty(&self, data: Chunk<'_>, faults: &mut Faults<'_>) {
        let end = usize::try_from(self.end).map_or(self.bytes.len(), |end| end.min(self.bytes.len()));
        let rest = self.bytes.get(data.byte(0)..end).unwrap_or_default();
        if data.size == 0 && !rest.is_empty() && !are_chunks(rest) {
            let message = format!("{data} has size 0, and {} bytes follow that are no chunks", rest.len());
            let help = "if these are the samples, export the sound again: papack takes it for one without samples";
            let fault = Diagnostic::warning(Code::WavInconsistent, message).with_help(help);
            faults.push(fault.with_data(size_of(data)));
        }
    }

    /// Reports a declared size that is not the file's.
    pub(super) fn check_size(&self, faults: &mut Faults<'_>) {
        let length = self.bytes.len() as u64;
        if self.size == 0 {
            let message = format!("the RIFF size (byte 4) is 0, but the file has {length} bytes; all of them are read");
            let data = Data::mismatch(0, length.saturating_sub(HEADER as u64));
            return faults.push(Diagnostic::warning(Code::WavInconsistent, message).with_data(data));
        }
        // A file that lacks only its last pad byte is one byte shorter than a header that counts it says.
        let unpadded = self.end == self.at as u64 && self.end == length + 1;
        if self.end != length && !unpadded {
            let message =
                format!("the RIFF size (byte 4) makes the file end at byte {}, but it has {length} bytes", self.end);
            let data = Data::mismatch(self.size, length.saturating_sub(HEADER as u64));
            faults.push(Diagnostic::warning(Code::WavInconsistent, message).with_data(data));
        }
    }

    /// The fault that no chunk `id` was found.
    pub(super) fn missing(&self, id: &str) -> Diagnostic {
        let length = self.bytes.len();
        let fault = Diagnostic::error(Code::WavInvalid, format!("the file has no `{id}` chunk"));
        let fault = fault.with_data(Data::missing(id));
        if self.end < length as u64 {
            fault.with_help(format!(
                "chunks are only read up to byte {} of {length}, where the RIFF size (byte 4) ends them: export the \
                 sound again",
                self.end
            ))
        } else {
            fault.with_help(DAMAGED)
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
        let rest = self.bytes.get(header_end..)?;
        let chunk =
            Chunk { id: id_at(self.bytes, self.at)?, at: self.at, size: u32_at(self.bytes, self.at + 4)?, body: rest };
        if chunk.id == *b"data" && !std::mem::replace(&mut self.has_data, true) && self.is_data_unfinished(chunk) {
            self.at = self.bytes.len();
            return Some(Ok(chunk));
        }
        match usize::try_from(chunk.size).ok().and_then(|size| rest.get(..size)) {
            Some(body) => {
                self.at = header_end + body.len() + body.len() % 2;
                Some(Ok(Chunk { body, ..chunk }))
            }
            None => {
                self.broken = true;
                Some(Err(overrun(chunk)))
            }
        }
    }
}

/// The fault that `chunk` should have more bytes than the file has.
fn overrun(chunk: Chunk<'_>) -> Diagnostic {
    let (size, left) = (chunk.size, chunk.body.len());
    let message = format!("{chunk} runs past the file: it has {size} bytes, and {left} are left");
    let data = Data::mismatch(size, left);
    Diagnostic::error(Code::WavInvalid, message).with_help(DAMAGED).with_data(data)
}

/// The size that the header of `chunk` says, and the one that there is.
fn size_of(chunk: Chunk<'_>) -> Data {
    Data::mismatch(chunk.size, chunk.body.len())
}

/// The identifier at `offset`.
pub(super) fn id_at(bytes: &[u8], offset: usize) -> Option<[u8; 4]> {
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
