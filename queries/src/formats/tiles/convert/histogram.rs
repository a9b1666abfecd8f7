//! How often pictures have which colours.

use super::super::palette::rgb565;

/// A colour, and how many pixels have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    pub(super) rgb: [u8; 3],
    pub(super) count: u64,
}

/// The colours of all opaque pixels.
pub(super) struct Histogram {
    /// Ascending, each once.
    pub(super) colours: Vec<Counted>,
    /// How many RGB565 values they become.
    pub(super) values: usize,
}

/// Above so many colours, those that are alike in the highest 6 bits of each channel count as one.
const EXACT: usize = 32_768;

/// A colour as a number, in whose order colours are sorted.
pub(super) fn number([r, g, b]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, r, g, b])
}

fn colour(number: u32) -> [u8; 3] {
    let [_, r, g, b] = number.to_be_bytes();
    [r, g, b]
}

impl Histogram {
    /// The histogram of pixels that have these colours, given as [numbers](number), and of `counted` ones besides.
    pub(super) fn of(mut pixels: Vec<u32>, counted: Vec<Counted>) -> Self {
        pixels.sort_unstable();
        let runs = || pixels.chunk_by(|one, other| one == other);
        let distinct = runs().count() + counted.len();
        let run = |run: &[u32]| Counted { rgb: colour(run[0]), count: run.len() as u64 };
        let values = values(runs().map(run).chain(counted.iter().copied()));
        let all = runs().map(run).chain(counted.iter().copied());
        let colours = if distinct <= EXACT { merged(all.collect()) } else { coarse(all) };
        Self { colours, values }
    }
}

/// How many RGB565 values the colours become.
fn values(colours: impl Iterator<Item = Counted>) -> usize {
    let mut is_there = vec![false; 1 << 16];
    colours.for_each(|counted| is_there[usize::from(rgb565(counted.rgb))] = true);
    is_there.into_iter().filter(|there| *there).count()
}

/// The colours in order, each once.
fn merged(mut colours: Vec<Counted>) -> Vec<Counted> {
    colours.sort_unstable();
    colours.dedup_by(|next, kept| {
        let is_same = next.rgb == kept.rgb;
        kept.count += if is_same { next.count } else { 0 };
        is_same
    });
    colours
}

/// The mean colours of those that are alike in their highest 6 bits, in the order of these.
fn coarse(colours: impl Iterator<Item = Counted>) -> Vec<Counted> {
    let mut cells = vec![(0_u64, [0_u64; 3]); 1 << 18];
    for Counted { rgb, count } in colours {
        let [r, g, b] = rgb.map(|part| usize::from(part >> 2));
        let (pixels, sums) = &mut cells[r << 12 | g << 6 | b];
        *pixels += count;
        sums.iter_mut().zip(rgb).for_each(|(sum, part)| *sum += count * u64::from(part));
    }
    let cells = cells.into_iter().filter(|(count, _)| *count > 0);
    cells.map(|(count, sums)| Counted { rgb: sums.map(|sum| mean(sum, count)), count }).collect()
}

/// The mean of `count` values, at least one, whose sum this is.
pub(super) fn mean(sum: u64, count: u64) -> u8 {
    // Values of 8 bits have a mean of 8 bits.
    ((sum + count / 2) / count) as u8
}
