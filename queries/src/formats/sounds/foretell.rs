//! What a bank of sounds will be, told from the headers of their chunks.

use std::borrow::Cow;

use super::metadata::{Loops, Metadata, Sample, Sound, sample_name};
use super::options::Options;
use super::walk::{Chunk, FIRST_CHUNK, HEADER, id_at, u32_at};
use super::{fmt, riff, smpl};
use crate::content::{ContentId, ContentStore};
use crate::formats::faults::Faults;
use crate::formats::payload;
use crate::formats::source::FileOutline;

/// How many chunks of a file are looked at.
const MAX_CHUNKS: usize = 64;

/// Bytes of the longest `fmt ` or `smpl` that is looked at.
const MAX_BODY: usize = 1024;

/// What [`Format::foretell`](crate::formats::Format::foretell) tells of `files`. The samples are not looked at.
pub(in super::super) fn foretell(
    options: Options,
    files: &[FileOutline<'_>],
    content: &dyn ContentStore,
) -> Option<(u64, Box<str>)> {
    if !options.converts_nothing() {
        return None;
    }
    let mut offset = 0_u64;
    let mut samples = Vec::with_capacity(files.len());
    for file in files {
        let sound = foretell_sound(options.loops, file.content?, content)?;
        samples.push(Sample { name: Cow::Borrowed(sample_name(file.path)), offset, sound });
        offset = offset.checked_add(sound.bytes())?;
    }
    Some((offset, payload::metadata(&Metadata { samples })))
}

/// The sound in the WAVE file `id`, by the headers of its chunks. What another file becomes shows when it is decoded.
fn foretell_sound(loops: Loops, id: ContentId, content: &dyn ContentStore) -> Option<Sound> {
    let mut start = [0; FIRST_CHUNK];
    content.read_at(id, 0, &mut start).ok()?;
    if !start.starts_with(riff::WAVE.start) {
        return None;
    }
    let (mut layout, mut data_size, mut smpl) = (None, None, None);
    let mut at = FIRST_CHUNK as u64;
    for _ in 0..MAX_CHUNKS {
        // What follows the samples matters only if they may loop.
        let is_complete = layout.is_some() && data_size.is_some() && loops == Loops::Off;
        if is_complete || at.checked_add(HEADER as u64)? > id.size {
            break;
        }
        let mut header = [0; HEADER];
        content.read_at(id, at, &mut header).ok()?;
        let (kind, size) = (id_at(&header, 0)?, u32_at(&header, 4)?);
        let start = at + HEADER as u64;
        if start + u64::from(size) > id.size {
            return None;
        }
        let mut body = [0; MAX_BODY];
        let body = &mut body[..MAX_BODY.min(size as usize)];
        match &kind {
            b"data" if data_size.is_none() => data_size = Some(u64::from(size)),
            b"fmt " if layout.is_none() => {
                content.read_at(id, start, body).ok()?;
                layout = Some(fmt::read(Chunk::whole(kind, body)?, &mut Faults::new(""))?);
            }
            b"smpl" if loops == Loops::Detect && smpl.is_none() => {
                content.read_at(id, start, body).ok()?;
                smpl = Some(body.to_vec());
            }
            _ => {}
        }
        at = start + u64::from(size) + u64::from(size % 2);
    }
    let layout: fmt::Layout = layout?;
    let frames = data_size? / layout.frame_size() as u64;
    let smpl = smpl.as_ref().and_then(|body| Chunk::whole(*b"smpl", body));
    let points = smpl.and_then(|chunk| smpl::read(chunk, Some(frames), &mut Faults::new("")));
    Some(Sound { channels: layout.channels, frames, sample_rate: layout.sample_rate, points })
}
