//! Pixels of a BMP file that lie there as they are.

use super::header::{Header, Mask};

/// The rows of `data`, from the uppermost one.
fn rows<'d>(header: &Header, data: &'d [u8]) -> Vec<&'d [u8]> {
    let length = header.row_bytes().unwrap_or(0).max(1);
    let mut rows: Vec<_> = data.chunks_exact(length).take(header.height as usize).collect();
    if !header.is_top_down {
        rows.reverse();
    }
    rows
}

/// Indices of `bits` bits, the leftmost one in the highest.
pub(super) fn indices(header: &Header, bits: u32, data: &[u8]) -> Vec<u8> {
    let unpacked = |byte: &u8| {
        let byte = *byte;
        (1..=8 / bits).map(move |place| byte.checked_shr(8 - bits * place).unwrap_or(0) & (0xff >> (8 - bits)) as u8)
    };
    rows(header, data).into_iter().flat_map(|row| row.iter().flat_map(unpacked).take(header.width as usize)).collect()
}

/// Blue, green and red, a byte each.
pub(super) fn bytes(header: &Header, data: &[u8]) -> Vec<[u8; 4]> {
    colours(header, data, |[b, g, r]: &[u8; 3]| [*r, *g, *b, 255])
}

/// Pixels of `bits` bits, 16 or 32, of which `masks` tell red, green, blue and alpha.
pub(super) fn masked(header: &Header, bits: u32, masks: [Mask; 4], data: &[u8]) -> Vec<[u8; 4]> {
    let [red, green, blue, alpha] = masks;
    let colour =
        |pixel| [red.channel(pixel, 0), green.channel(pixel, 0), blue.channel(pixel, 0), alpha.channel(pixel, 255)];
    if bits == 16 {
        colours(header, data, |pixel| colour(u16::from_le_bytes(*pixel).into()))
    } else {
        colours(header, data, |pixel| colour(u32::from_le_bytes(*pixel)))
    }
}

/// Pixels of `N` bytes, each of which `colour` takes apart.
fn colours<const N: usize>(header: &Header, data: &[u8], colour: impl Fn(&[u8; N]) -> [u8; 4]) -> Vec<[u8; 4]> {
    let rows = rows(header, data);
    let mut pixels = Vec::with_capacity(rows.len() * header.width as usize);
    for row in rows {
        pixels.extend(row.as_chunks().0.iter().take(header.width as usize).map(&colour));
    }
    pixels
}
