//! One faulty header for each rule, and the place where the fault is found.

use papack_queries::diagnostic::Code;

use crate::{HEADER, PAYLOAD_SIZE, faults, pack_of};

/// Replaces the only `from` in the good header by `to`, and expects a fault at `pointer` that says `message`. The
/// payload region becomes `grown` bytes longer.
struct Case {
    from: &'static str,
    to: &'static str,
    grown: usize,
    code: Code,
    pointer: &'static str,
    message: &'static str,
}

const fn case(from: &'static str, to: &'static str, code: Code, pointer: &'static str, message: &'static str) -> Case {
    Case { from, to, grown: 0, code, pointer, message }
}

const CASES: &[Case] = &[
    // Shape and keys.
    case(r#"],"preload""#, r#"],"more":1,"preload""#, Code::FieldUnknown, "/more", "unknown field \"more\""),
    case(
        r#","preload":[{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}]"#,
        "",
        Code::FieldMissing,
        "",
        "\"preload\" is missing",
    ),
    case(
        r#"{"asset_id":3,"asset_name""#,
        r#"{"Asset_id":3,"asset_name""#,
        Code::FieldMissing,
        "/asset_table/0",
        "\"asset_id\" is missing",
    ),
    case(
        r#"{"asset_id":9,"#,
        r#"{"asset_id":9,"asset_id":9,"#,
        Code::JsonDuplicateKey,
        "/asset_table/2/asset_id",
        "occurs twice",
    ),
    case(
        r#""asset_name":"atlas","#,
        r#""asset_name":"atlas","asset_uuid":"","#,
        Code::FieldUnknown,
        "/asset_table/0/asset_uuid",
        "unknown field",
    ),
    case(
        r#""asset_name":"atlas""#,
        r#""asset_name":null"#,
        Code::FieldInvalid,
        "/asset_table/0/asset_name",
        "expected a string, found null",
    ),
    case(
        r#"{"asset_id":3,"slot":0}"#,
        r#"{"asset_id":3,"bank":"TILES","slot":0}"#,
        Code::FieldUnknown,
        "/preload/0/bank",
        "unknown field",
    ),
    case(r#"{"asset_id":3,"slot":0}"#, r#"{"asset_id":3}"#, Code::FieldMissing, "/preload/0", "\"slot\" is missing"),
    // Canonical form.
    case(
        r#"],"preload""#,
        r#"], "preload""#,
        Code::PackNotCanonical,
        "-",
        "not canonical JSON: it differs first at byte",
    ),
    case(r#""user":{"depth""#, r#""user":{"d\u0065pth""#, Code::PackNotCanonical, "-", "not canonical"),
    case(r#""offset":0,"size":2176}"#, r#""size":2176,"offset":0}"#, Code::PackNotCanonical, "-", "not canonical"),
    // Ids, names, bank, codec, sizes.
    case(
        r#"{"asset_id":3,"asset_name""#,
        r#"{"asset_id":0,"asset_name""#,
        Code::FieldInvalid,
        "/asset_table/0/asset_id",
        "0 is out of range; 1 to 2147483646 are allowed",
    ),
    case(
        r#"{"asset_id":9,"#,
        r#"{"asset_id":2147483647,"#,
        Code::FieldInvalid,
        "/asset_table/2/asset_id",
        "2147483647 is out of range",
    ),
    case(r#"{"asset_id":9,"#, r#"{"asset_id":7,"#, Code::PackOrder, "/asset_table/2/asset_id", "asset 7 occurs twice"),
    case(
        r#"{"asset_id":9,"#,
        r#"{"asset_id":5,"#,
        Code::PackOrder,
        "/asset_table/2/asset_id",
        "asset 5 follows asset 7",
    ),
    case(
        "\"notes\"",
        "\"beeps\"",
        Code::AssetNameTaken,
        "/asset_table/2/asset_name",
        "\"beeps\" is taken already by asset 7",
    ),
    case("\"notes\"", "\"\"", Code::FieldInvalid, "/asset_table/2/asset_name", "a name has 1 to 128 characters"),
    case("\"notes\"", "\" notes\"", Code::FieldInvalid, "/asset_table/2/asset_name", "white space"),
    case("\"notes\"", "\"e\u{301}\"", Code::FieldInvalid, "/asset_table/2/asset_name", "normalization form C"),
    case("\"DATA\"", "\"Data\"", Code::FieldInvalid, "/asset_table/2/bank_type", "unknown bank \"Data\""),
    case(
        r#""SOUNDS","codec":"NONE""#,
        r#""SOUNDS","codec":"none""#,
        Code::FieldInvalid,
        "/asset_table/1/codec",
        "unknown codec \"none\"",
    ),
    case(
        "\"decoded_size\":4",
        "\"decoded_size\":5",
        Code::FieldInvalid,
        "/asset_table/2/decoded_size",
        "decoded_size is 5",
    ),
    case(
        "\"decoded_size\":4",
        "\"decoded_size\":4.5",
        Code::FieldInvalid,
        "/asset_table/2/decoded_size",
        "expected an integer",
    ),
    case(
        "\"decoded_size\":4",
        "\"decoded_size\":9007199254740992",
        Code::JsonNumber,
        "/asset_table/2/decoded_size",
        "beyond ±(2^53 − 1)",
    ),
    // Layout.
    case(
        r#""offset":2176"#,
        r#""offset":2177"#,
        Code::PackLayout,
        "/asset_table/1/offset",
        "offset 2177 leaves a gap after the payload before, which ends at 2176",
    ),
    case(r#""offset":2176"#, r#""offset":2175"#, Code::PackLayout, "/asset_table/1/offset", "offset 2175 overlaps"),
    case(
        r#""offset":0,"size":2176"#,
        r#""offset":1,"size":2176"#,
        Code::PackLayout,
        "/asset_table/0/offset",
        "offset 1 leaves a gap",
    ),
    case(
        r#""offset":2188,"size":4"#,
        r#""offset":2188,"size":5"#,
        Code::PackLayout,
        "-",
        "but its last payload at byte",
    ),
    Case {
        from: "atlas",
        to: "atlas",
        grown: 3,
        code: Code::PackLayout,
        pointer: "-",
        message: "but its last payload at byte",
    },
    // Preload.
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":8,"slot":0}]"#,
        Code::PackPreload,
        "/preload/1/asset_id",
        "asset 8 is not in the asset table",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":7,"slot":16}]"#,
        Code::FieldInvalid,
        "/preload/1/slot",
        "16 is out of range; 0 to 15 are allowed",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":3,"slot":1}]"#,
        Code::PackOrder,
        "/preload/1/asset_id",
        "asset 3 occurs twice",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":3,"slot":0}]"#,
        Code::PreloadSlotTaken,
        "/preload/1/slot",
        "slot 0 of bank TILES is preloaded by asset 3 already",
    ),
    case(
        r#"{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}"#,
        r#"{"asset_id":7,"slot":0},{"asset_id":3,"slot":0}"#,
        Code::PackOrder,
        "/preload/1/asset_id",
        "asset 3 follows asset 7",
    ),
    // TILES.
    case(
        "\"tile_size\":8",
        "\"tile_size\":9",
        Code::FieldInvalid,
        "/asset_table/0/metadata/tile_size",
        "8, 16 or 32 pixels, not 9",
    ),
    case(
        "\"width\":16",
        "\"width\":12",
        Code::PackMetadata,
        "/asset_table/0/metadata/width",
        "12 is no positive multiple of the tile size 8 up to 4096",
    ),
    case(
        "\"width\":16",
        "\"width\":0",
        Code::PackMetadata,
        "/asset_table/0/metadata/width",
        "0 is no positive multiple",
    ),
    case("\"width\":16", "\"width\":4104", Code::PackMetadata, "/asset_table/0/metadata/width", "up to 4096"),
    case("\"height\":16", "\"height\":65544", Code::PackMetadata, "/asset_table/0/metadata/height", "up to 65536"),
    case(
        "\"height\":16",
        "\"height\":24",
        Code::PackMetadata,
        "/asset_table/0/metadata",
        "this describes 2240 bytes, but the payload has 2176",
    ),
    case(
        "\"height\":16",
        "\"height\":24",
        Code::PackMetadata,
        "/asset_table/0/metadata/sheets",
        "the sheets have 4 tiles, but width and height make 6",
    ),
    case(
        "\"palette_count\":64",
        "\"palette_count\":63",
        Code::FieldInvalid,
        "/asset_table/0/metadata/palette_count",
        "63 is out of range; 64 to 64 are allowed",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":65",
        Code::FieldInvalid,
        "/asset_table/0/metadata/palette_authored",
        "65 is out of range; 1 to 64 are allowed",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":3",
        Code::PackMetadata,
        "/asset_table/0/metadata/sheets",
        "use 2 palettes, but palette_authored is 3",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":1",
        Code::FieldInvalid,
        "/asset_table/0/metadata/sheets/1/palette",
        "1 is out of range; 0 to 0 are allowed",
    ),
    case(
        "\"palette\":0",
        "\"palette\":1",
        Code::PackMetadata,
        "/asset_table/0/metadata/sheets/0/palette",
        "palette 1 comes before palette 0 has appeared",
    ),
    case(
        "\"first_tile\":2",
        "\"first_tile\":3",
        Code::PackMetadata,
        "/asset_table/0/metadata/sheets/1/first_tile",
        "first_tile is 3, but the sheets before end at 2",
    ),
    case(
        "\"palette\":0,\"tile_count\":2",
        "\"palette\":0,\"tile_count\":1",
        Code::PackMetadata,
        "/asset_table/0/metadata/sheets/0/tile_count",
        "1 tiles are no whole rows of 2 tiles",
    ),
    case(
        "\"width\":16}",
        "\"width\":16,\"zoom\":1}",
        Code::FieldUnknown,
        "/asset_table/0/metadata/zoom",
        "unknown field",
    ),
    // SOUNDS.
    case(
        "\"channels\":2",
        "\"channels\":3",
        Code::FieldInvalid,
        "/asset_table/1/metadata/samples/0/channels",
        "3 is out of range; 1 to 2 are allowed",
    ),
    case(
        "\"frames\":2,\"name\"",
        "\"frames\":3,\"name\"",
        Code::PackMetadata,
        "/asset_table/1/metadata/samples/1/offset",
        "offset is 8, but the part before ends at 12",
    ),
    case(
        "\"loop_end\":2",
        "\"loop_end\":3",
        Code::PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "the loop from 1 to 3 does not lie within 2 frames",
    ),
    case(
        "\"loop_start\":1",
        "\"loop_start\":2",
        Code::PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "the loop from 2 to 2",
    ),
    case(
        "\"loop_end\":2,",
        "",
        Code::PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "loop_start and loop_end go together",
    ),
    case(
        "\"name\":\"b\"",
        "\"name\":\"a\"",
        Code::PackMetadata,
        "/asset_table/1/metadata/samples/1/name",
        "the name \"a\" occurs twice in one asset",
    ),
    case(
        "\"name\":\"b\"",
        "\"name\":\"\"",
        Code::PathInvalid,
        "/asset_table/1/metadata/samples/1/name",
        "the name is empty",
    ),
    case(
        "\"name\":\"b\"",
        "\"name\":\"x/b\"",
        Code::PathInvalid,
        "/asset_table/1/metadata/samples/1/name",
        "the name has a \"/\"",
    ),
    case(
        "\"name\":\"a\",\"offset\":0,\"sample_rate\":8000",
        "\"name\":\"a\",\"offset\":0,\"sample_rate\":192001",
        Code::FieldInvalid,
        "/asset_table/1/metadata/samples/0/sample_rate",
        "192001 is out of range; 1 to 192000 are allowed",
    ),
    // DATA.
    case(
        "\"name\":\"one.txt\",\"offset\":0,\"size\":1",
        "\"name\":\"one.txt\",\"offset\":0,\"size\":2",
        Code::PackMetadata,
        "/asset_table/2/metadata/entries/1/offset",
        "offset is 1, but the part before ends at 2",
    ),
    case(
        "\"offset\":1,\"size\":3",
        "\"offset\":1,\"size\":4",
        Code::PackMetadata,
        "/asset_table/2/metadata",
        "this describes 5 bytes, but the payload has 4",
    ),
    case(
        "sub/two.txt",
        "../two.txt",
        Code::PathInvalid,
        "/asset_table/2/metadata/entries/1/name",
        "has a \"..\" component",
    ),
    case("sub/two.txt", "one.txt", Code::PackMetadata, "/asset_table/2/metadata/entries/1/name", "occurs twice"),
    case(
        "{\"entries\":[{\"name\":\"one.txt\",\"offset\":0,\"size\":1},{\"name\":\"sub/two.txt\",\"offset\":1,\"size\":3}]",
        "{\"entries\":[]",
        Code::PackMetadata,
        "/asset_table/2/metadata/entries",
        "at least one file",
    ),
    // User.
    case(
        "{\"depth\":[1,2]}",
        "[1,2]",
        Code::FieldInvalid,
        "/asset_table/2/metadata/user",
        "expected an object, found an array",
    ),
    case(
        "{\"depth\":[1,2]}",
        "{\"depth\":[1,2.5]}",
        Code::JsonNumber,
        "/asset_table/2/metadata/user/depth/1",
        "only integers",
    ),
    case(
        "[1,2]",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        Code::JsonTooDeep,
        "/asset_table/2/metadata/user/depth/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0",
        "nested too deep",
    ),
];

#[test]
fn good_header_has_no_fault() {
    assert!(faults(&pack_of(HEADER, PAYLOAD_SIZE)).is_empty());
}

#[test]
fn each_rule_has_its_fault() {
    for Case { from, to, grown, code, pointer, message } in CASES {
        assert!(HEADER.contains(from), "{from}");
        let header = HEADER.replacen(from, to, 1);
        let faults = faults(&pack_of(&header, PAYLOAD_SIZE + grown));
        let found = faults.iter().any(|fault| {
            fault.code == *code
                && fault.pointer.as_deref().unwrap_or("-") == *pointer
                && fault.message.contains(message)
                && fault.span.is_some()
        });
        assert!(found, "{from} -> {to}: no {code} at {pointer} that says {message:?} among {faults:#?}");
    }
}

#[test]
fn fault_points_to_its_bytes_in_the_file() {
    let header = HEADER.replacen("\"offset\":2176", "\"offset\":2177", 1);
    let pack = pack_of(&header, PAYLOAD_SIZE);
    let spans: Vec<_> = faults(&pack).iter().filter_map(|fault| fault.span).collect();
    assert!(spans.iter().any(|span| &pack[span.start..span.end] == b"2177"), "{spans:?}");
    let spaced = HEADER.replacen(",\"preload\"", ", \"preload\"", 1);
    let pack = pack_of(&spaced, PAYLOAD_SIZE);
    assert_eq!(faults(&pack)[0].span.map(|span| pack[span.start]), Some(b' '));
}

#[test]
fn user_may_have_4096_canonical_bytes() {
    let user =
        |letters: usize| HEADER.replacen("{\"depth\":[1,2]}", &format!("{{\"d\":\"{}\"}}", "x".repeat(letters)), 1);
    assert!(faults(&pack_of(&user(4096 - 8), PAYLOAD_SIZE)).is_empty());
    let over = faults(&pack_of(&user(4096 - 7), PAYLOAD_SIZE));
    assert!(over[0].message.contains("\"user\" has 4097 canonical bytes"), "{over:?}");
}

#[test]
fn every_fault_is_told() {
    let header = HEADER.replacen("\"notes\"", "\"\"", 1).replacen("\"DATA\"", "\"X\"", 1).replacen(
        "\"channels\":2",
        "\"channels\":0",
        1,
    );
    assert_eq!(faults(&pack_of(&header, PAYLOAD_SIZE + 1)).len(), 4);
}
