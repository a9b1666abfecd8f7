//! XML as a tree of elements, bounded.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::notes::{Notes, Read};
use crate::json::shortened;

/// The most elements of a file.
const MAX_ELEMENTS: usize = 1 << 18;

/// The most levels of elements: more than groups may have.
const MAX_DEPTH: usize = 64;

/// The most attributes of an element. Each is compared with those before it.
const MAX_ATTRIBUTES: usize = 256;

/// The most attributes of a file.
const MAX_ALL_ATTRIBUTES: usize = 1 << 20;

/// An element without its namespace.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// The text directly in it.
    pub(super) text: String,
}

impl Element {
    /// Reads the document element.
    pub(super) fn parse(bytes: &[u8], notes: &mut Notes<'_, '_>) -> Read<Self> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(notes.invalid("the file is not UTF-8, as the programs save it"));
        };
        let mut reader = Reader::from_str(text);
        let mut tree = Tree::default();
        loop {
            let event = reader.read_event();
            match event.map_err(|error| notes.invalid(format!("byte {}: {error}", reader.error_position())))? {
                Event::Start(start) => tree.open(&start, notes)?,
                Event::Empty(start) => {
                    tree.open(&start, notes)?;
                    tree.close();
                }
                Event::End(_) => tree.close(),
                Event::Text(text) => tree.add_text(&text.decode().unwrap_or_default()),
                Event::CData(text) => tree.add_text(&text.decode().unwrap_or_default()),
                Event::GeneralRef(reference) => match character(&reference) {
                    Some(character) => tree.add_text(character.encode_utf8(&mut [0; 4])),
                    // It would have to be expanded, and is in no map.
                    None => return Err(notes.invalid("a text has an entity that is none of the five of XML")),
                },
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
                Event::Eof => break,
            }
        }
        tree.finish().ok_or_else(|| notes.invalid("the file ends within an element, or has none"))
    }

    fn of(start: &BytesStart<'_>, notes: &mut Notes<'_, '_>) -> Read<Self> {
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        let mut attributes = Vec::new();
        for (number, attribute) in start.attributes().enumerate() {
            if number >= MAX_ATTRIBUTES {
                let message = format!("the element {name:?} has more than {MAX_ATTRIBUTES} attributes");
                return Err(notes.unsupported(message, "save the map in Tiled again"));
            }
            let value = attribute.as_ref().ok().and_then(|attribute| attribute.unescape_value().ok());
            let (Ok(attribute), Some(value)) = (&attribute, value) else {
                return Err(notes.invalid(format!("an attribute of the element {name:?} cannot be read")));
            };
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            attributes.push((key, value.into_owned()));
        }
        Ok(Self { name, attributes, ..Self::default() })
    }

    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The number that an attribute has, or `default` where it is not there.
    pub(super) fn number<N: std::str::FromStr>(&self, name: &str, default: N, notes: &mut Notes<'_, '_>) -> Read<N> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse()
            .map_err(|_| notes.invalid(format!("{name} of the element {:?} is no such number: {text:?}", self.name)))
    }

    /// The children called `name`.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The elements of a file, under way.
#[derive(Default)]
struct Tree {
    /// Those that are ended at the top of the file.
    document: Vec<Element>,
    /// Those that are not ended, from the outermost.
    open: Vec<Element>,
    /// How many elements and attributes there were.
    elements: usize,
    attributes: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, notes: &mut Notes<'_, '_>) -> Read<()> {
        self.elements += 1;
        let name = || String::from_utf8_lossy(start.name().as_ref()).into_owned();
        if self.elements > MAX_ELEMENTS || self.attributes > MAX_ALL_ATTRIBUTES {
            let message = format!(
                "the file has more than {MAX_ELEMENTS} elements or {MAX_ALL_ATTRIBUTES} attributes, at {:?}",
                shortened(&name())
            );
            return Err(notes.unsupported(message, "save the map with tile layers as CSV or Base64, not as XML"));
        }
        if self.open.len() >= MAX_DEPTH {
            let message =
                format!("the elements of the file are in more than {MAX_DEPTH} others, at {:?}", shortened(&name()));
            return Err(notes.unsupported(message, "take layers out of groups, and save the map"));
        }
        let element = Element::of(start, notes)?;
        self.attributes += element.attributes.len();
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            self.open.last_mut().map_or(&mut self.document, |parent| &mut parent.children).push(element);
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    /// The document element, if it has ended.
    fn finish(self) -> Option<Element> {
        self.document.into_iter().next().filter(|_| self.open.is_empty())
    }
}

/// The character that is meant by a number, or by one of the five names of XML.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    match reference.resolve_char_ref().ok()? {
        Some(character) => Some(character),
        None => resolve_predefined_entity(&reference.decode().ok()?)?.chars().next(),
    }
}
