//! Every rule of `index.json`, as the schema and as papack have it.

use crate::agreement::{Beyond, Corpus, NO_PATHS, NOT_NFC, PATHS, REGISTRIES, components, framed, too_many_bytes};

const BASE: &str = r#"{"schema_version": 2, "next_asset_id": 12, "assets": [
{"asset_id": 3, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "root": "ui/atlas", "included_in_build": true},
{"asset_id": 7, "asset_uuid": "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02", "root": "music", "included_in_build": false}
]}"#;

const NEXT: &str = "\"next_asset_id\": 12";
const ID: &str = "\"asset_id\": 7";
const UUID: &str = r#""9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02""#;
const ROOT: &str = r#""music""#;
const INCLUDED: &str = ", \"included_in_build\": false";

/// What is none of the values that most fields take.
const NO_VALUES: [&str; 6] = ["null", "\"\"", "true", "1.5", "[]", "{}"];

/// Everything from the first asset on.
fn assets() -> &'static str {
    &BASE[BASE.find('[').unwrap()..BASE.len() - 1]
}

fn field<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    values.into_iter().map(|value| format!("\"{name}\": {value}")).collect()
}

#[test]
fn schema_and_papack_agree_on_every_rule() {
    let mut corpus = Corpus::new(&REGISTRIES, BASE);
    whole_documents(&mut corpus);
    numbers(&mut corpus);
    identity(&mut corpus);
    roots(&mut corpus);
    let (counted, shown) = corpus.finish();
    assert!(counted > 170, "only {counted} cases");
    assert_eq!(
        shown,
        [
            Beyond::SpellingOfIntegers,
            Beyond::DuplicateKeys,
            Beyond::Nfc,
            Beyond::PathBytes,
            Beyond::BelowNextId,
            Beyond::Unique,
            Beyond::NestedRoots,
        ]
    );
}

