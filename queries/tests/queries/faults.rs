//! Faults of assets against what is there, and between assets.

use papack_queries::change::Change;
use papack_queries::content::{ContentId, Digest};
use papack_queries::diagnostic::{Code, Severity};
use papack_queries::inputs::FileState;

use crate::world::{World, uuid};

/// The codes, severities and ids of what the gate finds.
fn found(world: &mut World) -> Vec<(Code, Severity, Option<u32>)> {
    world.apply();
    world.pack().0.iter().map(|f| (f.code, f.severity, f.asset_id)).collect()
}

fn manifest_of(id: u32, name: &str, artifacts: &str) -> String {
    format!(
        r#"{{"schema_version": 2, "asset_uuid": "{}", "name": "{name}", "artifacts": {artifacts}, "output": {{"format": "DATA/raw_v1"}}}}"#,
        uuid(id)
    )
}

/// What the artifact list `artifacts` gives for the files of asset 1: paths and sizes in the header, or codes.
fn entries(files: &[&str], artifacts: &str) -> Result<Vec<String>, Vec<Code>> {
    let mut world = World::with_assets(1);
    world.files.remove("a1/data.bin");
    for file in files {
        world.write(&format!("a1/{file}"), file.as_bytes());
    }
    world.write("a1/asset.json", manifest_of(1, "n", artifacts).as_bytes());
    world.apply();
    let (diagnostics, header, _) = world.pack();
    let codes: Vec<_> = diagnostics.iter().map(|fault| fault.code).collect();
    let Some(header) = header else { return Err(codes) };
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let entries = header["asset_table"][0]["metadata"]["entries"].as_array().unwrap();
    Ok(entries
        .iter()
        .map(|entry| entry["name"].as_str().unwrap().to_owned())
        .chain(codes.iter().map(ToString::to_string))
        .collect())
}

