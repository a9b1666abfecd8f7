//! Mixing to mono.

/// Appends the mean of each frame of `stereo` to `mono`, half away from zero. What is no whole frame is left out.
pub(super) fn append(stereo: &[i16], mono: &mut Vec<i16>) {
    mono.extend(stereo.as_chunks::<2>().0.iter().map(|[left, right]| mean(*left, *right)));
}

fn mean(left: i16, right: i16) -> i16 {
    let sum = i32::from(left) + i32::from(right);
    // A mean of integers is rounded toward zero, and the sign makes it half away from zero. The mean of two fits.
    i32::midpoint(sum, sum.signum()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_rounded_half_away_from_zero() {
        for (left, right, expected) in [
            (0, 0, 0),
            (1, 0, 1),
            (-1, 0, -1),
            (3, 2, 3),
            (-3, -2, -3),
            (1, -1, 0),
            (i16::MAX, i16::MAX, i16::MAX),
            (i16::MIN, i16::MIN, i16::MIN),
            (i16::MIN, i16::MAX, -1),
        ] {
            assert_eq!(mean(left, right), expected, "{left} {right}");
        }
    }
}
