//! The entries that a picture uses are moved to where the console can use them.

use super::super::image::{Image, Pixels};
use super::super::options::MOST_COLOURS;
use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::formats::faults::Faults;

/// Moves the opaque entries that are used to 1, 2, …, in their order, and lets all that is transparent be entry 0; only
/// where the picture cannot be packed as it is, or would have holes. One that uses more than 15 opaque entries, or half
/// transparent ones, stays as it is.
pub(in super::super) fn renumber(image: &mut Image, faults: &mut Faults<'_>) {
    let Pixels::Indexed { indices, palette } = &mut image.pixels else { return };
    let used = used(indices);
    let alpha = |entry: usize| palette.get(entry).map(|colour| colour[3]);
    let is_fine = |entry: &usize| match alpha(*entry) {
        Some(255) => (1..=usize::from(MOST_COLOURS)).contains(entry),
        Some(0) => *entry == 0,
        _ => false,
    };
    if used.iter().all(is_fine) || !used.iter().all(|entry| matches!(alpha(*entry), Some(0 | 255))) {
        return;
    }
    let (opaque, clear): (Vec<usize>, Vec<usize>) = used.iter().partition(|entry| alpha(**entry) == Some(255));
    if opaque.len() > usize::from(MOST_COLOURS) {
        return;
    }
    let mut numbers = [0; 256];
    for (number, entry) in (1..).zip(&opaque) {
        numbers[*entry] = number;
    }
    indices.iter_mut().for_each(|index| *index = numbers[usize::from(*index)]);
    let gone = palette.len() - used.len();
    let clear = clear.first().map_or([0; 4], |entry| palette[*entry]);
    *palette = std::iter::once(clear).chain(opaque.iter().map(|entry| palette[*entry])).collect();
    let message = format!(
        "the {} opaque palette entries that are used become 1, 2, … in their order; {gone} that are not used are gone",
        opaque.len()
    );
    let data = Data::Count { found: opaque.len() as u64, unit: Unit::Entries };
    faults.push(Diagnostic::info(Code::TilesRenumbered, message).with_data(data));
}

/// The entries that pixels have, in their order.
pub(super) fn used(indices: &[u8]) -> Vec<usize> {
    let mut is_used = [false; 256];
    indices.iter().for_each(|index| is_used[usize::from(*index)] = true);
    (0..256).filter(|entry| is_used[*entry]).collect()
}
