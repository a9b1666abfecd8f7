//! Conversions that the manifest asks for: what is made of samples between a file and the payload. Integers only.
//!
//! `writer` takes frames as they are decoded, mixes and resamples them, and appends them to the payload; `resample` does
//! the latter with the filter of `kernel`. When the sound is whole, `trim` and `level` work on its part of the payload,
//! and `report` tells what was lost.

mod kernel;
mod level;
mod mix;
mod report;
mod resample;
mod trim;
mod writer;

pub(super) use writer::{MOST_BYTES, Stop, Writer, Written};

use super::metadata::Sound;
use super::options::Options;
use super::smpl::Loop;
use crate::formats::faults::Faults;
use level::Levelled;
use report::Report;

/// Ends the conversion of the sound that begins at `start` of the payload and goes to its end, and tells what was done.
pub(super) fn finish(
    options: Options,
    written: Written,
    start: usize,
    payload: &mut Vec<u8>,
    faults: &mut Faults<'_>,
) -> Sound {
    let Written { source, frames, clipped } = written;
    let channels = if options.mono { 1 } else { source.channels };
    let sample_rate = options.sample_rate.map_or(source.sample_rate, std::num::NonZeroU32::get);
    let points = source.points.map(|points| points.resampled(source, frames, sample_rate));
    let mut sound = Sound { channels, frames, sample_rate, points };
    let mut report = Report { source, frames, clipped, trimmed: (0, 0), level: Levelled::default() };
    if let Some(threshold) = options.trim {
        let (front, back) = trim::apply(threshold, sound, start, payload);
        sound.frames -= front + back;
        sound.points = points.map(|points| Loop { start: points.start - front, end: points.end - front });
        report.trimmed = (front, back);
    }
    if let Some(level) = options.level {
        report.level = level::apply(level, &mut payload[start..]);
    }
    report.tell(options, sound, faults);
    sound
}

impl Loop {
    /// The same loop of `source` behind resampling to `sample_rate`, which left `frames` frames: both ends rounded to the
    /// nearest frame, half up, at least one frame apart.
    fn resampled(self, source: Sound, frames: u64, sample_rate: u32) -> Self {
        if sample_rate == source.sample_rate {
            return self;
        }
        let (from, to) = (u64::from(source.sample_rate), u64::from(sample_rate));
        let moved = |frame: u64| ((frame * to * 2 + from) / (from * 2)).min(frames);
        let start = moved(self.start).min(frames.saturating_sub(1));
        Self { start, end: moved(self.end).max(start + 1) }
    }
}
