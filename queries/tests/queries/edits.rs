//! Edits keep what the author wrote, and mean what was meant.

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::edit::{ManifestEdit, RegistryEdit, new_identity};
use papack_queries::schema::manifest::{self, Manifest, Selection};
use papack_queries::schema::registry::{self, RegistryEntry};
use proptest::prelude::*;
use uuid::Uuid;

const PATH: &str = "assets/a/asset.json";

fn migrated(text: &str) -> String {
    let mut edit = ManifestEdit::new(PATH, text.as_bytes()).unwrap();
    edit.migrate();
    edit.finish().unwrap()
}

fn with_identity(text: &str, uuid: Uuid) -> String {
    let mut edit = ManifestEdit::new(PATH, text.as_bytes()).unwrap();
    edit.set_identity(uuid);
    edit.finish().unwrap()
}

/// What a manifest says, without the places where it says so.
fn meaning(text: &str) -> impl PartialEq + std::fmt::Debug {
    let (manifest, faults) = manifest::parse(PATH, text.as_bytes());
    assert!(!faults.iter().any(Diagnostic::is_error), "{text}\n{faults:#?}");
    let Manifest { asset_uuid, name, artifacts, format, user, pipeline, preload_slot } = manifest;
    let artifacts: Vec<Selection> = artifacts.unwrap().entries.into_iter().map(|entry| entry.selection).collect();
    (asset_uuid.unwrap().0, name.unwrap().0, artifacts, format, user, pipeline, preload_slot.map(|(slot, _)| slot))
}

#[test]
fn migration_changes_two_places_and_nothing_else() {
    let old = "{ \"schema_version\" :1,\r\n\t\"artifacts\": [\"a.bin\"  ,\r\n\"d/\\u00e9.bin\"],\r\n\"name\":\"n\", \
               \"asset_uuid\": \"3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01\",\r\n\"output\": {\"pipeline\": {\"x\": 1.50, \
               \"schema_version\": 1}, \"format\": \"DATA/raw_v1\"}\r\n}\r\n\r\n";
    let expected = old.replacen(":1,", ":2,", 1).replacen("\"a.bin\"", "{ \"file\": \"a.bin\" }", 1).replacen(
        "\"d/\\u00e9.bin\"",
        "{ \"file\": \"d/\\u00e9.bin\" }",
        1,
    );
    assert_eq!(migrated(old), expected);
}

