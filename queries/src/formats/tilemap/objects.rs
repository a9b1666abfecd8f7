//! The bytes of a layer of objects.

use std::collections::HashMap;

use super::map::Object;

/// Texts, each once, in the order in which they were first named.
#[derive(Default)]
struct Texts<'t> {
    numbers: HashMap<&'t str, u32>,
    all: Vec<&'t str>,
}

impl<'t> Texts<'t> {
    fn number(&mut self, text: &'t str) -> u32 {
        *self.numbers.entry(text).or_insert_with(|| {
            self.all.push(text);
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// The bytes of `objects`, which show the tiles with the numbers in `cells`.
pub(super) fn bytes(objects: &[Object], cells: &[u32]) -> Vec<u8> {
    let mut texts = Texts::default();
    let (mut records, mut properties) = (Vec::new(), Vec::new());
    for (object, cell) in objects.iter().zip(cells) {
        let first = count(&properties);
        for (name, value) in &object.properties {
            properties.push((texts.number(name), *value));
        }
        let (name, class) = (texts.number(&object.name), texts.number(&object.class));
        let Object { id, x, y, width, height, .. } = *object;
        let of_object = count(&object.properties);
        records.push([id, x.cast_unsigned(), y.cast_unsigned(), width, height, *cell, name, class, first, of_object]);
    }
    let mut bytes = Vec::new();
    let mut put = |number: u32| bytes.extend(number.to_le_bytes());
    put(count(&records));
    put(count(&properties));
    put(count(&texts.all));
    records.iter().flatten().for_each(|number| put(*number));
    properties.iter().for_each(|(name, value)| {
        put(*name);
        put(value.cast_unsigned());
    });
    let mut end = 0_u32;
    put(end);
    for text in &texts.all {
        end = end.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
        put(end);
    }
    texts.all.iter().for_each(|text| bytes.extend(text.as_bytes()));
    bytes
}

/// How many there are, which was counted to be few.
fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}