fn whole_documents(corpus: &mut Corpus) {
    corpus.refused(BASE, NO_VALUES);
    corpus.refused(BASE, ["", "{", "\u{feff}{}"]);
    corpus.refused("\n]}", ["\n],}", "\n,]}", "\n]} 1", "\n]"]);
    corpus.refused("\"schema_version\": 2, ", ["", "\"extra\": 1, \"schema_version\": 2, "]);
    corpus.refused("\"schema_version\": 2", field("schema_version", ["0", "1", "3", "-2", "\"2\"", "null", "2.5"]));
    corpus.beyond(Beyond::SpellingOfIntegers, "\"schema_version\": 2", field("schema_version", ["2.0", "2e0"]));
    corpus.refused(&format!("\"assets\": {}", assets()), ["\"asset\": []"]);
    corpus.refused(&format!(", \"assets\": {}", assets()), [""]);
    corpus.accepted(assets(), ["[]"]);
    corpus.refused(assets(), ["null", "{}", "1", "\"a\"", "[1]", "[null]", "[[]]", "[{}]", "[\"a\"]"]);
    corpus.beyond(Beyond::DuplicateKeys, NEXT, ["\"next_asset_id\": 8, \"next_asset_id\": 12"]);
    corpus.beyond(Beyond::DuplicateKeys, ROOT, [r#""music", "root": "music""#]);
}

fn numbers(corpus: &mut Corpus) {
    corpus.refused("\"next_asset_id\": 12, ", [""]);
    corpus.accepted(NEXT, field("next_asset_id", ["8", "2147483647"]));
    corpus.refused(NEXT, field("next_asset_id", NO_VALUES));
    corpus.refused(NEXT, field("next_asset_id", ["0", "-1", "2147483648", "9007199254740992", "1e400", "\"12\""]));
    corpus.beyond(Beyond::SpellingOfIntegers, NEXT, field("next_asset_id", ["12.0", "1.2e1"]));

    corpus.refused("\"asset_id\": 7, ", [""]);
    corpus.accepted(ID, field("asset_id", ["1", "11", "2"]));
    corpus.refused(ID, field("asset_id", NO_VALUES));
    corpus.refused(ID, field("asset_id", ["0", "-1", "2147483647", "\"7\""]));
    corpus.beyond(Beyond::SpellingOfIntegers, ID, field("asset_id", ["7.0", "70e-1"]));
    corpus.beyond(Beyond::BelowNextId, ID, field("asset_id", ["12", "13", "2147483646"]));
    corpus.beyond(Beyond::BelowNextId, NEXT, field("next_asset_id", ["7", "1"]));
    corpus.beyond(Beyond::Unique, ID, field("asset_id", ["3"]));
}

fn identity(corpus: &mut Corpus) {
    corpus.refused("\"asset_uuid\": \"9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02\", ", [""]);
    corpus.refused(UUID, NO_VALUES);
    corpus
        .accepted(UUID, framed("$", ["00000000-0000-0000-0000-000000000000", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"]));
    let wrong = [
        "9B0C2C34-52A5-4C29-8F0A-0C2B8B6D9F02",
        "9b0c2c3452a54c298f0a0c2b8b6d9f02",
        "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f0",
        "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02 ",
        "9b0c2c34-52a54-c29-8f0a-0c2b8b6d9f02",
    ];
    corpus.refused(UUID, framed("$", wrong));
    corpus.beyond(Beyond::Unique, UUID, [r#""3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01""#]);

    corpus.accepted(INCLUDED, [", \"included_in_build\": true"]);
    corpus.refused(INCLUDED, ["", ", \"included\": true", ", \"included_in_build\": false, \"extra\": 1"]);
    corpus.refused(INCLUDED, ["null", "0", "\"false\"", "[]"].map(|value| format!(", \"included_in_build\": {value}")));
}

fn roots(corpus: &mut Corpus) {
    let (longest, longer, most, more) = ("a".repeat(1024), "a".repeat(1025), components(64), components(65));
    corpus.refused(", \"root\": \"music\"", [""]);
    corpus.refused(ROOT, NO_VALUES);
    corpus.accepted(ROOT, framed("$", PATHS));
    corpus.accepted(ROOT, framed("$", [&*longest, &most, "ui/atlas2", "ui/atla", "ui-x"]));
    corpus.refused(ROOT, framed("$", NO_PATHS));
    corpus.refused(ROOT, framed("$", [&*longer, &more, ".a", "a/.b", ".prometeu/x", "*", "a?", "**"]));
    corpus.beyond(Beyond::Nfc, ROOT, framed("$", NOT_NFC));
    corpus.beyond(Beyond::PathBytes, ROOT, framed("$", [&*too_many_bytes()]));
    corpus.beyond(Beyond::Unique, ROOT, [r#""ui/atlas""#]);
    corpus.beyond(Beyond::NestedRoots, ROOT, framed("$", ["ui", "ui/atlas/b"]));
}

/// Version 1 has no `included_in_build`.
#[test]
fn schema_and_papack_agree_on_version_1() {
    let base = BASE
        .replace("\"schema_version\": 2", "\"schema_version\": 1")
        .replace(INCLUDED, "")
        .replace(", \"included_in_build\": true", "");
    let mut corpus = Corpus::new(&REGISTRIES, &base);
    corpus.refused(ROOT, [r#""music", "included_in_build": true"#, r#""music", "included_in_build": null"#]);
    corpus.refused(ROOT, framed("$", ["", "..", ".a"]));
    corpus.refused(", \"root\": \"music\"", [""]);
    corpus.refused("\"schema_version\": 1", ["\"schema_version\": 2"]);
    corpus.refused(ID, ["\"asset_id\": 0", "\"asset_id\": null"]);
    corpus.beyond(Beyond::BelowNextId, ID, ["\"asset_id\": 12"]);
    corpus.beyond(Beyond::SpellingOfIntegers, "\"schema_version\": 1", ["\"schema_version\": 1.0"]);
}
