//! XML as a tree of elements, bounded.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::super::notes::{Notes, Read};

/// The most elements of a file.
const MAX_ELEMENTS: usize = 1 << 18;

/// The most levels of elements.
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
        let mut open = vec![Self::default()];
        let (mut count, mut attributes) = (0, 0);
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Err(notes.invalid(format!("byte {}: {error}", reader.error_position())));
                }
            };
            match event {
                Event::Start(start) | Event::Empty(start)
                    if count >= MAX_ELEMENTS || attributes > MAX_ALL_ATTRIBUTES || open.len() > MAX_DEPTH =>
                {
                    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                    let message = format!(
                        "the file has more than {MAX_ELEMENTS} elements, {MAX_ALL_ATTRIBUTES} attributes or {MAX_DEPTH} levels, at {name:?}"
                    );
                    return Err(
                        notes.unsupported(message, "save the map with tile layers as CSV or Base64, not as XML")
                    );
                }
                Event::Start(start) => {
                    count += 1;
                    let element = Self::of(&start, notes)?;
                    attributes += element.attributes.len();
                    open.push(element);
                }
                Event::Empty(start) => {
                    count += 1;
                    let element = Self::of(&start, notes)?;
                    attributes += element.attributes.len();
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(element);
                    }
                }
                Event::End(_) => {
                    if let (Some(element), Some(parent)) = (open.pop(), open.last_mut()) {
                        parent.children.push(element);
                    }
                }
                Event::Text(text) => {
                    if let (Some(element), Ok(text)) = (open.last_mut(), text.decode()) {
                        element.text.push_str(&text);
                    }
                }
                Event::CData(text) => {
                    if let (Some(element), Ok(text)) = (open.last_mut(), text.decode()) {
                        element.text.push_str(&text);
                    }
                }
                Event::Eof => break,
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(None) => {
                            reference.decode().ok().and_then(|name| resolve_predefined_entity(&name)?.chars().next())
                        }
                        Ok(character) => character,
                        Err(_) => None,
                    };
                    // Others would have to be expanded, and are in no map.
                    let Some(character) = character else {
                        return Err(notes.invalid("a text has an entity that is none of the five of XML"));
                    };
                    if let Some(element) = open.last_mut() {
                        element.text.push(character);
                    }
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let root = open.pop().filter(|_| open.is_empty()).and_then(|document| document.children.into_iter().next());
        root.ok_or_else(|| notes.invalid("the file ends within an element, or has none"))
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
