//! Colours of an image, reduced to the RGB565 values of one palette.

use crate::diagnostic::{Code, Data, Diagnostic, Pixel, Unit};
use crate::formats::faults::Faults;
use crate::repeated::Repeated;

/// RGB565 values by pixel index; entry 0 is what transparent pixels have.
pub(super) type Palette = [u16; 16];

/// The RGB565 value nearest to a colour, in integers.
pub(super) fn rgb565([r, g, b]: [u8; 3]) -> u16 {
    let reduce = |value: u8, max: u16| (u16::from(value) * max + 127) / 255;
    reduce(r, 31) << 11 | reduce(g, 63) << 5 | reduce(b, 31)
}

/// The colour in the middle of those that become the RGB565 value `value`.
pub(super) fn rgb888(value: u16) -> [u8; 3] {
    let widen = |part: u16, max: u16| ((part & max) * 255 + max / 2) / max;
    [widen(value >> 11, 31), widen(value >> 5, 63), widen(value, 31)].map(|part| part as u8)
}

/// Column and row of a pixel that is counted row by row, as messages name them.
pub(super) fn place(pixel: u32, width: u32) -> String {
    format!("({}, {})", pixel % width, pixel / width)
}

/// The same for programs, with the palette index or alpha `found` there.
pub(super) fn pixel_at(pixel: u32, width: u32, found: u8) -> Pixel {
    Pixel { x: pixel % width, y: pixel / width, found: found.into() }
}

/// The opaque colours of an image.
#[derive(Default)]
pub(super) struct Colours {
    entries: Vec<Entry>,
    /// RGB565 value → 1 + its position in `entries`; 0 for none. Empty as long as they are so few that to go through them
    /// takes less time.
    positions: Vec<u32>,
}

/// One RGB565 value, and the first two source colours that fall on it.
struct Entry {
    value: u16,
    first: Appearance,
    second: Option<Appearance>,
}

/// A source colour, and the first pixel that has it.
#[derive(Clone, Copy)]
struct Appearance {
    rgb: [u8; 3],
    pixel: u32,
}

impl Colours {
    /// How many colours an image may have: index 0 is for transparency.
    const MAX: usize = 15;

    /// The provisional index of a colour, 1 to 15, of which `pixel` is an appearance. Pixels may come in any order.
    /// Too many colours share the last index: such an image has no payload.
    pub(super) fn add(&mut self, rgb: [u8; 3], pixel: u32) -> u8 {
        let value = rgb565(rgb);
        let appearance = Appearance { rgb, pixel };
        let position = self.position(value).unwrap_or(self.entries.len());
        match self.entries.get_mut(position) {
            Some(entry) => entry.add(appearance),
            None => self.push(Entry { value, first: appearance, second: None }),
        }
        (position + 1).min(Self::MAX) as u8
    }

    /// The position of `value` in the entries.
    fn position(&self, value: u16) -> Option<usize> {
        match self.positions.get(usize::from(value)) {
            Some(position) => position.checked_sub(1).map(|position| position as usize),
            None => self.entries.iter().position(|entry| entry.value == value),
        }
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        if self.entries.len() > Self::MAX {
            // At first all of them, then the one that was pushed. There are no more than 65,536 values.
            let known = if self.positions.is_empty() { 0 } else { self.entries.len() - 1 };
            self.positions.resize(1 << 16, 0);
            for (number, entry) in (1..).zip(&self.entries).skip(known) {
                self.positions[usize::from(entry.value)] = number;
            }
        }
    }

    /// The palette, and for each provisional index the final one; nothing when there are too many colours.
    pub(super) fn finish(self, width: u32, faults: &mut Faults<'_>) -> Option<(Palette, [u8; 16])> {
        if self.entries.len() > Self::MAX {
            self.refuse_many(width, faults);
            return None;
        }
        self.warn_of_merged(width, faults);
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_unstable_by_key(|position| self.entries[*position].value);
        let mut palette = Palette::default();
        let mut indices = [0; 16];
        for (index, position) in (1..).zip(order) {
            palette[usize::from(index)] = self.entries[position].value;
            indices[position + 1] = index;
        }
        Some((palette, indices))
    }

    fn warn_of_merged(&self, width: u32, faults: &mut Faults<'_>) {
        let mut merged: Vec<_> = self.entries.iter().filter_map(|entry| Some((entry, entry.second?))).collect();
        merged.sort_unstable_by_key(|(_, second)| second.pixel);
        let both = |(entry, second): &(&Entry, Appearance)| {
            format!("{} and {}", entry.first.describe(width), second.describe(width))
        };
        let merged: Repeated<_> = merged.into_iter().collect();
        let message = merged.message(
            |pair| format!("{} become one RGB565 value, {:#06x}", both(pair), pair.0.value),
            |count, list| format!("colours become one RGB565 value, {count} times: {list}"),
            |pair| format!("{} become {:#06x}", both(pair), pair.0.value),
        );
        if let Some(message) = message {
            let pair = |(entry, second): &(&Entry, Appearance)| [entry.first.name(), second.name()];
            let data = Data::Colours { count: merged.count() * 2, colours: merged.places().flat_map(pair).collect() };
            faults.push(Diagnostic::warning(Code::TilesColoursMerged, message).with_data(data));
        }
    }

    fn refuse_many(mut self, width: u32, faults: &mut Faults<'_>) {
        self.entries.sort_unstable_by_key(|entry| entry.first.pixel);
        let count = self.entries.len();
        let beyond: Repeated<_> =
            (0..).zip(&self.entries).skip(Self::MAX).map(|(at, entry)| (at, entry.first)).collect();
        let item =
            |(at, first): &(usize, Appearance)| format!("the {}th, first at {}", at + 1, place(first.pixel, width));
        let Some(places) = beyond.message(item, |_, list| list, item) else { return };
        let message = format!(
            "the image has {count} distinct colours in RGB565, at most {} are allowed; too many are {places}",
            Self::MAX
        );
        let help = "reduce the colours, or split the picture: each file has a palette of its own; or set \"colors\" to 15 in \
                    \"metadata\" to have them reduced to the best 15";
        let data = Data::limit(Some(count as u64), 0, Self::MAX as u64, Unit::Colours);
        faults.push(Diagnostic::error(Code::TilesColours, message).with_help(help).with_data(data));
    }
}

impl Entry {
    /// Keeps the two colours that appear first, in that order.
    fn add(&mut self, appearance: Appearance) {
        if appearance.rgb == self.first.rgb {
            self.first.pixel = self.first.pixel.min(appearance.pixel);
        } else {
            match &mut self.second {
                Some(second) if second.rgb == appearance.rgb => second.pixel = second.pixel.min(appearance.pixel),
                Some(second) if second.pixel < appearance.pixel => {}
                second => *second = Some(appearance),
            }
        }
        if let Some(second) = &mut self.second
            && second.pixel < self.first.pixel
        {
            std::mem::swap(second, &mut self.first);
        }
    }
}

impl Appearance {
    fn describe(&self, width: u32) -> String {
        format!("{} (first at {})", self.name(), place(self.pixel, width))
    }

    fn name(&self) -> String {
        let [r, g, b] = self.rgb;
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_the_way_to_888_and_back() {
        for value in 0..=u16::MAX {
            assert_eq!(rgb565(rgb888(value)), value, "{value:#06x}");
        }
    }

    #[test]
    fn black_and_white_stay_what_they_are() {
        assert_eq!([rgb888(0), rgb888(0xffff), rgb888(0xf800)], [[0; 3], [255; 3], [255, 0, 0]]);
    }
}
