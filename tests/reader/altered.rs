//! Packs and companions of which one byte is another.

use std::fs;
use std::path::Path;

use papack_engine::{OpenFile, verify};
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::Reader;
use serde_json::Value;

use crate::{is_valid, small_pack};

/// Writes `bytes` with the byte `at` changed to `path`, calls `check`, and restores the byte.
fn with_changed(path: &Path, bytes: &mut [u8], at: usize, flip: u8, check: impl FnOnce(&[u8])) {
    bytes[at] ^= flip;
    fs::write(path, &*bytes).unwrap();
    check(bytes);
    bytes[at] ^= flip;
}

#[test]
fn companions_betray_every_changed_byte_of_a_pack() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    let path = build.join("assets.pa");
    let mut bytes = fs::read(&path).unwrap();
    let payload_offset = usize::try_from(OpenFile::reader(&path).unwrap().payload_offset()).unwrap();
    let mut harmless_alone = 0;
    for at in 0..bytes.len() {
        for flip in 1..=255 {
            bytes[at] ^= flip;
            // What the reader refuses by itself, verify refuses with it.
            let opens = Reader::open(&*bytes.as_slice().to_vec(), "p.pa").is_ok();
            bytes[at] ^= flip;
            // A payload's byte is hashed, whatever it became.
            if opens && (at < payload_offset || flip == 1) {
                harmless_alone += 1;
                with_changed(&path, &mut bytes, at, flip, |_| assert!(!is_valid(&path), "byte {at} ^ {flip:#x}"));
            }
        }
    }
    assert!(harmless_alone > 500, "{harmless_alone}");
    fs::write(&path, bytes).unwrap();
    assert!(is_valid(&path));
}

#[test]
fn altered_payload_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = small_pack(folder.path()).join("assets.pa");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    let result = verify(&path).unwrap();
    let [Diagnostic { code: Code::PackDigest, asset_id: Some(2), span: Some(span), .. }] =
        result.diagnostics.as_slice()
    else {
        panic!("{:#?}", result.diagnostics);
    };
    assert_eq!((span.start, span.end), (bytes.len() - 3, bytes.len()));
}

#[test]
fn every_changed_byte_of_a_mirror_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    for name in ["asset_table.json", "preload.json"] {
        let path = build.join(name);
        let original = fs::read(&path).unwrap();
        for at in 0..original.len() {
            with_changed(&path, &mut original.clone(), at, 1, |_| {
                let result = verify(&build.join("assets.pa")).unwrap();
                let [Diagnostic { code: Code::PackCompanion, span: Some(span), .. }] = result.diagnostics.as_slice()
                else {
                    panic!("{name} byte {at}: {:#?}", result.diagnostics);
                };
                assert_eq!(span.start, at);
            });
        }
        for changed in [&original[1..], &[&original[..], b"\n"].concat(), b""] {
            fs::write(&path, changed).unwrap();
            assert!(!is_valid(&build.join("assets.pa")));
        }
        fs::write(&path, original).unwrap();
    }
    assert!(is_valid(&build.join("assets.pa")));
}

/// The sidecar without what only the sources could confirm: where an asset came from.
fn without_provenance(sidecar: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(sidecar).unwrap();
    for asset in value["assets"].as_array_mut().unwrap() {
        for key in ["asset_uuid", "artifacts", "pipeline"] {
            asset.as_object_mut().unwrap().remove(key);
        }
    }
    value
}

#[test]
fn every_changed_byte_of_the_sidecar_is_refused_or_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    let path = build.join("asset_table_metadata.json");
    let mut bytes = fs::read(&path).unwrap();
    let original = without_provenance(&bytes);
    for at in 0..bytes.len() {
        for flip in [1, 2, 0x20, 0x80] {
            with_changed(&path, &mut bytes, at, flip, |changed| {
                if is_valid(&build.join("assets.pa")) {
                    assert_eq!(without_provenance(changed), original, "byte {at} ^ {flip:#x}");
                }
            });
        }
    }
}

/// What is replaced in the sidecar, by what; and what is then told: code, place, and a part of the message.
type Alteration = (&'static str, &'static str, Code, &'static str, &'static str);