#[test]
fn an_identity_replaces_the_old_one_or_stands_where_a_member_would() {
    let uuid = new_identity([7; 16]);
    assert_eq!((uuid.get_version_num(), uuid.get_variant()), (4, uuid::Variant::RFC4122));
    for (before, after) in [
        (
            "{\n  \"schema_version\": 2,\n  \"name\": \"n\"\n}",
            "{\n  \"schema_version\": 2,\n  \"asset_uuid\": \"U\",\n  \"name\": \"n\"\n}",
        ),
        ("{\r\n\t\"name\" : \"n\"\r\n}", "{\r\n\t\"name\" : \"n\",\r\n\t\"asset_uuid\" : \"U\"\r\n}"),
        (r#"{"schema_version": 2, "name": "n"}"#, r#"{"schema_version": 2, "asset_uuid": "U", "name": "n"}"#),
        (r#"{ "schema_version": 2, "name": "n" }"#, r#"{ "schema_version": 2, "asset_uuid": "U", "name": "n" }"#),
        (r#"{"schema_version":2,"name":"n"}"#, r#"{"schema_version":2,"asset_uuid":"U","name":"n"}"#),
        (r#"{"name": "n" , "asset_uuid": "old"}"#, r#"{"name": "n" , "asset_uuid": "U"}"#),
        (r#"{"output": {"asset_uuid": 1}}"#, r#"{"output": {"asset_uuid": 1}, "asset_uuid": "U"}"#),
        ("{}", "{}"),
        ("[]", "[]"),
    ] {
        assert_eq!(with_identity(before, uuid), after.replace('U', &uuid.to_string()));
    }
}

/// White space between two tokens.
fn space() -> impl Strategy<Value = String> {
    prop_oneof![Just(""), Just(" "), Just("\r\n"), Just("\r\n\t  ")].prop_map(str::to_owned)
}

/// The members of an object in any order, with any white space.
fn object(members: Vec<String>) -> impl Strategy<Value = String> {
    let count = members.len();
    (Just(members).prop_shuffle(), prop::collection::vec(space(), 2 * count + 1)).prop_map(|(members, spaces)| {
        let mut text = "{".to_owned();
        for (index, member) in members.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            text += &format!("{comma}{}{member}{}", spaces[2 * index], spaces[2 * index + 1]);
        }
        text + &spaces[2 * members.len()] + "}"
    })
}

/// The members of a manifest of version 1, `asset_uuid` left out if `is_new`.
fn old_manifest(is_new: bool) -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("1.50"), Just("-0"), Just("1e3"), Just("12"), Just("{\"file\": \"\\u0041\"}")];
    let files = prop::collection::vec((space(), "[a-c]{1,3}(/é\\.png)?", space()), 1..5);
    let preload = prop::option::of(0_u8..16);
    (number, files, preload, space(), "[^\\x00-\\x1f\"\\\\]{1,9}").prop_flat_map(
        move |(number, files, preload, colon, note)| {
            let files: Vec<_> =
                files.iter().map(|(before, file, after)| format!("{before}\"{file}\"{after}")).collect();
            let mut members = vec![
                format!("\"schema_version\"{colon}:{colon}1"),
                "\"name\": \"n\\u00e9\"".to_owned(),
                format!("\"artifacts\"{colon}:[{}]", files.join(",")),
                format!(
                    "\"output\":{{\"pipeline\": {{\"artifacts\": [\"a\"], \"n\": {number}, \"note\":\"{note}\"}}, \
                     \"format\": \"TILES/indexed_v1\",\"metadata\":{{\"tile_size\":16,\"user\":{{\"a\": [1,2]}}}}}}"
                ),
            ];
            members.extend((!is_new).then(|| format!("\"asset_uuid\":\"{}\"", Uuid::from_u128(3))));
            members.extend(preload.map(|slot| format!("\"preload\":{{\"enabled\":true, \"slot\" : {slot}}}")));
            object(members)
        },
    )
}

proptest! {
    #[test]
    fn a_migrated_manifest_means_what_it_meant(old in old_manifest(false)) {
        let new = migrated(&old);
        prop_assert_eq!(meaning(&new), meaning(&old));
        let (_, faults) = manifest::parse(PATH, new.as_bytes());
        prop_assert_eq!(faults, vec![], "it is of the current version");
        prop_assert_eq!(migrated(&new), new.clone(), "again changes nothing");
        let lines = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
        prop_assert_eq!(lines(&new), lines(&old), "line ends stay");
    }

    #[test]
    fn an_identity_changes_nothing_else(new in old_manifest(true), bytes: [u8; 16]) {
        let uuid = new_identity(bytes);
        let with = with_identity(&new, uuid);
        let (manifest, faults) = manifest::parse(PATH, with.as_bytes());
        prop_assert!(!faults.iter().any(Diagnostic::is_error), "{with}\n{faults:#?}");
        prop_assert_eq!(manifest.asset_uuid.unwrap().0, uuid);
        prop_assert!(!manifest::parse_new(PATH, new.as_bytes()).1.iter().any(Diagnostic::is_error));
        let other = Uuid::from_u128(9);
        prop_assert_eq!(with_identity(&with, other), with.replace(&uuid.to_string(), &other.to_string()));
        prop_assert_eq!(migrated(&with), with_identity(&migrated(&new), uuid), "edits go in any order");
    }

    #[test]
    fn any_text_can_be_edited(text in "\\PC{0,40}|[\\[\\]{}\":,a-z 12]{0,40}") {
        if let Ok(mut edit) = ManifestEdit::new(PATH, text.as_bytes()) {
            edit.migrate();
            edit.set_identity(Uuid::nil());
            prop_assert!(serde_json::from_str::<serde_json::Value>(&edit.finish().unwrap()).is_ok());
        }
    }

    #[test]
    fn a_registry_is_written_as_it_is_read(roots in prop::collection::btree_set("[a-eé ]{0,3}[a-e]", 0..9), gap in 1_u32..9) {
        let mut edit = RegistryEdit::new(&registry::parse(empty(gap).as_bytes())).unwrap();
        for (index, root) in roots.iter().enumerate() {
            let entry = edit.register(root, Uuid::from_u128(index as u128)).unwrap();
            prop_assert_eq!(entry.asset_id as usize, gap as usize + index);
        }
        let text = edit.to_text();
        let read = registry::parse(text.as_bytes());
        prop_assert_eq!(&read.diagnostics, &vec![]);
        prop_assert_eq!(&read.entries, edit.entries());
        prop_assert_eq!(read.next_asset_id, Some(gap + u32::try_from(roots.len()).unwrap()));
        prop_assert_eq!(RegistryEdit::new(&read).unwrap().to_text(), text);
    }
}

fn empty(next_asset_id: u32) -> String {
    format!(r#"{{"schema_version": 2, "next_asset_id": {next_asset_id}, "assets": []}}"#)
}

#[test]
fn the_registry_has_one_form() {
    let old = r#"{"assets": [
        {"root": "b", "asset_id": 9, "asset_uuid": "00000000-0000-0000-0000-000000000001"},
        {"root": "d/\u00e9", "asset_id": 2, "asset_uuid": "00000000-0000-0000-0000-000000000002"}
      ], "schema_version": 1, "next_asset_id": 10}"#;
    let edit = RegistryEdit::new(&registry::parse(old.as_bytes())).unwrap();
    assert_eq!(
        edit.to_text(),
        r#"{
  "schema_version": 2,
  "next_asset_id": 10,
  "assets": [
    { "asset_id": 2, "asset_uuid": "00000000-0000-0000-0000-000000000002", "root": "d/é", "included_in_build": true },
    { "asset_id": 9, "asset_uuid": "00000000-0000-0000-0000-000000000001", "root": "b", "included_in_build": true }
  ]
}
"#
    );
    let none = RegistryEdit::new(&registry::parse(empty(3).as_bytes())).unwrap();
    assert_eq!(none.to_text(), "{\n  \"schema_version\": 2,\n  \"next_asset_id\": 3,\n  \"assets\": []\n}\n");
}

