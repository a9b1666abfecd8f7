//! Each fault of a document is at its place, whatever comes before it: characters of several bytes, and line ends.

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::json::Document;
use papack_queries::schema::{manifest, registry};

/// Expects that `marked`, without its marks, has exactly one error: with this code, from « to ».
#[track_caller]
fn expect(marked: &str, code: Code, faults: impl Fn(&[u8]) -> Vec<Diagnostic>) {
    let (before, rest) = marked.split_once('«').unwrap();
    let (found, after) = rest.split_once('»').unwrap();
    let text = [before, found, after].concat();
    let errors: Vec<_> = faults(text.as_bytes()).into_iter().filter(Diagnostic::is_error).collect();
    assert_eq!(errors.len(), 1, "{marked}: {errors:#?}");
    assert_eq!(errors[0].code, code, "{marked}: {errors:#?}");
    let span = errors[0].span.unwrap();
    assert_eq!((span.start, span.end), (before.len(), before.len() + found.len()), "{marked}: {errors:#?}");
    let behind = |text: &str| {
        let line_start = text.rfind('\n').map_or(0, |at| at + 1);
        (text.matches('\n').count() + 1, text[line_start..].chars().count() + 1)
    };
    assert_eq!((span.line, span.column), behind(before), "{marked}");
    assert_eq!((span.end_line, span.end_column), behind(&[before, found].concat()), "{marked}");
}

fn faults_of_text(bytes: &[u8]) -> Vec<Diagnostic> {
    Document::parse("d.json", bytes, 1 << 20).map_or_else(|fault| vec![fault], Document::into_faults)
}

#[test]
fn where_a_text_ceases_to_be_json() {
    for marked in [
        // The character that cannot be there.
        "«x»",
        "[1,«]»",
        "[1 «2»]",
        "{\"a\":1,«}»",
        "{\"a\"«,»1}",
        "{\"a\" «1»}",
        "{«a»:1}",
        "[1]«]»",
        "[1] «x»",
        "{}\n\n«{»}",
        "[0«1»]",
        "[-«a»]",
        "[1.«]»",
        "[1e«]»",
        "[1.5e+«x»]",
        "[tr«e»e]",
        "[nul«]»",
        "[fals«é»]",
        "[true«x»]",
        "«+»1",
        "[«.»5]",
        "[«N»aN]",
        "[«'»a']",
        "«\u{a0}»1",
        "[1,«\u{2028}»2]",
        "[1«\0»]",
        "[1 «/»/ no\n]",
        // … behind characters of several bytes and line ends of both kinds.
        "[\"é日本😀\",«]»",
        "{\"😀\": \"é\" «\"»b\": 1}",
        "[\n  1,\n  \"é\" «x»\n]",
        "[\r\n  1,\r\n  \"é\" «x»\r\n]",
        "{\r\n\"é\": [1,\r\n\t«,»]}",
        "\n\n\n«?»",
        "[\r«x»]",
        "[\"é\"]\n«é»",
        // Strings: the control character, or the whole escape.
        "[\"é«\t»\"]",
        "[\"a«\n»b\"]",
        "\"a«\r»\nb\"",
        "[\"é«\\x»41\"]",
        "[\"é\\n«\\é»\"]",
        "[\"\\\\«\\u00»\"]",
        "[\"«\\u»\"]",
        "[\"«\\u00»g0\"]",
        "[\"«\\u00»é\"]",
        "\"«\\u00»\"",
        "\"«\\u123»\"",
        "[\"«\\ud800»\"]",
        "[\"é«\\ud800»x\"]",
        "[\"«\\udc00»\"]",
        "[\"«\\ud800»\\u0041\"]",
        "[\"«\\ud800»\\ud800\"]",
        "[\"«\\ud800»\\n\"]",
        "[\"\\ud83d\\ude00«\\ude00»\"]",
        "{\"é\\\"«\\ud800»\": 1}",
        "{\"a\": \"\\\\\", \"b\": \"«\\q»\"}",
        // The end of the document.
        "«»",
        " «»",
        "[«»",
        "[1,\n«»",
        "{\"é\"«»",
        "{\"é\":\r\n«»",
        "\"é«»",
        "\"é\\«»",
        "\"é\\u00«»",
        "\"\\ud800«»",
        "\"«\\ud800»\\",
        "\"\\ud800\\udc«»",
        "[tru«»",
        "-«»",
        "[1.«»",
    ] {
        expect(marked, Code::JsonSyntax, faults_of_text);
    }
}

#[test]
fn where_a_text_leaves_the_subset() {
    let deep = |opening: &str, closing: &str| {
        format!("[\"é\",\r\n{}«{}»{}{closing}", opening.repeat(63), &opening[..1], &opening[1..])
    };
    for (marked, code) in [
        ("«\u{feff}»{}", Code::JsonSyntax),
        ("{\"a\": 1, «\"a\"»: 2}", Code::JsonDuplicateKey),
        ("{\"é\": 1,\r\n «\"\\u00e9\"»: 2}", Code::JsonDuplicateKey),
        ("[\"日本\", {\"😀\": [0, {\"b\": 1, \"c\": 2, «\"b\"»: 3}]}]", Code::JsonDuplicateKey),
        ("«9007199254740992»", Code::JsonNumber),
        ("[\"é\",\r\n«-9007199254740992», 1]", Code::JsonNumber),
        ("{\"é\":\n{\"a\": [1, «1e400»]}}", Code::JsonNumber),
        ("{\"\": «-12.5E+999»}", Code::JsonNumber),
        (&deep("[", ""), Code::JsonTooDeep),
        (&deep("{\"a\":", "0"), Code::JsonTooDeep),
        ("[\"[[[[{{{{\\\"[\", 1 «x»]", Code::JsonSyntax),
    ] {
        expect(marked, code, faults_of_text);
    }
}