fn sidecar_is_refused(cases: &[Alteration]) {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    let path = build.join("asset_table_metadata.json");
    let original = fs::read_to_string(&path).unwrap();
    for &(from, to, code, pointer, message) in cases {
        assert!(original.contains(from), "{from}: {original}");
        fs::write(&path, original.replacen(from, to, 1)).unwrap();
        let faults = verify(&build.join("assets.pa")).unwrap().diagnostics;
        let is_it = |fault: &Diagnostic| {
            fault.code == code && fault.pointer.as_deref().unwrap_or("") == pointer && fault.message.contains(message)
        };
        assert!(faults.iter().any(is_it), "{from} -> {to}: {faults:#?}");
    }
}

#[test]
fn sidecar_faults_have_their_place() {
    sidecar_is_refused(&[
        (
            r#""schema_version":2"#,
            r#""schema_version":3"#,
            Code::SchemaVersion,
            "/schema_version",
            "version 3 of the sidecar",
        ),
        (
            r#""asset_name":"first""#,
            r#""asset_name":"firsT""#,
            Code::PackCompanion,
            "/assets/0/asset_name",
            "\"first\" in the pack",
        ),
        (
            r#""asset_id":2"#,
            r#""asset_id":3"#,
            Code::PackCompanion,
            "/assets/1/asset_id",
            "asset_id is 3, but 2 in the pack",
        ),
        (
            r#"{"enabled":true,"slot":5}"#,
            r#"{"enabled":true,"slot":6}"#,
            Code::PackCompanion,
            "/assets/0/preload/slot",
            "slot is 6",
        ),
        (
            r#"{"enabled":true,"slot":5}"#,
            r#"{"enabled":false}"#,
            Code::PackCompanion,
            "/assets/0/preload/enabled",
            "is preloaded in the header",
        ),
        (
            r#"{"enabled":false}"#,
            r#"{"enabled":false,"slot":1}"#,
            Code::PackCompanion,
            "/assets/1/preload/slot",
            "no slot for this asset",
        ),
        (
            r#""format":"DATA/raw_v1""#,
            r#""format":"SOUNDS/pcm_v1""#,
            Code::PackCompanion,
            "/assets/0/format",
            "no format of bank DATA",
        ),
        (
            r#""root":"a""#,
            r#""root":"z""#,
            Code::PackCompanion,
            "/assets/0/manifest",
            "\"assets/z/asset.json\" in the pack",
        ),
        (
            r#""payload":{"size":17}"#,
            r#""payload":{"size":18}"#,
            Code::PackCompanion,
            "/payload/size",
            "size is 18, but 17 in the pack",
        ),
        (
            r#""header":{"blake3":""#,
            r#""header":{"blake3":"X"#,
            Code::FieldInvalid,
            "/header/blake3",
            "no BLAKE3 digest",
        ),
        (r#"{"assets":["#, r#"{"assets": ["#, Code::PackNotCanonical, "", "differs first at byte 10"),
        (
            r#""payload":{"size":17}"#,
            r#""payload":{"size":100000000000000000000}"#,
            Code::JsonNumber,
            "/payload/size",
            "beyond",
        ),
        (r#""codec":"NONE","#, "", Code::FieldMissing, "/assets/0", "\"codec\" is missing"),
        (r#""from":[1.5,"#, r#""from":[1.50,"#, Code::PackNotCanonical, "", "not canonical"),
    ]);
}

#[test]
fn what_version_2_brought_is_checked_and_goes_with_it() {
    sidecar_is_refused(&[
        (
            r#""schema_version":2"#,
            r#""schema_version":1"#,
            Code::FieldUnknown,
            "/assets/0/bank_type",
            "unknown field \"bank_type\"",
        ),
        (
            r#""bank_type":"DATA""#,
            r#""bank_type":"SOUNDS""#,
            Code::PackCompanion,
            "/assets/0/bank_type",
            "bank_type is \"SOUNDS\", but \"DATA\" in the pack",
        ),
        (
            r#""decoded_size":14"#,
            r#""decoded_size":15"#,
            Code::PackCompanion,
            "/assets/0/decoded_size",
            "decoded_size is 15, but 14 in the pack",
        ),
        (r#""bank_type":"DATA","#, "", Code::FieldMissing, "/assets/0", "\"bank_type\" is missing"),
        (r#""decoded_size":14,"#, "", Code::FieldMissing, "/assets/0", "\"decoded_size\" is missing"),
    ]);
}
