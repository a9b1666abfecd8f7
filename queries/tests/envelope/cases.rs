//! A good pack, and one faulty header for each rule: what it is and what is said of it.

use papack_queries::diagnostic::Code;
use papack_queries::diagnostic::Code::{
    AssetNameTaken, FieldInvalid, FieldMissing, FieldUnknown, JsonDuplicateKey, JsonNumber, JsonTooDeep, PackLayout,
    PackMetadata, PackNotCanonical, PackOrder, PackPreload, PathInvalid, PreloadSlotTaken,
};
use papack_queries::envelope::Prelude;

/// A header with one asset of each bank, two of them preloaded, and their 2,192 bytes of payload.
pub const HEADER: &str = concat!(
    r#"{"asset_table":["#,
    r#"{"asset_id":3,"asset_name":"atlas","bank_type":"TILES","codec":"NONE","decoded_size":2176,"metadata":{"#,
    r#""height":16,"palette_authored":2,"palette_count":64,"sheets":["#,
    r#"{"first_tile":0,"palette":0,"tile_count":2},{"first_tile":2,"palette":1,"tile_count":2}],"#,
    r#""tile_size":8,"width":16},"offset":0,"size":2176},"#,
    r#"{"asset_id":7,"asset_name":"beeps","bank_type":"SOUNDS","codec":"NONE","decoded_size":12,"metadata":{"#,
    r#""samples":[{"channels":2,"frames":2,"name":"a","offset":0,"sample_rate":8000},"#,
    r#"{"channels":1,"frames":2,"loop_end":2,"loop_start":1,"name":"b","offset":8,"sample_rate":8000}]},"#,
    r#""offset":2176,"size":12},"#,
    r#"{"asset_id":9,"asset_name":"notes","bank_type":"DATA","codec":"NONE","decoded_size":4,"metadata":{"#,
    r#""entries":[{"name":"one.txt","offset":0,"size":1},{"name":"sub/two.txt","offset":1,"size":3}],"#,
    r#""user":{"depth":[1,2]}},"offset":2188,"size":4}"#,
    r#"],"preload":[{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}]}"#,
);

pub const PAYLOAD_SIZE: usize = 2192;

/// A file with `header` and `payload_size` bytes of payload, each its own place modulo 251.
pub fn pack_of(header: &str, payload_size: usize) -> Vec<u8> {
    let mut pack = Prelude { header_len: u32::try_from(header.len()).unwrap() }.to_bytes().to_vec();
    pack.extend_from_slice(header.as_bytes());
    pack.extend((0..payload_size).map(|at| (at % 251) as u8));
    pack
}

/// Replaces the only `from` in the good header by `to`, and expects a fault at `pointer` that says `message`. The
/// payload region becomes `grown` bytes longer.
pub struct Case {
    pub from: &'static str,
    pub to: &'static str,
    pub grown: usize,
    pub code: Code,
    pub pointer: &'static str,
    pub message: &'static str,
}

const fn case(from: &'static str, to: &'static str, code: Code, pointer: &'static str, message: &'static str) -> Case {
    Case { from, to, grown: 0, code, pointer, message }
}

