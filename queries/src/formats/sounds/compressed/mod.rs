//! Files whose samples are compressed: FLAC, Ogg with Vorbis or FLAC in it, and MP3. They are decoded by `symphonia`.
//!
//! `pages` goes through an Ogg, whose damaged parts the decoder would leave out; `codebooks` bounds what memory a Vorbis
//! stream takes; `packets` decodes. A decoder may panic on a broken file, which `guarded` makes an error of that file.

mod codebooks;
mod guarded;
mod packets;
mod pages;

pub use guarded::is_guarded;

use super::container::Compression;
use super::convert::{self, Stop};
use super::fmt::{MAX_CHANNELS, MAX_SAMPLE_RATE};
use super::metadata::Sound;
use super::options::Options;
use crate::content::ContentStore;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::{DAMAGED, Faults};
use packets::{Failure, Place};

/// The decoders, with their version: other versions may give other samples.
pub(in super::super) const DECODERS: &str = "symphonia 0.6.1";

/// Appends the frames of the file in `bytes`, converted as `options` have it; `None` when they cannot be decoded.
///
/// # Errors
///
/// When the payload becomes too long, or the work is cancelled.
pub(super) fn append(
    compression: Compression,
    bytes: &[u8],
    options: Options,
    payload: &mut Vec<u8>,
    content: &dyn ContentStore,
    faults: &mut Faults<'_>,
) -> Result<Option<Sound>, Stop> {
    let bytes = match compression {
        Compression::Ogg => pages::check(bytes, faults),
        Compression::Flac | Compression::Mp3 => Some(bytes),
    };
    let Some(bytes) = bytes else { return Ok(None) };
    let start = payload.len();
    let mut place = Place::default();
    let decoded = guarded::run(|| packets::decode(compression, bytes, options, payload, content, &mut place));
    let failure = match decoded {
        Some(Ok(decoded)) => {
            check_length(compression, decoded.told, decoded.written.source.frames, faults);
            if !decoded.is_intact {
                let message = format!("the samples of the {} do not have the checksum (MD5) in it", compression.name());
                faults.damaged(Code::AudioInvalid, message);
            }
            return Ok(Some(convert::finish(options, decoded.written, start, payload, faults)));
        }
        Some(Err(Failure::Stopped(stop))) => return Err(stop),
        Some(Err(failure)) => Some(failure),
        None => None,
    };
    payload.truncate(start);
    faults.push(match failure {
        Some(Failure::Channels(channels)) => too_many_channels(channels),
        Some(Failure::SampleRate(rate)) => unlikely_rate(rate),
        Some(Failure::Kind(why)) => {
            let message = format!("the {} is of a kind that is not read: {why}", compression.name());
            Diagnostic::error(Code::AudioUnsupported, message).with_help("save the sound as FLAC or WAV")
        }
        Some(Failure::Damage(why)) => damage(compression, place, &why),
        _ => damage(compression, place, "the decoder gave up on it"),
    });
    Ok(None)
}

/// The fault that what is at `place` cannot be decoded.
fn damage(compression: Compression, place: Place, why: &str) -> Diagnostic {
    let name = compression.name();
    let message = match place {
        Place { packets: 0, .. } => format!("the {name} cannot be decoded: {why}"),
        Place { packets, frames } => {
            format!("the {name} cannot be decoded behind packet {packets}, from frame {frames} on: {why}")
        }
    };
    Diagnostic::error(Code::AudioInvalid, message).with_help(DAMAGED)
}

/// Compares how many frames the file tells of with how many it has.
fn check_length(compression: Compression, told: Option<u64>, frames: u64, faults: &mut Faults<'_>) {
    let Some(told) = told.filter(|told| *told != frames) else { return };
    let message = format!("the {} tells of {told} frames, but has {frames}", compression.name());
    let fault = match compression {
        // It says so of each sample that the encoder was given.
        Compression::Flac => Diagnostic::error(Code::AudioInvalid, message),
        Compression::Ogg | Compression::Mp3 => Diagnostic::warning(Code::AudioInconsistent, message),
    };
    faults.push(fault.with_help(DAMAGED).with_data(Data::mismatch(told, frames)));
}

fn too_many_channels(channels: usize) -> Diagnostic {
    let message = format!("the file has {channels} channels; 1 and 2 are allowed");
    Diagnostic::error(Code::AudioUnsupported, message)
        .with_help("mix the sound to mono or stereo")
        .with_data(Data::limit(Some(channels as u64), 1, MAX_CHANNELS.into(), Unit::Channels))
}

fn unlikely_rate(rate: u32) -> Diagnostic {
    let message = format!("the sample rate is {rate}; 1 to {MAX_SAMPLE_RATE} is allowed");
    Diagnostic::error(Code::AudioUnsupported, message)
        .with_help("resample the sound, as to 44100")
        .with_data(Data::range(rate.into(), 1, MAX_SAMPLE_RATE.into()))
}
