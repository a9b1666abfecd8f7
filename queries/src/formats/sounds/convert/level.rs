//! Loudness: every sample multiplied by one fraction.

use super::super::options::Level;

/// What became of a sound that was made louder or softer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Levelled {
    /// The distance of the farthest sample from 0, before.
    pub(super) peak: u16,
    /// Samples that would be larger than 16 bits hold, and got the nearest value that they do.
    pub(super) clipped: u64,
}

/// Brings the samples in `payload` to `level`.
pub(super) fn apply(level: Level, payload: &mut [u8]) -> Levelled {
    let (samples, _) = payload.as_chunks_mut::<2>();
    let peak = samples.iter().map(|sample| i16::from_le_bytes(*sample).unsigned_abs()).max().unwrap_or(0);
    let (numerator, denominator) = match level {
        Level::Gain(per_cent) => (per_cent, 100),
        // Silence has no peak, and stays what it is.
        Level::Normalize(target) => (target, peak.max(1)),
    };
    let mut clipped = 0;
    for sample in samples {
        let scaled = scale(i16::from_le_bytes(*sample), numerator, denominator);
        let fitting = scaled.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        clipped += u64::from(scaled != i32::from(fitting));
        *sample = fitting.to_le_bytes();
    }
    Levelled { peak, clipped }
}

/// `sample × numerator / denominator`, half away from zero. The denominator is not 0.
fn scale(sample: i16, numerator: u16, denominator: u16) -> i32 {
    let denominator = i64::from(denominator);
    let product = i64::from(sample) * i64::from(numerator);
    ((2 * product + product.signum() * denominator) / (2 * denominator)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levelled(level: Level, samples: &[i16]) -> (Vec<i16>, u64) {
        let mut payload: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let clipped = apply(level, &mut payload).clipped;
        (payload.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect(), clipped)
    }

    #[test]
    fn samples_are_scaled_half_away_from_zero_and_saturate() {
        for (level, samples, expected, clipped) in [
            (Level::Gain(100), &[1, -1, i16::MIN, i16::MAX][..], &[1, -1, i16::MIN, i16::MAX][..], 0),
            (Level::Gain(50), &[1, -1, 3, -3, 4, i16::MIN], &[1, -1, 2, -2, 2, -16_384], 0),
            (Level::Gain(150), &[1, -1, 30_000, -30_000, 21_845], &[2, -2, i16::MAX, i16::MIN, i16::MAX], 3),
            (Level::Gain(10_000), &[i16::MIN, 327, 328], &[i16::MIN, 32_700, i16::MAX], 2),
            (Level::Normalize(32_767), &[0, 1, -2], &[0, 16_384, -32_767], 0),
            (Level::Normalize(1), &[0, 100, -49, 50], &[0, 1, 0, 1], 0),
            (Level::Normalize(32_767), &[i16::MIN, i16::MAX], &[-32_767, 32_766], 0),
            (Level::Normalize(9), &[0, 0], &[0, 0], 0),
            (Level::Normalize(9), &[], &[], 0),
        ] {
            assert_eq!(levelled(level, samples), (expected.to_vec(), clipped), "{level:?} {samples:?}");
        }
    }
}
