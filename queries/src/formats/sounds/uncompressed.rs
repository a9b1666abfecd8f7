//! Files whose samples are stored as they are: WAVE, and AIFF behind its own reader.

use super::convert::{self, Stop, Writer, Written};
use super::fmt::Layout;
use super::metadata::{Loops, Sound};
use super::options::Options;
use super::riff::Chunks;
use super::smpl::Loop;
use super::walk::Chunk;
use super::{fmt, pcm, riff, smpl};
use crate::content::ContentStore;
use crate::diagnostic::{Code, Data, Diagnostic, Sample as SamplePlace};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// The samples of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pcm<'a> {
    pub(super) layout: Layout,
    /// Whole frames.
    pub(super) samples: &'a [u8],
    /// Where they begin in the file.
    pub(super) at: usize,
}

/// The samples of a WAVE file, and its loop; `None` when they cannot be read.
pub(super) fn read_wave<'a>(bytes: &'a [u8], loops: Loops, faults: &mut Faults<'_>) -> Option<(Pcm<'a>, Option<Loop>)> {
    let chunks = riff::read(bytes, faults)?;
    let layout = chunks.fmt.and_then(|chunk| faults.within(chunk.range(), |faults| fmt::read(chunk, faults)));
    let frames = |(layout, data): (_, Chunk<'_>)| faults.within(data.range(), |faults| frames(layout, data, faults));
    let frames = layout.zip(chunks.data).and_then(frames);
    let points = points(loops, &chunks, frames, faults);
    let (layout, data, _) = (layout?, chunks.data?, frames?);
    Some((Pcm { layout, samples: whole_frames(layout, data), at: data.byte(0) }, points))
}

/// The loop that the WAVE file that begins with `head` has: `Ok` tells whether there is one, `Err` why it cannot be used.
pub(in super::super) fn find_loop(head: &[u8]) -> Result<bool, Vec<Diagnostic>> {
    let mut others = Faults::new("");
    let Some(chunks) = riff::read(head, &mut others) else { return Ok(false) };
    let layout = chunks.fmt.and_then(|chunk| fmt::read(chunk, &mut others));
    let frames = layout.zip(chunks.data).and_then(|(layout, data)| frames(layout, data, &mut others));
    let mut faults = Faults::new("");
    let points = points(Loops::Detect, &chunks, frames, &mut faults);
    if faults.has_error() { Err(faults.into_diagnostics()) } else { Ok(points.is_some()) }
}

/// Appends the frames of `pcm`, converted as `options` have it.
///
/// # Errors
///
/// When the payload becomes too long, which only resampling makes it, or the work is cancelled.
pub(super) fn append(
    pcm: Pcm<'_>,
    points: Option<Loop>,
    options: Options,
    payload: &mut Vec<u8>,
    content: &dyn ContentStore,
    faults: &mut Faults<'_>,
) -> Result<Sound, Stop> {
    let Layout { encoding, channels, sample_rate } = pcm.layout;
    check_numbers(pcm, faults);
    let start = payload.len();
    let frames = (pcm.samples.len() / pcm.layout.frame_size()) as u64;
    let source = Sound { channels, frames, sample_rate, points };
    if options.converts_nothing() {
        pcm::append(encoding, pcm.samples, payload);
        return Ok(source);
    }
    let mut writer = Writer::new(options, channels, sample_rate, payload, content);
    writer.check_room(frames)?;
    let (mut bytes, mut samples) = (Vec::new(), Vec::new());
    for piece in pcm.samples.chunks(FRAMES_AT_ONCE * pcm.layout.frame_size()) {
        bytes.clear();
        samples.clear();
        pcm::append(encoding, piece, &mut bytes);
        samples.extend(bytes.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)));
        writer.push(&samples)?;
    }
    let written = Written { source, ..writer.finish()? };
    Ok(convert::finish(options, written, start, payload, faults))
}

/// Frames that are converted at once.
const FRAMES_AT_ONCE: usize = 4096;

/// The number of frames in `data`, which has to be a whole one, unless its size was never written.
fn frames(layout: Layout, data: Chunk<'_>, faults: &mut Faults<'_>) -> Option<u64> {
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
fn whole_frames(layout: Layout, data: Chunk<'_>) -> &[u8] {
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

/// Reports the samples that are not a number.
fn check_numbers(pcm: Pcm<'_>, faults: &mut Faults<'_>) {
    let Pcm { layout, samples, at } = pcm;
    let channels = usize::from(layout.channels);
    let place = |index: &usize| {
        let byte = at + index * layout.encoding.bytes();
        (index / channels, index % channels, byte)
    };
    let wrong: Repeated<_> = pcm::not_numbers(layout.encoding, samples).collect();
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
