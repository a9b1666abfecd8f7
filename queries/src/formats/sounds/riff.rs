//! The container: a strict reader of RIFF files of the form WAVE.

use super::walk::{Chunk, FIRST_CHUNK, HEADER, Walk, id_at, u32_at};
use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::Faults;
use crate::formats::foreign::Expected;
use crate::signature::{Media, Signature};

/// A WAVE, as against any other file.
pub(super) const WAVE: Expected = Expected {
    media: Media::Sound,
    format: "SOUNDS/pcm_v1",
    name: "WAVE",
    start: b"RIFF",
    start_name: "`RIFF`",
    code: Code::WavInvalid,
};

const EXPORT: &str = "open it in a sound editor and export it as WAV; renaming a file does not convert it";

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
    let size = faults.within(0..bytes.len().min(FIRST_CHUNK), |faults| open(bytes, faults))?;
    let mut walk = Walk::new(bytes, size);
    let mut chunks = Chunks::default();
    let mut broken = false;
    for step in walk.by_ref() {
        match step {
            Ok(chunk) => faults.within(chunk.range(), |faults| chunks.add(chunk, faults)),
            Err(fault) => {
                faults.push(fault);
                broken = true;
            }
        }
    }
    match chunks.data {
        Some(data) if data.is_unfinished() => walk.report_unfinished(data, faults),
        data => {
            walk.check_size(faults);
            if let Some(data) = data {
                walk.check_empty(data, faults);
            }
        }
    }
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
            let help = found.map_or_else(|| EXPORT.to_owned(), |found| found.advice(Media::Sound, faults.path()));
            faults.push(Diagnostic::error(Code::WavUnsupported, message).with_help(help));
            None
        }
        (container, _, _) if container != Some(*b"RIFF") => {
            WAVE.refuse(bytes, EXPORT, faults);
            None
        }
        _ => {
            let length = bytes.len();
            faults.damaged(
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
            Some(first) => faults.damaged(
                Code::WavInvalid,
                format!("{chunk} is one too many: there is one at byte {} already", first.at),
            ),
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
            faults.damaged(Code::WavInvalid, format!("{data} lies before {fmt}; it has to come after it"));
        }
    }
}
