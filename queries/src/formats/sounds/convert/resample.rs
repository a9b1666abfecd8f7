//! Resampling: each frame of the result is a weighted sum of the frames around its place, with the weights of the filter.

use super::kernel::{KERNEL, ONE, STEPS, WIDTH};

/// Weights that are kept, so that places between two frames which come again are computed once.
const MOST_KEPT: u64 = 1 << 20;

/// Resamples a sound that is pushed frame by frame. What lies before it and behind it counts as silence.
pub(super) struct Resampler {
    weights: Weights,
    channels: usize,
    /// The frames that may still be needed, interleaved.
    frames: Vec<i16>,
    /// Where the first weight of the next frame of the result is in `frames`.
    at: usize,
    /// The next frame of the result lies so many steps behind a frame, of the `to` that there are up to the next one.
    phase: u64,
    /// Frames that were pushed, and frames of the result.
    pushed: u64,
    made: u64,
    /// Samples that were larger than 16 bits hold.
    clipped: u64,
}

impl Resampler {
    /// A resampler of frames of so many `channels`. The rates are not 0.
    pub(super) fn new(from: u32, to: u32, channels: usize) -> Self {
        let weights = Weights::new(from.into(), to.into());
        let frames = vec![0; (weights.reach - 1) * channels];
        Self { weights, channels, frames, at: 0, phase: 0, pushed: 0, made: 0, clipped: 0 }
    }

    /// Takes whole interleaved `frames`, and appends to `result` what they complete.
    pub(super) fn push(&mut self, frames: &[i16], result: &mut Vec<i16>) {
        self.pushed += (frames.len() / self.channels) as u64;
        self.append(frames, result, u64::MAX);
    }

    /// Appends the rest to `result`, which then has a frame for each place before the end of the sound. Returns how many samples were clipped in all.
    pub(super) fn finish(mut self, result: &mut Vec<i16>) -> u64 {
        let Weights { from, to, reach, .. } = self.weights;
        let end = (u128::from(self.pushed) * u128::from(to)).div_ceil(u128::from(from));
        let silence = vec![0; reach * self.channels];
        self.append(&silence, result, u64::try_from(end).unwrap_or(u64::MAX));
        self.clipped
    }

    /// Takes `frames`, and appends what they complete, up to the frame `end` of the result.
    fn append(&mut self, frames: &[i16], result: &mut Vec<i16>, end: u64) {
        self.frames.extend_from_slice(frames);
        let (from, to, width) = (self.weights.from, self.weights.to, 2 * self.weights.reach * self.channels);
        while self.made < end
            && let Some(around) = self.frames.get(self.at..self.at + width)
        {
            let weights = self.weights.of(self.phase);
            match self.channels {
                1 => result.push(fitting(sum(weights, around.iter()), &mut self.clipped)),
                _ => {
                    let (pairs, _) = around.as_chunks::<2>();
                    result.push(fitting(sum(weights, pairs.iter().map(|[left, _]| left)), &mut self.clipped));
                    result.push(fitting(sum(weights, pairs.iter().map(|[_, right]| right)), &mut self.clipped));
                }
            }
            self.made += 1;
            self.phase += from;
            self.at += (self.phase / to) as usize * self.channels;
            self.phase %= to;
        }
        // The next frame may lie behind all that there are.
        let done = self.at.min(self.frames.len());
        self.frames.drain(..done);
        self.at -= done;
    }
}

/// The weighted sum of `samples`.
fn sum<'s>(weights: &[i32], samples: impl Iterator<Item = &'s i16>) -> i64 {
    weights.iter().zip(samples).map(|(weight, sample)| i64::from(*weight) * i64::from(*sample)).sum()
}

/// A weighted sum as a sample, half up.
fn fitting(sum: i64, clipped: &mut u64) -> i16 {
    let sample = (sum + ONE / 2) >> ONE.trailing_zeros();
    let fitting = sample.clamp(i16::MIN.into(), i16::MAX.into());
    *clipped += u64::from(fitting != sample);
    fitting as i16
}

/// The weights of the frames around a place, for all places that there are.
struct Weights {
    /// The rates, without what they have in common.
    from: u64,
    to: u64,
    /// Frames on each side that have a weight; at least 1.
    reach: usize,
    /// The weights for each phase, as far as they were needed. Without any, they are too many to be kept.
    kept: Vec<Box<[i32]>>,
    /// Those for the latest phase, where they are not kept.
    latest: Box<[i32]>,
}

impl Weights {
    fn new(from: u64, to: u64) -> Self {
        let common = greatest_common_divisor(from, to);
        let (from, to) = (from / common, to / common);
        // The filter is as wide as the lower rate has it.
        let reach = if to < from { (WIDTH * from).div_ceil(to) } else { WIDTH };
        let is_kept = to * 2 * reach <= MOST_KEPT;
        let kept = if is_kept { vec![Box::default(); to as usize] } else { Vec::new() };
        Self { from, to, reach: reach as usize, kept, latest: Box::default() }
    }

    /// The weights of the frames around a place that lies `phase` behind the last of the first half of them. Their sum is
    /// [`ONE`].
    fn of(&mut self, phase: u64) -> &[i32] {
        if self.kept.is_empty() {
            self.latest = self.computed(phase);
            return &self.latest;
        }
        let kept = &mut self.kept[phase as usize];
        if kept.is_empty() {
            let computed = self.computed(phase);
            self.kept[phase as usize] = computed;
        }
        &self.kept[phase as usize]
    }

    fn computed(&self, phase: u64) -> Box<[i32]> {
        // Distances in the filter are summed up instead of divided anew, in steps with so many bits behind the point.
        const BITS: u32 = 24;
        let width = self.to.max(self.from);
        let (frame, phase) = (((self.to * STEPS) << BITS) / width, ((phase * STEPS) << BITS) / width);
        let before = (0..self.reach as u64).rev().map(|frames| frames * frame + phase);
        let behind = (1..=self.reach as u64).map(|frames| (frames * frame).saturating_sub(phase));
        let mut weights: Box<[i32]> = before.chain(behind).map(filtered::<BITS>).collect();
        let scale = (ONE << 32) / total(&weights);
        for weight in &mut weights {
            *weight = ((i64::from(*weight) * scale) >> 32) as i32;
        }
        // What rounding took is given to one of the two nearest frames.
        let missing = ONE - total(&weights);
        weights[self.reach - 1] += missing as i32;
        weights
    }
}

/// The filter at `distance`, in its steps with so many bits behind the point: on the line through two of its values.
fn filtered<const BITS: u32>(distance: u64) -> i32 {
    let (step, rest) = (distance >> BITS, (distance & ((1 << BITS) - 1)).cast_signed());
    let value = |step: u64| i64::from(KERNEL.get(step as usize).copied().unwrap_or(0));
    let (left, right) = (value(step), value(step + 1));
    (left + (((right - left) * rest) >> BITS)) as i32
}

fn total(weights: &[i32]) -> i64 {
    weights.iter().copied().map(i64::from).sum()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
