//! Documents that are no strict JSON, as manifest or as registry.

use crate::case::{Case, Code, Fault, case, error};
use crate::ground::{A, REGISTRY};

/// A manifest of these bytes, and the one thing that is said of it.
fn manifest(name: &str, bytes: impl Into<Vec<u8>>, code: Code, place: &str, says: &str) -> Case {
    let bytes = bytes.into();
    case(format!("json: {name}"), move |ground| ground.write(A, &bytes), [error(code, A, place, says)])
}

/// A manifest that has `value` in its pipeline, where anything may stand.
fn value(name: &str, value: &str, code: Code, place: &str, says: &str) -> Case {
    let value = format!("{{ \"pipeline\": {{\"k\": {value}}},");
    let spoil = move |ground: &crate::ground::Ground| ground.edit(A, "\"output\": {", &format!("\"output\": {value}"));
    case(format!("json: {name}"), spoil, [error(code, A, place, says)])
}

fn registry(name: &str, bytes: impl Into<Vec<u8>>, code: Code, place: &str, says: &str) -> Case {
    let bytes = bytes.into();
    case(
        format!("registry: {name}"),
        move |ground| ground.write(REGISTRY, &bytes),
        [error(code, REGISTRY, place, says)],
    )
}

pub fn cases() -> Vec<Case> {
    [grammar(), encoding(), values(), depth_and_size()].into_iter().flatten().collect()
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 812\n";

fn grammar() -> Vec<Case> {
    use Code::JsonSyntax;
    vec![
        manifest("empty", "", JsonSyntax, "1:1", "the file is no JSON: it is empty"),
        manifest("only white space", "\n \t\r\n", JsonSyntax, "3:1", "the document ends too early"),
        manifest("cut off in an object", "{\"name\":", JsonSyntax, "1:9", "the document ends too early"),
        manifest("cut off in a string", "{\"na", JsonSyntax, "1:5", "the document ends too early"),
        manifest("trailing comma", "{\"a\": [1,\n]}", JsonSyntax, "2:1", "unexpected ']'"),
        manifest("trailing comma of an object", "{\"a\": 1,}", JsonSyntax, "1:9", "unexpected '}'"),
        manifest("line comment", "{}\n// no", JsonSyntax, "2:1", "goes on after its value"),
        manifest("comment in an object", "{/* no */}", JsonSyntax, "1:2", "unexpected '/'"),
        manifest("a second document", "{} {}", JsonSyntax, "1:4", "goes on after its value"),
        manifest("NUL after the document", "{}\0", JsonSyntax, "1:3", "goes on after its value"),
        manifest("single quotes", "{'a': 1}", JsonSyntax, "1:2", "unexpected \"'\""),
        manifest("a key without quotes", "{a: 1}", JsonSyntax, "1:2", "unexpected 'a'"),
        manifest("no colon", "{\"a\" 1}", JsonSyntax, "1:6", "unexpected '1'"),
        manifest("a closing bracket of the other kind", "{\"a\": [1}}", JsonSyntax, "1:9", "unexpected '}'"),
        manifest("half a merge conflict", "<<<<<<< HEAD\n{}\n", JsonSyntax, "1:1", "unexpected '<'"),
        manifest(
            "a merge conflict",
            "{\n<<<<<<< HEAD\n=======\r\n\"name\": 1\n>>>>>>>\n}",
            Code::ConflictMarkers,
            "2:1",
            "ours (HEAD) is empty, theirs is line 4",
        ),
        value("NaN", "NaN", JsonSyntax, "6:33", "unexpected 'N'"),
        value("Infinity", "-Infinity", JsonSyntax, "6:34", "unexpected 'I'"),
        value("a leading zero", "01", JsonSyntax, "6:34", "unexpected '1'"),
        value("a leading plus", "+1", JsonSyntax, "6:33", "unexpected '+'"),
        value("no digit before the point", ".5", JsonSyntax, "6:33", "unexpected '.'"),
        value("no digit after the point", "1.", JsonSyntax, "6:35", "unexpected '}'"),
        value("no digit in the exponent", "1e+", JsonSyntax, "6:36", "unexpected '}'"),
        value("hexadecimal", "0x10", JsonSyntax, "6:34", "unexpected 'x'"),
        value("a word in other casing", "True", JsonSyntax, "6:33", "unexpected 'T'"),
        registry("empty", "", JsonSyntax, "1:1", "the file is no JSON: it is empty"),
        registry("NUL bytes", vec![0; 4096], JsonSyntax, "1:1", "it is NUL bytes instead of content"),
        manifest("NUL bytes", vec![0; 700], JsonSyntax, "1:1", "it is NUL bytes instead of content"),
        manifest("a web page", "<!doctype html>\n<title>404", JsonSyntax, "1:1", "it is a web page (HTML)"),
        manifest("an archive", b"PK\x03\x04\x14\0\x08", JsonSyntax, "1:1", "it is a ZIP"),
        manifest("a pointer of Git LFS", POINTER, Code::FileLfsPointer, "1:1", "the file itself, of 812 bytes"),
        registry("a pointer of Git LFS", POINTER, Code::FileLfsPointer, "1:1", "the file itself, of 812 bytes"),
        registry("half a merge conflict", "{\n<<<<<<< HEAD\n", JsonSyntax, "2:1", "unexpected '<'"),
        registry(
            "100,000 merge conflicts",
            "<<<<<<< HEAD\n|||||||\n=======\n>>>>>>> topic\n".repeat(100_000),
            Code::ConflictMarkers,
            "1:1",
            "ours (HEAD) is empty, theirs (topic) is empty; 99999 more below",
        ),
    ]
}

fn encoding() -> Vec<Case> {
    use Code::JsonSyntax;
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        manifest("byte-order mark", "\u{feff}{}", JsonSyntax, "1:1", "byte-order mark"),
        registry("byte-order mark", "\u{feff}{}", JsonSyntax, "1:1", "byte-order mark"),
        manifest("UTF-16", utf16, JsonSyntax, "1:1", "it is text in UTF-16, without a byte-order mark"),
        registry("UTF-16", b"\0{\0}", JsonSyntax, "1:1", "it is text in UTF-16, without a byte-order mark"),
        manifest("UTF-16 with its mark", b"\xff\xfe{\0}\0", JsonSyntax, "1:1", "UTF-16, with a byte-order mark"),
        registry("UTF-16 with its mark", b"\xfe\xff\0{\0}", JsonSyntax, "1:1", "UTF-16, with a byte-order mark"),
        manifest("UTF-32 with its mark", b"\xff\xfe\0\0{\0\0\0", JsonSyntax, "1:1", "not UTF-8: byte 0xff at offset 0"),
        manifest("Latin-1", b"{\"n\": \"caf\xe9\"}", JsonSyntax, "1:11", "not UTF-8: byte 0xe9 at offset 10"),
        manifest("overlong slash", b"{\"n\": \"\xc0\xaf\"}", JsonSyntax, "1:8", "not UTF-8: byte 0xc0"),
        manifest("a surrogate in UTF-8", b"{\n\"n\": \"\xed\xa0\x80\"}", JsonSyntax, "2:7", "not UTF-8: byte 0xed"),
        manifest("cut off in a character", b"{\"n\": \"\xf0\x9f\x98", JsonSyntax, "1:8", "not UTF-8: byte 0xf0"),
        registry("invalid UTF-8", b"{\"\xff\": 1}", JsonSyntax, "1:3", "not UTF-8: byte 0xff at offset 2"),
        value("a raw line break in a string", "\"a\nb\"", JsonSyntax, "6:35", "the end of the line"),
        value("a raw NUL in a string", "\"a\0b\"", JsonSyntax, "6:35", "this is no JSON"),
        value("a high surrogate alone", r#""\ud800""#, JsonSyntax, "6:34", "half of a surrogate pair"),
        value("a low surrogate alone", r#""\udc00""#, JsonSyntax, "6:34", "half of a surrogate pair"),
        value("surrogates the wrong way round", r#""\udc00\ud800""#, JsonSyntax, "6:34", "half of a surrogate pair"),
        value("an unknown escape", r#""\x41""#, JsonSyntax, "6:34", "is no escape"),
        value("an escape cut off", r#""\u00"#, JsonSyntax, "6:34", "four hexadecimal digits"),
    ]
}

fn values() -> Vec<Case> {
    use Code::{JsonDuplicateKey, JsonNumber};
    vec![
        value(
            "a key twice",
            r#"{"a": 1, "a": 1}"#,
            JsonDuplicateKey,
            "/output/pipeline/k/a",
            "the key \"a\" occurs twice",
        ),
        value(
            "a key twice, once escaped",
            r#"{"a": 1, "\u0061": 1}"#,
            JsonDuplicateKey,
            "6:42",
            "the key \"a\" occurs twice",
        ),
        value(
            "a key twice in a list",
            r#"[[{"": 1, "": 2}]]"#,
            JsonDuplicateKey,
            "/output/pipeline/k/0/0/",
            "the key \"\"",
        ),
        value("an integer of 2^53", "9007199254740992", JsonNumber, "/output/pipeline/k", "beyond ±(2^53 − 1)"),
        value("an integer of −2^53", "-9007199254740992", JsonNumber, "6:33", "beyond ±(2^53 − 1)"),
        value("an integer of a million digits", &"9".repeat(1_000_000), JsonNumber, "6:33", "beyond ±(2^53 − 1)"),
        value("no finite float", "1e400", JsonNumber, "/output/pipeline/k", "too large for a binary64"),
        value(
            "no finite negative float",
            "[-1.0E+999999999999999999999]",
            JsonNumber,
            "/output/pipeline/k/0",
            "too large",
        ),
        case(
            "registry: a key twice in an entry",
            |ground| ground.edit(REGISTRY, "\"root\": \"a\"", "\"root\": \"b\", \"root\": \"a\""),
            [
                error(JsonDuplicateKey, REGISTRY, "/assets/0/root", "the key \"root\" occurs twice"),
                // The first one counts.
                error(Code::AssetMissing, "assets/b", "", "is not there"),
            ],
        ),
    ]
}

fn depth_and_size() -> Vec<Case> {
    use Code::{JsonTooDeep, JsonTooLarge};
    let deep = |open: &str, close: &str, levels: usize| open.repeat(levels) + "1" + &close.repeat(levels);
    let mebibyte = |bytes: usize| format!("{{\"name\": \"{}\"}}", "n".repeat(bytes - 12));
    vec![
        value("65 levels", &deep("[", "]", 62), JsonTooDeep, "6:94", "nested deeper than 64 levels"),
        manifest("65 levels of objects", deep("{\"\":", "}", 65), JsonTooDeep, "1:257", "nested deeper than 64"),
        manifest("500,000 opening brackets", "[".repeat(500_000), JsonTooDeep, "1:65", "nested deeper than 64"),
        registry("500,000 opening brackets", "[".repeat(500_000), JsonTooDeep, "1:65", "nested deeper than 64"),
        registry(
            "250,000 objects in each other",
            "{\"a\":".repeat(250_000),
            JsonTooDeep,
            "1:321",
            "nested deeper than 64",
        ),
        manifest("a byte more than a mebibyte", mebibyte((1 << 20) + 1), JsonTooLarge, "", "larger than 1048576 bytes"),
        case(
            "json: a manifest of a tebibyte that is a hole",
            |ground| ground.sparse(A, 1 << 40),
            [error(JsonTooLarge, A, "", "larger than 1048576 bytes")],
        ),
        Case {
            memory: 0,
            ..case(
                "registry: a tebibyte that is a hole",
                |ground| ground.sparse(REGISTRY, 1 << 40),
                [error(JsonTooLarge, REGISTRY, "", "larger than 268435456 bytes")],
            )
        },
        case(
            "registry: ten megabytes of zeros",
            |ground| {
                let mut text = "0,".repeat(5_000_000);
                text.insert_str(0, "{\"schema_version\": 2, \"next_asset_id\": 1, \"assets\": [");
                ground.write(REGISTRY, text + "0]}");
            },
            [error(JsonTooLarge, REGISTRY, "1:2500055", "10000056 bytes has at most 1250007 values")],
        ),
    ]
}

/// Faults of a document whose values are all wrong are counted after the first hundred.
pub fn hundred(path: &str, first: impl Fn(usize) -> Fault, more: usize) -> Vec<Fault> {
    let rest = error(Code::FieldInvalid, path, "", &format!("{more} more faults of this file are not shown"));
    (0..100).map(first).chain([rest]).collect()
}
