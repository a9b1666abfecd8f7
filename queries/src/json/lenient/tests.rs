#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// The values as an S-expression: of each the name, and what it is.
fn shown(values: &Values<'_>, value: Value) -> String {
    let name = values.key(value).map(|key| format!("{key}=")).unwrap_or_default();
    let inner = || values.children(value).map(|child| shown(values, child)).collect::<Vec<_>>().join(" ");
    let open = if values.is_closed(value) { "" } else { "~" };
    name + &match values.kind(value) {
        Kind::Object => format!("{{{}}}{open}", inner()),
        Kind::Array => format!("[{}]{open}", inner()),
        Kind::String => format!("'{}'{open}", values.string(value).unwrap()),
        Kind::Word => values.written(value).to_owned(),
        Kind::Missing => format!("?{open}"),
    }
}

#[test]
fn broken_texts_are_read_as_far_as_they_go() {
    for (text, expected) in [
        (r#"{"a":1,"b":[true,"x"]}"#, "{a=1 b=[true 'x']}"),
        (r#"{"a":"#, "{a=?}~"),
        (r#"{"a""#, "{a=?~}~"),
        (r#"{"a"#, "{a=?~}~"),
        ("{a", "{a=?~}~"),
        (r#"{"a":,"b":}"#, "{a=? b=?}"),
        (r#"{"a" "b":1}"#, "{a=?~ b=1}"),
        (r#"{"a": "b":1}"#, "{a=? b=1}"),
        (r#"{"a": b:1}"#, "{a=? b=1}"),
        (r#"{"a":1 "b":2}"#, "{a=1 b=2}"),
        ("{\"a\": \"x\n  \"b\": 2}", "{a='x'~ b=2}"),
        ("{\"a\": \"x},\n\"b\": 2}", "{a='x'~}"),
        (r#"{"a":{"b":[1,}"#, "{a={b=[1]~}}~"),
        (r#"{"a":[{"b":1],"c":2}"#, "{a=[{b=1}~] c=2}"),
        (r#"{"a":1]}"#, "{a=1}"),
        (r#"{,,"a":1,,}"#, "{a=1}"),
        (r#"{{"a":1}}"#, "{{a=1}}"),
        (r#"["\u0041\"","\x"]"#, r#"['A"' '\x']"#),
        ("{\"a\\", "{a\\=?~}~"),
        ("", ""),
        ("]}", ""),
    ] {
        let values = read(text);
        assert_eq!(values.root().map(|root| shown(&values, root)).unwrap_or_default(), expected, "{text}");
    }
}

#[test]
fn elements_elsewhere_are_kept_without_what_is_in_them() {
    let text = r#"{"a":[{"b":1},{"c":2},[3]],"d":{"e":[4]}}"#;
    let values = read_around(text, text.find('c').unwrap());
    assert_eq!(shown(&values, 0), "{a=[{} {c=2} []] d={e=[4]}}");
}

/// What could stand at the mark `|`.
fn spot_at(marked: &str) -> String {
    let at = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    let values = read(&text);
    match spot(&values, at) {
        None => "-".to_owned(),
        Some(spot) => {
            let what = if spot.is_key { "key" } else { "value" };
            let path: Vec<_> = spot.container.map(|value| values.path(value)).unwrap_or_default();
            let names: Vec<_> = path.iter().map(|step| values.key(*step).unwrap_or_default()).collect();
            let place = names.join("/");
            let member =
                spot.value.and_then(|value| values.key(value)).map(|key| format!(" {key}")).unwrap_or_default();
            format!("{what}{member} in /{place} for {:?}", &text[spot.typed])
        }
    }
}

#[test]
fn what_could_stand_at_a_place() {
    for (marked, expected) in [
        ("|", r#"value in / for """#),
        ("{|", r#"key in / for """#),
        ("{|}", r#"key in / for """#),
        ("|{}", r#"value in / for """#),
        ("{}|", "-"),
        ("{\"na|", r#"key na in / for "\"na""#),
        ("{\"na|\"}", r#"key na in / for "\"na\"""#),
        ("{\"a\":|", r#"value a in / for """#),
        ("{\"a\":  | ,\"b\":1}", r#"value a in / for """#),
        ("{\"a\"|:1}", r#"key a in / for "\"a\"""#),
        ("{\"a\" |:1}", "-"),
        ("{\"a\" |}", "-"),
        ("{\"a\":\"x|y\"}", r#"value a in / for "\"xy\"""#),
        ("{\"a\":\"x| }", r#"value a in / for "\"x""#),
        ("{\"a\":tr|}", r#"value a in / for "tr""#),
        ("{\"a\":1|}", r#"value a in / for "1""#),
        ("{\"a\":1,|}", r#"key in / for """#),
        ("{\"a\":1 |}", r#"key in / for """#),
        ("{\"a\":1,\n |\n \"b\":2}", r#"key in / for """#),
        ("{\"a\":[|]}", r#"value in //a for """#),
        ("{\"a\":[1,|2]}", r#"value in //a for "2""#),
        ("{\"a\":[1,|", r#"value in //a for """#),
        ("{\"a\":|[1]}", r#"value a in / for """#),
        ("{\"a\":[{\"file\":\"|", r#"value file in //a/ for "\"""#),
        ("{\"a\":{\"b\":1}|}", r#"key in / for """#),
    ] {
        assert_eq!(spot_at(marked), expected, "{marked}");
    }
}

#[test]
fn deep_texts_are_no_trouble() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(300_000), "]".repeat(1_000_000)] {
        let values = read(&text);
        assert!(values.count() <= 2 * crate::json::MAX_DEPTH, "{}", values.count());
        _ = spot(&values, text.len());
    }
}

/// Whether the values are those of `json`.
fn is_same(values: &Values<'_>, value: Value, json: &Json) -> bool {
    match json {
        Json::Object(members) => {
            values.kind(value) == Kind::Object
                && values.children(value).count() == members.len()
                && members
                    .iter()
                    .all(|(name, json)| values.member(value, name).is_some_and(|member| is_same(values, member, json)))
        }
        Json::Array(elements) => {
            let children: Vec<_> = values.children(value).collect();
            values.kind(value) == Kind::Array
                && children.len() == elements.len()
                && children.iter().zip(elements).all(|(child, json)| is_same(values, *child, json))
        }
        Json::String(text) => values.string(value).as_deref() == Some(text),
        other => serde_json::from_str::<Json>(values.written(value)).unwrap() == *other,
    }
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-9..99).prop_map(Json::from),
        "[a\"\\\\é\n{}:,\\[]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[a-dé\"\\\\]{0,2}", inner), 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_read_as_it_is(json in json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        let values = read(&text);
        prop_assert!(is_same(&values, 0, &json), "{text}");
    }

    #[test]
    fn any_text_has_values_within_it(text in "[\\[\\]{}:,\"\\\\a1é \n\r]{0,40}") {
        let values = read(&text);
        for value in 0..values.count() {
            let range = values.range(value);
            prop_assert!(text.get(range.clone()).is_some());
            prop_assert!(values.key_range(value).is_none_or(|key| key.end <= range.start && text.get(key).is_some()));
            if let Some(parent) = values.parent(value) {
                prop_assert!(parent < value);
                prop_assert!(values.range(parent).start < range.start && range.end <= values.range(parent).end);
                prop_assert!(values.children(parent).any(|child| child == value));
            }
        }
        for at in 0..=text.len() {
            if let Some(spot) = spot(&values, at) {
                prop_assert!(text.get(spot.typed.clone()).is_some());
                prop_assert!((spot.typed.start..=spot.typed.end).contains(&at));
            }
            _ = spot(&read_around(&text, at), at);
        }
    }
}
