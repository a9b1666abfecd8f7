//! Files that are no `assets.pa`, or lie about what is in them.

use papack_queries::diagnostic::Code::{
    AssetUnknown, FieldInvalid, FieldMissing, FieldUnknown, JsonDuplicateKey, JsonNumber, JsonSyntax, JsonTooDeep,
    PackLayout, PackNotCanonical, PackOrder, PackPrelude, SchemaVersion,
};

use crate::case::{Case, Code, Target, case, error, pack};
use crate::ground::{Ground, PACK};
use crate::header::{CASES, HEADER, PAYLOAD_SIZE, pack_of};
use crate::run::papack;

pub fn cases() -> Vec<Case> {
    let table = CASES.iter().enumerate().map(|(at, case)| {
        let bytes = pack_of(&HEADER.replacen(case.from, case.to, 1), PAYLOAD_SIZE + case.grown);
        let place = if case.pointer == "-" { "" } else { case.pointer };
        let name = format!("pack: header {at}, {}", case.message);
        Case { and_more: true, ..pack(name, bytes, [error(case.code, PACK, place, case.message)]) }
    });
    table.chain([preludes(), headers(), large()].into_iter().flatten()).collect()
}

fn good() -> Vec<u8> {
    pack_of(HEADER, PAYLOAD_SIZE)
}

/// The good pack with some bytes of its prelude replaced.
fn prelude(name: &str, at: usize, bytes: &[u8], code: Code, place: &str, says: &str) -> Case {
    let mut file = good();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    Case { and_more: true, ..pack(format!("pack: {name}"), file, [error(code, PACK, place, says)]) }
}

fn preludes() -> Vec<Case> {
    let cut = |name: &str, size: usize, code, says: &str| {
        let file = good()[..size].to_vec();
        pack(format!("pack: {name}"), file, [error(code, PACK, "", says)])
    };
    let header_end = 32 + HEADER.len();
    vec![
        cut("nothing", 0, PackPrelude, "the file has 0 bytes, but its prelude alone would have 32"),
        cut("31 bytes", 31, PackPrelude, "the file has 31 bytes"),
        cut("only the prelude", 32, PackPrelude, "but only 0 bytes follow the prelude"),
        cut("a header that is cut off", 100, PackPrelude, "but only 68 bytes follow the prelude"),
        cut("no payload", header_end, PackLayout, "but its last payload at byte"),
        cut("a byte of the payload less", header_end + PAYLOAD_SIZE - 1, PackLayout, "but its last payload at byte"),
        prelude("another magic", 0, b"PAPA", PackPrelude, "@0", "begins with \"PAPA\", not with \"ASPA\""),
        prelude("a magic that a terminal obeys", 0, b"\x1b]0;", PackPrelude, "@0", "begins with \"\\x1b]0;\""),
        prelude("version 0", 4, &[0], SchemaVersion, "@4", "schema version 0 of the envelope"),
        prelude("version 2", 4, &[2], SchemaVersion, "@4", "schema version 2"),
        prelude("version 2^32 − 1", 4, &[0xff; 4], SchemaVersion, "@4", "schema version 4294967295"),
        prelude("version 1 in big-endian", 4, &[0, 0, 0, 1], SchemaVersion, "@4", "schema version 16777216"),
        prelude("a header of 4 GiB", 8, &[0xff; 4], PackPrelude, "@8", "header_len is 4294967295, but only"),
        prelude("no header", 8, &[0; 4], PackPrelude, "@12", "but the header ends at 32"),
        prelude(
            "payloads within the prelude",
            12,
            &[0; 8],
            PackPrelude,
            "@12",
            "payload_offset is 0, but the header ends at",
        ),
        prelude(
            "payloads beyond everything",
            12,
            &[0xff; 8],
            PackPrelude,
            "@12",
            "payload_offset is 18446744073709551615",
        ),
        prelude("a flag", 20, &[1], PackPrelude, "@20", "flags is 0x00000001; version 1 has no flags"),
        prelude("something reserved", 31, &[0x80], PackPrelude, "@24", "reserved is 0x8000000000000000, not 0"),
        pack("pack: every field of the prelude", [&b"ASPA\x01\0\0\0"[..], &[0xff; 24]].concat(), {
            let fault = |at: &str, says: &str| error(PackPrelude, PACK, at, says);
            [fault("@8", "header_len"), fault("@12", "payload_offset"), fault("@20", "flags"), fault("@24", "reserved")]
        }),
    ]
}

