//! The manifest fields of sounds.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fmt::MAX_SAMPLE_RATE;
use super::metadata::Loops;

/// The sample rates that a sound may be resampled to, in frames a second.
pub(crate) const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=MAX_SAMPLE_RATE;

/// The largest distance from 0 that a sample may have and be silence.
pub(crate) const TRIMS: RangeInclusive<u16> = 0..=32_767;

/// The gains, in per cent.
pub(crate) const GAINS: RangeInclusive<u16> = 1..=10_000;

/// The peaks that a sound may be brought to.
pub(crate) const PEAKS: RangeInclusive<u16> = 1..=32_767;

/// The manifest fields that the format declares: what is taken from the files, and what is made of their samples. All
/// that converts is off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Options {
    /// Whether loops are taken from the files.
    pub loops: Loops,
    /// Whether stereo is mixed down: `channels: 1`.
    pub mono: bool,
    /// The sample rate to resample to, in frames a second.
    pub sample_rate: Option<NonZeroU32>,
    /// Trims silence from both ends: frames without a sample farther from 0 than this.
    pub trim: Option<u16>,
    /// How loud the sound is made.
    pub level: Option<Level>,
}

/// How loud a sound is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Every sample is multiplied by so many per cent.
    Gain(u16),
    /// Every sample is multiplied such that the one farthest from 0 comes to be so far from it.
    Normalize(u16),
}

impl Options {
    /// Nothing is converted.
    pub fn with_loops(loops: Loops) -> Self {
        Self { loops, ..Self::default() }
    }

    /// Whether no sample is changed.
    pub(super) fn converts_nothing(self) -> bool {
        self == Self::with_loops(self.loops)
    }

    /// The fields, as a manifest may write them: that of every manifest, and the conversions that are asked for.
    pub(in super::super) fn fields(self) -> Vec<(&'static str, Value)> {
        let loops = ("loops", self.loops.name().into());
        std::iter::once(loops).chain(self.conversions()).collect()
    }

    /// The conversions that are asked for, as a manifest may write them.
    pub(in super::super) fn conversions(self) -> impl Iterator<Item = (&'static str, Value)> {
        let Self { loops: _, mono, sample_rate, trim, level } = self;
        let (gain, normalize) = match level {
            None => (None, None),
            Some(Level::Gain(gain)) => (Some(gain), None),
            Some(Level::Normalize(peak)) => (None, Some(peak)),
        };
        let fields = [
            ("channels", mono.then_some(1)),
            ("sample_rate", sample_rate.map(NonZeroU32::get)),
            ("trim", trim.map(u32::from)),
            ("gain", gain.map(u32::from)),
            ("normalize", normalize.map(u32::from)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?.into())))
    }
}
