//! Frames on their way to the payload.

use std::num::NonZeroU32;

use super::super::metadata::Sound;
use super::super::options::Options;
use super::mix;
use super::resample::Resampler;
use crate::content::ContentStore;

/// Bytes of a payload that decoded or resampled frames may fill. A small file can hold hours of silence.
pub(crate) const MOST_BYTES: usize = 128 << 20;

/// Why no more frames are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The payload would have more than [`MOST_BYTES`].
    TooLong,
    /// Nobody wants it any more.
    Cancelled,
}

/// What is known of a sound when its last frame is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// As the file has it.
    pub(crate) source: Sound,
    /// Frames behind resampling.
    pub(crate) frames: u64,
    /// Samples that resampling made larger than 16 bits hold.
    pub(crate) clipped: u64,
}

/// Takes the frames of one sound as they are decoded, mixes and resamples them as the manifest asks for, and appends them
/// to the payload.
pub(crate) struct Writer<'p> {
    payload: &'p mut Vec<u8>,
    content: &'p dyn ContentStore,
    start: usize,
    channels: u16,
    sample_rate: u32,
    /// The sample rate of what is written.
    to: u32,
    mixes: bool,
    resampler: Option<Resampler>,
    /// Samples that are taken at once.
    piece: usize,
    /// Frames that came in.
    frames: u64,
    mixed: Vec<i16>,
    resampled: Vec<i16>,
}

impl<'p> Writer<'p> {
    /// A writer of a sound with so many `channels`, 1 or 2, and this rate, which is not 0. `content` tells when to stop.
    pub(crate) fn new(
        options: Options,
        channels: u16,
        sample_rate: u32,
        payload: &'p mut Vec<u8>,
        content: &'p dyn ContentStore,
    ) -> Self {
        let mixes = options.mono && channels == 2;
        let written = usize::from(if mixes { 1 } else { channels });
        let to = options.sample_rate.map_or(sample_rate, NonZeroU32::get);
        Self {
            start: payload.len(),
            payload,
            content,
            channels,
            sample_rate,
            to,
            mixes,
            piece: piece(sample_rate, to) * usize::from(channels),
            resampler: (to != sample_rate).then(|| Resampler::new(sample_rate, to, written)),
            frames: 0,
            mixed: Vec::new(),
            resampled: Vec::new(),
        }
    }

    /// Takes interleaved `frames`, all of them whole.
    ///
    /// # Errors
    ///
    /// When the payload becomes too long, or the work is cancelled.
    pub(crate) fn push(&mut self, frames: &[i16]) -> Result<(), Stop> {
        self.check_room((frames.len() / usize::from(self.channels)) as u64)?;
        for piece in frames.chunks(self.piece) {
            if self.content.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            self.frames += (piece.len() / usize::from(self.channels)) as u64;
            let mixed = if self.mixes {
                self.mixed.clear();
                mix::append(piece, &mut self.mixed);
                &self.mixed
            } else {
                piece
            };
            match &mut self.resampler {
                None => append(mixed, self.payload)?,
                Some(resampler) => {
                    self.resampled.clear();
                    resampler.push(mixed, &mut self.resampled);
                    append(&self.resampled, self.payload)?;
                }
            }
        }
        Ok(())
    }

    /// Whether there is room for what so many `frames` more become, before anything is computed of them.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn check_room(&self, frames: u64) -> Result<(), Stop> {
        let frames = u128::from(self.frames) + u128::from(frames);
        let resampled = frames * u128::from(self.to) / u128::from(self.sample_rate.max(1));
        let channels = if self.mixes { 1 } else { self.channels };
        let size = resampled * 2 * u128::from(channels) + self.start as u128;
        if size > MOST_BYTES as u128 { Err(Stop::TooLong) } else { Ok(()) }
    }

    /// Writes the rest.
    ///
    /// # Errors
    ///
    /// When the payload becomes too long.
    pub(crate) fn finish(mut self) -> Result<Written, Stop> {
        let mut clipped = 0;
        if let Some(resampler) = self.resampler.take() {
            self.resampled.clear();
            clipped = resampler.finish(&mut self.resampled);
            append(&self.resampled, self.payload)?;
        }
        let source =
            Sound { channels: self.channels, frames: self.frames, sample_rate: self.sample_rate, points: None };
        let frame_bytes = if self.mixes { 2 } else { source.frame_bytes() };
        let frames = (self.payload.len() - self.start) as u64 / frame_bytes;
        Ok(Written { source, frames, clipped })
    }
}

/// How many frames are converted at once, so that what they become never takes much room.
fn piece(from: u32, to: u32) -> usize {
    const FRAMES: u64 = 4096;
    (FRAMES * u64::from(from) / u64::from(from.max(to)).max(1)).max(1) as usize
}

fn append(samples: &[i16], payload: &mut Vec<u8>) -> Result<(), Stop> {
    let start = payload.len();
    if start + 2 * samples.len() > MOST_BYTES {
        return Err(Stop::TooLong);
    }
    payload.resize(start + 2 * samples.len(), 0);
    let (bytes, _) = payload[start..].as_chunks_mut();
    for (to, from) in bytes.iter_mut().zip(samples) {
        *to = from.to_le_bytes();
    }
    Ok(())
}
