//! `papack migrate`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use serde_json::json;

use crate::space::{TestSpace, entry, manifest, uuid};
use crate::{changes, files, json};

/// A manifest of version 1 of the asset `id`.
pub fn old_manifest(id: usize, name: &str, file: &str) -> String {
    manifest(id, name, &format!("\"{file}\"")).replace("\"schema_version\": 2", "\"schema_version\": 1")
}

/// The registry of version 1 with these ids and roots.
pub fn old_registry(assets: &[(usize, &str)]) -> String {
    let entries: Vec<_> =
        assets.iter().map(|(id, root)| entry(*id, root).replace(", \"included_in_build\": true", "")).collect();
    format!("{{\"schema_version\": 1, \"next_asset_id\": 10, \"assets\": [{}]}}", entries.join(", "))
}

/// Registry and manifests of version 1; `c` is not registered.
fn old_workspace() -> TestSpace {
    let space = TestSpace::empty();
    space.write("assets/.prometeu/index.json", old_registry(&[(2, "b"), (1, "a")]));
    for (id, root) in [(1, "a"), (2, "b"), (3, "c")] {
        space.write(&format!("assets/{root}/asset.json"), old_manifest(id, root, "f"));
        space.write(&format!("assets/{root}/f"), root);
    }
    space
}

