//! A sidecar of version 1, as an older papack wrote it.

use std::fs;
use std::path::Path;

use papack_engine::{DiffStatus, Levels, Verdict, diff, verify};
use papack_queries::diagnostic::{Code, Data, Severity};
use serde_json::Value;

use crate::{pack, papack, small_pack};

/// Makes the sidecar in `build` one of version 1: without the keys that version 2 brought.
fn make_older(build: &Path) {
    let path = build.join("asset_table_metadata.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut older = text.replace(r#""schema_version":2"#, r#""schema_version":1"#);
    for size in [14, 3] {
        older = older.replace(&format!(r#""decoded_size":{size},"#), "");
    }
    older = older.replace(r#""bank_type":"DATA","#, "");
    let added = text.len() - older.len();
    assert_eq!(added, r#""bank_type":"DATA","bank_type":"DATA","decoded_size":14,"decoded_size":3,"#.len());
    fs::write(path, older).unwrap();
}

#[test]
fn it_is_compared_as_far_as_it_goes_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    make_older(&build);
    let result = verify(&build.join("assets.pa")).unwrap();
    assert_eq!((result.status, result.companions.len(), result.payloads_hashed), (Verdict::Valid, 3, 2));
    let [notice] = &result.diagnostics[..] else { panic!("{:#?}", result.diagnostics) };
    assert_eq!((notice.code, notice.severity), (Code::SchemaOlder, Severity::Info));
    assert_eq!(notice.data.as_deref(), Some(&Data::Version { found: 1, oldest: 1, newest: 2 }));
    assert_eq!(notice.pointer.as_deref(), Some("/schema_version"));
    assert!(notice.message.contains("bank_type") && notice.message.contains("decoded_size"), "{}", notice.message);
    assert!(notice.help.as_ref().unwrap().contains("papack pack"));

    // A payload that was altered is found by it, and the notice is no fault.
    let mut bytes = fs::read(build.join("assets.pa")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(build.join("assets.pa"), bytes).unwrap();
    let output = papack(folder.path(), &["verify", "build/assets.pa", "--message-format", "short"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("error[PACK_DIGEST]") && text.ends_with("is refused: 1 fault\n"), "{text}");
}

#[test]
fn every_other_fault_of_it_is_found_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    make_older(&build);
    let path = build.join("asset_table_metadata.json");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, code) in [
        (r#""asset_name":"first""#, r#""asset_name":"other""#, Code::PackCompanion),
        (r#""codec":"NONE","#, r#""codec":"NONE","decoded_size":14,"#, Code::FieldUnknown),
        (r#""codec":"NONE","#, "", Code::FieldMissing),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let result = verify(&build.join("assets.pa")).unwrap();
        assert_eq!(result.status, Verdict::Refused);
        assert!(result.diagnostics.iter().any(|fault| fault.code == code), "{code}: {:#?}", result.diagnostics);
    }
}

#[test]
fn the_next_pack_replaces_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let build = small_pack(folder.path());
    let new = fs::read(build.join("asset_table_metadata.json")).unwrap();
    make_older(&build);
    let output = papack(folder.path(), &["pack", "--message-format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let promoted = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let replaced: Vec<_> =
        promoted.filter(|line| line["kind"] == "PROMOTED").map(|it| it["replaced"].clone()).collect();
    assert_eq!(replaced, [serde_json::json!(["asset_table_metadata.json"])]);
    assert!(fs::read(build.join("asset_table_metadata.json")).unwrap() == new);
}

#[test]
fn it_tells_what_was_moved() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let before = small_pack(old.path());
    make_older(&before);
    small_pack(new.path());
    let registry = new.path().join("assets/.prometeu/index.json");
    let text = fs::read_to_string(&registry).unwrap();
    fs::write(&registry, text.replace(r#""root":"b/c""#, r#""root":"b/d""#)).unwrap();
    fs::rename(new.path().join("assets/b/c"), new.path().join("assets/b/d")).unwrap();
    let result = diff(&before.join("assets.pa"), &pack(new.path()).join("assets.pa"), &Levels::default()).unwrap();
    let [found] = &result.moved[..] else { panic!("{result:#?}") };
    assert_eq!((result.status, &*found.old, &*found.new), (DiffStatus::Equal, "b/c", "b/d"));
    assert!(result.diagnostics.is_empty(), "{:#?}", result.diagnostics);
}
