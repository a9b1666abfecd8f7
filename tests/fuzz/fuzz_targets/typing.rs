//! Any text has values, at places that lie in it and within each other, and so does what could stand at a place of it. Those
//! of a document are what the strict reader reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::json::Document;
use papack_queries::json::lenient::{Kind, Value, Values, read, read_around, spot};
use serde_json::Value as Json;

/// Short, for the sake of the checks, some of which take quadratic time.
const MAX_SIZE: usize = 1 << 12;

fuzz_target!(|input: (u16, &str)| {
    let (at, text) = input;
    if text.len() > MAX_SIZE {
        return;
    }
    let at = usize::from(at) % (text.len() + 1);
    let values = read(text);
    check_places(&values);
    check_spot(&values, at);
    // What is read for one place alone says of it the same.
    let around = read_around(text, at);
    check_places(&around);
    check_spot(&around, at);
    let [whole, part] = [&values, &around].map(|values| {
        let spot = spot(values, at)?;
        let range = |value: Option<Value>| value.map(|value| values.range(value));
        Some((range(spot.container), spot.is_key, range(spot.value), spot.typed))
    });
    assert_eq!(whole, part);
    let Ok(document) = Document::parse("x.json", text.as_bytes(), MAX_SIZE) else { return };
    let object = document.root().any_object();
    if let (Some(object), true) = (object, document.into_faults().is_empty()) {
        check_same(&values, 0, &Json::Object(object));
    }
});

/// Every value and every name is a part of the text, in the value that it belongs to.
fn check_places(values: &Values<'_>) {
    for value in 0..values.count() {
        let range = values.range(value);
        assert_eq!(values.written(value), &values.text()[range.clone()]);
        _ = (values.key(value), values.string(value));
        if let Some(key) = values.key_range(value) {
            assert!(key.end <= range.start && values.text().get(key).is_some());
        }
        if let Some(parent) = values.parent(value) {
            let outer = values.range(parent);
            assert!(parent < value && outer.start < range.start && range.end <= outer.end);
            assert!(values.children(parent).any(|child| child == value));
        }
        assert_eq!(values.path(value).len(), 1 + values.parent(value).map_or(0, |parent| values.path(parent).len()));
    }
}

/// What could stand at a place takes the place of what is there.
fn check_spot(values: &Values<'_>, at: usize) {
    let Some(spot) = spot(values, at) else { return };
    assert!((spot.typed.start..=spot.typed.end).contains(&at) && values.text().get(spot.typed).is_some());
    assert!(spot.container.is_none_or(|it| matches!(values.kind(it), Kind::Object | Kind::Array)));
}

fn check_same(values: &Values<'_>, value: Value, json: &Json) {
    let children = || values.children(value);
    match json {
        Json::Object(members) => {
            assert_eq!((values.kind(value), children().count()), (Kind::Object, members.len()));
            for (name, json) in members {
                check_same(values, values.member(value, name).unwrap(), json);
            }
        }
        Json::Array(elements) => {
            assert_eq!((values.kind(value), children().count()), (Kind::Array, elements.len()));
            children().zip(elements).for_each(|(child, json)| check_same(values, child, json));
        }
        Json::String(text) => assert_eq!(values.string(value).as_deref(), Some(text.as_str())),
        other => assert_eq!(serde_json::from_str::<Json>(values.written(value)).unwrap(), *other),
    }
}
