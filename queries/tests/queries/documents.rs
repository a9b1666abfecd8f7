//! Strict reading of manifests and registries: what is refused, under which code, and where.

use papack_queries::diagnostic::{Code, Data, Severity, Type};
use papack_queries::inputs::ManifestState;
use papack_queries::schema::manifest;
use papack_queries::schema::registry;
use papack_queries::unmanaged::{uuid_at_root, uuid_of};
use proptest::prelude::*;

const GOOD: &str = r#"{"schema_version": 2, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "name": "n",
"artifacts": [{"file": "a.bin"}], "output": {"format": "DATA/raw_v1"}}"#;

/// Replaces `from` in the good manifest, and expects one fault with this code, pointer and fragment.
#[track_caller]
fn refuses(from: &str, to: &str, code: Code, pointer: &str, fragment: &str) {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    let (_, faults) = manifest::parse("assets/a/asset.json", text.as_bytes());
    let found: Vec<_> = faults.iter().map(|f| (f.code, f.pointer.as_deref().unwrap_or("-"), &f.message)).collect();
    assert_eq!(found.len(), 1, "{to}: {found:#?}");
    assert_eq!((found[0].0, found[0].1), (code, pointer), "{to}: {found:#?}");
    assert!(found[0].2.contains(fragment), "{to}: {found:#?}");
    assert_eq!(faults[0].path.as_deref(), Some("assets/a/asset.json"));
    if let Some(span) = faults[0].span {
        assert!(text.get(span.start..span.end).is_some(), "{to}: {span:?}");
    }
}

#[test]
fn a_good_manifest_has_no_fault() {
    let (manifest, faults) = manifest::parse("m", GOOD.as_bytes());
    assert_eq!(faults, []);
    assert_eq!(manifest.name.unwrap().0, "n");
}

