//! A value of a document, read by a schema. Every mismatch becomes a fault at its place.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::ops::Range;

use nojson::{JsonValueKind, RawJsonValue};
use serde_json::{Map, Number, Value};

use super::document::Document;
use super::schema_faults::{missing_fault, type_fault};
use super::text::{Place, shortened};
use super::value::{MAX_INTEGER, integer, is_float, members, range, reads, string};
use crate::diagnostic::{Code, Data, Diagnostic, Fix, Type, Unit};
use crate::suggest;

/// A value of a [`Document`].
#[derive(Clone, Copy)]
pub struct Node<'d, 't> {
    document: &'d Document<'t>,
    /// The value's number in the document. There may be very many nodes.
    index: usize,
}

/// The names of fields of another object of the document, and what that is called.
pub type Elsewhere = (&'static [&'static str], &'static str);

impl<'d, 't> Node<'d, 't> {
    fn new(document: &'d Document<'t>, value: RawJsonValue<'t, 'd>) -> Self {
        Self { document, index: value.index() }
    }

    fn value(self) -> RawJsonValue<'t, 'd> {
        let json = &self.document.json;
        json.get_value_by_index(self.index).unwrap_or_else(|| json.value())
    }

    /// Reports an error here.
    pub fn error(self, code: Code, message: impl Into<String>) {
        self.report(Diagnostic::error(code, message));
    }

    /// Reports an error here, with its facts for programs.
    pub fn error_with(self, code: Code, message: impl Into<String>, data: Data) {
        self.report(Diagnostic::error(code, message).with_data(data));
    }

    /// Reports `diagnostic` here.
    pub fn report(self, diagnostic: Diagnostic) {
        self.document.report(self.value(), diagnostic);
    }

    /// Where this value is, given the pointer that leads to it.
    pub fn place(self, pointer: impl Into<String>) -> Place {
        Place { pointer: pointer.into(), range: self.range() }
    }

    /// Where the text of this value is in the document, in bytes.
    pub fn range(self) -> Range<usize> {
        range(self.value())
    }

