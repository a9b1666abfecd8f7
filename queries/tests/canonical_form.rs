//! The canonical form as it is compared is the one that is written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use papack_queries::diagnostic::Code;
use papack_queries::json::{Document, canonical};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

/// Where `text` is said to differ first; `None` when it is said to be canonical.
fn told(text: &str) -> Option<usize> {
    let document = Document::parse_written("d.json", text.as_bytes()).unwrap();
    document.refuse_not_canonical("the document");
    let faults = document.into_faults();
    assert!(faults.iter().all(|fault| fault.code == Code::PackNotCanonical), "{faults:?}");
    let message = &faults.first()?.message;
    Some(message.rsplit_once(' ').unwrap().1.parse().unwrap())
}

/// The same, by writing the whole form.
fn expected(text: &str) -> Option<usize> {
    let form = canonical::to_vec(&serde_json::from_str::<Value>(text).unwrap()).unwrap();
    let same = text.bytes().zip(&form).take_while(|(a, b)| a == *b).count();
    (same < text.len() || same < form.len()).then_some(same)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        "[ -~\u{0}-\u{1f}\u{e9}\u{fb00}\u{1f600}]{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        let key = "[a-c\"\\\\\n\u{e9}\u{fb00}\u{1f600}]{0,3}";
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(key, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_canonical(value in value()) {
        let text = String::from_utf8(canonical::to_vec(&value).unwrap()).unwrap();
        prop_assert_eq!(told(&text), None);
    }

    /// Other writers sort otherwise, escape otherwise, print numbers otherwise, or put white space in.
    #[test]
    fn first_difference_is_where_the_whole_form_differs(value in value()) {
        for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(told(&text), expected(&text), "{}", text);
        }
    }
}

#[test]
fn large_float_is_written_as_an_integer_and_read_again() {
    assert_eq!(told("[100000000000000000000,1e+21,9007199254740992]"), None);
}

#[test]
fn forms_that_are_not_canonical() {
    let cases = [
        (" 1", 0),
        ("1 ", 1),
        ("[1 ,2]", 2),
        ("-0", 0),
        ("100000000000000000001", 20),
        ("1e20", 1),
        ("1.0", 1),
        ("1e2", 1),
        (r#""\u0041""#, 1),
        (r#"{"b":1,"a":2}"#, 2),
    ];
    for (text, at) in cases {
        assert_eq!(told(text), Some(at), "{text}");
    }
}
