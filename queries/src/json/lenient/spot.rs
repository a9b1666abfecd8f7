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
    // The last two that begin at `at` or before.
    let mut near = [None; 2];
    for child in values.children(container) {
        let first = values.key_range(child).map_or(values.range(child).start, |key| key.start);
        if first > at {
            break;
        }
        near = [near[1], Some(child)];
    }
    for child in near.into_iter().rev().flatten() {
        match touching(values, child, at, &gap) {
            Touch::Not => {}
            Touch::Between => return None,
            Touch::There(spot) => return Some(spot),
        }
    }
    Some(gap)
}

/// What could stand at byte `at`, which is in no object or array.
fn outermost(values: &Values<'_>, at: usize) -> Option<Spot> {
    let spot = Spot { container: None, is_key: false, value: None, typed: at..at };
    let Some(root) = values.root() else { return Some(spot) };
    match touching(values, root, at, &spot) {
        Touch::Not | Touch::Between => None,
        Touch::There(spot) => Some(spot),
    }
}

/// How a place lies to a value.
enum Touch {
    /// Elsewhere.
    Not,
    /// Between its name and its colon, or the colon and the value.
    Between,
    /// There.
    There(Spot),
}

/// How byte `at` lies to `child` and its name. `gap` is what could stand there otherwise.
fn touching(values: &Values<'_>, child: Value, at: usize, gap: &Spot) -> Touch {
    let range = values.range(child);
    if let Some(key) = values.key_range(child) {
        if (key.start..=key.end).contains(&at) {
            return Touch::There(Spot { is_key: true, value: Some(child), typed: key, ..gap.clone() });
        }
        if (key.end..range.start).contains(&at) {
            return Touch::Between;
        }
    }
    let is_there = (range.start..=range.end).contains(&at);
    let typed = match values.kind(child) {
        Kind::Missing if is_there && !values.is_closed(child) => return Touch::Between,
        Kind::Missing if is_there => at..at,
        Kind::String | Kind::Word if is_there => range,
        Kind::Object | Kind::Array if at == range.start => at..at,
        _ => return Touch::Not,
    };
    Touch::There(Spot { is_key: false, value: Some(child), typed, ..gap.clone() })
}