    /// The text of this value in the document.
    pub fn text(self) -> &'t str {
        self.value().as_raw_str()
    }

    /// The type of this value.
    pub fn value_type(self) -> Type {
        match self.value().kind() {
            JsonValueKind::Integer if is_float(self.value()) => Type::Float,
            JsonValueKind::Null => Type::Null,
            JsonValueKind::Boolean => Type::Boolean,
            JsonValueKind::Integer => Type::Integer,
            JsonValueKind::Float => Type::Float,
            JsonValueKind::String => Type::String,
            JsonValueKind::Array => Type::Array,
            JsonValueKind::Object => Type::Object,
        }
    }

    fn mismatch<T>(self, expected: Type) -> Option<T> {
        if !self.document.is_full() {
            let fault = type_fault(self.value_type(), expected);
            let text = string(self.value());
            let meant = match expected {
                Type::Integer => {
                    let number = text.parse().ok().filter(|number| (-MAX_INTEGER..=MAX_INTEGER).contains(number));
                    number.map(|number: i64| number.to_string())
                }
                Type::Boolean => matches!(text.as_ref(), "true" | "false").then(|| text.to_string()),
                _ => None,
            };
            self.report(match meant {
                Some(meant) => {
                    let fix = self.replacement(format!("Write {meant} without quotes"), true, meant);
                    fault.with_help(format!("write {text} without quotes")).with_fix(fix)
                }
                None => fault,
            });
        }
        None
    }

    /// The members of an object, of which only `allowed` may occur. Unknown ones are reported.
    pub fn object(self, allowed: &'static [&'static str]) -> Option<Fields<'d, 't>> {
        self.object_among(allowed, &[])
    }

    /// As [`object`](Self::object). Of an unknown member that is known `elsewhere`, it is told where that is.
    pub fn object_among(self, allowed: &'static [&'static str], elsewhere: &[Elsewhere]) -> Option<Fields<'d, 't>> {
        if self.value().kind() != JsonValueKind::Object {
            return self.mismatch(Type::Object);
        }
        let mut fields = Fields { node: self, allowed, members: [None; INDEXED] };
        let mut unknown = Vec::new();
        // Members in the order of `allowed`, as papack writes them, are found at once.
        let mut next = 0;
        for (key, value) in members(self.value()) {
            let Some(at) = (next..allowed.len()).chain(0..next).find(|at| reads(key, allowed[*at])) else {
                unknown.push(key);
                continue;
            };
            if let Some(member) = fields.members.get_mut(at) {
                *member = member.or(NonZeroUsize::new(value.index()));
            }
            next = at + 1;
        }
        self.refuse_unknown(&unknown, fields, elsewhere);
        Some(fields)
    }

    fn refuse_unknown(self, keys: &[RawJsonValue<'t, 'd>], fields: Fields<'_, '_>, elsewhere: &[Elsewhere]) {
        let is_elsewhere = |name: &str| elsewhere.iter().find(|(names, _)| names.contains(&name));
        // The field that each key probably means, if that is not there.
        let meant = |key: &RawJsonValue<'_, '_>| {
            let name = string(*key);
            let meant = suggest::only_one_of(&name, fields.allowed).filter(|meant| fields.optional(meant).is_none());
            meant.filter(|_| is_elsewhere(&name).is_none())
        };
        let looked_at = if self.document.has_room() { Document::FAULT_LIMIT } else { 0 };
        let meant: Vec<_> = keys.iter().take(looked_at).map(meant).collect();
        for (index, key) in keys.iter().enumerate() {
            if self.document.is_full() {
                continue;
            }
            let name = string(*key);
            let message = format!("unknown field {:?}", shortened(&name));
            let help = match is_elsewhere(&name) {
                Some((_, place)) => format!("{name:?} belongs into {place}"),
                None => allowed_fields(&name, fields.allowed),
            };
            let data = Data::choice(shortened(&name), fields.allowed, suggest::nearest_of(&name, fields.allowed));
            let key = Self::new(self.document, *key);
            let fix = meant.get(index).copied().flatten().and_then(|field| {
                let is_only =
                    meant.len() == keys.len() && meant.iter().filter(|meant| **meant == Some(field)).count() == 1;
                key.replacement(format!("Rename {:?} to {field:?}", shortened(&name)), is_only, format!("{field:?}"))
            });
            key.report(Diagnostic::error(Code::FieldUnknown, message).with_help(help).with_data(data).with_fix(fix));
        }
    }

    /// A fix that writes `text` in the place of this value; none of a document that is no document of a workspace.
    pub fn replacement(self, title: String, is_safe: bool, text: String) -> Option<Fix> {
        self.document.fix(title, is_safe, vec![(self.range(), text)])
    }

    /// As [`replacement`](Self::replacement), by the string `text`.
    pub fn string_replacement(self, is_safe: bool, text: &str) -> Option<Fix> {
        let text = Value::from(text).to_string();
        self.replacement(format!("Write {text}"), is_safe, text)
    }

    /// The member `name` of an object; the first one, where it is duplicated.
    pub fn member(self, name: &str) -> Option<Node<'d, 't>> {
        members(self.value()).find(|(key, _)| reads(*key, name)).map(|(_, value)| Self::new(self.document, value))
    }

    /// Where the keys and values of an object are in the document, in bytes; none of any other kind.
    pub fn member_ranges(self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        members(self.value()).map(|(key, value)| (range(key), range(value)))
    }

    /// The elements of an array.
    pub fn array(self) -> Option<Vec<Node<'d, 't>>> {
        match self.value().to_array() {
            Ok(elements) => Some(elements.map(|value| Self::new(self.document, value)).collect()),
            Err(_) => self.mismatch(Type::Array),
        }
    }

    /// The elements of an array, which are not collected: there may be very many.
    pub fn elements(self) -> impl Iterator<Item = Node<'d, 't>> {
        let elements = self.value().to_array().ok();
        if elements.is_none() {
            self.mismatch::<()>(Type::Array);
        }
        elements.into_iter().flatten().map(move |value| Self::new(self.document, value))
    }

    /// The text of a string.
    pub fn string(self) -> Option<String> {
        self.str().map(Cow::into_owned)
    }

    /// The text of a string, which is copied only where it has escapes.
    pub fn str(self) -> Option<Cow<'t, str>> {
        match self.value().kind() {
            JsonValueKind::String => Some(string(self.value())),
            _ => self.mismatch(Type::String),
        }
    }

    /// The value of an integer. One out of range has its fault already.
    pub fn integer(self) -> Option<i64> {
        match self.value().kind() {
            JsonValueKind::Integer if !is_float(self.value()) => {
                let integer = integer(self.value());
                if integer.is_none() && self.document.is_written {
                    self.document.refuse_large(self.value());
                }
                integer
            }
            _ => self.mismatch(Type::Integer),
        }
    }

    /// The value of an integer that lies within `least` and `most`.
    pub fn integer_within(self, least: i64, most: i64) -> Option<i64> {
        let number = self.integer()?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        let message = format!("{number} is out of range; {least} to {most} are allowed");
        self.report(Diagnostic::error(Code::FieldInvalid, message).with_data(Data::range(number, least, most)));
        None
    }

    /// The value of an integer that counts or measures something.
    pub fn size(self) -> Option<u64> {
        self.integer_within(0, MAX_INTEGER).and_then(|size| u64::try_from(size).ok())
    }

    /// The value of a boolean.
    pub fn boolean(self) -> Option<bool> {
        match self.value().as_boolean_str() {
            Ok(text) => Some(text == "true"),
            Err(_) => self.mismatch(Type::Boolean),
        }
    }

    /// Reports what is no object, whatever an object holds.
    pub fn expect_object(self) {
        if self.value().kind() != JsonValueKind::Object {
            self.mismatch::<()>(Type::Object);
        }
    }

    /// An object with whatever it holds.
    pub fn any_object(self) -> Option<Map<String, Value>> {
        match value(self.value()) {
            Value::Object(map) => Some(map),
            _ => self.mismatch(Type::Object),
        }
    }

    /// Reports every float in this value, and every container deeper than `max_depth` (this value is level 1).
    pub fn refuse_floats_and_depth(self, max_depth: usize) {
        self.refuse_floats_and_depth_from(1, max_depth);
    }

    fn refuse_floats_and_depth_from(self, level: usize, max_depth: usize) {
        match self.value().kind() {
            _ if is_float(self.value()) => {
                let message = format!("{} is no integer; only integers are allowed here", shortened(self.text()));
                let help = "use a smaller unit, 50 percent instead of 0.5, or a string";
                let data = Data::Type { found: Type::Float, expected: Type::Integer };
                self.report(Diagnostic::error(Code::JsonNumber, message).with_help(help).with_data(data));
            }
            JsonValueKind::Array | JsonValueKind::Object if level > max_depth => {
                let message = format!("nested too deep; at most {max_depth} levels are allowed here");
                let data = Data::limit(None, 0, max_depth as u64, Unit::Levels);
                self.report(Diagnostic::error(Code::JsonTooDeep, message).with_data(data));
            }
            JsonValueKind::Array => {
                for child in self.value().to_array().into_iter().flatten() {
                    Self::new(self.document, child).refuse_floats_and_depth_from(level + 1, max_depth);
                }
            }
            JsonValueKind::Object => {
                for (_, child) in members(self.value()) {
                    Self::new(self.document, child).refuse_floats_and_depth_from(level + 1, max_depth);
                }
            }
            _ => {}
        }
    }
}