#[test]
fn minus_zero_is_a_float() {
    refuses(
        r#""name": "n""#,
        r#""name": "n", "preload": {"enabled": true, "slot": -0}"#,
        Code::FieldInvalid,
        "/preload/slot",
        "expected an integer, found a float",
    );
    let output = r#""format": "DATA/raw_v1""#;
    refuses(
        output,
        r#""format": "DATA/raw_v1", "metadata": {"user": {"a": -0}}"#,
        Code::JsonNumber,
        "/output/metadata/user/a",
        "only integers",
    );
    assert_eq!(
        manifest::parse("m", GOOD.replace(output, r#""format": "DATA/raw_v1", "pipeline": {"a": -0}"#).as_bytes()).1,
        []
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_broken_rule_is_one_fault_at_its_place() {
    let metadata = r#""format": "DATA/raw_v1", "metadata": "#;
    let output = r#""format": "DATA/raw_v1""#;
    let artifacts = r#"[{"file": "a.bin"}]"#;
    let preload = r#""name": "n""#;
    let deep = format!("{}{metadata}{{\"user\": {{\"a\": {}1{}}}}}", "", "[".repeat(16), "]".repeat(16));
    for (from, to, code, pointer, fragment) in [
        // The text.
        ("{", "\u{feff}{", Code::JsonSyntax, "-", "byte-order mark"),
        ("}}", "}},", Code::JsonSyntax, "-", "goes on after its value: unexpected ','"),
        (r#""n""#, r#""\ud800""#, Code::JsonSyntax, "-", "half of a surrogate pair"),
        (r#""n""#, r#""C:\x""#, Code::JsonSyntax, "-", "a backslash before 'x' is no escape"),
        (r#""n""#, r#""\u12""#, Code::JsonSyntax, "-", "four hexadecimal digits"),
        (r#""n""#, "\"\t\"", Code::JsonSyntax, "-", "unexpected control character U+0009"),
        (r#""n""#, "NaN", Code::JsonSyntax, "-", "unexpected 'N'"),
        (r#""n","#, r#""n", "name": "m","#, Code::JsonDuplicateKey, "/name", "\"name\" occurs twice"),
        (
            output,
            r#""format": "DATA/raw_v1", "pipeline": {"a": {"b": 1, "b": 2}}"#,
            Code::JsonDuplicateKey,
            "/output/pipeline/a/b",
            "occurs twice",
        ),
        (
            output,
            r#""format": "DATA/raw_v1", "pipeline": {"a": 1e999}"#,
            Code::JsonNumber,
            "/output/pipeline/a",
            "binary64",
        ),
        (
            output,
            r#""format": "DATA/raw_v1", "pipeline": {"a": [9007199254740992]}"#,
            Code::JsonNumber,
            "/output/pipeline/a/0",
            "2^53",
        ),
        // Versions, looked at before anything else.
        ("2,", "3, \"future\": 1,", Code::SchemaVersion, "/schema_version", "this papack reads 1 to 2"),
        ("2,", "0,", Code::SchemaVersion, "/schema_version", "schema version 0"),
        ("2,", "2.0,", Code::FieldInvalid, "/schema_version", "expected an integer"),
        (r#""schema_version": 2, "#, "", Code::FieldMissing, "", "\"schema_version\" is missing"),
        // Fields.
        (r#""name": "n""#, r#""name": "n", "extra": 1"#, Code::FieldUnknown, "/extra", "unknown field \"extra\""),
        (r#""name": "n","#, "", Code::FieldMissing, "", "\"name\" is missing"),
        (r#""n""#, "null", Code::FieldInvalid, "/name", "expected a string, found null"),
        (r#""n""#, r#""""#, Code::FieldInvalid, "/name", "this one has 0"),
        (r#""n""#, r#"" n""#, Code::FieldInvalid, "/name", "white space"),
        (r#""n""#, "\"e\u{301}\"", Code::FieldInvalid, "/name", "normalization"),
        (r#""n""#, r#""a\u0000b""#, Code::FieldInvalid, "/name", "control character"),
        ("3f0e", "3F0E", Code::FieldInvalid, "/asset_uuid", "lower-case, hyphenated"),
        // Artifacts.
        (artifacts, "[]", Code::FieldInvalid, "/artifacts", "these are 0"),
        (artifacts, r#"["a.bin"]"#, Code::FieldInvalid, "/artifacts/0", "expected an object"),
        (artifacts, r#"[{"file": "a", "glob": "b"}]"#, Code::FieldInvalid, "/artifacts/0", "either"),
        (artifacts, r#"[{"file": "a", "except": ["b"]}]"#, Code::FieldInvalid, "/artifacts/0/except", "goes with"),
        (artifacts, r#"[{"file": "../a"}]"#, Code::PathInvalid, "/artifacts/0/file", "\"..\" component"),
        (artifacts, r#"[{"file": "/a"}]"#, Code::PathInvalid, "/artifacts/0/file", "absolute"),
        (artifacts, r#"[{"file": "a//b"}]"#, Code::PathInvalid, "/artifacts/0/file", "empty component"),
        (artifacts, r#"[{"file": "a\\b"}]"#, Code::PathInvalid, "/artifacts/0/file", "separated by"),
        (artifacts, r#"[{"file": "C:a"}]"#, Code::PathInvalid, "/artifacts/0/file", "':'"),
        (artifacts, r#"[{"file": "x/CoM1.txt"}]"#, Code::PathInvalid, "/artifacts/0/file", "device name"),
        (artifacts, r#"[{"file": "a."}]"#, Code::PathInvalid, "/artifacts/0/file", "ends in a space or a dot"),
        (artifacts, r#"[{"file": "a*"}]"#, Code::PathInvalid, "/artifacts/0/file", "'*'"),
        (artifacts, r#"[{"glob": "a**"}]"#, Code::PathInvalid, "/artifacts/0/glob", "whole components"),
        (artifacts, r#"[{"glob": "*", "except": ["a/"]}]"#, Code::PathInvalid, "/artifacts/0/except/0", "empty"),
        // Output.
        (output, r#""format": "DATA/raw_v2""#, Code::FieldInvalid, "/output/format", "unknown format"),
        (output, r#""format": "TILES/indexed_v1""#, Code::FieldMissing, "/output/format", "tile_size"),
        (
            output,
            r#""format": "TILES/indexed_v1", "metadata": {"tile_size": 9}"#,
            Code::FieldInvalid,
            "/output/metadata/tile_size",
            "8, 16 or 32",
        ),
        (
            output,
            r#""format": "SOUNDS/pcm_v1", "metadata": {"loops": "off"}"#,
            Code::FieldInvalid,
            "/output/metadata/loops",
            "\"OFF\" or \"DETECT\"",
        ),
        (output, r#""format": "DATA/raw_v1", "codec": "none""#, Code::FieldInvalid, "/output/codec", "unknown codec"),
        (
            output,
            &format!("{metadata}{{\"tile_size\": 8}}"),
            Code::FieldUnknown,
            "/output/metadata/tile_size",
            "unknown field",
        ),
        (
            output,
            &format!("{metadata}{{\"user\": {{\"a\": 1.5}}}}"),
            Code::JsonNumber,
            "/output/metadata/user/a",
            "only integers",
        ),
        (
            output,
            &format!("{metadata}{{\"user\": []}}"),
            Code::FieldInvalid,
            "/output/metadata/user",
            "expected an object",
        ),
        (
            output,
            &format!("{metadata}{{\"user\": {{\"a\": \"{}\"}}}}", "x".repeat(4096)),
            Code::FieldInvalid,
            "/output/metadata/user",
            "4104 canonical bytes",
        ),
        (output, &deep, Code::JsonTooDeep, "/output/metadata/user/a/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0", "too deep"),
        // Preload.
        (preload, r#""name": "n", "preload": {"slot": 1}"#, Code::FieldMissing, "/preload", "\"enabled\" is missing"),
        (preload, r#""name": "n", "preload": {"enabled": true}"#, Code::FieldMissing, "/preload", "needs a \"slot\""),
        (
            preload,
            r#""name": "n", "preload": {"enabled": false, "slot": 1}"#,
            Code::FieldInvalid,
            "/preload/slot",
            "goes with",
        ),
        (
            preload,
            r#""name": "n", "preload": {"enabled": true, "slot": 16}"#,
            Code::FieldInvalid,
            "/preload/slot",
            "0 to 15 are allowed",
        ),
    ] {
        refuses(from, to, code, pointer, fragment);
    }
}

#[test]
fn depth_64_is_read_and_65_is_not() {
    let nested = |levels: usize| {
        // The document, `output` and `pipeline` are levels 1 to 3.
        let value = format!("{}{}", "[".repeat(levels - 3), "]".repeat(levels - 3));
        GOOD.replace("v1\"}", &format!("v1\", \"pipeline\": {{\"a\": {value}}}}}"))
    };
    assert_eq!(manifest::parse("m", nested(64).as_bytes()).1, []);
    let faults = manifest::parse("m", nested(65).as_bytes()).1;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, Code::JsonTooDeep);
    // Far deeper is refused just as fast, and without deep recursion.
    let deep = "[".repeat(900_000);
    assert_eq!(manifest::parse("m", deep.as_bytes()).1[0].code, Code::JsonTooDeep);
}

#[test]
fn version_1_lists_paths_and_is_told() {
    let text =
        GOOD.replace("\"schema_version\": 2", "\"schema_version\": 1").replace(r#"{"file": "a.bin"}"#, r#""a.bin""#);
    let (manifest, faults) = manifest::parse("m", text.as_bytes());
    assert_eq!(manifest.artifacts.unwrap().entries.len(), 1);
    assert_eq!(faults.iter().map(|f| (f.code, f.severity)).collect::<Vec<_>>(), [(Code::SchemaOlder, Severity::Info)]);
    assert_eq!(faults[0].data.as_deref(), Some(&Data::Version { found: 1, oldest: 1, newest: 2 }));
}

#[test]
fn a_version_that_is_not_read_is_told_as_data() {
    for found in [3, 0, -1, 9_007_199_254_740_991] {
        let text = GOOD.replace("\"schema_version\": 2", &format!("\"schema_version\": {found}"));
        let data = manifest::parse("m", text.as_bytes()).1.into_iter().map(|fault| (fault.code, fault.data));
        let expected = (Code::SchemaVersion, Some(Box::new(Data::Version { found, oldest: 1, newest: 2 })));
        assert_eq!(data.collect::<Vec<_>>(), [expected]);
    }
    // No version was found: all that is known is of which type the value is.
    let text = GOOD.replace("\"schema_version\": 2", "\"schema_version\": \"3\"");
    let data = manifest::parse("m", text.as_bytes()).1.into_iter().map(|fault| fault.data);
    let expected = Some(Box::new(Data::Type { found: Type::String, expected: Type::Integer }));
    assert_eq!(data.collect::<Vec<_>>(), [expected]);
}

#[test]
fn places_count_lines_and_scalar_values() {
    let text = GOOD.replace("\"n\"", "\"é😀\", \"bad\": 1");
    let fault = &manifest::parse("m", text.as_bytes()).1[0];
    let span = fault.span.unwrap();
    assert_eq!((span.line, &text[span.start..span.end]), (1, "\"bad\""));
    assert_eq!(span.column, text[..span.start].chars().count() + 1);
}

#[test]
fn a_registry_keeps_its_rules() {
    let entry = |id: i64, uuid: u8, root: &str| {
        format!(
            r#"{{"asset_id": {id}, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a{uuid:02x}", "root": "{root}", "included_in_build": true}}"#
        )
    };
    let registry = |entries: &[String]| {
        let text = format!(r#"{{"schema_version": 2, "next_asset_id": 10, "assets": [{}]}}"#, entries.join(","));
        registry::parse(text.as_bytes())
    };
    let good = registry(&[entry(7, 1, "b"), entry(3, 2, "a/x"), entry(9, 3, "a-b")]);
    assert_eq!(good.diagnostics, []);
    assert_eq!(good.entries.iter().map(|e| e.asset_id).collect::<Vec<_>>(), [3, 7, 9]);
    for (entries, code, pointer, fragment) in [
        (
            vec![entry(10, 1, "a")],
            Code::FieldInvalid,
            "/assets/0/asset_id",
            "asset_id 10 is not below \"next_asset_id\", which is 10",
        ),
        (vec![entry(0, 1, "a")], Code::FieldInvalid, "/assets/0/asset_id", "0 is out of range"),
        (
            vec![entry(1, 1, "a"), entry(1, 2, "b")],
            Code::RegistryConflict,
            "/assets/1/asset_id",
            "asset_id 1 is already taken by \"a\" (asset 1)",
        ),
        (
            vec![entry(1, 1, "a"), entry(2, 1, "b")],
            Code::RegistryConflict,
            "/assets/1/asset_uuid",
            "is already taken by \"a\" (asset 1)",
        ),
        (
            vec![entry(1, 1, "a"), entry(2, 2, "a")],
            Code::RegistryConflict,
            "/assets/1/root",
            "root a is already taken by \"a\" (asset 1)",
        ),
        (vec![entry(1, 1, "a"), entry(1, 1, "a")], Code::RegistryConflict, "/assets/1", "(asset 1) is listed twice"),
        (
            vec![entry(1, 1, "a"), entry(2, 2, "a/b/c")],
            Code::RegistryConflict,
            "/assets/1/root",
            "lies inside the root \"a\"",
        ),
        (vec![entry(1, 1, "a/.b")], Code::PathInvalid, "/assets/0/root", "begins with \".\""),
        (vec![entry(1, 1, "../a")], Code::PathInvalid, "/assets/0/root", "\"..\""),
    ] {
        let found = registry(&entries).diagnostics;
        assert_eq!(found.len(), 1, "{entries:?}: {found:#?}");
        assert_eq!((found[0].code, found[0].pointer.as_deref()), (code, Some(pointer)), "{found:#?}");
        assert!(found[0].message.contains(fragment), "{found:#?}");
    }
    let v1 = r#"{"schema_version": 1, "next_asset_id": 2, "assets": [{"asset_id": 1, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "root": "a"}]}"#;
    assert!(registry::parse(v1.as_bytes()).entries[0].included_in_build);
    let v1_with_field = v1.replace("\"root\"", "\"included_in_build\": true, \"root\"");
    assert_eq!(registry::parse(v1_with_field.as_bytes()).diagnostics.last().unwrap().code, Code::FieldUnknown);
}

#[test]
fn faults_without_end_are_counted() {
    let fields = (0..5000).map(|i| format!("\"x{i}\": 1")).collect::<Vec<_>>().join(",");
    let faults = manifest::parse("m", GOOD.replace("{\"schema", &format!("{{{fields}, \"schema")).as_bytes()).1;
    assert_eq!(faults.len(), 101);
    assert!(faults[100].message.contains("4900 more faults"), "{}", faults[100].message);
}

proptest! {
    /// Any bytes are read or refused; what is refused says so.
    #[test]
    fn any_text_is_total(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (manifest, faults) = manifest::parse("m", &bytes);
        prop_assert!(manifest.name.is_some() || !faults.is_empty());
        let registry = registry::parse(&bytes);
        prop_assert!(!registry.entries.is_empty() || !registry.diagnostics.is_empty());
    }

    /// So is any damage to a good document.
    #[test]
    fn damaged_documents_are_total(at in 0..GOOD.len(), length in 0..8_usize, insert in "[\\PC{}\\[\\]\",:0-9.eE-]{0,4}") {
        let mut bytes = GOOD.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, insert.bytes());
        let (manifest, faults) = manifest::parse("m", &bytes);
        let complete = manifest.name.is_some() && manifest.artifacts.as_ref().is_some_and(|list| list.is_complete) && manifest.format.is_some() && manifest.asset_uuid.is_some();
        prop_assert!(complete || faults.iter().any(papack_queries::diagnostic::Diagnostic::is_error));
    }
}

const OWN: &str = "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01";
const OTHER: &str = "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a02";

/// Spellings of a key and of a value, most of which are not the usual ones.
fn identities() -> impl Strategy<Value = String> {
    let uuid = OWN;
    let keys = ["asset_uuid", r"asset\u005fuuid", "name", "x"];
    let values = [uuid.to_owned(), OTHER.to_owned(), uuid.to_uppercase(), format!("{uuid}0"), uuid[..35].to_owned()];
    let member = (prop::sample::select(keys.to_vec()), prop::sample::select(values.to_vec()), 0..4_usize);
    prop::collection::vec((member, any::<bool>()), 0..3).prop_map(|members| {
        let member = |((key, value, gap), is_nested): &((&str, String, usize), bool)| {
            let gap = [":", " : ", "\n:\t", ":\u{a0}"][*gap];
            let member = format!("\"{key}\"{gap}\"{value}\"");
            if *is_nested { format!("\"o\": {{{member}}}") } else { member }
        };
        members.iter().map(member).collect::<Vec<_>>().join(", ")
    })
}

proptest! {
    /// What a glance says of an identity is what the parser says; where that can read none, the asset counts as itself.
    #[test]
    fn a_glance_at_an_identity_is_right(members in identities(), cut in prop::option::weighted(0.2, 0..400_usize)) {
        let registered = OWN.parse().unwrap();
        let text = format!("{{\"schema_version\": 2, {members}}}");
        let bytes = &text.as_bytes()[..cut.unwrap_or(text.len()).min(text.len())];
        let manifest = ManifestState::Bytes(bytes.into());
        let (at_root, parsed) = (uuid_at_root(&manifest, registered), uuid_of(&manifest));
        prop_assert!(at_root == parsed || (at_root, parsed) == (Some(registered), None), "{text}: {at_root:?} {parsed:?}");
    }
}