#[test]
fn what_breaks_a_rule_of_the_registry_is_refused_and_changes_nothing() {
    let mut edit = RegistryEdit::new(&registry::parse(empty(1).as_bytes())).unwrap();
    let first = Uuid::from_u128(1);
    edit.register("ui/atlas", first).unwrap();
    edit.register("ui/atlas-2", Uuid::from_u128(2)).unwrap();
    let before = edit.to_text();
    let fresh = Uuid::from_u128(3);
    for (root, uuid, code, fragment) in [
        ("ui/atlas", fresh, Code::RegistryConflict, "the root \"ui/atlas\" is taken by asset 1"),
        ("ui", fresh, Code::RegistryConflict, "the root of \"ui/atlas\" (asset 1) lies inside the root \"ui\""),
        ("ui/atlas/x/y", fresh, Code::RegistryConflict, "lies inside the root of \"ui/atlas\" (asset 1)"),
        ("x", first, Code::RegistryConflict, "is taken by \"ui/atlas\" (asset 1)"),
        ("../x", fresh, Code::PathInvalid, "\"..\" component"),
        (".x", fresh, Code::PathInvalid, "begins with \".\""),
        ("", fresh, Code::PathInvalid, "empty"),
    ] {
        let fault = edit.register(root, uuid).unwrap_err();
        assert_eq!(fault.code, code, "{root}");
        assert!(fault.message.contains(fragment), "{}", fault.message);
        if uuid == fresh {
            assert_eq!(edit.relocate(2, root).unwrap_err().code, code, "{root}");
        }
        assert_eq!(edit.to_text(), before);
    }
    assert_eq!(edit.relocate(3, "x").unwrap_err().code, Code::AssetUnknown);
    edit.relocate(2, "ui/atlas-2/deeper").unwrap();
    assert_eq!(edit.at_root("ui/atlas-2/deeper").unwrap().asset_id, 2);
    assert_eq!(edit.at_root("ui/atlas-2"), None);
}

