//! `SOUNDS/pcm_v1`: WAVE files become interleaved 16-bit samples.
//!
//! `riff` finds the chunks of a file with `walk`, `fmt`, `pcm` and `smpl` read them; `wave` makes a file of a sample again.
//! `foretell` tells the size of a payload.

pub(crate) mod fmt;
mod foretell;
mod metadata;
mod pcm;
mod riff;
mod smpl;
mod unfinished;
mod walk;
mod wave;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

pub(super) use self::foretell::foretell;
use self::metadata::sample_name;
pub use self::metadata::{Loops, Metadata, Sample, Sound};
use self::riff::Chunks;
pub use self::smpl::Loop;
pub(super) use self::smpl::UNUSABLE_LOOP_HELP;
use self::walk::Chunk;
pub use self::wave::WaveFile;
use super::faults::Faults;
use super::payload::{self, whole};
use super::source::Source;
use crate::content::{ContentStore, Outcome};
use crate::diagnostic::{Code, Data, Diagnostic, Sample as SamplePlace};
use crate::repeated::Repeated;

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

/// The loop that the file that begins with `head` has: `Ok` tells whether there is one, `Err` why it cannot be used.
pub(super) fn find_loop(head: &[u8]) -> Result<bool, Vec<Diagnostic>> {
    let mut others = Faults::new("");
    let Some(chunks) = riff::read(head, &mut others) else { return Ok(false) };
    let layout = chunks.fmt.and_then(|chunk| fmt::read(chunk, &mut others));
    let frames = layout.zip(chunks.data).and_then(|(layout, data)| frames(layout, data, &mut others));
    let mut faults = Faults::new("");
    let points = points(Loops::Detect, &chunks, frames, &mut faults);
    if faults.has_error() { Err(faults.into_diagnostics()) } else { Ok(points.is_some()) }
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
                .with_data(Data::value(name))
                .with_related(format!("takes the name `{name}` first"), Some(owner.path.to_owned())),
            );
        }
    }
}

/// Appends the frames of one WAVE file to `payload`; `None` when they cannot be read.
fn append(bytes: &[u8], loops: Loops, payload: &mut Vec<u8>, faults: &mut Faults<'_>) -> Option<Sound> {
    let chunks = riff::read(bytes, faults)?;
    let layout = chunks.fmt.and_then(|chunk| faults.within(chunk.range(), |faults| fmt::read(chunk, faults)));
    let frames = |(layout, data): (_, Chunk<'_>)| faults.within(data.range(), |faults| frames(layout, data, faults));
    let frames = layout.zip(chunks.data).and_then(frames);
    let points = points(loops, &chunks, frames, faults);
    let (layout, data, frames) = (layout?, chunks.data?, frames?);
    let samples = whole_frames(layout, data);
    if layout.encoding == pcm::Encoding::F32 {
        check_numbers(layout, data, samples, faults);
    }
    pcm::append(layout.encoding, samples, payload);
    Some(Sound { channels: layout.channels, frames, sample_rate: layout.sample_rate, points })
}

/// The number of frames in `data`, which has to be a whole one, unless its size was never written.
fn frames(layout: fmt::Layout, data: Chunk<'_>, faults: &mut Faults<'_>) -> Option<u64> {
    let (size, frame_size) = (data.body.len(), layout.frame_size());
    let rest = size % frame_size;
    if rest > 0 && data.is_unfinished() {
        let message = format!("{data} ends after {rest} of the {frame_size} bytes of a frame, which is left out");
        faults.warning(Code::WavInconsistent, message);
    } else if rest > 0 {
        let message = format!("{data} has {size} bytes, which is no whole number of frames of {frame_size} bytes");
        let help = "the file was probably cut off: export the sound again";
        faults.push(Diagnostic::error(Code::WavInvalid, message).with_help(help));
        return None;
    }
    Some((size / frame_size) as u64)
}

/// The bytes of `data` that are whole frames.
fn whole_frames(layout: fmt::Layout, data: Chunk<'_>) -> &[u8] {
    let (frames, _) = data.body.split_at(data.body.len() - data.body.len() % layout.frame_size());
    frames
}

/// The loop to use, as `loops` has it.
fn points(loops: Loops, chunks: &Chunks<'_>, frames: Option<u64>, faults: &mut Faults<'_>) -> Option<Loop> {
    match loops {
        Loops::Off => {
            smpl::report_ignored(&chunks.smpl, frames, faults);
            None
        }
        Loops::Detect => {
            let chunk = *chunks.smpl.first()?;
            faults.within(chunk.range(), |faults| smpl::read(chunk, frames, faults))
        }
    }
}

/// Reports the floats among the `samples` of `data` that are not a number.
fn check_numbers(layout: fmt::Layout, data: Chunk<'_>, samples: &[u8], faults: &mut Faults<'_>) {
    let channels = usize::from(layout.channels);
    let place = |index: &usize| {
        let byte = data.byte(index * layout.encoding.bytes());
        (index / channels, index % channels, byte)
    };
    let wrong: Repeated<_> = pcm::not_numbers(samples).collect();
    let message = wrong.message(
        |index| {
            let (frame, channel, byte) = place(index);
            format!("frame {frame}, channel {channel} (both from 0; byte {byte}) is NaN, not a number")
        },
        |count, list| format!("{count} samples are NaN, not a number (frames and channels from 0): {list}"),
        |index| {
            let (frame, channel, byte) = place(index);
            format!("frame {frame}, channel {channel} (byte {byte})")
        },
    );
    if let Some(message) = message {
        let help = "export the sound again, as integer PCM, or mend what computed these samples";
        let places = wrong.places().map(|index| {
            let (frame, channel, _) = place(index);
            SamplePlace { frame: frame as u64, channel: channel as u64 }
        });
        let data = Data::Samples { count: wrong.count(), places: places.collect() };
        faults.push(Diagnostic::error(Code::SoundsSample, message).with_help(help).with_data(data));
    }
}
