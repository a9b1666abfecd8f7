//! Registries that are JSON and no registry.

use papack_queries::diagnostic::Code::{
    AssetMissing, AssetUnregistered, FieldInvalid, FieldMissing, FieldUnknown, JsonNumber, PathInvalid,
    RegistryConflict, SchemaOlder, SchemaVersion,
};

use crate::case::{Case, Code, Fault, case, error, info, warning};
use crate::ground::{A, REGISTRY};
use crate::json::hundred;
use crate::space::{entry, uuid};

/// One edit of the good registry, and the one fault that comes of it.
fn one(name: &str, from: &'static str, to: &str, code: Code, place: &str, says: &str) -> Case {
    edit(name, from, to, [error(code, REGISTRY, place, says)])
}

fn edit(name: &str, from: &'static str, to: &str, faults: impl Into<Vec<Fault>>) -> Case {
    let to = to.to_owned();
    case(format!("registry: {name}"), move |ground| ground.edit(REGISTRY, from, &to), faults)
}

pub fn cases() -> Vec<Case> {
    [versions(), fields(), entries(), roots(), conflicts(), workspace(), many()].into_iter().flatten().collect()
}

fn versions() -> Vec<Case> {
    let version = |name: &str, value: &str, code, says: &str| {
        one(
            &format!("version {name}"),
            "\"schema_version\": 2",
            &format!("\"schema_version\": {value}"),
            code,
            "/schema_version",
            says,
        )
    };
    vec![
        version("0", "0", SchemaVersion, "schema version 0 of the registry is not supported: this papack reads 1 to 2"),
        version("3", "3", SchemaVersion, "schema version 3"),
        version("99", "99", SchemaVersion, "schema version 99"),
        version("-1", "-1", SchemaVersion, "schema version -1"),
        version("2^53 − 1", "9007199254740991", SchemaVersion, "schema version 9007199254740991"),
        version("2^64 + 2", "18446744073709551618", JsonNumber, "beyond ±(2^53 − 1)"),
        version("as a string", "\"2\"", FieldInvalid, "expected an integer, found a string"),
        version("as a float", "2.0", FieldInvalid, "expected an integer, found a float"),
        version("null", "null", FieldInvalid, "expected an integer, found null"),
        one("no version", "\"schema_version\": 2,", "", FieldMissing, "1:1", "\"schema_version\" is missing"),
        case(
            "registry: a list",
            |ground| ground.write(REGISTRY, "[]"),
            [error(FieldInvalid, REGISTRY, "1:1", "found an array")],
        ),
        edit(
            "version 1 with a field of version 2",
            "\"schema_version\": 2",
            "\"schema_version\": 1",
            [
                info(SchemaOlder, REGISTRY, "/schema_version", "version 1 of the registry is read as version 2"),
                error(FieldUnknown, REGISTRY, "/assets/0/included_in_build", "unknown field"),
                error(FieldUnknown, REGISTRY, "/assets/1/included_in_build", "unknown field"),
                error(FieldUnknown, REGISTRY, "/assets/2/included_in_build", "unknown field"),
            ],
        ),
    ]
}

fn fields() -> Vec<Case> {
    let next = "\"next_asset_id\": 1000";
    vec![
        one(
            "next id 0",
            next,
            "\"next_asset_id\": 0",
            FieldInvalid,
            "/next_asset_id",
            "0 is out of range; 1 to 2147483647 are allowed",
        ),
        one(
            "next id 2^31",
            next,
            "\"next_asset_id\": 2147483648",
            FieldInvalid,
            "/next_asset_id",
            "2147483648 is out of range",
        ),
        one("next id is a float", next, "\"next_asset_id\": 1e3", FieldInvalid, "/next_asset_id", "found a float"),
        one("no next id", "\"next_asset_id\": 1000,", "", FieldMissing, "1:1", "\"next_asset_id\" is missing"),
        one(
            "next id that ids reach",
            next,
            "\"next_asset_id\": 3",
            FieldInvalid,
            "/assets/2/asset_id",
            "asset_id 3 is not below \"next_asset_id\", which is 3",
        ),
        one(
            "a field that nobody knows",
            next,
            "\"next_asset_id\": 1000, \"x\": {}",
            FieldUnknown,
            "/x",
            "unknown field \"x\"",
        ),
        one("assets is null", "\"assets\": [", "\"assets\": null, \"b\": [", FieldUnknown, "/b", "unknown field \"b\"")
            .with(error(FieldInvalid, REGISTRY, "/assets", "expected an array, found null")),
    ]
}

