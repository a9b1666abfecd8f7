//! Manifests that are JSON and break a rule of a field.

use papack_queries::diagnostic::Code::{
    AssetNameTaken, AssetUuidMismatch, FieldInvalid, FieldMissing, FieldUnknown, PathInvalid, PreloadSlotTaken,
    SchemaOlder, SchemaVersion,
};

use crate::case::{Case, Code, Fault, case, error, info};
use crate::ground::{A, SND};
use crate::json::hundred;
use crate::space::{manifest, uuid};

/// An edit of the manifest at `path`, and the one fault that comes of it.
pub fn one(path: &'static str, name: &str, from: &'static str, to: &str, code: Code, place: &str, says: &str) -> Case {
    let to = to.to_owned();
    case(format!("manifest: {name}"), move |ground| ground.edit(path, from, &to), [error(code, path, place, says)])
}

/// An edit of the `DATA` asset's manifest.
pub fn edit(name: &str, from: &'static str, to: &str, code: Code, place: &str, says: &str) -> Case {
    one(A, name, from, to, code, place, says)
}

pub fn cases() -> Vec<Case> {
    [versions(), identity(), artifacts(), preload(), several()].into_iter().flatten().collect()
}

fn versions() -> Vec<Case> {
    let version = |value: &str, code, says: &str| {
        let to = format!("\"schema_version\": {value}");
        edit(&format!("version {value}"), "\"schema_version\": 2", &to, code, "/schema_version", says)
    };
    vec![
        version("0", SchemaVersion, "schema version 0 of the manifest is not supported: this papack reads 1 to 2"),
        version("3, \"new\": true", SchemaVersion, "schema version 3"),
        version("99", SchemaVersion, "schema version 99"),
        version("-1", SchemaVersion, "schema version -1"),
        version("\"2\"", FieldInvalid, "expected an integer, found a string"),
        version("2.0", FieldInvalid, "expected an integer, found a float"),
        version("2e0", FieldInvalid, "expected an integer, found a float"),
        version("[2]", FieldInvalid, "expected an integer, found an array"),
        edit("no version", "\"schema_version\": 2,", "", FieldMissing, "1:1", "\"schema_version\" is missing"),
        case(
            "manifest: a string",
            |ground| ground.write(A, "\"{}\""),
            [error(FieldInvalid, A, "1:1", "expected an object, found a string")],
        ),
        case("manifest: null", |ground| ground.write(A, "null"), [error(FieldInvalid, A, "1:1", "found null")]),
        case(
            "manifest: version 1 with an entry of version 2",
            |ground| ground.edit(A, "\"schema_version\": 2", "\"schema_version\": 1"),
            [
                info(SchemaOlder, A, "/schema_version", "schema version 1 of the manifest is read as version 2"),
                error(FieldInvalid, A, "/artifacts/0", "expected a string, found an object"),
                error(FieldInvalid, A, "/artifacts/1", "expected a string, found an object"),
            ],
        ),
    ]
}

fn identity() -> Vec<Case> {
    let name = |case: &str, name: &str, says: &str| {
        edit(&format!("name {case}"), "\"name\": \"a\"", &format!("\"name\": {name}"), FieldInvalid, "/name", says)
    };
    let quoted = |text: &str| format!("\"{text}\"");
    vec![
        edit(
            "uuid of another asset",
            "000000000001",
            "000000000002",
            AssetUuidMismatch,
            "/asset_uuid",
            "the registry knows this asset as",
        ),
        edit(
            "uuid in upper case",
            "0000-0000-4000",
            "000A-0000-4000",
            FieldInvalid,
            "/asset_uuid",
            "no lower-case, hyphenated UUID",
        ),
        edit("uuid of another form", "\"0000", "\"urn:uuid:0000", FieldInvalid, "/asset_uuid", "no lower-case"),
        edit("no uuid", UUID_FIELD, "", FieldMissing, "1:1", "\"asset_uuid\" is missing"),
        edit("no name", "\"name\": \"a\",", "", FieldMissing, "1:1", "\"name\" is missing"),
        name("null", "null", "expected a string, found null"),
        name("empty", "\"\"", "1 to 128 characters, this one has 0"),
        name("of 129 characters", &quoted(&"é".repeat(129)), "this one has 129"),
        name("of a mebibyte, nearly", &quoted(&"n".repeat(1_000_000)), "this one has 1000000"),
        name("not in NFC", &quoted("cafe\u{301}"), "normalization form C"),
        name("with a NUL", "\"a\\u0000b\"", "control character"),
        name("with a control character of C1", "\"a\u{9b}b\"", "control character"),
        name("with a space at its end", "\"a \"", "white space"),
        name("with an ideographic space first", &quoted("\u{3000}a"), "white space"),
        case(
            "manifest: the name of another asset",
            |ground| ground.edit(SND, "\"name\": \"snd\"", "\"name\": \"a\""),
            [
                error(AssetNameTaken, A, "/name", "\"a\" is used by more than one asset"),
                error(AssetNameTaken, SND, "/name", "\"a\" is used by more than one asset"),
            ],
        ),
    ]
}

