//! Which part of a picture file an asset takes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which part of a file an entry of `artifacts` takes; at least one of its fields is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Part {
    /// The frames of the tag with this name.
    pub tag: Option<String>,
    /// The level with this name.
    pub level: Option<String>,
    /// The layers with these names or paths, and what is in them; all that are shown, where there are none.
    pub layers: Vec<String>,
    /// What lies within the slice with this name.
    pub slice: Option<String>,
    /// The frames with these numbers.
    pub frames: Option<Frames>,
}

/// Frames by their numbers, which begin with 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Frames {
    /// All that there are.
    All,
    /// From the first number to the last one.
    Range(u32, u32),
}

impl Part {
    /// Every field that an entry can have for it.
    pub const FIELDS: [&'static str; 5] = ["tag", "layer", "slice", "frame", "level"];

    /// The first of its fields that only a file with layers and tags can have.
    pub(super) fn of_sprites(&self) -> Option<&'static str> {
        let fields = [("tag", self.tag.is_some()), ("layer", !self.layers.is_empty()), ("slice", self.slice.is_some())];
        fields.into_iter().find_map(|(name, is_there)| is_there.then_some(name))
    }
}

impl Part {
    /// The first of its fields that is not among `fields`.
    pub(super) fn beside(&self, fields: &[&str]) -> Option<&'static str> {
        let Self { tag, level, layers, slice, frames } = self;
        let is_there = [tag.is_some(), !layers.is_empty(), slice.is_some(), frames.is_some(), level.is_some()];
        let set = Self::FIELDS.into_iter().zip(is_there).filter(|(_, is_there)| *is_there).map(|(name, _)| name);
        set.into_iter().find(|name| !fields.contains(name))
    }
}

impl Frames {
    /// The numbers among `count` frames, in ascending order.
    ///
    /// # Errors
    ///
    /// The first number that no frame has.
    pub(super) fn among(self, count: u32) -> Result<std::ops::Range<u32>, u32> {
        match self {
            Self::All => Ok(0..count),
            Self::Range(first, last) if last < count => Ok(first..last + 1),
            Self::Range(first, _) => Err(first.max(count)),
        }
    }
}

/// As canonical JSON: what content keys are made of.
impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, level, layers, slice, frames } = self;
        let frames = match frames {
            None => serde_json::Value::Null,
            Some(Frames::All) => "ALL".into(),
            Some(Frames::Range(first, last)) => [*first, *last].as_slice().into(),
        };
        match level {
            None => serde_json::json!([frames, layers, slice, tag]).fmt(formatter),
            Some(level) => serde_json::json!([frames, layers, slice, tag, level]).fmt(formatter),
        }
    }
}
