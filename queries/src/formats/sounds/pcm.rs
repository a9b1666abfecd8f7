//! Conversion of samples to 16-bit integers.

/// How a file stores one sample: little-endian, where it is not said to be big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Unsigned, with silence at 128: the only width that WAVE stores without sign.
    U8,
    /// Signed, as AIFF has it.
    I8,
    /// Signed.
    I16,
    /// Signed.
    I24,
    /// Signed.
    I32,
    /// Signed, big-endian.
    I16Big,
    /// Signed, big-endian.
    I24Big,
    /// Signed, big-endian.
    I32Big,
    /// IEEE 754, nominally from -1 to 1.
    F32,
    /// IEEE 754, nominally from -1 to 1, big-endian.
    F32Big,
}

impl Encoding {
    /// The size of a sample.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 | Self::I16Big => 2,
            Self::I24 | Self::I24Big => 3,
            Self::I32 | Self::I32Big | Self::F32 | Self::F32Big => 4,
        }
    }
}

/// Appends every sample of `data` to `payload` as a little-endian i16. What is no whole sample is left out.
pub(super) fn append(encoding: Encoding, data: &[u8], payload: &mut Vec<u8>) {
    match encoding {
        // Flipping the top bit subtracts 128; the byte is then the high one of the result.
        Encoding::U8 => convert(data, payload, |[v]: [u8; 1]| [0, v ^ 0x80]),
        Encoding::I8 => convert(data, payload, |[v]: [u8; 1]| [0, v]),
        Encoding::I16 => payload.extend_from_slice(data.as_chunks::<2>().0.as_flattened()),
        // An arithmetic shift down to 16 bits keeps exactly the two highest bytes.
        Encoding::I24 => convert(data, payload, |[_, low, high]| [low, high]),
        Encoding::I32 => convert(data, payload, |[_, _, low, high]| [low, high]),
        Encoding::I16Big => convert(data, payload, |[high, low]: [u8; 2]| [low, high]),
        Encoding::I24Big => convert(data, payload, |[high, low, _]| [low, high]),
        Encoding::I32Big => convert(data, payload, |[high, low, _, _]| [low, high]),
        Encoding::F32 => convert(data, payload, |v| from_float(f32::from_le_bytes(v)).to_le_bytes()),
        Encoding::F32Big => convert(data, payload, |v| from_float(f32::from_be_bytes(v)).to_le_bytes()),
    }
}

/// The indices of the samples in `data` that are no numbers, which only floats can be.
pub(super) fn not_numbers(encoding: Encoding, data: &[u8]) -> impl Iterator<Item = usize> {
    let (samples, read): (_, fn([u8; 4]) -> f32) = match encoding {
        Encoding::F32 => (data.as_chunks().0, f32::from_le_bytes),
        Encoding::F32Big => (data.as_chunks().0, f32::from_be_bytes),
        _ => (&[][..], f32::from_le_bytes),
    };
    let is_wrong = move |sample: &[u8; 4]| read(*sample).is_nan();
    // Whether there is any is found out for all of them together; which, only then.
    let samples = if samples.iter().fold(false, |found, sample| found | is_wrong(sample)) { samples } else { &[] };
    samples.iter().enumerate().filter(move |(_, sample)| is_wrong(sample)).map(|(index, _)| index)
}

/// Writes into space reserved at once, so that the loop has no checks and can be vectorized.
fn convert<const N: usize>(data: &[u8], payload: &mut Vec<u8>, sample: impl Fn([u8; N]) -> [u8; 2]) {
    let (samples, _) = data.as_chunks();
    let start = payload.len();
    payload.resize(start + 2 * samples.len(), 0);
    let (_, space) = payload.split_at_mut(start);
    let (converted, _) = space.as_chunks_mut();
    for (to, from) in converted.iter_mut().zip(samples) {
        *to = sample(*from);
    }
}

/// Scales to 16 bits, half away from zero. The scale is 32,767 on both sides, so that -1 and 1 stay symmetric. A NaN is 0.
///
/// Rounded by what is left of the whole number, which is exact, as `f32::round` is; that is a call for each sample.
pub(super) fn from_float(value: f32) -> i16 {
    let scaled = value.clamp(-1.0, 1.0) * 32767.0;
    let whole = scaled as i16;
    let rest = scaled - f32::from(whole);
    whole + i16::from(rest >= 0.5) - i16::from(rest <= -0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Around each step, and around the middle between two, where a float more or less is the next number.
    #[test]
    fn floats_are_rounded_half_away_from_zero() {
        let halves = (i16::MIN..=i16::MAX).flat_map(|whole| [f32::from(whole), f32::from(whole) + 0.5]);
        for near in halves.map(|half| half / 32_767.0) {
            for value in
                [near.next_down().next_down(), near.next_down(), near, near.next_up(), near.next_up().next_up()]
            {
                let expected = (value.clamp(-1.0, 1.0) * 32767.0).round() as i16;
                assert_eq!(from_float(value), expected, "{value:e}");
            }
        }
        for value in [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MIN_POSITIVE, 0.499_999_97 / 32_767.0]
        {
            assert_eq!(from_float(value), (value.clamp(-1.0, 1.0) * 32767.0).round() as i16, "{value:e}");
        }
    }
}