const UUID_FIELD: &str = "\"asset_uuid\": \"00000000-0000-4000-8000-000000000001\",";

/// Lists of artifacts.
fn artifacts() -> Vec<Case> {
    let list = |name: &str, entries: &str, code, place: &str, says: &str| {
        let entries = entries.to_owned();
        let spoil = move |ground: &crate::ground::Ground| ground.list(&entries);
        case(format!("artifacts: {name}"), spoil, [error(code, A, place, says)])
    };
    let either = "an entry has either \"file\" or \"glob\"";
    vec![
        list("none", "", FieldInvalid, "/artifacts", "an asset takes 1 to 65536 entries, these are 0"),
        list("65,537", &vec!["1"; 65_537].join(","), FieldInvalid, "/artifacts", "these are 65537"),
        list(
            "a path as in version 1",
            "\"one.txt\"",
            FieldInvalid,
            "/artifacts/0",
            "expected an object, found a string",
        ),
        list("null", "null", FieldInvalid, "/artifacts/0", "found null"),
        list("neither file nor glob", "{}", FieldInvalid, "/artifacts/0", either),
        list("both file and glob", "{\"file\": \"one.txt\", \"glob\": \"*\"}", FieldInvalid, "/artifacts/0", either),
        list("only except", "{\"except\": []}", FieldInvalid, "/artifacts/0", either),
        list(
            "a file with except",
            "{\"file\": \"one.txt\", \"except\": []}",
            FieldInvalid,
            "/artifacts/0/except",
            "goes with \"glob\"",
        ),
        list(
            "an unknown field",
            "{\"file\": \"one.txt\", \"as\": \"x\"}",
            FieldUnknown,
            "/artifacts/0/as",
            "unknown field \"as\"",
        ),
        list("a file that is a number", "{\"file\": 1}", FieldInvalid, "/artifacts/0/file", "expected a string"),
        list(
            "a glob that is a list",
            "{\"glob\": [\"*\"]}",
            FieldInvalid,
            "/artifacts/0/glob",
            "expected a string, found an array",
        ),
        list(
            "an except that is no list",
            "{\"glob\": \"*\", \"except\": \"x\"}",
            FieldInvalid,
            "/artifacts/0/except",
            "expected an array",
        ),
        list(
            "an except of numbers",
            "{\"glob\": \"*\", \"except\": [1]}",
            FieldInvalid,
            "/artifacts/0/except/0",
            "expected a string",
        ),
        list(
            "a pattern with a part of **",
            "{\"glob\": \"a**\"}",
            PathInvalid,
            "/artifacts/0/glob",
            "whole components",
        ),
        list(
            "an except that leaves the root",
            "{\"glob\": \"*\", \"except\": [\"../*\"]}",
            PathInvalid,
            "/artifacts/0/except/0",
            "\"..\" component",
        ),
        edit(
            "no artifacts",
            "\"artifacts\": [{\"file\": \"one.txt\"}, {\"file\": \"two.txt\"}],",
            "",
            FieldMissing,
            "1:1",
            "\"artifacts\" is missing",
        ),
        edit(
            "artifacts that are an object",
            "[{\"file\": \"one.txt\"}, {\"file\": \"two.txt\"}]",
            "{}",
            FieldInvalid,
            "/artifacts",
            "expected an array",
        ),
    ]
}