#[test]
fn every_old_document_becomes_current_and_packs_to_the_same_bytes() {
    let space = old_workspace();
    let odd = old_manifest(2, "b", "f").replace('\n', "\r\n").replace(": [", ":[ ");
    space.write("assets/b/asset.json", &odd);
    let path = space.path().join("assets/b/asset.json");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let owner = fs::metadata(&path).unwrap().uid();
    space.pack();
    let built = space.build();
    let run = space.run(&["migrate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r"
        Migrated assets/a/asset.json
        Migrated assets/b/asset.json
        Migrated assets/c/asset.json
        Migrated assets/.prometeu/index.json
    ");
    assert_eq!(
        String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap(),
        format!(
            "{{\n  \"schema_version\": 2,\n  \"next_asset_id\": 10,\n  \"assets\": [\n    {},\n    {}\n  ]\n}}\n",
            entry(1, "a"),
            entry(2, "b")
        )
    );
    assert_eq!(
        String::from_utf8(space.read("assets/b/asset.json")).unwrap(),
        odd.replace("n\": 1", "n\": 2").replace("\"f\"", "{ \"file\": \"f\" }")
    );
    assert_eq!(space.read("assets/a/asset.json"), manifest(1, "a", r#"{ "file": "f" }"#).as_bytes());
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.permissions().mode() & 0o777, after.uid()), (0o600, owner));
    for left in ["cache/lane.json", "staged"] {
        assert!(!space.path().join("assets/.prometeu").join(left).exists());
    }
    let packed = space.pack();
    assert!(packed.stdout.contains("Up to date"), "{}", packed.stdout);
    assert!(space.build() == built);

    let modified = |path: &str| fs::metadata(space.path().join(path)).unwrap().modified().unwrap();
    let before = (files(&space), modified("assets/a/asset.json"), modified("assets/.prometeu/index.json"));
    assert_eq!(space.run(&["migrate"]).stdout, "  Up to date nothing to change\n");
    assert!(before == (files(&space), modified("assets/a/asset.json"), modified("assets/.prometeu/index.json")));
}

#[test]
fn a_dry_run_writes_nothing() {
    let space = old_workspace();
    let before = files(&space);
    let foretold = changes(&space, &["migrate", "--dry-run"]);
    assert_eq!(foretold.len(), 4);
    assert_eq!(foretold[3], json!({"kind": "DOCUMENT_MIGRATED", "path": "assets/.prometeu/index.json"}));
    assert!(files(&space) == before);
    assert_eq!(changes(&space, &["migrate"]), foretold);
}

/// A workspace of which `b` cannot be migrated: `spoil` makes its manifest of the good one.
fn leaves(spoil: impl Fn(String) -> String, code: &str, fragment: &str) {
    let space = old_workspace();
    let bad = spoil(old_manifest(2, "b", "f"));
    space.write("assets/b/asset.json", &bad);
    for arguments in [&["migrate", "--dry-run"][..], &["migrate"], &["migrate"]] {
        let (exit, result) = json(&space, arguments);
        assert_eq!((exit, &result["status"]), (1, &json!("GATE_FAILED")), "{result}");
        let found = &result["diagnostics"][0];
        assert_eq!(
            (&found["code"], &found["severity"], &found["asset_id"]),
            (&json!(code), &json!("ERROR"), &json!(2))
        );
        assert!(found["message"].as_str().unwrap().contains(fragment), "{found}");
        assert_eq!(found["path"], "assets/b/asset.json");
        assert_eq!(space.read("assets/b/asset.json"), bad.as_bytes(), "it is left as it is");
    }
    assert_eq!(
        space.read("assets/a/asset.json"),
        manifest(1, "a", r#"{ "file": "f" }"#).as_bytes(),
        "the others are not"
    );
}

#[test]
fn a_document_with_faults_is_named_and_left() {
    leaves(|text| text.replace("\"name\"", "\"nom\""), "FIELD_UNKNOWN", "nom");
    leaves(|text| text + ",", "JSON_SYNTAX", "goes on");
    leaves(|text| text.replace("\"f\"", "{\"file\": \"f\"}"), "FIELD_INVALID", "expected a string");
    for version in ["0", "3", "99", "-1"] {
        let replaced = format!("\"schema_version\": {version}");
        leaves(
            |text| text.replace("\"schema_version\": 1", &replaced),
            "SCHEMA_VERSION",
            &format!("schema version {version} of the manifest is not supported: this papack reads 1 to 2"),
        );
    }
    for (version, fragment) in [("\"2\"", "expected an integer, found a string"), ("2.0", "found a float")] {
        let replaced = format!("\"schema_version\": {version}");
        leaves(|text| text.replace("\"schema_version\": 1", &replaced), "FIELD_INVALID", fragment);
    }
}

#[test]
fn a_document_that_would_become_too_long_is_left() {
    let path = format!("{}\"", "x".repeat(250));
    let paths: Vec<_> = (0..4000).map(|n| format!("\"{n:04}{path}")).collect();
    let text = manifest(2, "b", &paths.join(",")).replace("\"schema_version\": 2", "\"schema_version\": 1");
    assert!(text.len() < 1024 * 1024 && text.len() + 4000 * 12 > 1024 * 1024, "{}", text.len());
    leaves(|_| text.clone(), "JSON_TOO_LARGE", "at most 1048576 are allowed");
}

#[test]
fn what_is_current_is_no_business_of_a_migration() {
    let space = old_workspace();
    space.write("assets/b/asset.json", manifest(2, "b", "").replace("raw_v1", "raw_v9"));
    let inner = old_manifest(9, "inner", "f");
    space.write("assets/a/inner/asset.json", &inner);
    fs::remove_dir_all(space.path().join("assets/c")).unwrap();
    let made = changes(&space, &["migrate"]);
    let paths: Vec<_> = made.iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["assets/a/asset.json", "assets/.prometeu/index.json"]);
    assert_eq!(space.read("assets/a/inner/asset.json"), inner.as_bytes(), "what lies in an asset may be its artifact");
}

#[test]
fn what_is_no_build_set_asset_blocks_less() {
    let space = old_workspace();
    let excluded = entry(2, "b").replace("true", "false");
    space.write_registry(&[entry(1, "a"), excluded, entry(4, "gone")]);
    fs::remove_file(space.path().join("assets/b/asset.json")).unwrap();
    symlink("../a/asset.json", space.path().join("assets/b/asset.json")).unwrap();
    space.write("assets/c/asset.json", "{");
    let (code, result) = json(&space, &["migrate"]);
    let told: Vec<_> =
        result["diagnostics"].as_array().unwrap().iter().map(|found| (&found["code"], &found["severity"])).collect();
    assert_eq!(told, [(&json!("FILE_LINK"), &json!("WARNING")), (&json!("JSON_SYNTAX"), &json!("INFO"))]);
    assert_eq!(code, 1, "a registered manifest could not be migrated");
    // Of no registered one: nothing failed.
    space.write_registry(&[entry(1, "a")]);
    fs::remove_dir_all(space.path().join("assets/b")).unwrap();
    let (code, result) = json(&space, &["migrate"]);
    assert_eq!((code, result["diagnostics"].as_array().unwrap().len()), (0, 1));
}

#[test]
fn a_registry_that_cannot_be_read_ends_it() {
    for (text, code) in [("{", "JSON_SYNTAX"), (r#"{"schema_version": 3, "future": true}"#, "SCHEMA_VERSION")] {
        let space = old_workspace();
        space.write("assets/.prometeu/index.json", text);
        crate::refuses(&space, &["migrate"], code, "");
    }
}

#[test]
fn versions_outside_the_window_are_told_with_advice() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")]), ("c", &[("f", "f")])]);
    for (root, id, version) in [("a", 1, "3"), ("b", 2, "0"), ("c", 3, "\"two\"")] {
        let text = manifest(id, root, r#"{"file": "f"}"#).replace("n\": 2", &format!("n\": {version}"));
        space.write(&format!("assets/{root}/asset.json"), text);
    }
    let run = space.run(&["migrate"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr + &run.stdout, @r#"
    error[SCHEMA_VERSION]: schema version 3 of the manifest is not supported: this papack reads 1 to 2
     --> assets/a/asset.json:2:21
      |
    2 |   "schema_version": 3,
      |                     ^
      |
      = note: in asset 1
      = help: update papack, or save the document with the version that this papack reads

    error[SCHEMA_VERSION]: schema version 0 of the manifest is not supported: this papack reads 1 to 2
     --> assets/b/asset.json:2:21
      |
    2 |   "schema_version": 0,
      |                     ^
      |
      = note: in asset 2
      = help: such a document was never written by a papack; check the number

    error[FIELD_INVALID]: expected an integer, found a string
     --> assets/c/asset.json:2:21
      |
    2 |   "schema_version": "two",
      |                     ^^^^^
      |
      = note: in asset 3

    For more about a code: papack explain SCHEMA_VERSION

          Failed nothing was changed: 3 errors
    "#);
}

#[test]
fn a_copy_that_is_not_registered_is_migrated_too() {
    let space = old_workspace();
    space.write("assets/c/asset.json", old_manifest(3, "c", "f").replace(&uuid(3), &uuid(1)));
    assert_eq!(changes(&space, &["migrate"]).len(), 4);
}

#[test]
fn what_is_left_of_assets_that_are_not_packed_is_no_error() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let excluded = |id, root| entry(id, root).replace("true", "false");
    space.write_registry(&[excluded(1, "a"), excluded(2, "b")]);
    space.write("assets/a/asset.json", "{");
    let told = space.run(&["migrate"]);
    assert_eq!((told.code, told.stdout.as_str()), (1, "      Failed nothing was changed: 1 document left as it was\n"));
    space.write("assets/b/asset.json", "{");
    let told = space.run(&["migrate", "--message-format", "short"]);
    assert!(told.stdout.ends_with("nothing was changed: 2 documents left as they were\n"), "{}", told.stdout);
}

#[test]
fn whatever_writes_an_old_registry_says_that_it_is_raised() {
    let migrated = json!({"kind": "DOCUMENT_MIGRATED", "path": "assets/.prometeu/index.json"});
    let excluded = json!({"kind": "ASSET_EXCLUDED", "asset_id": 2, "root": "b"});
    for dry_run in [true, false] {
        let space = old_workspace();
        let dry_run = if dry_run { &["--dry-run"][..] } else { &[] };
        assert_eq!(changes(&space, &[&["exclude", "b"], dry_run].concat()), [migrated.clone(), excluded.clone()]);
    }
    let space = old_workspace();
    fs::rename(space.path().join("assets/a"), space.path().join("assets/x")).unwrap();
    let relocated = json!({"kind": "ASSET_RELOCATED", "asset_id": 1, "from": "a", "to": "x"});
    let (_, result) = json(&space, &["doctor", "--fix"]);
    assert_eq!(result["changes"], json!([migrated, relocated]));
}

/// `migrate` leaves what lies inside an asset alone: it may be an artifact file.
#[test]
fn a_manifest_inside_an_asset_is_not_said_to_be_old() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("assets/a/b/asset.json", old_manifest(7, "b", "f"));
    let told = space.run(&["check"]);
    assert!(told.stderr.contains("ASSET_UNREGISTERED") && !told.stderr.contains("SCHEMA_OLDER"), "{}", told.stderr);
    let (_, status) = json(&space, &["status"]);
    assert_eq!(status["workspace"]["needs_migration"], json!([]));
    assert_eq!(changes(&space, &["migrate"]), Vec::<serde_json::Value>::new());
}
