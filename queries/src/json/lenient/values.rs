//! The values that were found in a text.

use std::borrow::Cow;
use std::ops::Range;

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number, `true`, `false` or `null`, or anything else that is written without quotes.
    Word,
    /// Nothing: a member that has no value yet.
    Missing,
}

/// A value, by its number. Numbers ascend as values begin; the outermost value is 0.
pub type Value = usize;

/// One value in a text of less than 4 GiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Whether it ends with the bracket or quote that closes it; of a missing value, whether there is a colon.
    pub(super) is_closed: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The name of a member, quotes included; empty where it has none.
    pub(super) key: (u32, u32),
    /// The object or array that it is in; its own number, for an outermost value.
    pub(super) parent: u32,
}

/// The values of a text, as far as they can be told.
#[derive(Debug, Clone)]
pub struct Values<'t> {
    pub(super) text: &'t str,
    pub(super) found: Vec<Found>,
}

impl<'t> Values<'t> {
    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The outermost value; the first one, where there are several.
    pub fn root(&self) -> Option<Value> {
        (!self.found.is_empty()).then_some(0)
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// The kind of `value`.
    pub fn kind(&self, value: Value) -> Kind {
        self.found.get(value).map_or(Kind::Missing, |found| found.kind)
    }

    /// Where `value` is in the text, in bytes.
    pub fn range(&self, value: Value) -> Range<usize> {
        self.found.get(value).map_or(0..0, |found| found.start as usize..found.end as usize)
    }

    /// Whether `value` ends with the bracket or quote that closes it. Of a missing value, whether there is a colon behind
    /// the name.
    pub fn is_closed(&self, value: Value) -> bool {
        self.found.get(value).is_some_and(|found| found.is_closed)
    }

    /// The object or array that `value` is in.
    pub fn parent(&self, value: Value) -> Option<Value> {
        let parent = self.found.get(value)?.parent as usize;
        (parent != value).then_some(parent)
    }

    /// Where the name of the member `value` is, quotes included.
    pub fn key_range(&self, value: Value) -> Option<Range<usize>> {
        let (start, end) = self.found.get(value)?.key;
        (start < end).then_some(start as usize..end as usize)
    }

    /// The name of the member `value`.
    pub fn key(&self, value: Value) -> Option<Cow<'t, str>> {
        self.key_range(value).map(|range| unquoted(&self.text[range]))
    }

    /// The text of `value` as it is written.
    pub fn written(&self, value: Value) -> &'t str {
        &self.text[self.range(value)]
    }

    /// The text of the string `value`; none of any other kind.
    pub fn string(&self, value: Value) -> Option<Cow<'t, str>> {
        (self.kind(value) == Kind::String).then(|| unquoted(self.written(value)))
    }

    /// What is in the object or array `value`, in the order of the text.
    pub fn children(&self, value: Value) -> impl Iterator<Item = Value> {
        let end = self.range(value).end;
        let is_container = matches!(self.kind(value), Kind::Object | Kind::Array);
        let later = (value + 1..self.found.len()).take_while(move |other| self.found[*other].start as usize <= end);
        later.filter(move |other| is_container && self.parent(*other) == Some(value))
    }

    /// The member `name` of the object `value`; the first one, where it is duplicated.
    pub fn member(&self, value: Value, name: &str) -> Option<Value> {
        self.children(value).find(|child| self.key(*child).is_some_and(|key| key == name))
    }

    /// The value that `path` leads to, by names of members.
    pub fn at(&self, path: &[&str]) -> Option<Value> {
        path.iter().try_fold(self.root()?, |value, name| self.member(value, name))
    }

    /// The objects and arrays that `value` is in, and `value` itself, from the outermost on.
    pub fn path(&self, value: Value) -> Vec<Value> {
        let mut path: Vec<_> = std::iter::successors(Some(value), |value| self.parent(*value)).collect();
        path.reverse();
        path
    }
}

/// What a string says, given as it is written. Its closing quote may be missing, and escapes may be wrong.
pub(super) fn unquoted(written: &str) -> Cow<'_, str> {
    let Some(inner) = written.strip_prefix('"') else { return Cow::Borrowed(written) };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.strip_suffix('"').unwrap_or(inner));
    }
    match serde_json::from_str::<String>(written) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(inner.strip_suffix('"').unwrap_or(inner)),
    }
}