fn preload() -> Vec<Case> {
    let preload = |name: &str, preload: &str, code, place: &str, says: &str| {
        let to = format!("\"preload\": {preload}, \"name\"");
        edit(&format!("preload {name}"), "\"name\"", &to, code, &format!("/preload{place}"), says)
    };
    let slot = |slot: &str, says: &str| {
        preload(
            &format!("slot {slot}"),
            &format!("{{\"enabled\": true, \"slot\": {slot}}}"),
            FieldInvalid,
            "/slot",
            says,
        )
    };
    let taken = |path, place: &str| {
        error(PreloadSlotTaken, path, place, "slot 3 of bank DATA is preloaded by more than one asset")
    };
    vec![
        preload("null", "null", FieldInvalid, "", "expected an object, found null"),
        preload("empty", "{}", FieldMissing, "", "\"enabled\" is missing"),
        preload("enabled by a number", "{\"enabled\": 1}", FieldInvalid, "/enabled", "expected true or false"),
        preload("without slot", "{\"enabled\": true}", FieldMissing, "", "needs a \"slot\""),
        preload(
            "off, with a slot",
            "{\"enabled\": false, \"slot\": 0}",
            FieldInvalid,
            "/slot",
            "goes with \"enabled\": true",
        ),
        preload("with a bank", "{\"enabled\": false, \"bank\": 0}", FieldUnknown, "/bank", "unknown field \"bank\""),
        slot("-1", "-1 is out of range; 0 to 15 are allowed"),
        slot("16", "16 is out of range; 0 to 15 are allowed"),
        slot("256", "256 is out of range; 0 to 15 are allowed"),
        slot("1.0", "expected an integer, found a float"),
        slot("null", "expected an integer, found null"),
        case(
            "manifest: the slot of another asset",
            |ground| {
                let preload = "\"preload\": {\"enabled\": true, \"slot\": 3}, \"name\"";
                ground.edit(A, "\"name\"", preload);
                ground.write(SND, manifest(3, "snd", "{\"file\": \"snd.wav\"}").replace("\"name\"", preload));
            },
            [taken(A, "/preload/slot"), taken(SND, "/preload/slot")],
        ),
    ]
}

/// Many faults at once: all are told, up to a bound.
fn several() -> Vec<Case> {
    let unknown = hundred(A, |at| error(FieldUnknown, A, &format!("/k{at}"), "unknown field"), 3_900);
    let many = move |ground: &crate::ground::Ground| {
        let keys = (0..4_000).map(|at| format!("\"k{at}\": 0, ")).collect::<Vec<_>>().concat();
        ground.edit(A, "\"schema_version\"", &format!("{keys}\"schema_version\""));
    };
    let all_wrong = format!(
        "{{\"schema_version\": 2, \"asset_uuid\": \"{}\", \"artifacts\": [{{\"file\": \"CON\"}}, 1], \"output\": {{\"codec\": \
         \"X\", \"format\": \"Y\"}}, \"preload\": {{\"enabled\": 0}}, \"z\": 0}}",
        uuid(9)
    );
    let faults: Vec<Fault> = [
        (FieldUnknown, "/z", "unknown field \"z\""),
        (FieldMissing, "1:1", "\"name\" is missing"),
        (PathInvalid, "/artifacts/0/file", "device name"),
        (FieldInvalid, "/artifacts/1", "expected an object"),
        (FieldInvalid, "/preload/enabled", "expected true or false"),
        (FieldInvalid, "/output/codec", "unknown codec \"X\""),
        (FieldInvalid, "/output/format", "unknown format \"Y\""),
        (AssetUuidMismatch, "/asset_uuid", "the registry knows this asset as"),
    ]
    .map(|(code, place, says)| error(code, A, place, says))
    .into();
    let another = error(FieldInvalid, SND, "/output/format", "unknown format");
    let both: Vec<_> = faults.iter().cloned().chain([another]).collect();
    let text = all_wrong.clone();
    vec![
        case("manifest: 4,000 unknown fields", many, unknown),
        case("manifest: everything wrong", move |ground| ground.write(A, &text), faults),
        case(
            "manifest: two manifests wrong",
            move |ground| {
                ground.write(A, &all_wrong);
                ground.edit(SND, "SOUNDS/pcm_v1", "SOUNDS/pcm_v0");
            },
            both,
        ),
    ]
}