fn entries() -> Vec<Case> {
    // What becomes of the first asset's entry.
    let broken = |name: &str, from, to: &str, code, place: &str, says: &str| {
        one(name, from, to, code, &format!("/assets/0{place}"), says)
    };
    let id = "\"asset_id\": 1";
    vec![
        broken(
            "id 0",
            id,
            "\"asset_id\": 0",
            FieldInvalid,
            "/asset_id",
            "0 is out of range; 1 to 2147483646 are allowed",
        ),
        broken("id -1", id, "\"asset_id\": -1", FieldInvalid, "/asset_id", "-1 is out of range"),
        broken("id -0", id, "\"asset_id\": -0", FieldInvalid, "/asset_id", "expected an integer, found a float"),
        broken("id as a string", id, "\"asset_id\": \"1\"", FieldInvalid, "/asset_id", "found a string"),
        broken("no id", "\"asset_id\": 1,", "", FieldMissing, "", "\"asset_id\" is missing"),
        broken(
            "uuid in upper case",
            "00000000-0000-4000-8000-000000000001",
            "0000000A-0000-4000-8000-000000000001",
            FieldInvalid,
            "/asset_uuid",
            "no lower-case, hyphenated UUID",
        ),
        broken(
            "uuid in braces",
            "\"00000000-0000-4000-8000-000000000001\"",
            "\"{00000000-0000-4000-8000-000000000001}\"",
            FieldInvalid,
            "/asset_uuid",
            "no lower-case",
        ),
        broken(
            "uuid without hyphens",
            "00000000-0000-4000-8000-000000000001",
            "00000000000040008000000000000001",
            FieldInvalid,
            "/asset_uuid",
            "no lower-case",
        ),
        broken(
            "uuid of a mebibyte",
            "00000000-0000-4000-8000-000000000001",
            &"0".repeat(1 << 20),
            FieldInvalid,
            "/asset_uuid",
            "000…",
        ),
        broken(
            "included is a number",
            "\"included_in_build\": true",
            "\"included_in_build\": 1",
            FieldInvalid,
            "/included_in_build",
            "expected true or false, found an integer",
        ),
        broken(
            "included is null",
            "\"included_in_build\": true",
            "\"included_in_build\": null",
            FieldInvalid,
            "/included_in_build",
            "found null",
        ),
        broken(
            "included is not said",
            ", \"included_in_build\": true",
            "",
            FieldMissing,
            "",
            "\"included_in_build\" is missing",
        ),
        broken(
            "an entry that is a list",
            "{ \"asset_id\": 1, \"asset_uuid\": \"00000000-0000-4000-8000-000000000001\", \"root\": \"a\", \"included_in_build\": true }",
            "[1]",
            FieldInvalid,
            "",
            "expected an object, found an array",
        ),
        broken(
            "a field that an entry does not have",
            id,
            "\"asset_id\": 1, \"name\": \"a\"",
            FieldUnknown,
            "/name",
            "unknown field \"name\"",
        ),
    ]
}

fn roots() -> Vec<Case> {
    let root = |name: &str, root: &str, says: &str| {
        one(name, "\"root\": \"a\"", &format!("\"root\": {root:?}"), PathInvalid, "/assets/0/root", says)
    };
    vec![
        root("root that leaves assets/", "../outside/asset", "has a \"..\" component"),
        root("root in the packer's folder", ".prometeu/a", "a component begins with \".\""),
        root("absolute root", "/etc", "absolute"),
        root("empty root", "", "the path is empty"),
        root("root with a slash at its end", "a/", "empty component"),
        edit(
            "root in other casing",
            "\"root\": \"a\"",
            "\"root\": \"A\"",
            [error(Code::AssetMoved, A, "", "the registry has it in \"A\", its manifest is in \"a\"")],
        ),
        edit(
            "root that is a file",
            "\"root\": \"a\"",
            "\"root\": \"a/one.txt\"",
            [
                warning(Code::AssetCopied, A, "/asset_uuid", "\"a/one.txt\" (asset 1) has the same asset_uuid"),
                error(Code::FileNotRegular, "assets/a/one.txt", "", "no folder"),
            ],
        ),
    ]
}