#[test]
fn assets_move_at_once_or_stay_together() {
    type Moves = [(u32, &'static str)];
    let cases: &[(&Moves, &[u32], [&str; 4])] = &[
        (&[(1, "b"), (2, "a")], &[1, 2], ["b", "a", "c", "d/e"]),
        (&[(1, "b"), (2, "c"), (3, "a")], &[1, 2, 3], ["b", "c", "a", "d/e"]),
        (&[(1, "b"), (2, "d")], &[], ["a", "b", "c", "d/e"]),
        (&[(1, "b"), (2, "c"), (3, "d/e/f")], &[], ["a", "b", "c", "d/e"]),
        (&[(1, "b/x"), (2, "d/e/f"), (3, "y")], &[3], ["a", "b", "y", "d/e"]),
        (&[(1, "x"), (2, "x")], &[1], ["x", "b", "c", "d/e"]),
        (&[(4, "d/e/f"), (1, "d/x")], &[1, 4], ["d/x", "b", "c", "d/e/f"]),
        (&[(1, "b:"), (9, "x")], &[], ["a", "b", "c", "d/e"]),
    ];
    for (moves, expected, roots) in cases {
        let mut edit = RegistryEdit::new(&registry::parse(empty(1).as_bytes())).unwrap();
        for (root, uuid) in ["a", "b", "c", "d/e"].into_iter().zip(1..) {
            edit.register(root, Uuid::from_u128(uuid)).unwrap();
        }
        let moved = edit.relocate_all(moves.iter().map(|(id, root)| (*id, (*root).to_owned())).collect());
        assert_eq!(moved.into_iter().collect::<Vec<_>>(), *expected, "{moves:?}");
        let found: Vec<_> = edit.entries().iter().map(|entry| entry.root.as_str()).collect();
        assert_eq!(found, roots, "{moves:?}");
        assert!(edit.entries().iter().all(|entry| edit.at_root(&entry.root) == Some(entry)), "{moves:?}");
        assert_eq!(registry::parse(edit.to_text().as_bytes()).diagnostics, [], "{moves:?}");
    }
}

#[test]
fn the_last_id_is_given_once() {
    let mut edit = RegistryEdit::new(&registry::parse(empty(2_147_483_646).as_bytes())).unwrap();
    let RegistryEntry { asset_id, .. } = edit.register("a", Uuid::from_u128(1)).unwrap();
    assert_eq!(asset_id, 2_147_483_646);
    assert_eq!(registry::parse(edit.to_text().as_bytes()).diagnostics, []);
    let fault = edit.register("b", Uuid::from_u128(2)).unwrap_err();
    assert_eq!((fault.code, fault.pointer.as_deref()), (Code::FieldInvalid, Some("/next_asset_id")));
    assert_eq!(edit.entries().len(), 1);
}

#[test]
fn a_registry_with_faults_is_not_edited() {
    for text in [
        "",
        r#"{"schema_version": 3}"#,
        r#"{"schema_version": 2, "next_asset_id": 0, "assets": []}"#,
        r#"{"schema_version": 2, "next_asset_id": 1, "assets": [], "extra": 1}"#,
        r#"{"schema_version": 2, "next_asset_id": 1}"#,
    ] {
        assert!(RegistryEdit::new(&registry::parse(text.as_bytes())).is_none(), "{text}");
    }
}
