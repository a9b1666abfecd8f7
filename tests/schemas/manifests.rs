//! Every rule of `asset.json`, as the schema and as papack have it.

use crate::agreement::{Beyond, Corpus, MANIFESTS, NO_PATHS, NOT_NFC, PATHS, components, framed, too_many_bytes};

const BASE: &str = r#"{"schema_version": 2, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "name": "n",
"artifacts": [{"file": "a.bin"}], "output": {"format": "DATA/raw_v1"}, "preload": {"enabled": true, "slot": 0}}"#;

const UUID: &str = r#""3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01""#;
const NAME: &str = r#""n""#;
const ARTIFACTS: &str = r#"[{"file": "a.bin"}]"#;
const OUTPUT: &str = r#"{"format": "DATA/raw_v1"}"#;
const FORMAT: &str = r#""DATA/raw_v1""#;
const PRELOAD: &str = r#"{"enabled": true, "slot": 0}"#;

const CONVERSIONS: [&str; 14] = [
    r##""transparent": "#ff00FF""##,
    r#""transparent": 0"#,
    r#""transparent": 255"#,
    r#""alpha": 1"#,
    r#""alpha": 255"#,
    r#""palette": "FIRST_FILE""#,
    r#""colors": 1"#,
    r#""colors": 15, "colors_of": "SHEET", "dither": "ORDERED""#,
    r#""colors": 4, "colors_of": "FILE", "dither": "NONE""#,
    r#""palette": "FIRST_FILE", "dither": "ORDERED""#,
    r#""renumber": false"#,
    r#""renumber": true, "pad": "BOTTOM_RIGHT""#,
    r#""pad": "AROUND""#,
    r#""pad": "TOP", "user": {}"#,
];
const NO_CONVERSIONS: [&str; 19] = [
    r##""transparent": "#ff00f""##,
    r#""transparent": "ff00ff""#,
    r##""transparent": "#+f00ff""##,
    r#""transparent": """#,
    r#""transparent": 256"#,
    r#""transparent": -1"#,
    r#""transparent": null"#,
    r#""alpha": 0"#,
    r#""alpha": 256"#,
    r#""alpha": true"#,
    r#""palette": "a.gpl""#,
    r#""colors": 0"#,
    r#""colors": 16"#,
    r#""colors": {"max": 15}"#,
    r#""colors_of": "SHEET""#,
    r#""palette": "FIRST_FILE", "colors_of": "FILE""#,
    r#""dither": "ORDERED""#,
    r#""renumber": 1"#,
    r#""pad": "bottom_right""#,
];

/// What is none of the values that most fields take.
const NO_VALUES: [&str; 6] = ["null", "true", "1", "1.5", "[]", "{}"];

#[test]
fn schema_and_papack_agree_on_every_rule() {
    let mut corpus = Corpus::new(&MANIFESTS, BASE);
    whole_documents(&mut corpus);
    identity(&mut corpus);
    artifacts(&mut corpus);
    outputs(&mut corpus);
    user(&mut corpus);
    preload(&mut corpus);
    let (counted, shown) = corpus.finish();
    assert!(counted > 450, "only {counted} cases");
    assert_eq!(
        shown,
        [
            Beyond::SpellingOfIntegers,
            Beyond::LargeIntegers,
            Beyond::DuplicateKeys,
            Beyond::Nfc,
            Beyond::PathBytes,
            Beyond::Depth,
            Beyond::UserDepth,
            Beyond::UserSize,
            Beyond::DocumentSize,
        ]
    );
}

