//! Documents in the packer's own form.

use papack_queries::formats::Format;
use papack_queries::formats::sounds::{self, Loops};
use papack_queries::formats::tiles::{EntryZero, Options, TileSize};
use papack_queries::schema::edit::{formatted_manifest, formatted_registry, new_manifest};
use papack_queries::schema::registry;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

fn formatted(text: &str) -> String {
    formatted_manifest(text.as_bytes()).unwrap_or_else(|| "refused".into())
}

#[test]
fn a_new_manifest_is_in_this_form() {
    let long = "a/".repeat(50) + "b.png";
    let formats = [
        Format::TilesIndexedV1(Options { entry_zero: EntryZero::Transparent, ..Options::new(TileSize::Eight) }),
        Format::SoundsPcmV1(sounds::Options::with_loops(Loops::Detect)),
        Format::DataRawV1,
    ];
    for files in [vec![], vec!["a.png".to_owned()], vec!["a.png".to_owned(), long]] {
        for format in formats {
            let except = |count| vec!["a.png".to_owned(); if files.is_empty() { count } else { 0 }];
            for except in [except(0), except(1), except(40)] {
                let text = new_manifest(Uuid::nil(), "a \"b\"", &files, &["**/*.png".into()], &except, format);
                assert_eq!(formatted(&text), text);
                assert_eq!(text.contains("\"except\""), !except.is_empty());
            }
        }
    }
}

#[test]
fn what_stands_in_one_line() {
    let long = "x".repeat(100);
    for (text, expected) in [
        ("{}", "{}\n"),
        ("{ }\r\n", "{}\n"),
        (r#"{"b":1,"a":"\u0041"}"#, "{\n  \"b\": 1,\n  \"a\": \"\\u0041\"\n}\n"),
        (r#"{"a":[1,2,{}],"b":[[],[]]}"#, "{\n  \"a\": [1, 2, {}],\n  \"b\": [[], []]\n}\n"),
        (
            r#"{"a":{"glob":"*","except":["a","b"]}}"#,
            "{\n  \"a\": { \"glob\": \"*\", \"except\": [\"a\", \"b\"] }\n}\n",
        ),
        (r#"{"a":[{"b":1}]}"#, "{\n  \"a\": [{ \"b\": 1 }]\n}\n"),
        (r#"{"a":[{"b":1},2]}"#, "{\n  \"a\": [\n    { \"b\": 1 },\n    2\n  ]\n}\n"),
        (r#"{"a":{"b":{"c":1}}}"#, "{\n  \"a\": {\n    \"b\": { \"c\": 1 }\n  }\n}\n"),
        (r#"{"output":{"format":"x"}}"#, "{\n  \"output\": {\n    \"format\": \"x\"\n  }\n}\n"),
        (&format!("{{\"a\":[\"{long}\"]}}"), &format!("{{\n  \"a\": [\"{long}\"]\n}}\n")),
        (&format!("{{\"a\":[\"{long}\",1]}}"), &format!("{{\n  \"a\": [\n    \"{long}\",\n    1\n  ]\n}}\n")),
        (r#"{"a":1,"a":2}"#, "refused"),
        (r#"{"a":1,}"#, "refused"),
        ("", "refused"),
    ] {
        assert_eq!(formatted(text), expected, "{text}");
    }
}

#[test]
fn a_registry_without_faults_gets_its_one_form() {
    let entry = |id: u32, root: &str| {
        format!(
            r#"{{"root":"{root}","asset_id":{id},"included_in_build":true,"asset_uuid":"00000000-0000-4000-8000-{id:012}"}}"#
        )
    };
    let registry = |version: u32, entries: &str| {
        format!(r#"{{"next_asset_id":9,"assets":[{entries}],"schema_version":{version}}}"#)
    };
    let text = registry(2, &[entry(3, "b"), entry(1, "a")].join(","));
    let form = formatted_registry(text.as_bytes()).unwrap();
    assert_eq!(form.lines().nth(4).unwrap().trim_start().split(',').next(), Some("{ \"asset_id\": 1"));
    assert_eq!(formatted_registry(form.as_bytes()).as_deref(), Some(&*form));
    let (before, after) = (registry::parse(text.as_bytes()), registry::parse(form.as_bytes()));
    assert_eq!((before.next_asset_id, before.entries), (after.next_asset_id, after.entries));
    for refused in [registry(1, ""), registry(2, &[entry(1, "a"), entry(1, "b")].join(",")), "{".to_owned()] {
        assert_eq!(formatted_registry(refused.as_bytes()), None, "{refused}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), (-9..99).prop_map(Value::from), "[a-c\"\\\\ é,{]{0,3}".prop_map(Value::from)];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-f]{1,2}|output", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn it_says_the_same_and_stays_as_it_is(json in json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        let form = formatted(&text);
        prop_assert_eq!(&serde_json::from_str::<Value>(&form).unwrap(), &json);
        prop_assert_eq!(formatted(&form), form);
    }
}
