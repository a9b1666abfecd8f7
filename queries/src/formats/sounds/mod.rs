//! `SOUNDS/pcm_v1`: WAVE files become interleaved 16-bit samples.
//!
//! `riff` finds the chunks of a file, `fmt`, `pcm` and `smpl` read them; `wave` makes a file of a sample again.

pub(crate) mod fmt;
mod metadata;
mod pcm;
mod riff;
mod smpl;
mod wave;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

pub use self::metadata::{Loops, Metadata, Sample, Sound};
use self::riff::{Chunk, Chunks};
pub use self::smpl::Loop;
pub use self::wave::WaveFile;
use super::faults::Faults;
use super::payload::{self, whole};
use super::source::Source;
use crate::content::{ContentStore, Outcome};
use crate::diagnostic::{Code, Diagnostic};

/// Converts the frames of every source and puts them one after the other.
///
/// All sources are read to their end even when one is faulty, so that one run reports everything.
///
/// # Errors
///
/// Only when `content` fails.
pub fn derive(loops: Loops, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    let mut names = HashMap::with_capacity(sources.len());
    let mut samples = Vec::with_capacity(sources.len());
    let mut payload = Vec::new();
    let mut diagnostics = Vec::new();
    for source in sources {
        let mut faults = Faults::new(source.path);
        let name = sample_name(source.path);
        claim(name, source, &mut names, &mut faults);
        let bytes = riff::WAVE.read(source.content, content)?;
        let offset = payload.len() as u64;
        if let Some(sound) = append(&bytes, loops, &mut payload, &mut faults) {
            samples.push(Sample { name: Cow::Borrowed(name), offset, sound });
        }
        diagnostics.extend(faults.into_diagnostics());
    }
    let payload = if diagnostics.iter().any(Diagnostic::is_error) {
        None
    } else {
        Some(whole(content, &payload, payload::metadata(&Metadata { samples }))?)
    };
    Ok(Outcome { payload, diagnostics })
}

/// Whether the file that begins with `head` has a loop that can be used.
pub(super) fn has_loop(head: &[u8]) -> bool {
    let mut faults = Faults::new("");
    let Some(chunks) = riff::read(head, &mut faults) else { return false };
    let layout = chunks.fmt.and_then(|chunk| fmt::read(chunk, &mut faults));
    let frames = layout.zip(chunks.data).and_then(|(layout, data)| frames(layout, data, &mut faults));
    points(Loops::Detect, &chunks, frames, &mut faults).is_some()
}

/// The last component of `path` without its last extension. A dot at the start begins no extension.
fn sample_name(path: &str) -> &str {
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

/// Takes `name` for `source`; the first file that asks for a name keeps it.
fn claim<'a>(
    name: &'a str,
    source: &'a Source<'a>,
    names: &mut HashMap<&'a str, &'a Source<'a>>,
    faults: &mut Faults<'_>,
) {
    match names.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(source);
        }
        Entry::Occupied(entry) => {
            let owner = entry.get();
            faults.push(
                Diagnostic::error(
                    Code::SoundsNameTaken,
                    format!("the sample name `{name}` is already taken by `{}` of the same asset", owner.path),
                )
                .with_help("rename one of the files: a sample is named after its file, without folder and extension")
                .with_related(format!("takes the name `{name}` first"), Some(owner.path.to_owned())),
            );
        }
    }
}

/// Appends the frames of one WAVE file to `payload`; `None` when they cannot be read.
fn append(bytes: &[u8], loops: Loops, payload: &mut Vec<u8>, faults: &mut Faults<'_>) -> Option<Sound> {
    let chunks = riff::read(bytes, faults)?;
    let layout = chunks.fmt.and_then(|chunk| fmt::read(chunk, faults));
    let frames = layout.zip(chunks.data).and_then(|(layout, data)| frames(layout, data, faults));
    let points = points(loops, &chunks, frames, faults);
    let (layout, data, frames) = (layout?, chunks.data?, frames?);
    if layout.encoding == pcm::Encoding::F32 {
        check_numbers(layout, data, faults);
    }
    pcm::append(layout.encoding, data.body, payload);
    Some(Sound { channels: layout.channels, frames, sample_rate: layout.sample_rate, points })
}

/// The number of frames in `data`, which has to be a whole one.
fn frames(layout: fmt::Layout, data: Chunk<'_>, faults: &mut Faults<'_>) -> Option<u64> {
    let size = data.body.len();
    let frame_size = layout.frame_size();
    if !size.is_multiple_of(frame_size) {
        let message = format!("{data} has {size} bytes, which is no whole number of frames of {frame_size} bytes");
        let help = "the file was probably cut off: export the sound again";
        faults.push(Diagnostic::error(Code::WavInvalid, message).with_help(help));
        return None;
    }
    Some((size / frame_size) as u64)
}

/// The loop to use, as `loops` has it.
fn points(loops: Loops, chunks: &Chunks<'_>, frames: Option<u64>, faults: &mut Faults<'_>) -> Option<Loop> {
    match loops {
        Loops::Off => {
            smpl::report_ignored(&chunks.smpl, faults);
            None
        }
        Loops::Detect => smpl::read(*chunks.smpl.first()?, frames, faults),
    }
}

/// Reports every float of `data` that is not a number.
fn check_numbers(layout: fmt::Layout, data: Chunk<'_>, faults: &mut Faults<'_>) {
    let channels = usize::from(layout.channels);
    for index in pcm::not_numbers(data.body) {
        let (frame, channel) = (index / channels, index % channels);
        let byte = data.byte(index * layout.encoding.bytes());
        faults.error(
            Code::SoundsSample,
            format!("frame {frame}, channel {channel} (both from 0; byte {byte}) is NaN, not a number"),
        );
    }
}