fn whole_documents(corpus: &mut Corpus) {
    corpus.refused(BASE, NO_VALUES);
    corpus.refused(BASE, ["", "\"\"", "{", "NaN", "// no", "\u{feff}{}"]);
    corpus.refused("{\"schema_version\"", ["\u{feff}{\"schema_version\"", "{\"extra\": 1, \"schema_version\""]);
    corpus.refused("0}}", ["0}},", "0,}}", "0}} {}", "0}"]);
    corpus.beyond(Beyond::DuplicateKeys, NAME, [r#""m", "name": "n""#, r#""m", "\u006eame": "n""#]);
    let filled = |size: usize| BASE.replace("0}}", &format!("0}}{}}}", " ".repeat(size - BASE.len())));
    corpus.accepted(BASE, [filled(1_048_576)]);
    corpus.beyond(Beyond::DocumentSize, BASE, [filled(1_048_577)]);
}

fn identity(corpus: &mut Corpus) {
    corpus.refused("\"schema_version\": 2, ", [""]);
    corpus.refused(VERSION_FIELD, ["\"schema_version\": ", "\"schema_version\": 3", "\"schema_version\": 0"]);
    corpus.refused(VERSION_FIELD, ["-1", "99", "\"2\"", "null", "2.5", "[2]", "1e400"].map(versioned));
    corpus.beyond(Beyond::SpellingOfIntegers, VERSION_FIELD, ["2.0", "2e0", "20e-1"].map(versioned));

    corpus.refused("\"asset_uuid\": \"3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\", ", [""]);
    corpus.refused(UUID, NO_VALUES);
    corpus.accepted(UUID, [r#""00000000-0000-0000-0000-000000000000""#, r#""ffffffff-ffff-ffff-ffff-ffffffffffff""#]);
    let wrong = [
        "",
        "3F0E5A1C-7A55-4A0E-9B39-5D4F0F6F2A01",
        "3f0e5a1c7a554a0e9b395d4f0f6f2a01",
        "{3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01}",
        "urn:uuid:3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01",
        "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a0",
        "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a011",
        " 3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01",
        "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\n",
        "3g0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01",
    ];
    corpus.refused(UUID, framed("$", wrong));

    corpus.refused("\"name\": \"n\",", [""]);
    corpus.refused(NAME, NO_VALUES);
    let (longest, longer) = ("😀".repeat(128), "a".repeat(129));
    corpus.accepted(NAME, framed("$", ["a b", "é", "日本", "a/b:c\\d\"", "\u{feff}", "\u{200b}", "\u{ad}", &longest]));
    corpus.refused(NAME, framed("$", ["", " ", " a", "a ", "\u{a0}a", "a\u{3000}", "\u{2028}a", "a\u{205f}", &longer]));
    corpus.refused(
        NAME,
        framed("$", ["\u{1680}a", "a\u{2003}", "a\u{0}b", "a\tb", "a\n", "\u{7f}", "\u{85}", "a\u{9f}b"]),
    );
    corpus.beyond(Beyond::Nfc, NAME, framed("$", ["e\u{301}", "\u{212b}"]));
}

const VERSION_FIELD: &str = "\"schema_version\": 2";

fn versioned(version: &str) -> String {
    format!("\"schema_version\": {version}")
}

fn artifacts(corpus: &mut Corpus) {
    corpus.refused("\"artifacts\": [{\"file\": \"a.bin\"}], ", [""]);
    corpus.refused(ARTIFACTS, NO_VALUES);
    corpus.refused(ARTIFACTS, [r#"["a.bin"]"#, "[null]", "[1]", "[{}]", "[[]]", r#"[{"path": "a"}]"#]);
    corpus.refused(ARTIFACTS, [r#"[{"file": "a", "glob": "b"}]"#, r#"[{"file": "a", "extra": 1}]"#]);
    corpus.refused(ARTIFACTS, [r#"[{"file": "a", "except": ["b"]}]"#, r#"[{"except": ["b"]}]"#]);
    corpus
        .refused(ARTIFACTS, [r#"[{"file": null}]"#, r#"[{"file": 1}]"#, r#"[{"glob": null}]"#, r#"[{"glob": ["a"]}]"#]);
    corpus.refused(ARTIFACTS, [r#"[{"glob": "*", "except": "a"}]"#, r#"[{"glob": "*", "except": null}]"#]);
    corpus.refused(ARTIFACTS, [r#"[{"glob": "*", "except": [1]}]"#, r#"[{"file": "a"}, {"file": ""}]"#]);
    corpus.accepted(ARTIFACTS, [r#"[{"glob": "*", "except": []}]"#, r#"[{"file": "a"}, {"file": "a"}]"#]);
    let entries = |count: usize| format!("[{}]", vec![r#"{"file":"a"}"#; count].join(","));
    corpus.accepted(ARTIFACTS, [entries(65_536)]);
    corpus.refused(ARTIFACTS, [entries(65_537)]);

    let (longest, longer, most, more) = ("a".repeat(1024), "a".repeat(1025), components(64), components(65));
    for frame in [r#"[{"file": $}]"#, r#"[{"glob": $}]"#, r#"[{"glob": "*", "except": ["b", $]}]"#] {
        corpus.accepted(ARTIFACTS, framed(frame, PATHS));
        corpus.accepted(ARTIFACTS, framed(frame, [&*longest, &most, ".hidden", "a/.b/c"]));
        corpus.refused(ARTIFACTS, framed(frame, NO_PATHS));
        corpus.refused(ARTIFACTS, framed(frame, [&*longer, &more]));
        corpus.beyond(Beyond::Nfc, ARTIFACTS, framed(frame, NOT_NFC));
        corpus.beyond(Beyond::PathBytes, ARTIFACTS, framed(frame, [&*too_many_bytes()]));
    }
    let patterns = ["*", "?", "**", "**/a", "a/**", "a/**/b", "*.png", "a?b/*c*", "**/**", "*/*", "c?n", "con*"];
    corpus.refused(ARTIFACTS, framed(r#"[{"file": $}]"#, patterns));
    corpus.accepted(ARTIFACTS, framed(r#"[{"glob": $}]"#, patterns));
    let no_patterns = ["a**", "**a", "***", "a/**b", "a**/b", "*/***/a", "**.png", "?**", "*.", "/**", "**/"];
    corpus.refused(ARTIFACTS, framed(r#"[{"glob": $}]"#, no_patterns));
}

fn outputs(corpus: &mut Corpus) {
    corpus.refused(", \"output\": {\"format\": \"DATA/raw_v1\"}", [""]);
    corpus.refused(OUTPUT, NO_VALUES);
    corpus.refused(FORMAT, NO_VALUES);
    corpus.refused(FORMAT, framed("$", ["", "DATA", "DATA/raw_v2", "data/raw_v1", "DATA/raw_v1 ", "TILES/indexed_v1"]));
    corpus.accepted(FORMAT, [r#""SOUNDS/pcm_v1""#]);

    let with = |rest: &str| format!("{FORMAT}, {rest}");
    corpus.accepted(FORMAT, [with(r#""codec": "NONE""#), with(r#""metadata": {}"#), with(r#""pipeline": {}"#)]);
    corpus.refused(FORMAT, [r#""codec": "none""#, r#""codec": "LZ4""#, r#""codec": null"#, r#""codec": 0"#].map(with));
    corpus
        .refused(FORMAT, [r#""metadata": null"#, r#""metadata": []"#, r#""metadata": "a""#, r#""extra": 1"#].map(with));
    corpus.refused(FORMAT, [r#""metadata": {"tile_size": 8}"#, r#""metadata": {"loops": "OFF"}"#].map(with));
    corpus.refused(FORMAT, [r#""metadata": {"palettes": 1}"#, r#""metadata": {"users": {}}"#].map(with));

    let tiles = |metadata: &str| format!(r#""TILES/indexed_v1", "metadata": {metadata}"#);
    corpus.accepted(
        FORMAT,
        ["8", "16", "32", r#"8, "user": {}"#].map(|size| tiles(&format!("{{\"tile_size\": {size}}}"))),
    );
    let wrong = ["0", "4", "24", "64", "-8", "8.5", "null", "\"8\"", "[8]", r#"8, "loops": "OFF""#, r#"8, "width": 8"#];
    corpus.refused(FORMAT, wrong.map(|size| tiles(&format!("{{\"tile_size\": {size}}}"))));
    corpus.refused(FORMAT, ["{}", r#"{"user": {}}"#, "null"].map(tiles));
    let zero = |value: &str| tiles(&format!("{{\"tile_size\": 8, \"entry_zero\": {value}}}"));
    corpus.accepted(FORMAT, [r#""WARN""#, r#""TRANSPARENT""#, r#""WARN", "user": {}"#].map(zero));
    corpus.refused(FORMAT, [r#""warn""#, r#""OPAQUE""#, r#""""#, "null", "true", "0"].map(zero));
    corpus.refused(FORMAT, [tiles(r#"{"entry_zero": "WARN"}"#)]);
    let with_tiles = |fields: &str| tiles(&format!("{{\"tile_size\": 8, {fields}}}"));
    corpus.accepted(FORMAT, CONVERSIONS.map(with_tiles));
    corpus.refused(FORMAT, NO_CONVERSIONS.map(with_tiles));
    corpus.beyond(
        Beyond::SpellingOfIntegers,
        FORMAT,
        [tiles(r#"{"tile_size": 8.0}"#), tiles(r#"{"tile_size": 1.6e1}"#)],
    );

    let sounds = |metadata: &str| format!(r#""SOUNDS/pcm_v1", "metadata": {metadata}"#);
    corpus.accepted(FORMAT, ["{}", r#"{"loops": "OFF"}"#, r#"{"loops": "DETECT", "user": {"a": 1}}"#].map(sounds));
    let wrong = [r#"{"loops": "detect"}"#, r#"{"loops": null}"#, r#"{"loops": true}"#, r#"{"loops": ""}"#];
    corpus.refused(FORMAT, wrong.map(sounds));
    corpus.refused(FORMAT, [r#"{"tile_size": 8}"#, r#"{"loop": "OFF"}"#, r#"{"entry_zero": "WARN"}"#].map(sounds));

    let pipeline = |value: &str| with(&format!(r#""pipeline": {value}"#));
    let nested = |levels: usize| format!("{{\"a\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
    let any =
        [r#"{"a": [1.5, -0, 1e300, null, true, "é", {"": {}}]}"#, r#"{"a": 9007199254740991}"#, r#"{"a": 1e-400}"#];
    corpus.accepted(FORMAT, any.map(pipeline));
    corpus.accepted(FORMAT, [pipeline(&nested(61))]);
    corpus.refused(FORMAT, ["null", "[]", "1", "\"a\"", r#"{"a": 1e400}"#, r#"{"a": -1e999}"#].map(pipeline));
    corpus.beyond(Beyond::Depth, FORMAT, [pipeline(&nested(62))]);
    corpus.beyond(Beyond::DuplicateKeys, FORMAT, [pipeline(r#"{"a": [{"b": 1, "b": 1}]}"#)]);
    let large = [r#"{"a": 9007199254740992}"#, r#"{"a": [-9007199254740992]}"#, r#"{"a": 100000000000000000000}"#];
    corpus.beyond(Beyond::LargeIntegers, FORMAT, large.map(pipeline));
}

fn user(corpus: &mut Corpus) {
    let user = |value: &str| format!(r#"{FORMAT}, "metadata": {{"user": {value}}}"#);
    let nested = |levels: usize| format!("{{\"a\": {}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let long = |bytes: usize| format!("{{\"a\": \"{}\"}}", "x".repeat(bytes - r#"{"a":""}"#.len()));
    corpus.accepted(
        FORMAT,
        ["{}", r#"{"a": [1, -1, null, true, "é", {"": {}}]}"#, r#"{"a": 9007199254740991}"#].map(user),
    );
    corpus.accepted(FORMAT, [user(&nested(16)), user(&long(4096))]);
    corpus.refused(FORMAT, ["null", "[]", "1", "\"a\"", "true"].map(user));
    let numbers =
        [r#"{"a": 1.5}"#, r#"{"a": {"b": [0.1]}}"#, r#"{"a": 9007199254740992}"#, r#"{"a": -9007199254740992}"#];
    corpus.refused(FORMAT, numbers.map(user));
    corpus.refused(FORMAT, [r#"{"a": 1e300}"#, r#"{"a": [[1e16]]}"#, r#"{"a": 1e-400, "b": 0.5}"#].map(user));
    corpus.beyond(Beyond::SpellingOfIntegers, FORMAT, [r#"{"a": 1.0}"#, r#"{"a": [-0]}"#, r#"{"a": 1e3}"#].map(user));
    let in_tiles = r#""TILES/indexed_v1", "metadata": {"tile_size": 8, "user": {"a": 1.5}}"#;
    let in_sounds = r#""SOUNDS/pcm_v1", "metadata": {"user": []}"#;
    corpus.refused(FORMAT, [in_tiles, in_sounds]);
    corpus.beyond(Beyond::UserDepth, FORMAT, [user(&nested(17))]);
    corpus.beyond(Beyond::UserSize, FORMAT, [user(&long(4097))]);
}

fn preload(corpus: &mut Corpus) {
    corpus.accepted(", \"preload\": {\"enabled\": true, \"slot\": 0}", [""]);
    corpus.accepted(PRELOAD, [r#"{"enabled": false}"#, r#"{"slot": 15, "enabled": true}"#]);
    corpus.refused(PRELOAD, NO_VALUES);
    corpus.refused(PRELOAD, [r#"{"slot": 1}"#, r#"{"enabled": true}"#, r#"{"enabled": false, "slot": 1}"#]);
    corpus.refused(PRELOAD, [r#"{"enabled": "true", "slot": 1}"#, r#"{"enabled": null}"#, r#"{"enabled": 1}"#]);
    corpus.refused(PRELOAD, [r#"{"enabled": false, "slot": null}"#, r#"{"enabled": true, "slot": null}"#]);
    corpus.refused(
        PRELOAD,
        ["16", "-1", "0.5", "\"1\"", "[1]"].map(|slot| format!(r#"{{"enabled": true, "slot": {slot}}}"#)),
    );
    corpus.refused(PRELOAD, [r#"{"enabled": true, "slot": 1, "bank": "TILES"}"#]);
    let spelled = ["1.0", "-0", "1e1"].map(|slot| format!(r#"{{"enabled": true, "slot": {slot}}}"#));
    corpus.beyond(Beyond::SpellingOfIntegers, PRELOAD, spelled);
}

/// Version 1 differs in its list of artifacts only.
#[test]
fn schema_and_papack_agree_on_version_1() {
    const LIST: &str = r#"["a.bin"]"#;
    let base = BASE.replace("\"schema_version\": 2", "\"schema_version\": 1").replace(ARTIFACTS, LIST);
    let mut corpus = Corpus::new(&MANIFESTS, &base);
    corpus.refused(LIST, NO_VALUES);
    corpus.refused(LIST, [ARTIFACTS, "[null]", "[[]]", r#"["a", {"file": "b"}]"#, r#"["a", 1]"#]);
    corpus.accepted(LIST, framed("[$]", PATHS));
    corpus.refused(LIST, framed("[$]", NO_PATHS));
    corpus.refused(LIST, framed("[$]", ["*", "**/a", "a?"]));
    corpus.beyond(Beyond::Nfc, LIST, framed("[$]", NOT_NFC));
    corpus.refused("\"schema_version\": 1", [versioned("2"), versioned("0")]);
    corpus.beyond(Beyond::SpellingOfIntegers, "\"schema_version\": 1", [versioned("1.0")]);
    corpus.accepted(PRELOAD, [r#"{"enabled": false}"#]);
    corpus.refused(PRELOAD, [r#"{"enabled": true}"#, "null"]);
}