#[test]
fn artifact_lists_expand_in_order() {
    let files = ["a-b/x", "a/x", "b", ".hidden", "a/.h/x", "é"];
    for (artifacts, expected) in [
        (r#"[{"file": "b"}, {"file": "a/x"}]"#, Ok(vec!["b", "a/x"])),
        // Bytes of the whole path: '-' (0x2D) sorts before '/' (0x2F). The manifest and hidden names are no artifacts.
        (r#"[{"glob": "**"}]"#, Ok(vec!["a-b/x", "a/x", "b", "é"])),
        (r#"[{"glob": "**", "except": ["a/**", "?"]}]"#, Ok(vec!["a-b/x"])),
        (r#"[{"file": "é"}, {"glob": "**/x"}]"#, Ok(vec!["é", "a-b/x", "a/x"])),
        (r#"[{"file": ".hidden"}]"#, Ok(vec![".hidden"])),
        (r#"[{"glob": "*.png"}]"#, Err(vec![Code::GlobEmpty])),
        (r#"[{"glob": ".*"}]"#, Err(vec![Code::GlobEmpty])),
        (r#"[{"file": "b"}, {"glob": "*"}]"#, Err(vec![Code::ArtifactRepeated])),
        (r#"[{"file": "c"}, {"file": "d"}]"#, Err(vec![Code::FileMissing, Code::FileMissing])),
        (r#"[{"file": "a"}]"#, Err(vec![Code::FileNotRegular])),
        (r#"[{"file": "B"}]"#, Err(vec![Code::PathSpelling])),
        (r#"[{"file": "A/x"}]"#, Err(vec![Code::PathSpelling])),
        (r#"[{"file": "b/x"}]"#, Err(vec![Code::FileMissing])),
        (r#"[{"glob": "A/*"}]"#, Err(vec![Code::PathSpelling])),
        (r#"[{"file": "con"}, {"file": "c"}]"#, Err(vec![Code::PathInvalid, Code::FileMissing])),
        (r#"[{"file": "asset.json"}, {"file": "b"}]"#, Ok(vec!["asset.json", "b"])),
    ] {
        let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
        assert_eq!(entries(&files, artifacts), expected, "{artifacts}");
    }
}

#[test]
fn names_that_some_file_system_confuses_are_refused_where_used() {
    assert_eq!(entries(&["a.bin", "A.bin", "b.bin"], r#"[{"file": "b.bin"}]"#), Ok(vec!["b.bin".into()]));
    assert_eq!(entries(&["a.bin", "A.bin", "b.bin"], r#"[{"file": "a.bin"}]"#), Err(vec![Code::PathAmbiguous]));
    assert_eq!(entries(&["é", "e\u{301}"], r#"[{"file": "é"}]"#), Err(vec![Code::PathAmbiguous]));
    assert_eq!(entries(&["e\u{301}"], r#"[{"file": "é"}]"#), Err(vec![Code::PathSpelling]));
    for (one, other) in [("ς", "σ"), ("ſ", "s"), ("ß", "ẞ"), ("\u{212a}", "k"), ("É", "é")] {
        assert_eq!(entries(&[one, other], r#"[{"glob": "*"}]"#).unwrap_err()[0], Code::PathAmbiguous, "{one} {other}");
    }
    for (one, other) in [("straße", "strasse"), ("ﬁ", "fi"), ("ı", "i")] {
        assert!(entries(&[one, other], r#"[{"glob": "*"}]"#).is_ok(), "{one} {other}");
    }
    // A match that breaks the path rules is an error of its own.
    assert_eq!(entries(&["con.bin"], r#"[{"glob": "*"}]"#), Err(vec![Code::PathInvalid]));
    // 1, 10, 2: packed, with a warning.
    let unnatural = entries(&["1", "10", "2"], r#"[{"glob": "*"}]"#).unwrap();
    assert_eq!(unnatural, ["1", "10", "2", "GLOB_ORDER"]);
}

#[test]
fn assets_must_not_share_names_and_slots() {
    let mut world = World::with_assets(3);
    let preload = |slot: u8| format!(r#""preload": {{"enabled": true, "slot": {slot}}}"#);
    world.write_manifest(1, &format!(r#""name": "same", {}"#, preload(4)), r#""format": "DATA/raw_v1""#);
    world.write_manifest(2, &format!(r#""name": "other", {}"#, preload(4)), r#""format": "DATA/raw_v1""#);
    world.write_manifest(3, &format!(r#""name": "same", {}"#, preload(5)), r#""format": "DATA/raw_v1""#);
    world.apply();
    let (faults, header, _) = world.pack();
    let found: Vec<_> = faults.iter().map(|f| (f.code, f.asset_id.unwrap(), f.pointer.as_deref().unwrap())).collect();
    assert_eq!(
        found,
        [
            (Code::AssetNameTaken, 1, "/name"),
            (Code::AssetNameTaken, 3, "/name"),
            (Code::PreloadSlotTaken, 1, "/preload/slot"),
            (Code::PreloadSlotTaken, 2, "/preload/slot"),
        ]
    );
    assert_eq!(faults[0].related[0].path.as_deref(), Some("assets/a3/asset.json"));
    assert_eq!(faults[3].related[0].path.as_deref(), Some("assets/a1/asset.json"));
    assert!(header.is_some(), "a query gives what it can; the gate decides");
}

#[test]
fn a_registered_asset_must_be_there_under_its_name_and_uuid() {
    let mut world = World::with_assets(2);
    world.entries[0].root = "A1".into();
    world.entries[1].asset_uuid = uuid(9);
    assert_eq!(
        found(&mut world),
        [(Code::PathSpelling, Severity::Error, Some(1)), (Code::AssetUuidMismatch, Severity::Error, Some(2))]
    );
    let mut world = World::with_assets(2);
    world.files.retain(|path, _| !path.starts_with("a1/"));
    world.files.remove("a2/asset.json");
    assert_eq!(
        found(&mut world),
        [(Code::AssetMissing, Severity::Error, Some(1)), (Code::AssetMissing, Severity::Error, Some(2))]
    );
}

#[test]
fn outside_the_build_set_nothing_is_an_error() {
    let mut world = World::with_assets(2);
    world.entries[0].included_in_build = false;
    world.write("a1/asset.json", b"not JSON");
    assert_eq!(found(&mut world), [(Code::JsonSyntax, Severity::Warning, Some(1))]);
    world.files.retain(|path, _| !path.starts_with("a1/"));
    assert_eq!(found(&mut world), [(Code::AssetMissing, Severity::Warning, Some(1))]);
}

#[test]
fn payloads_that_no_integer_can_place_are_too_large() {
    let mut world = World::with_assets(3);
    let huge = |id: u8| FileState::Content(ContentId { digest: Digest([id; 32]), size: 1 << 52 });
    let files = (1..=3).map(|id| (format!("assets/a{id}/data.bin"), huge(id))).collect();
    Change { files, ..Change::default() }.apply(&mut world.db);
    let (diagnostics, ..) = world.pack();
    let [fault] = diagnostics.as_slice() else { panic!("{diagnostics:#?}") };
    assert_eq!(fault.code, Code::OutputTooLarge);
    assert_eq!(fault.message, "the payloads have 13510798882111488 bytes, at most 9007199254740991 are allowed");
}