/// Headers that are no JSON object of the right kind.
fn headers() -> Vec<Case> {
    let header = |name: &str, header: &str, code, place: &str, says: &str| Case {
        and_more: true,
        ..pack(format!("pack: {name}"), pack_of(header, 0), [error(code, PACK, place, says)])
    };
    let bytes = |name: &str, header: &[u8], says: &str| {
        let mut file = pack_of(&"?".repeat(header.len()), 0);
        file[32..].copy_from_slice(header);
        pack(format!("pack: {name}"), file, [error(JsonSyntax, PACK, "", says)])
    };
    let offset = |offset: &str, size: &str| {
        HEADER.replacen("\"offset\":0,\"size\":2176", &format!("\"offset\":{offset},\"size\":{size}"), 1)
    };
    vec![
        header("an empty object", "{}", FieldMissing, "", "\"asset_table\" is missing"),
        header("a list", "[]", FieldInvalid, "", "expected an object, found an array"),
        header("null", "null", FieldInvalid, "", "found null"),
        header(
            "lists that are objects",
            r#"{"asset_table":{},"preload":{}}"#,
            FieldInvalid,
            "/asset_table",
            "expected an array",
        ),
        header(
            "entries that are null",
            r#"{"asset_table":[null],"preload":[null]}"#,
            FieldInvalid,
            "/asset_table/0",
            "found null",
        ),
        header(
            "an empty entry",
            r#"{"asset_table":[{}],"preload":[]}"#,
            FieldMissing,
            "/asset_table/0",
            "\"asset_id\" is missing",
        ),
        header("white space before", " {}", PackNotCanonical, "@32", "differs first at byte 32"),
        header(
            "keys in the wrong order",
            r#"{"preload":[],"asset_table":[]}"#,
            PackNotCanonical,
            "@34",
            "not canonical",
        ),
        header("a key twice", r#"{"preload":[],"preload":[]}"#, JsonDuplicateKey, "/preload", "occurs twice"),
        header("a line break after", "{\"asset_table\":[],\"preload\":[]}\n", PackNotCanonical, "@63", "not canonical"),
        header("an unknown key", r#"{"asset_table":[],"preload":[],"z":0}"#, FieldUnknown, "/z", "unknown field"),
        header("100,000 opening brackets", &"[".repeat(100_000), JsonTooDeep, "@96", "nested deeper than 64"),
        header(
            "sizes that overflow",
            &offset("9007199254740991", "9007199254740991"),
            PackLayout,
            "/asset_table/0/offset",
            "gap",
        ),
        header("a size of 2^64", &offset("0", "18446744073709551616"), JsonNumber, "/asset_table/0/size", "beyond"),
        header("a size below 0", &offset("0", "-1"), FieldInvalid, "/asset_table/0/size", "-1 is out of range"),
        header(
            "ids as strings",
            r#"{"asset_table":[],"preload":[{"asset_id":"1","slot":0}]}"#,
            FieldInvalid,
            "/preload/0/asset_id",
            "found a string",
        ),
        header(
            "five entries that descend",
            &format!(
                "{{\"asset_table\":[{}],\"preload\":[]}}",
                (0..5).map(|at| format!("{{\"asset_id\":{}}}", 9 - at)).collect::<Vec<_>>().join(",")
            ),
            PackOrder,
            "/asset_table/4/asset_id",
            "asset 5 follows asset 6",
        ),
        bytes("a header of noise", &[0xff; 64], "not UTF-8: byte 0xff at offset 32"),
        bytes("a header of NULs", &[0; 64], "control character U+0000"),
        bytes("a lone surrogate", b"{\"\\ud800\":0}", "this is no JSON"),
        bytes("a byte-order mark", b"\xef\xbb\xbf{}", "byte-order mark"),
    ]
}

/// What takes memory: an index of every value of the header, about 32 bytes for each.
fn large() -> Vec<Case> {
    let spoilt = |name: &str, entry: &'static str| {
        let spoil = move |ground: &Ground| {
            let list = format!("{entry},").repeat(200_000 / entry.len());
            ground.write(PACK, pack_of(&format!("{{\"asset_table\":[{list}{entry}],\"preload\":[]}}"), 0));
        };
        let faults = [error(FieldInvalid, PACK, "/asset_table/0", "expected an object")];
        Case { target: Target::Pack, and_more: true, memory: 40, ..case(format!("pack: {name}"), spoil, faults) }
    };
    vec![
        spoilt("a header of zeros", "0"),
        spoilt("a header of lists", "[[]]"),
        Case {
            target: Target::Pack,
            memory: 0,
            ..case(
                "pack: a tebibyte that is a hole",
                |ground| ground.sparse(PACK, 1 << 40),
                [error(PackPrelude, PACK, "@0", "begins with")],
            )
        },
        Case {
            target: Target::Pack,
            memory: 0,
            ..case(
                "pack: a tebibyte behind a header",
                |ground| {
                    ground.write(PACK, good());
                    let file = std::fs::File::options().write(true).open(ground.path().join(PACK)).unwrap();
                    file.set_len(1 << 40).unwrap();
                },
                [error(PackLayout, PACK, "", "the file ends at byte 1099511627776")],
            )
        },
    ]
}

/// Files that cannot be opened as a pack are no faults but a wrong argument.
#[test]
fn what_is_no_file_is_refused_at_once() {
    type Spoil = fn(&Ground);
    let spoils: [(&str, Spoil); 5] = [
        ("nothing", |_| ()),
        ("a folder", |ground| ground.folder(PACK)),
        ("a FIFO", |ground| ground.fifo(PACK)),
        ("a socket", |ground| ground.socket(PACK)),
        ("/dev/zero", |ground| ground.link(PACK, "/dev/zero")),
    ];
    for (name, spoil) in spoils {
        for command in ["verify", "inspect"] {
            let ground = Ground::new();
            spoil(&ground);
            let run = papack(&ground, &[command, PACK], std::time::Duration::from_secs(2));
            assert_eq!(run.code, Some(2), "{command} {name}: {}", run.stderr);
            assert!(run.stderr.contains("help: name an assets.pa"), "{command} {name}: {}", run.stderr);
        }
    }
}

#[test]
fn an_asset_that_is_not_there_is_named() {
    let ground = Ground::new();
    for asked in ["4", "pics", "\u{1b}[31m", &"x".repeat(100_000)] {
        let arguments = ["inspect", "build/assets.pa", asked, "--message-format", "json"];
        let run = papack(&ground, &arguments, std::time::Duration::from_secs(2));
        assert_eq!(run.code, Some(1), "{asked}: {}", run.stderr);
        assert_eq!(run.diagnostics()[0]["code"], AssetUnknown.to_string());
    }
}
