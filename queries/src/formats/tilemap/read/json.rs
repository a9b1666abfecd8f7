//! Values of JSON of which only one kind is wanted: what is of another kind takes no memory.

use std::fmt;

use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::notes::{MAX_TILESETS, Notes, Read};

/// Reads the file that is a `what`.
pub(super) fn parse<'b, T: Deserialize<'b>>(bytes: &'b [u8], what: &str, notes: &mut Notes<'_, '_>) -> Read<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The error has no kind of its own.
        if error.is_syntax() && error.to_string().starts_with("recursion limit") {
            let message = format!("the values of the file are more than 127 levels within each other: {error}");
            return notes.unsupported(message, "take layers out of groups, and save the map");
        }
        notes.invalid(format!("this is no {what}: {error}"))
    })
}

/// The cells of a layer.
#[derive(Debug, Default)]
pub(super) enum Cells {
    #[default]
    Absent,
    Text(String),
    Numbers(Vec<u32>),
}

/// An integer of 32 bits, or a truth value as 0 or 1; none for everything else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Integer(pub(super) Option<i32>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellsVisitor)
    }
}

struct CellsVisitor;

impl<'de> Visitor<'de> for CellsVisitor {
    type Value = Cells;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of numbers, or a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Cells, E> {
        Ok(Cells::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Cells, E> {
        Ok(Cells::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Cells, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = sequence.next_element()? {
            numbers.push(number);
        }
        Ok(Cells::Numbers(numbers))
    }
}

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntegerVisitor)
    }
}

struct IntegerVisitor;

impl<'de> Visitor<'de> for IntegerVisitor {
    type Value = Integer;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Integer, E> {
        Ok(Integer(Some(i32::from(value))))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Integer, E> {
        Ok(Integer(i32::try_from(value).ok()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Integer, E> {
        Ok(Integer(i32::try_from(value).ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Integer, E> {
        Ok(Integer(None))
    }

    fn visit_str<E>(self, _: &str) -> Result<Integer, E> {
        Ok(Integer(None))
    }

    fn visit_unit<E>(self) -> Result<Integer, E> {
        Ok(Integer(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Integer, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Integer(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Integer, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Integer(None))
    }
}

/// Reads a list of no more elements than there may be tilesets, and one that shows that there are more.
pub(super) fn few<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(FewVisitor(PhantomData))
}

struct FewVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FewVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = sequence.next_element()? {
            if all.len() >= MAX_TILESETS {
                return Err(A::Error::custom(format!("more than {MAX_TILESETS} tilesets")));
            }
            all.push(element);
        }
        Ok(all)
    }
}
