//! Packs whose companions do not fit them.

use papack_queries::diagnostic::Code::{
    FieldInvalid, FieldMissing, JsonSyntax, JsonTooDeep, PackCompanion, PackDigest, PackNotCanonical, SchemaVersion,
};

use crate::case::{Case, Code, Fault, Target, case, error};
use crate::ground::{Ground, PACK};

const TABLE: &str = "../packs/asset_table.json";
const PRELOAD: &str = "../packs/preload.json";
const SIDECAR: &str = "../packs/asset_table_metadata.json";

pub fn cases() -> Vec<Case> {
    [mirrors(), sidecars()].into_iter().flatten().collect()
}

/// The workspace's own pack, with its companions, one of which is changed.
fn companion(name: &str, change: impl Fn(&Ground) + Send + Sync + 'static, faults: impl Into<Vec<Fault>>) -> Case {
    let spoil = move |ground: &Ground| {
        std::fs::create_dir(ground.path().join("../packs")).unwrap();
        for file in ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"] {
            std::fs::copy(ground.path().join("build").join(file), ground.path().join("../packs").join(file)).unwrap();
        }
        change(ground);
    };
    Case { target: Target::Companions, ..case(format!("pack: {name}"), spoil, faults) }
}

fn mirrors() -> Vec<Case> {
    let differs = |at: &str| "differs first at byte ".to_owned() + at;
    let instead = |name: &str, spoil: fn(&Ground, &str), says: &str| {
        companion(
            &format!("{name} as a companion"),
            move |ground| spoil(ground, PRELOAD),
            [error(PackCompanion, PRELOAD, "", says)],
        )
    };
    vec![
        companion(
            "an empty mirror",
            |ground| ground.write(TABLE, ""),
            [error(PackCompanion, TABLE, "@0", &differs("0"))],
        ),
        companion(
            "a mirror with a line break",
            |ground| ground.write(PRELOAD, "[]\n"),
            [error(PackCompanion, PRELOAD, "@2", &differs("2"))],
        ),
        companion(
            "a mirror that is a hole",
            |ground| ground.sparse(TABLE, 1 << 40),
            [error(PackCompanion, TABLE, "@0", &differs("0"))],
        ),
        instead("a folder", Ground::folder, "a folder is in the place of a companion"),
        instead("a FIFO", Ground::fifo, "a FIFO, socket or device is in the place"),
        instead("a socket", Ground::socket, "a FIFO, socket or device is in the place"),
        instead("/dev/zero", |ground, path| ground.link(path, "/dev/zero"), "a symbolic link is in the place"),
        companion(
            "an altered payload",
            |ground| {
                let path = ground.path().join(PACK);
                let mut bytes = std::fs::read(&path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                std::fs::write(path, bytes).unwrap();
            },
            [error(PackDigest, PACK, "", "but the sidecar states")],
        ),
    ]
}

fn sidecars() -> Vec<Case> {
    let edit = |name: &str, from: &'static str, to: &str, code, place: &str, says: &str| {
        let to = to.to_owned();
        let spoil = move |ground: &Ground| ground.edit(SIDECAR, from, &to);
        companion(&format!("sidecar: {name}"), spoil, [error(code, SIDECAR, place, says)])
    };
    let content = |name: &str, bytes: &[u8], code, place: &str, says: &str| {
        let bytes = bytes.to_vec();
        companion(
            &format!("sidecar: {name}"),
            move |ground| ground.write(SIDECAR, &bytes),
            [error(code, SIDECAR, place, says)],
        )
    };
    vec![
        edit(
            "version 3",
            "\"schema_version\":2",
            "\"schema_version\":3",
            SchemaVersion,
            "/schema_version",
            "version 3 of the sidecar",
        ),
        edit(
            "another bank",
            "\"bank_type\":\"DATA\"",
            "\"bank_type\":\"TILES\"",
            PackCompanion,
            "/assets/0/bank_type",
            "bank_type is \"TILES\", but \"DATA\" in the pack",
        ),
        edit(
            "another name",
            "\"asset_name\":\"a\"",
            "\"asset_name\":\"b\"",
            PackCompanion,
            "/assets/0/asset_name",
            "but \"a\" in the pack",
        ),
        edit(
            "another format",
            "\"DATA/raw_v1\"",
            "\"DATA/raw_v2\"",
            PackCompanion,
            "/assets/0/format",
            "no format of bank DATA",
        ),
        edit(
            "another root",
            "\"root\":\"snd\"",
            "\"root\":\"sub\"",
            PackCompanion,
            "/assets/2/manifest",
            "in the pack",
        ),
        edit(
            "a root that leaves assets/",
            "\"root\":\"snd\"",
            "\"root\":\"../\"",
            Code::PathInvalid,
            "/assets/2/root",
            "no valid root",
        ),
        edit(
            "a uuid that is none",
            "-4000-8000-000000000001",
            "-4000-8000-00000000000G",
            FieldInvalid,
            "/assets/0/asset_uuid",
            "no lower-case",
        ),
        edit("white space", "{\"assets\":", "{\"assets\": ", PackNotCanonical, "1:11", "differs first at byte 10"),
        edit(
            "a preload that the header lacks",
            "{\"enabled\":false}",
            "{\"enabled\":true}",
            PackCompanion,
            "/assets/0/preload/enabled",
            "not preloaded",
        ),
        content("empty", b"", JsonSyntax, "1:1", "ends too early"),
        content("no object", b"[]", FieldInvalid, "1:1", "expected an object"),
        content("no UTF-8", b"\xff", JsonSyntax, "1:1", "not UTF-8"),
        content("100,000 opening brackets", &[b'['; 100_000], JsonTooDeep, "1:66", "nested deeper than 65"),
        companion(
            "sidecar: of another pack",
            |ground| {
                ground
                    .write(SIDECAR, r#"{"assets":[],"content_blake3":"","header":{},"payload":{},"schema_version":2}"#);
            },
            [
                error(FieldMissing, SIDECAR, "/header", "\"blake3\" is missing"),
                error(FieldMissing, SIDECAR, "/header", "\"size\" is missing"),
                error(FieldMissing, SIDECAR, "/payload", "\"size\" is missing"),
                error(FieldInvalid, SIDECAR, "/content_blake3", "no BLAKE3 digest"),
                error(PackCompanion, SIDECAR, "/assets", "0 assets are listed, but the pack has 3"),
            ],
        ),
    ]
}
