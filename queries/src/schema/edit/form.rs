//! Documents in the packer's own form: only white space changes, and in the registry the order of the assets.
//!
//! The form of a manifest is that of a new one, as [`new_manifest`](super::new_manifest) writes it.

use super::registry::RegistryEdit;
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Document;
use crate::json::lenient::{Kind, Value, Values, read};
use crate::schema::manifest::MAX_SIZE;
use crate::schema::registry;

/// The longest object or array with several values that stands in one line, in characters.
const LINE: usize = 100;

/// The manifest in `bytes` in the packer's own form; `None` where it is no JSON as papack reads it.
pub fn formatted_manifest(bytes: &[u8]) -> Option<String> {
    let document = Document::parse("", bytes, MAX_SIZE).ok()?;
    if !document.into_faults().is_empty() {
        return None;
    }
    let values = read(std::str::from_utf8(bytes).ok()?);
    let root = values.root()?;
    let broken = [Some(root), values.member(root, "output")];
    let mut form = Form { values: &values, broken, text: String::with_capacity(bytes.len()) };
    form.write(root, 0);
    form.text.push('\n');
    (form.text.len() <= MAX_SIZE).then_some(form.text)
}

/// The registry in `bytes` in its one form; `None` where it has faults, or is of an older version.
pub fn formatted_registry(bytes: &[u8]) -> Option<String> {
    let registry = registry::parse(bytes);
    let is_in_the_way = |found: &Diagnostic| found.is_error() || found.code == Code::SchemaOlder;
    let is_sound = !registry.diagnostics.iter().any(is_in_the_way);
    is_sound.then(|| RegistryEdit::new(&registry).map(|edit| edit.to_text()))?
}

/// A document as it is written. It nests as deep as a document may.
struct Form<'v, 't> {
    values: &'v Values<'t>,
    /// What never stands in one line: the document, and its `output`.
    broken: [Option<Value>; 2],
    text: String,
}

impl Form<'_, '_> {
    /// Writes `value`, whose line is indented by `indent` levels.
    fn write(&mut self, value: Value, indent: usize) {
        let children: Vec<_> = self.values.children(value).collect();
        let brackets = match self.values.kind(value) {
            Kind::Object => ["{", "}"],
            Kind::Array => ["[", "]"],
            _ => return self.text.push_str(self.values.written(value)),
        };
        if children.is_empty() {
            self.text.extend(brackets);
        } else if let Some(line) = self.line(value) {
            self.text.push_str(&line);
        } else if let [only] = children[..]
            && self.values.kind(value) == Kind::Array
        {
            self.text.push('[');
            self.write(only, indent);
            self.text.push(']');
        } else {
            self.text.push_str(brackets[0]);
            for (position, child) in children.iter().enumerate() {
                self.text.push_str(if position == 0 { "\n" } else { ",\n" });
                self.indent(indent + 1);
                self.write_key(*child);
                self.write(*child, indent + 1);
            }
            self.text.push('\n');
            self.indent(indent);
            self.text.push_str(brackets[1]);
        }
    }

    fn indent(&mut self, levels: usize) {
        self.text.extend(std::iter::repeat_n("  ", levels));
    }

    fn write_key(&mut self, value: Value) {
        if let Some(key) = self.values.key_range(value) {
            self.text.push_str(&self.values.text()[key]);
            self.text.push_str(": ");
        }
    }

    /// The object or array `value` in one line, where it stands in one.
    fn line(&self, value: Value) -> Option<String> {
        let mut line = Form { text: String::new(), ..*self };
        line.add(value, Inside::Line).then_some(())?;
        let is_single = self.values.children(value).nth(1).is_none();
        (is_single || line.text.chars().count() <= LINE).then_some(line.text)
    }

    /// Adds `value` to the line, unless it does not stand in one.
    fn add(&mut self, value: Value, inside: Inside) -> bool {
        let values = self.values;
        let (brackets, next) = match (values.kind(value), inside) {
            (Kind::Object, Inside::Line) if !self.broken.contains(&Some(value)) => (["{ ", " }"], Inside::Object),
            (Kind::Array, Inside::Line | Inside::Object) => (["[", "]"], Inside::Array),
            (Kind::Object | Kind::Array, _) if values.children(value).next().is_some() => return false,
            _ => {
                let written = values.written(value);
                self.text.push_str(match values.kind(value) {
                    Kind::Object => "{}",
                    Kind::Array => "[]",
                    _ => written,
                });
                return true;
            }
        };
        self.text.push_str(brackets[0]);
        for (position, child) in values.children(value).enumerate() {
            self.text.push_str(if position == 0 { "" } else { ", " });
            self.write_key(child);
            if !self.add(child, next) {
                return false;
            }
        }
        self.text.push_str(brackets[1]);
        true
    }
}

/// What a value in one line is in: the line alone, an object or an array of it.
#[derive(Clone, Copy)]
enum Inside {
    Line,
    Object,
    Array,
}
