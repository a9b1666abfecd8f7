//! Canonical JSON agrees with an independent implementation of RFC 8785.

use papack_queries::json::canonical;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

const MAX_INTEGER: i64 = (1 << 53) - 1;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        // Where UTF-16 order, byte order and escapes differ.
        vec(
            prop::sample::select(vec![
                'a', 'B', '1', '\u{0}', '\u{1f}', '\u{7f}', '"', '\\', '/', 'é', '\u{fb00}', '😀', '\u{2028}'
            ]),
            0..5
        )
        .prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn number() -> impl Strategy<Value = Number> {
    let finite = |bits: u64| Number::from_f64(f64::from_bits(bits));
    prop_oneof![
        (-MAX_INTEGER..=MAX_INTEGER).prop_map(Number::from),
        any::<i8>().prop_map(Number::from),
        any::<u64>().prop_filter_map("finite", finite),
        (any::<i32>(), -30..30_i32)
            .prop_map(|(digits, exponent)| { Number::from_f64(f64::from(digits) * 10_f64.powi(exponent)).unwrap() }),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::Array),
            btree_map(text(), inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn agrees_with_another_implementation(value in document()) {
        let ours = String::from_utf8(canonical::to_vec(&value).unwrap()).unwrap();
        let theirs = serde_jcs::to_string(&value).unwrap();
        prop_assert_eq!(&ours, &theirs);
        // And it is the same document, read back.
        let again: Value = serde_json::from_str(&ours).unwrap();
        prop_assert_eq!(String::from_utf8(canonical::to_vec(&again).unwrap()).unwrap(), ours);
    }
}

/// The examples of RFC 8785, sections 3.2.2 and 3.2.3, and its appendix B.
#[test]
fn agrees_with_the_rfc() {
    for (value, expected) in [
        (
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]}"#,
            r#"{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}"#,
        ),
        (
            r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}"#,
            "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
        ),
        (
            "{\"\u{20ac}\":1,\"\\r\":2,\"\u{fb33}\":3,\"1\":4,\"\u{1f600}\":5,\"\u{80}\":6,\"\u{f6}\":7}",
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}",
        ),
        (
            "[-0.0,5e-324,1.7976931348623157e308,9007199254740991,295147905179352830000,1e21,999999999999999900000,1e-7]",
            "[0,5e-324,1.7976931348623157e+308,9007199254740991,295147905179352830000,1e+21,999999999999999900000,1e-7]",
        ),
    ] {
        let value: Value = serde_json::from_str(value).unwrap();
        assert_eq!(String::from_utf8(canonical::to_vec(&value).unwrap()).unwrap(), expected);
    }
}