pub const CASES: &[Case] = &[
    // Shape and keys.
    case(r#"],"preload""#, r#"],"more":1,"preload""#, FieldUnknown, "/more", "unknown field \"more\""),
    case(
        r#","preload":[{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}]"#,
        "",
        FieldMissing,
        "",
        "\"preload\" is missing",
    ),
    case(
        r#"{"asset_id":3,"asset_name""#,
        r#"{"Asset_id":3,"asset_name""#,
        FieldMissing,
        "/asset_table/0",
        "\"asset_id\" is missing",
    ),
    case(
        r#"{"asset_id":9,"#,
        r#"{"asset_id":9,"asset_id":9,"#,
        JsonDuplicateKey,
        "/asset_table/2/asset_id",
        "occurs twice",
    ),
    case(
        r#""asset_name":"atlas","#,
        r#""asset_name":"atlas","asset_uuid":"","#,
        FieldUnknown,
        "/asset_table/0/asset_uuid",
        "unknown field",
    ),
    case(
        r#""asset_name":"atlas""#,
        r#""asset_name":null"#,
        FieldInvalid,
        "/asset_table/0/asset_name",
        "expected a string, found null",
    ),
    case(
        r#"{"asset_id":3,"slot":0}"#,
        r#"{"asset_id":3,"bank":"TILES","slot":0}"#,
        FieldUnknown,
        "/preload/0/bank",
        "unknown field",
    ),
    case(r#"{"asset_id":3,"slot":0}"#, r#"{"asset_id":3}"#, FieldMissing, "/preload/0", "\"slot\" is missing"),
    // Canonical form.
    case(r#"],"preload""#, r#"], "preload""#, PackNotCanonical, "-", "not canonical JSON: it differs first at byte"),
    case(r#""user":{"depth""#, r#""user":{"d\u0065pth""#, PackNotCanonical, "-", "not canonical"),
    case(r#""offset":0,"size":2176}"#, r#""size":2176,"offset":0}"#, PackNotCanonical, "-", "not canonical"),
    // Ids, names, bank, codec, sizes.
    case(
        r#"{"asset_id":3,"asset_name""#,
        r#"{"asset_id":0,"asset_name""#,
        FieldInvalid,
        "/asset_table/0/asset_id",
        "0 is out of range; 1 to 2147483646 are allowed",
    ),
    case(
        r#"{"asset_id":9,"#,
        r#"{"asset_id":2147483647,"#,
        FieldInvalid,
        "/asset_table/2/asset_id",
        "2147483647 is out of range",
    ),
    case(r#"{"asset_id":9,"#, r#"{"asset_id":7,"#, PackOrder, "/asset_table/2/asset_id", "asset 7 occurs twice"),
    case(r#"{"asset_id":9,"#, r#"{"asset_id":5,"#, PackOrder, "/asset_table/2/asset_id", "asset 5 follows asset 7"),
    case(
        "\"notes\"",
        "\"beeps\"",
        AssetNameTaken,
        "/asset_table/2/asset_name",
        "\"beeps\" is taken already by asset 7",
    ),
    case("\"notes\"", "\"\"", FieldInvalid, "/asset_table/2/asset_name", "a name has 1 to 128 characters"),
    case("\"notes\"", "\" notes\"", FieldInvalid, "/asset_table/2/asset_name", "white space"),
    case("\"notes\"", "\"e\u{301}\"", FieldInvalid, "/asset_table/2/asset_name", "normalization form C"),
    case("\"DATA\"", "\"Data\"", FieldInvalid, "/asset_table/2/bank_type", "unknown bank \"Data\""),
    case(
        r#""SOUNDS","codec":"NONE""#,
        r#""SOUNDS","codec":"none""#,
        FieldInvalid,
        "/asset_table/1/codec",
        "unknown codec \"none\"",
    ),
    case("\"decoded_size\":4", "\"decoded_size\":5", FieldInvalid, "/asset_table/2/decoded_size", "decoded_size is 5"),
    case(
        "\"decoded_size\":4",
        "\"decoded_size\":4.5",
        FieldInvalid,
        "/asset_table/2/decoded_size",
        "expected an integer",
    ),
    case(
        "\"decoded_size\":4",
        "\"decoded_size\":9007199254740992",
        JsonNumber,
        "/asset_table/2/decoded_size",
        "beyond ±(2^53 − 1)",
    ),
    // Layout.
    case(
        r#""offset":2176"#,
        r#""offset":2177"#,
        PackLayout,
        "/asset_table/1/offset",
        "offset 2177 leaves a gap after the payload before, which ends at 2176",
    ),
    case(r#""offset":2176"#, r#""offset":2175"#, PackLayout, "/asset_table/1/offset", "offset 2175 overlaps"),
    case(
        r#""offset":0,"size":2176"#,
        r#""offset":1,"size":2176"#,
        PackLayout,
        "/asset_table/0/offset",
        "offset 1 leaves a gap",
    ),
    case(r#""offset":2188,"size":4"#, r#""offset":2188,"size":5"#, PackLayout, "-", "but its last payload at byte"),
    Case {
        from: "atlas",
        to: "atlas",
        grown: 3,
        code: PackLayout,
        pointer: "-",
        message: "but its last payload at byte",
    },
    // Preload.
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":8,"slot":0}]"#,
        PackPreload,
        "/preload/1/asset_id",
        "asset 8 is not in the asset table",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":7,"slot":16}]"#,
        FieldInvalid,
        "/preload/1/slot",
        "16 is out of range; 0 to 15 are allowed",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":3,"slot":1}]"#,
        PackOrder,
        "/preload/1/asset_id",
        "asset 3 occurs twice",
    ),
    case(
        r#"{"asset_id":7,"slot":0}]"#,
        r#"{"asset_id":3,"slot":0}]"#,
        PreloadSlotTaken,
        "/preload/1/slot",
        "slot 0 of bank TILES is preloaded by asset 3 already",
    ),
    case(
        r#"{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}"#,
        r#"{"asset_id":7,"slot":0},{"asset_id":3,"slot":0}"#,
        PackOrder,
        "/preload/1/asset_id",
        "asset 3 follows asset 7",
    ),
    // TILES.
    case(
        "\"tile_size\":8",
        "\"tile_size\":9",
        FieldInvalid,
        "/asset_table/0/metadata/tile_size",
        "8, 16 or 32 pixels, not 9",
    ),
    case(
        "\"width\":16",
        "\"width\":12",
        PackMetadata,
        "/asset_table/0/metadata/width",
        "12 is no positive multiple of the tile size 8 up to 4096",
    ),
    case("\"width\":16", "\"width\":0", PackMetadata, "/asset_table/0/metadata/width", "0 is no positive multiple"),
    case("\"width\":16", "\"width\":4104", PackMetadata, "/asset_table/0/metadata/width", "up to 4096"),
    case("\"height\":16", "\"height\":65544", PackMetadata, "/asset_table/0/metadata/height", "up to 65536"),
    case(
        "\"height\":16",
        "\"height\":24",
        PackMetadata,
        "/asset_table/0/metadata",
        "this describes 2240 bytes, but the payload has 2176",
    ),
    case(
        "\"height\":16",
        "\"height\":24",
        PackMetadata,
        "/asset_table/0/metadata/sheets",
        "the sheets have 4 tiles, but width and height make 6",
    ),
    case(
        "\"palette_count\":64",
        "\"palette_count\":63",
        FieldInvalid,
        "/asset_table/0/metadata/palette_count",
        "63 is out of range; 64 to 64 are allowed",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":65",
        FieldInvalid,
        "/asset_table/0/metadata/palette_authored",
        "65 is out of range; 1 to 64 are allowed",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":3",
        PackMetadata,
        "/asset_table/0/metadata/sheets",
        "use 2 palettes, but palette_authored is 3",
    ),
    case(
        "\"palette_authored\":2",
        "\"palette_authored\":1",
        FieldInvalid,
        "/asset_table/0/metadata/sheets/1/palette",
        "1 is out of range; 0 to 0 are allowed",
    ),
    case(
        "\"palette\":0",
        "\"palette\":1",
        PackMetadata,
        "/asset_table/0/metadata/sheets/0/palette",
        "palette 1 comes before palette 0 has appeared",
    ),
    case(
        "\"first_tile\":2",
        "\"first_tile\":3",
        PackMetadata,
        "/asset_table/0/metadata/sheets/1/first_tile",
        "first_tile is 3, but the sheets before end at 2",
    ),
    case(
        "\"palette\":0,\"tile_count\":2",
        "\"palette\":0,\"tile_count\":1",
        PackMetadata,
        "/asset_table/0/metadata/sheets/0/tile_count",
        "1 tiles are no whole rows of 2 tiles",
    ),
    case("\"width\":16}", "\"width\":16,\"zoom\":1}", FieldUnknown, "/asset_table/0/metadata/zoom", "unknown field"),
    // SOUNDS.
    case(
        "\"channels\":2",
        "\"channels\":3",
        FieldInvalid,
        "/asset_table/1/metadata/samples/0/channels",
        "3 is out of range; 1 to 2 are allowed",
    ),
    case(
        "\"frames\":2,\"name\"",
        "\"frames\":3,\"name\"",
        PackMetadata,
        "/asset_table/1/metadata/samples/1/offset",
        "offset is 8, but the part before ends at 12",
    ),
    case(
        "\"loop_end\":2",
        "\"loop_end\":3",
        PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "the loop from 1 to 3 does not lie within 2 frames",
    ),
    case(
        "\"loop_start\":1",
        "\"loop_start\":2",
        PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "the loop from 2 to 2",
    ),
    case(
        "\"loop_end\":2,",
        "",
        PackMetadata,
        "/asset_table/1/metadata/samples/1",
        "loop_start and loop_end go together",
    ),
    case(
        "\"name\":\"b\"",
        "\"name\":\"a\"",
        PackMetadata,
        "/asset_table/1/metadata/samples/1/name",
        "the name \"a\" occurs twice in one asset",
    ),
    case("\"name\":\"b\"", "\"name\":\"\"", PathInvalid, "/asset_table/1/metadata/samples/1/name", "the name is empty"),
    case(
        "\"name\":\"b\"",
        "\"name\":\"x/b\"",
        PathInvalid,
        "/asset_table/1/metadata/samples/1/name",
        "the name has a \"/\"",
    ),
    case(
        "\"name\":\"a\",\"offset\":0,\"sample_rate\":8000",
        "\"name\":\"a\",\"offset\":0,\"sample_rate\":192001",
        FieldInvalid,
        "/asset_table/1/metadata/samples/0/sample_rate",
        "192001 is out of range; 1 to 192000 are allowed",
    ),
    // DATA.
    case(
        "\"name\":\"one.txt\",\"offset\":0,\"size\":1",
        "\"name\":\"one.txt\",\"offset\":0,\"size\":2",
        PackMetadata,
        "/asset_table/2/metadata/entries/1/offset",
        "offset is 1, but the part before ends at 2",
    ),
    case(
        "\"offset\":1,\"size\":3",
        "\"offset\":1,\"size\":4",
        PackMetadata,
        "/asset_table/2/metadata",
        "this describes 5 bytes, but the payload has 4",
    ),
    case("sub/two.txt", "../two.txt", PathInvalid, "/asset_table/2/metadata/entries/1/name", "has a \"..\" component"),
    case("sub/two.txt", "one.txt", PackMetadata, "/asset_table/2/metadata/entries/1/name", "occurs twice"),
    case(
        "{\"entries\":[{\"name\":\"one.txt\",\"offset\":0,\"size\":1},{\"name\":\"sub/two.txt\",\"offset\":1,\"size\":3}]",
        "{\"entries\":[]",
        PackMetadata,
        "/asset_table/2/metadata/entries",
        "at least one file",
    ),
    // User.
    case(
        "{\"depth\":[1,2]}",
        "[1,2]",
        FieldInvalid,
        "/asset_table/2/metadata/user",
        "expected an object, found an array",
    ),
    case(
        "{\"depth\":[1,2]}",
        "{\"depth\":[1,2.5]}",
        JsonNumber,
        "/asset_table/2/metadata/user/depth/1",
        "only integers",
    ),
    case(
        "[1,2]",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        JsonTooDeep,
        "/asset_table/2/metadata/user/depth/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0",
        "nested too deep",
    ),
];
