//! What could stand at a place of a text.

use std::ops::Range;

use super::values::{Kind, Value, Values};

/// A place of a text among the values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The object or array that the place is in; none outside of all.
    pub container: Option<Value>,
    /// Whether the name of a member of the object belongs there, and not a value.
    pub is_key: bool,
    /// The value that is there, or whose name is there; none where another one could begin.
    pub value: Option<Value>,
    /// The name or value that is written there, quotes included; empty where none is.
    pub typed: Range<usize>,
}

/// What could stand at byte `at` of the text; none where nothing could, as between a name and its colon.
pub fn spot(values: &Values<'_>, at: usize) -> Option<Spot> {
    let is_inside = |value: &Value| {
        let range = values.range(*value);
        let is_container = matches!(values.kind(*value), Kind::Object | Kind::Array);
        is_container && range.start < at && (at < range.end || at == range.end && !values.is_closed(*value))
    };
    let Some(container) = (0..values.count()).rev().find(is_inside) else { return outermost(values, at) };
    let gap =
        Spot { container: Some(container), is_key: values.kind(container) == Kind::Object, value: None, typed: at..at };
    // What begins before `at`, the nearest first, and what begins there.
    let mut near: Vec<Value> = Vec::new();
    for child in values.children(container) {
        let first = values.key_range(child).map_or(values.range(child).start, |key| key.start);
        if first > at {
            break;
        }
        near.splice(..near.len().saturating_sub(1), []);
        near.push(child);
    }
    near.into_iter().rev().find_map(|child| touching(values, child, at, &gap)).unwrap_or(Some(gap))
}

/// What could stand at byte `at`, which is in no object or array.
fn outermost(values: &Values<'_>, at: usize) -> Option<Spot> {
    let spot = Spot { container: None, is_key: false, value: None, typed: at..at };
    match values.root() {
        None => Some(spot),
        Some(root) => touching(values, root, at, &spot).flatten(),
    }
}

/// What could stand at byte `at`, if `child` or its name is there: nothing between the two. `gap` is what could stand
/// there otherwise.
fn touching(values: &Values<'_>, child: Value, at: usize, gap: &Spot) -> Option<Option<Spot>> {
    let range = values.range(child);
    if let Some(key) = values.key_range(child) {
        if (key.start..=key.end).contains(&at) {
            return Some(Some(Spot { is_key: true, value: Some(child), typed: key, ..gap.clone() }));
        }
        if (key.end..range.start).contains(&at) {
            return Some(None);
        }
    }
    let spot = |typed| Some(Some(Spot { is_key: false, value: Some(child), typed, ..gap.clone() }));
    match values.kind(child) {
        Kind::Missing if !values.is_closed(child) => (range.start..=range.end).contains(&at).then_some(None),
        Kind::Missing => (range.start..=range.end).contains(&at).then(|| spot(at..at)).flatten(),
        Kind::String | Kind::Word => (range.start..=range.end).contains(&at).then(|| spot(range)).flatten(),
        Kind::Object | Kind::Array => (at == range.start).then(|| spot(at..at)).flatten(),
    }
}
