//! Manifests whose `output` breaks a rule: format, codec, metadata and pipeline.

use papack_queries::diagnostic::Code::{FieldInvalid, FieldMissing, FieldUnknown, JsonNumber, JsonTooDeep};

use crate::case::Case;
use crate::ground::{PIC, SND};
use crate::manifest::{edit, one};

pub fn cases() -> Vec<Case> {
    [output(), formats(), user()].into_iter().flatten().collect()
}

fn output() -> Vec<Case> {
    let (all, end) = ("\"output\": { \"format\": \"DATA/raw_v1\" }", "\"DATA/raw_v1\"");
    let more = |name: &str, more: &str, code, place: &str, says: &str| {
        edit(name, end, &format!("\"DATA/raw_v1\", {more}"), code, &format!("/output{place}"), says)
    };
    let unknown_codec = "unknown codec";
    vec![
        edit("no output", OUTPUT_FIELD, "", FieldMissing, "1:1", "\"output\" is missing"),
        edit("output is a list", all, "\"output\": []", FieldInvalid, "/output", "expected an object, found an array"),
        edit("no format", "\"format\": \"DATA/raw_v1\"", "", FieldMissing, "/output", "\"format\" is missing"),
        edit("format null", end, "null", FieldInvalid, "/output/format", "expected a string, found null"),
        edit(
            "an unknown format",
            end,
            "\"DATA/raw_v2\"",
            FieldInvalid,
            "/output/format",
            "unknown format \"DATA/raw_v2\"",
        ),
        edit("a format in other casing", end, "\"data/RAW_v1\"", FieldInvalid, "/output/format", "unknown format"),
        edit(
            "a format of a mebibyte, nearly",
            end,
            &format!("\"{}\"", "\u{1f600}".repeat(250_000)),
            FieldInvalid,
            "/output/format",
            "…",
        ),
        more("a codec in other casing", "\"codec\": \"none\"", FieldInvalid, "/codec", unknown_codec),
        more("an unknown codec", "\"codec\": \"LZ4\"", FieldInvalid, "/codec", unknown_codec),
        more("a codec that is null", "\"codec\": null", FieldInvalid, "/codec", "expected a string"),
        more("pipeline null", "\"pipeline\": null", FieldInvalid, "/pipeline", "expected an object, found null"),
        more("pipeline a list", "\"pipeline\": []", FieldInvalid, "/pipeline", "found an array"),
        more("metadata null", "\"metadata\": null", FieldInvalid, "/metadata", "expected an object, found null"),
        more(
            "metadata of another format",
            "\"metadata\": {\"tile_size\": 8}",
            FieldUnknown,
            "/metadata/tile_size",
            "unknown field",
        ),
        more("an unknown field of output", "\"quality\": 9", FieldUnknown, "/quality", "unknown field \"quality\""),
        edit("an unknown field", "\"name\"", "\"tags\": [], \"name\"", FieldUnknown, "/tags", "unknown field \"tags\""),
        edit(
            "a field in other casing",
            "\"name\"",
            "\"Name\": 1, \"name\"",
            FieldUnknown,
            "/Name",
            "unknown field \"Name\"",
        ),
    ]
}

const OUTPUT_FIELD: &str = ",\n  \"output\": { \"format\": \"DATA/raw_v1\" }";

fn formats() -> Vec<Case> {
    let tile = |value: &str, code, says: &str| {
        let to = format!("\"tile_size\": {value}");
        one(PIC, &format!("tile_size {value}"), "\"tile_size\": 8", &to, code, "/output/metadata/tile_size", says)
    };
    let loops = |value: &str, says: &str| {
        one(SND, &format!("loops {value}"), "\"DETECT\"", value, FieldInvalid, "/output/metadata/loops", says)
    };
    vec![
        tile("0", FieldInvalid, "8, 16 or 32 pixels, not 0"),
        tile("12", FieldInvalid, "8, 16 or 32 pixels, not 12"),
        tile("-8", FieldInvalid, "not -8"),
        tile("8.0", FieldInvalid, "expected an integer, found a float"),
        tile("\"8\"", FieldInvalid, "expected an integer, found a string"),
        tile("9007199254740992", JsonNumber, "beyond"),
        one(
            PIC,
            "no tile_size",
            ", \"metadata\": {\"tile_size\": 8}",
            "",
            FieldMissing,
            "/output/format",
            "needs \"tile_size\"",
        ),
        loops("\"detect\"", "\"OFF\" or \"DETECT\", not \"detect\""),
        loops("true", "expected a string, found a boolean"),
        one(
            SND,
            "loops beside a bank",
            "\"loops\"",
            "\"bank\": \"SOUNDS\", \"loops\"",
            FieldUnknown,
            "/output/metadata/bank",
            "unknown",
        ),
    ]
}

fn user() -> Vec<Case> {
    let user = |name: &str, user: &str, code, place: &str, says: &str| {
        let to = format!("\"DATA/raw_v1\", \"metadata\": {{\"user\": {user}}}");
        edit(&format!("user {name}"), "\"DATA/raw_v1\"", &to, code, &format!("/output/metadata/user{place}"), says)
    };
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(16), "]".repeat(16));
    vec![
        user("null", "null", FieldInvalid, "", "expected an object, found null"),
        user("a list", "[]", FieldInvalid, "", "found an array"),
        user("with a float", "{\"a\": [1.5]}", JsonNumber, "/a/0", "only integers are allowed here"),
        user("with a whole float", "{\"a\": 1.0}", JsonNumber, "/a", "only integers"),
        user("with -0", "{\"a\": -0}", JsonNumber, "/a", "only integers"),
        user(
            "of 17 levels",
            &deep,
            JsonTooDeep,
            &format!("/a{}", "/0".repeat(15)),
            "nested too deep; at most 16 levels",
        ),
        user(
            "of 4,097 bytes",
            &format!("{{\"a\": \"{}\"}}", "x".repeat(4089)),
            FieldInvalid,
            "",
            "4097 canonical bytes, at most 4096",
        ),
        user(
            "that escapes make too large",
            &format!("{{\"a\": \"{}\"}}", "\\u0001".repeat(682)),
            FieldInvalid,
            "",
            "4100 canonical bytes",
        ),
    ]
}
