//! The filter of the resampler: a sinc under a Kaiser window, computed in integers, so that it is the same everywhere.

use std::sync::LazyLock;

/// Zero crossings of the window on each side, in frames of the lower of the two rates.
pub(super) const WIDTH: u64 = 64;

/// Values between one frame and the next.
pub(super) const STEPS: u64 = 512;

/// The value that stands for 1.
pub(super) const ONE: i64 = 1 << 30;

/// The cutoff frequency, as a part of half the lower rate: where the filter has fallen to a half.
const CUTOFF: (i128, i128) = (19, 20);

/// A quarter of the square of the window's β, which is 10.
const QUARTER_OF_SQUARED_BETA: i128 = 25;

/// One side of the filter from its middle on, in [`STEPS`] values a frame. It is symmetric, and ends where the window does.
pub(super) static KERNEL: LazyLock<Vec<i32>> = LazyLock::new(|| {
    let widest = window_terms(0);
    (0..=i128::from(WIDTH * STEPS)).map(|step| value(step, widest)).collect()
});

/// Fixed-point numbers with so many bits behind the point.
const BITS: u32 = 48;
const UNIT: i128 = 1 << BITS;

/// π.
const PI: i128 = 884_279_719_003_555;

/// The filter at `step`, given what the window is in its middle.
fn value(step: i128, widest: i128) -> i32 {
    let window = (window_terms(step) << BITS) / widest;
    let product = (sinc(step) * window) >> BITS;
    // Below 1.
    (product >> (BITS - ONE.trailing_zeros())) as i32
}

/// `sin(c · x) / x`, where `x` is π times the distance in frames, and `c` the cutoff: in the middle it is `c`.
fn sinc(step: i128) -> i128 {
    let (numerator, denominator) = CUTOFF;
    if step == 0 {
        return UNIT * numerator / denominator;
    }
    let x = PI * step / i128::from(STEPS);
    // The angle in parts of which a half turn has `half`.
    let half = denominator * i128::from(STEPS);
    (sine(step * numerator, half) << BITS) / x
}

/// The sine of `part` of `half` half turns.
fn sine(part: i128, half: i128) -> i128 {
    let part = part % (2 * half);
    let (sign, part) = if part >= half { (-1, part - half) } else { (1, part) };
    let x = PI * part.min(half - part) / half;
    let square = (x * x) >> BITS;
    // The terms of the series fall below the last bit before the 20th.
    let (mut sum, mut term) = (x, x);
    for k in 1..20 {
        term = -((term * square) >> BITS) / (2 * k * (2 * k + 1));
        sum += term;
    }
    sign * sum
}

/// The series of the modified Bessel function of order 0 that the window is made of, at `step`.
fn window_terms(step: i128) -> i128 {
    let end = i128::from(WIDTH * STEPS);
    let argument = QUARTER_OF_SQUARED_BETA * UNIT * (end * end - step * step) / (end * end);
    let (mut sum, mut term) = (UNIT, UNIT);
    for k in 1..40 {
        term = ((term * argument) >> BITS) / (k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    #![expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    use super::*;

    /// The same filter in floats, whose sine and exponential come from elsewhere.
    #[test]
    fn the_filter_is_a_sinc_under_a_kaiser_window() {
        let bessel = |x: f64| {
            let mut term = 1.0;
            (1..60).fold(1.0, |sum, k| {
                term *= (x / 2.0 / f64::from(k)).powi(2);
                sum + term
            })
        };
        let (width, steps) = (WIDTH as f64, STEPS as f64);
        assert_eq!(KERNEL.len() as u64, WIDTH * STEPS + 1);
        for (step, found) in KERNEL.iter().enumerate() {
            let distance = step as f64 / steps;
            let x = std::f64::consts::PI * distance;
            let sinc = if step == 0 { 0.95 } else { (0.95 * x).sin() / x };
            let window = bessel(10.0 * (1.0 - (distance / width).powi(2)).max(0.0).sqrt()) / bessel(10.0);
            let expected = sinc * window * ONE as f64;
            assert!((f64::from(*found) - expected).abs() < 2.0, "{step}: {found} {expected}");
        }
    }
}
