//! What a file is, by its content.

use std::fmt;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    TiledXml,
    TiledJson,
    Ldtk,
    TilesetXml,
    TilesetJson,
}

impl Kind {
    /// The kind of the file with this text, by its first element, or by the names at its top.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        match text.trim_ascii_start().first()? {
            b'<' => Self::of_xml(text),
            b'{' => Self::of_json(text),
            _ => None,
        }
    }

    /// Whether the file is a map, and no tileset.
    pub(in super::super) fn is_map(self) -> bool {
        matches!(self, Self::TiledXml | Self::TiledJson | Self::Ldtk)
    }

    fn of_xml(text: &[u8]) -> Option<Self> {
        let mut reader = Reader::from_reader(text);
        loop {
            match reader.read_event().ok()? {
                Event::Start(element) | Event::Empty(element) => {
                    return match element.local_name().as_ref() {
                        b"map" => Some(Self::TiledXml),
                        b"tileset" => Some(Self::TilesetXml),
                        _ => None,
                    };
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }

    fn of_json(text: &[u8]) -> Option<Self> {
        let mut kind = None;
        // It ends with an error where the kind shows: the rest need not be read.
        drop(serde_json::Deserializer::from_slice(text).deserialize_map(TopLevel(&mut kind)));
        kind
    }

    /// The kind of the file that has the `name` at its top.
    fn with(name: &str) -> Option<Self> {
        match name {
            "__header__" | "jsonVersion" | "defs" => Some(Self::Ldtk),
            "layers" | "orientation" => Some(Self::TiledJson),
            "columns" | "tilecount" => Some(Self::TilesetJson),
            _ => None,
        }
    }
}

/// Goes through the names at the top of a file, to the first that tells its kind.
struct TopLevel<'k>(&'k mut Option<Kind>);

impl<'de> Visitor<'de> for TopLevel<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            *self.0 = Kind::with(&name);
            if self.0.is_some() {
                return Err(A::Error::custom("the kind is known"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
