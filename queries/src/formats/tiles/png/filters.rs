//! Filters of PNG: a byte is stored as what it differs by from a prediction.

use wide::{i16x8, u8x16};

/// Undoes the filter of a row of pixels of `pixel_bytes`, below the row `previous`, which has the same length. Whether
/// there is such a filter.
pub(super) fn undo(filter: u8, pixel_bytes: u8, previous: &[u8], row: &mut [u8]) -> bool {
    match (filter, pixel_bytes) {
        (0, _) => {}
        (1, 1) => add_bytes(previous, row, |left, _, _| left),
        (1, 2) => add_left::<2>(row),
        (1, 3) => add_left::<3>(row),
        (1, _) => add_left::<4>(row),
        (2, _) => row.iter_mut().zip(previous).for_each(|(value, up)| *value = value.wrapping_add(*up)),
        (3, 1) => add_bytes(previous, row, |left, up, _| left.midpoint(up)),
        (3, 2) => add_pixels::<2>(previous, row, add_average),
        (3, 3) => add_pixels::<3>(previous, row, add_average),
        (3, _) => add_pixels::<4>(previous, row, add_average),
        (4, 1) => add_bytes(previous, row, paeth_byte),
        (4, 2) => add_pixels::<2>(previous, row, add_paeth),
        (4, 3) => add_pixels::<3>(previous, row, add_paeth),
        (4, _) => add_pixels::<4>(previous, row, add_paeth),
        _ => return false,
    }
    true
}

/// Adds to each byte of each pixel that of the pixel to the left.
fn add_left<const N: usize>(row: &mut [u8]) {
    let mut left = [0; N];
    for pixel in row.as_chunks_mut::<N>().0 {
        for i in 0..N {
            pixel[i] = pixel[i].wrapping_add(left[i]);
        }
        left = *pixel;
    }
}

/// Adds to each byte what `predict` makes of its neighbours: left, above, and above left.
fn add_bytes(previous: &[u8], row: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    let (mut left, mut corner) = (0, 0);
    for (value, &up) in row.iter_mut().zip(previous) {
        *value = value.wrapping_add(predict(left, up, corner));
        (left, corner) = (*value, up);
    }
}

/// The same for pixels of `N` bytes, 4 at most, by `add`, which is also given the pixel. A pixel needs the one before, so it is
/// the bytes of one that are computed side by side.
fn add_pixels<const N: usize>(previous: &[u8], row: &mut [u8], add: impl Fn(i16x8, i16x8, i16x8, i16x8) -> i16x8) {
    let low_byte = i16x8::splat(0xff);
    let (mut left, mut corner) = (i16x8::ZERO, i16x8::ZERO);
    for (pixel, up) in row.as_chunks_mut::<N>().0.iter_mut().zip(previous.as_chunks::<N>().0) {
        let up = widen(up);
        left = add(widen(pixel), left, up, corner) & low_byte;
        corner = up;
        pixel.copy_from_slice(&u8x16::narrow_i16x8(left, left).to_array()[..N]);
    }
}

/// The bytes of a pixel, and zeros.
fn widen<const N: usize>(pixel: &[u8; N]) -> i16x8 {
    let mut bytes = [0; 16];
    bytes[..N].copy_from_slice(pixel);
    i16x8::from_u8x16_low(u8x16::new(bytes))
}

fn add_average(pixel: i16x8, left: i16x8, up: i16x8, _: i16x8) -> i16x8 {
    pixel + ((left + up) >> 1)
}

/// The neighbour that is nearest to left + above − above left; in a tie the first in this order.
///
/// Where `corner` lies in the lower third of the way between the two others, or below, that is the higher of
/// them; in the upper third, or above, the lower; else `corner`. Asked in this way it takes no branches.
#[inline]
fn paeth_byte(left: u8, up: u8, corner: u8) -> u8 {
    let (low, high) = (left.min(up), left.max(up));
    let third = 3 * i16::from(corner) - i16::from(left) - i16::from(up);
    let upper = if i16::from(high) <= third { low } else { corner };
    if third <= i16::from(low) { high } else { upper }
}

/// The same, added to each byte of a pixel. What depends on `left` comes as late as it can: each pixel waits for it.
fn add_paeth(pixel: i16x8, left: i16x8, up: i16x8, corner: i16x8) -> i16x8 {
    let (low, high) = (left.min(up), left.max(up));
    let third = (corner + corner + corner - up) - left;
    let to_low = (low - corner) & !high.simd_gt(third);
    let to_high = (high - corner) & !third.simd_gt(low);
    // Where both are asked for, all three are equal, and both are 0.
    ((pixel + corner) + to_low) + to_high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the specification of PNG says.
    fn by_the_book(left: u8, up: u8, corner: u8) -> u8 {
        let target = i32::from(left) + i32::from(up) - i32::from(corner);
        let distance = |value: u8| (target - i32::from(value)).abs();
        [left, up, corner].into_iter().min_by_key(|value| distance(*value)).unwrap_or(left)
    }

    /// Many pairs of neighbours, and each of the third within a few steps of where another one becomes the nearest.
    #[test]
    fn the_nearest_neighbour_is_that_of_the_specification() {
        for left in (0..=255_u8).step_by(15) {
            for up in 0..=255_u8 {
                let (low, high) = (left.min(up), left.max(up));
                let step = (high - low) / 3;
                for near in [low, low + step, low.midpoint(high), high - step, high, 0, 255] {
                    for corner in near.saturating_sub(2)..=near.saturating_add(2) {
                        let expected = by_the_book(left, up, corner);
                        assert_eq!(paeth_byte(left, up, corner), expected, "{left} {up} {corner}");
                        let of_pixel =
                            add_paeth(i16x8::ZERO, widen(&[left]), widen(&[up]), widen(&[corner])).to_array()[0];
                        assert_eq!(of_pixel, i16::from(expected), "{left} {up} {corner}, side by side");
                    }
                }
            }
        }
    }
}