impl<'t> Document<'t> {
    /// The outermost value.
    pub fn root(&self) -> Node<'_, 't> {
        Node::new(self, self.json.value())
    }
}

/// As many members as any object of a schema has.
const INDEXED: usize = 14;

/// The members of an object.
#[derive(Clone, Copy)]
pub struct Fields<'d, 't> {
    node: Node<'d, 't>,
    allowed: &'static [&'static str],
    /// For each of the first names of `allowed`, the number of its member if there is one. The root, 0, is no member.
    members: [Option<NonZeroUsize>; INDEXED],
}

impl<'d, 't> Fields<'d, 't> {
    /// A member that must be there; its absence is reported.
    pub fn required(self, name: &str) -> Option<Node<'d, 't>> {
        let member = self.optional(name);
        if member.is_none() && !self.node.document.is_full() {
            self.node.report(missing_fault(name));
        }
        member
    }

    /// The object itself.
    pub fn node(self) -> Node<'d, 't> {
        self.node
    }

    /// A member that may be absent.
    pub fn optional(self, name: &str) -> Option<Node<'d, 't>> {
        match self.allowed.iter().take(INDEXED).position(|allowed| *allowed == name) {
            Some(at) => self.members[at].map(|member| Node { index: member.get(), ..self.node }),
            None => self.node.member(name),
        }
    }
}

/// Help where the field `name` is none of `allowed`.
fn allowed_fields(name: &str, allowed: &[&str]) -> String {
    let list = allowed.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    suggest::one_of(name, allowed, &format!("the fields here are {list}"))
}

/// `value` as a tree. Numbers out of range, which have their fault already, become null.
fn value(raw: RawJsonValue<'_, '_>) -> Value {
    match raw.kind() {
        JsonValueKind::Null => Value::Null,
        JsonValueKind::Boolean => Value::Bool(raw.as_raw_str() == "true"),
        JsonValueKind::Integer if !is_float(raw) => integer(raw).map_or(Value::Null, Value::from),
        JsonValueKind::Integer | JsonValueKind::Float => {
            raw.as_raw_str().parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        JsonValueKind::String => Value::String(string(raw).into_owned()),
        JsonValueKind::Array => raw.to_array().into_iter().flatten().map(value).collect(),
        JsonValueKind::Object => members(raw).map(|(key, child)| (string(key).into_owned(), value(child))).collect(),
    }
}
