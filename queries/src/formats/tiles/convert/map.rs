//! Pixels become those of a palette.

use super::super::options::Dither;
use super::histogram::number;

/// How far two colours are apart: the sum of the squares of the differences of red, green and blue.
pub(super) fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.into_iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
}

/// The position of the colour of `palette` that is nearest to `rgb`; of equals, the first.
pub(super) fn nearest(rgb: [u8; 3], palette: &[[u8; 3]]) -> usize {
    (0..palette.len()).min_by_key(|at| distance(rgb, palette[*at])).unwrap_or_default()
}

/// The order in which the pixels of 8 × 8 turn from one colour to the other: Bayer's, from 0 to 63.
fn threshold(x: u32, y: u32) -> u32 {
    let bits = |at: u32| ((x ^ y) >> at & 1) << 1 | y >> at & 1;
    bits(0) << 4 | bits(1) << 2 | bits(2)
}

/// Two colours of a palette, and how many of 64 pixels have the second; at most half.
#[derive(Debug, Clone, Copy)]
struct Mixture {
    first: u8,
    second: u8,
    share: u8,
}

/// Finds for each pixel its place in a palette.
pub(super) struct Mapper<'p> {
    /// At most 256 colours.
    palette: &'p [[u8; 3]],
    dither: Dither,
    /// Colours met lately, as numbers with a bit above, and what they become, at a place that depends on the colour.
    cache: Vec<(u32, Mixture)>,
}

impl<'p> Mapper<'p> {
    /// Places in the cache, as a power of 2.
    const CACHE_BITS: u32 = 12;

    pub(super) fn new(palette: &'p [[u8; 3]], dither: Dither) -> Self {
        let nothing = Mixture { first: 0, second: 0, share: 0 };
        Self { palette, dither, cache: vec![(0, nothing); 1 << Self::CACHE_BITS] }
    }

    /// The position in the palette of a pixel at column `x` and row `y`.
    pub(super) fn map(&mut self, rgb: [u8; 3], x: u32, y: u32) -> u8 {
        let value = number(rgb) | 1 << 24;
        let place = (value.wrapping_mul(0x9e37_79b1) >> (32 - Self::CACHE_BITS)) as usize;
        if self.cache[place].0 != value {
            self.cache[place] = (value, self.mixture(rgb));
        }
        let Mixture { first, second, share } = self.cache[place].1;
        if threshold(x, y) < u32::from(share) { second } else { first }
    }

    fn mixture(&self, rgb: [u8; 3]) -> Mixture {
        let first = nearest(rgb, self.palette);
        let only = Mixture { first: first as u8, second: first as u8, share: 0 };
        let (Dither::Ordered, Some(near)) = (self.dither, self.palette.get(first)) else { return only };
        let seconds = (0..).zip(self.palette).filter_map(|(second, far)| {
            let share = share(rgb, *near, *far)?;
            Some((cost(rgb, *near, *far, share), Mixture { second, share, ..only }))
        });
        let best = seconds.min_by_key(|(cost, _)| *cost);
        best.filter(|(mixed, _)| *mixed < cost(rgb, *near, *near, 0)).map_or(only, |(_, mixture)| mixture)
    }
}

fn differences(from: [u8; 3], to: [u8; 3]) -> [i32; 3] {
    std::array::from_fn(|part| i32::from(to[part]) - i32::from(from[part]))
}

/// How many of 64 pixels `far` has in the mixture with `near` that is nearest to `rgb`, which lies nearer to `near`; none
/// where it adds nothing.
fn share(rgb: [u8; 3], near: [u8; 3], far: [u8; 3]) -> Option<u8> {
    let (wanted, way) = (differences(near, rgb), differences(near, far));
    let along: i32 = wanted.into_iter().zip(way).map(|(wanted, way)| wanted * way).sum();
    let length: i32 = way.into_iter().map(|way| way * way).sum();
    let share = (64 * along + length / 2).checked_div(length)?.min(32);
    u8::try_from(share).ok().filter(|share| *share > 0)
}

/// How bad the mixture looks: the square of its error, and a quarter of how much its pixels scatter. In units of 1/4096;
/// below 2^31, as a part differs by no more than 64 + 32 times 255.
fn cost(rgb: [u8; 3], near: [u8; 3], far: [u8; 3], share: u8) -> i32 {
    let share = i32::from(share);
    let (wanted, way) = (differences(near, rgb), differences(near, far));
    let error: i32 = wanted.into_iter().zip(way).map(|(wanted, way)| (64 * wanted - share * way).pow(2)).sum();
    let length: i32 = way.into_iter().map(|way| way * way).sum();
    error + length * share * (64 - share) / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_has_every_threshold_once_and_begins_as_bayers_does() {
        let mut all: Vec<u32> = (0..64).map(|at| threshold(at % 8, at / 8)).collect();
        assert_eq!(all[..8], [0, 32, 8, 40, 2, 34, 10, 42]);
        all.sort_unstable();
        assert_eq!(all, (0..64).collect::<Vec<_>>());
    }
}