fn conflicts() -> Vec<Case> {
    vec![
        one(
            "an id twice",
            "\"asset_id\": 2",
            "\"asset_id\": 1",
            RegistryConflict,
            "/assets/1/asset_id",
            "asset_id 1 is already taken by \"a\" (asset 1)",
        ),
        one(
            "a uuid twice",
            "\"00000000-0000-4000-8000-000000000002\"",
            "\"00000000-0000-4000-8000-000000000001\"",
            RegistryConflict,
            "/assets/1/asset_uuid",
            "is already taken by \"a\" (asset 1)",
        ),
        one(
            "a root twice",
            "\"root\": \"pic\"",
            "\"root\": \"a\"",
            RegistryConflict,
            "/assets/1/root",
            "root a is already taken by \"a\" (asset 1)",
        ),
        one(
            "a root in another",
            "\"root\": \"pic\"",
            "\"root\": \"a/b/c\"",
            RegistryConflict,
            "/assets/1/root",
            "lies inside the root \"a\"",
        ),
        one(
            "a root around another",
            "\"root\": \"a\"",
            "\"root\": \"pic/b\"",
            RegistryConflict,
            "/assets/0/root",
            "lies inside the root \"pic\"",
        ),
    ]
}

fn workspace() -> Vec<Case> {
    let gone = |name: &str, included: &'static str, fault: Fault| {
        let entry = entry(4, "gone").replace("true", included);
        edit(name, "\"assets\": [", &format!("\"assets\": [{entry},"), [fault])
    };
    vec![
        gone("a root that is gone", "true", error(AssetMissing, "assets/gone", "", "is not there")),
        gone("a root that is gone, not included", "false", warning(AssetMissing, "assets/gone", "", "is not there")),
        case(
            "registry: a root without manifest",
            |ground| ground.remove(A),
            [error(AssetMissing, A, "", "the asset has no asset.json")],
        ),
        case(
            "registry: an asset that nobody registered",
            |ground| ground.write("assets/new/asset.json", "no JSON at all"),
            [
                info(AssetUnregistered, "assets/new/asset.json", "", "not registered"),
                info(Code::JsonSyntax, "assets/new/asset.json", "1:2", "this is no JSON"),
            ],
        ),
        case(
            "registry: the uuids of two assets swapped",
            |ground| {
                let text =
                    ground.read(REGISTRY).replace(&uuid(1), "?").replace(&uuid(3), &uuid(1)).replace('?', &uuid(3));
                ground.write(REGISTRY, text);
            },
            [
                error(
                    Code::AssetMoved,
                    crate::ground::SND,
                    "",
                    "the registry has it in \"a\", its manifest is in \"snd\"",
                ),
                error(Code::AssetMoved, A, "", "the registry has it in \"snd\", its manifest is in \"a\""),
            ],
        ),
    ]
}

fn many() -> Vec<Case> {
    let registry = |name: &str, list: Vec<String>, faults: Vec<Fault>| {
        case(format!("registry: {name}"), move |ground| ground.register(&list), faults)
    };
    let all_same = hundred(
        REGISTRY,
        |at| error(RegistryConflict, REGISTRY, &format!("/assets/{}", 1 + at), "(asset 1) is listed twice"),
        4999 - 100,
    );
    let nonsense = hundred(
        REGISTRY,
        |at| error(FieldInvalid, REGISTRY, &format!("/assets/{at}"), "found an integer"),
        100_000 - 100,
    );
    vec![
        registry("5,000 times the same entry", vec![entry(1, "a"); 5000], all_same),
        registry("100,000 zeros", vec!["0".to_owned(); 100_000], nonsense),
        registry("every fault of two entries", vec!["{}".into(), "{\"asset_id\": 0, \"root\": \"CON\"}".into()], {
            let missing = |at: &str, field: &str| error(FieldMissing, REGISTRY, at, &format!("\"{field}\" is missing"));
            vec![
                missing("/assets/0", "asset_id"),
                missing("/assets/0", "asset_uuid"),
                missing("/assets/0", "root"),
                missing("/assets/0", "included_in_build"),
                error(FieldInvalid, REGISTRY, "/assets/1/asset_id", "0 is out of range"),
                missing("/assets/1", "asset_uuid"),
                error(PathInvalid, REGISTRY, "/assets/1/root", "device name"),
                missing("/assets/1", "included_in_build"),
            ]
        }),
    ]
}