#[test]
fn where_bytes_cease_to_be_utf8() {
    for (before, bytes, place) in [
        ("", &b"\xff"[..], (1, 1)),
        ("[\"é😀", b"\xe9\"]", (1, 5)),
        ("{\r\n\"é\": \"", b"\xc3\"}", (2, 7)),
        ("[\n\n \"\u{301}", b"\xed\xa0\x80\"]", (3, 4)),
        ("\"a", b"\xf0\x9f\x98", (1, 3)),
    ] {
        let faults = faults_of_text(&[before.as_bytes(), bytes].concat());
        let span = faults[0].span.unwrap();
        assert_eq!((span.start, span.end), (before.len(), before.len() + 1), "{before}");
        assert_eq!((span.line, span.column), place, "{before}");
        assert_eq!((span.end_line, span.end_column), (place.0, place.1 + 1), "{before}");
    }
}

/// A manifest with every kind of thing before the fault: names in several scripts, and CRLF.
#[test]
fn where_a_manifest_breaks_a_rule() {
    let manifest = |fields: &str| {
        format!(
            "{{\r\n  \"schema_version\": 2, \"name\": \"é日本😀\",\r\n  \"asset_uuid\": \
             \"3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\",\r\n{fields}\r\n}}"
        )
    };
    let rest = "\"artifacts\": [{\"file\": \"é.bin\"}], \"output\": {\"format\": \"DATA/raw_v1\"}";
    let artifacts = |list: &str| format!("\"output\": {{\"format\": \"DATA/raw_v1\"}},\r\n \"artifacts\": {list}");
    let output = |fields: &str| format!("\"artifacts\": [{{\"file\": \"é\"}}],\r\n\t\"output\": {{{fields}}}");
    for (fields, code) in [
        (format!("{rest}, «\"préload\"»: 1"), Code::FieldUnknown),
        (format!("{rest}, \"preload\": «null»"), Code::FieldInvalid),
        (format!("{rest}, \"preload\": «{{\"slot\": 1}}»"), Code::FieldMissing),
        (format!("{rest}, \"preload\": «{{\r\n  \"slot\":\n1 }}»"), Code::FieldMissing),
        (format!("{rest}, \"preload\": {{\"enabled\": true, \"slot\": «16»}}"), Code::FieldInvalid),
        (artifacts("«[]»"), Code::FieldInvalid),
        (artifacts("[{\"file\": \"é\"}, «{}»]"), Code::FieldInvalid),
        (artifacts("[{\"file\": \"é\"},\r\n {\"file\": «\"é/../b\"»}]"), Code::PathInvalid),
        (artifacts("[{\"glob\": \"é*\", \"except\": [\"日\", «\"a**\"»]}]"), Code::PathInvalid),
        (artifacts("[{\"glob\": \"é*\", «\"excepté\"»: []}]"), Code::FieldUnknown),
        (output("\"format\": «\"é\"»"), Code::FieldInvalid),
        (output("\"format\": \"DATA/raw_v1\",\r\n\"codec\": «\"é\"»"), Code::FieldInvalid),
        (output("\"format\": \"DATA/raw_v1\",\n\"metadata\": {\"user\": {\"é\": [1, «1.5»]}}"), Code::JsonNumber),
        (output("\"format\": \"TILES/indexed_v1\", \"metadata\": {\"tile_size\": «7»}"), Code::FieldInvalid),
    ] {
        expect(&manifest(&fields), code, |bytes| manifest::parse("é/asset.json", bytes).1);
    }
    expect("\r\n«[\"é\"]»", Code::FieldInvalid, |bytes| manifest::parse("m", bytes).1);
    expect("{\"é\": 1, \"schema_version\":\r\n «3»}", Code::SchemaVersion, |bytes| manifest::parse("m", bytes).1);
}

#[test]
fn where_a_registry_breaks_a_rule() {
    let registry = |second: &str| {
        format!(
            "{{\r\n  \"schema_version\": 2, \"next_asset_id\": 9, \"assets\": [\r\n{{\"asset_id\": 1, \"asset_uuid\": \
             \"3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\", \"root\": \"日本/é\", \"included_in_build\": true}},\r\n{second}\r\n]}}"
        )
    };
    let entry = |id: &str, uuid: &str, root: &str| {
        format!("{{\"root\": {root}, \"asset_id\": {id}, \"asset_uuid\": {uuid}, \"included_in_build\": false}}")
    };
    let uuid = "\"9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02\"";
    for (second, code) in [
        (entry("«9»", uuid, "\"é\""), Code::FieldInvalid),
        (entry("«1»", uuid, "\"é\""), Code::RegistryConflict),
        (entry("2", "«\"3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\"»", "\"é\""), Code::RegistryConflict),
        (entry("2", "«\"é\"»", "\"é\""), Code::FieldInvalid),
        (entry("2", uuid, "«\"日本/é\"»"), Code::RegistryConflict),
        (entry("2", uuid, "«\"日本/é/b\"»"), Code::RegistryConflict),
        (entry("2", uuid, "«\"é/.b\"»"), Code::PathInvalid),
        (format!("«{}»", entry("2", uuid, "\"é\"").replace(", \"included_in_build\": false", "")), Code::FieldMissing),
        ("«\"é\"»".into(), Code::FieldInvalid),
    ] {
        expect(&registry(&second), code, |bytes| registry::parse(bytes).diagnostics);
    }
}
