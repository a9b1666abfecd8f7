//! The best few colours for many, chosen in integers.
//!
//! The colours are cut into groups, each time the group and the place where the sum of squared errors falls most; then
//! groups and their means are adjusted to each other in rounds (k-means).

use super::histogram::{Counted, mean, number};
use super::map::nearest;
use crate::content::ContentStore;

/// At most so many rounds adjust the means.
const ROUNDS: usize = 32;

/// At most `most` colours for `colours`, which are not empty: the means of their groups. Any of them where the work is
/// cancelled.
pub(super) fn reduce(colours: &mut [Counted], most: usize, content: &dyn ContentStore) -> Vec<[u8; 3]> {
    let mut means = cut(colours, most, content);
    for _ in 0..ROUNDS {
        if content.is_cancelled() {
            break;
        }
        let adjusted = adjust(colours, &means);
        if adjusted == means {
            break;
        }
        means = adjusted;
    }
    means
}

/// The means of at most `most` groups, which are cut out of `colours`.
fn cut(colours: &mut [Counted], most: usize, content: &dyn ContentStore) -> Vec<[u8; 3]> {
    let mut groups = vec![Group::of(colours)];
    while groups.len() < most && !content.is_cancelled() {
        // Of equals, the first.
        let best = (0..groups.len()).rev().max_by_key(|at| groups[*at].gain());
        let Some(best) = best.filter(|best| groups[*best].gain() > 0) else { break };
        let (left, right) = groups.swap_remove(best).halves();
        groups.extend([left, right]);
    }
    groups.iter().map(|group| group.sums.mean()).collect()
}

/// Sums of colours, each as often as it is counted. 2^24 pixels need 32 bits in a sum.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: u64,
    parts: [u64; 3],
}

impl Sums {
    fn add(&mut self, Counted { rgb, count }: Counted) {
        self.count += count;
        self.parts.iter_mut().zip(rgb).for_each(|(sum, part)| *sum += count * u64::from(part));
    }

    fn without(self, other: Self) -> Self {
        let mut parts = self.parts;
        parts.iter_mut().zip(other.parts).for_each(|(sum, part)| *sum -= part);
        Self { count: self.count - other.count, parts }
    }

    fn mean(self) -> [u8; 3] {
        self.parts.map(|sum| mean(sum, self.count.max(1)))
    }

    /// What the squared errors from the mean lack to the squares of all colours.
    fn explained(self) -> u64 {
        let square = |sum: u64| u128::from(sum) * u128::from(sum) / u128::from(self.count.max(1));
        // No more than the squares of 2^24 values of 8 bits, for each of three channels.
        self.parts.into_iter().map(square).sum::<u128>() as u64
    }
}

/// A group of colours, and where it is best cut.
struct Group<'c> {
    colours: &'c mut [Counted],
    sums: Sums,
    best: Option<Cut>,
}

/// A cut along one channel: what it gains, and how many colours are before it.
#[derive(Clone, Copy)]
struct Cut {
    gain: u64,
    channel: usize,
    before: usize,
}

impl<'c> Group<'c> {
    fn of(colours: &'c mut [Counted]) -> Self {
        let mut sums = Sums::default();
        colours.iter().for_each(|counted| sums.add(*counted));
        let mut best: Option<Cut> = None;
        for channel in 0..3 {
            sort(colours, channel);
            let cut = best_cut(colours, sums, channel);
            // Of equals, the one of the first channel.
            if let Some(cut) = cut
                && best.is_none_or(|best| cut.gain > best.gain)
            {
                best = Some(cut);
            }
        }
        Self { colours, sums, best }
    }

    fn gain(&self) -> u64 {
        self.best.map_or(0, |best| best.gain)
    }

    /// Both parts of it, where it can be cut; else itself and nothing.
    fn halves(self) -> (Self, Self) {
        let Cut { channel, before, .. } = self.best.unwrap_or(Cut { gain: 0, channel: 0, before: 0 });
        sort(self.colours, channel);
        let (left, right) = self.colours.split_at_mut(before);
        (Self::of(left), Self::of(right))
    }
}

/// Sorts by one channel, and where that is equal by the others.
fn sort(colours: &mut [Counted], channel: usize) {
    colours.sort_unstable_by_key(|counted| (counted.rgb[channel], number(counted.rgb)));
}

/// The best cut of `colours`, which are sorted by `channel`; of equals the first.
fn best_cut(colours: &[Counted], all: Sums, channel: usize) -> Option<Cut> {
    let whole = all.explained();
    let mut left = Sums::default();
    let mut best: Option<Cut> = None;
    for (before, pair) in (1..).zip(colours.windows(2)) {
        left.add(pair[0]);
        if pair[0].rgb[channel] == pair[1].rgb[channel] {
            continue;
        }
        let gain = (left.explained() + all.without(left).explained()).saturating_sub(whole);
        if best.is_none_or(|best| gain > best.gain) {
            best = Some(Cut { gain, channel, before });
        }
    }
    best
}

/// The means of the colours that are nearest to each of `means`. One that is nearest to none stays.
fn adjust(colours: &[Counted], means: &[[u8; 3]]) -> Vec<[u8; 3]> {
    let mut sums = vec![Sums::default(); means.len()];
    colours.iter().for_each(|counted| sums[nearest(counted.rgb, means)].add(*counted));
    sums.iter().zip(means).map(|(sums, old)| if sums.count == 0 { *old } else { sums.mean() }).collect()
}
