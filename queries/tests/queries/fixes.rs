//! The fixes of documents: whatever a text is, each can be applied, and a safe one mends what it is offered for.

use papack_queries::diagnostic::{Code, Diagnostic, RegistryFix, apply_edits};
use papack_queries::schema::edit::add_registry_fixes;
use papack_queries::schema::{REGISTRY_PATH, manifest, registry};
use proptest::prelude::*;
use uuid::Uuid;

const PATH: &str = "assets/a/asset.json";

const MANIFEST: &str = r#"{
  "schema_version": 2, "asset_uuid": "3F0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "nmae": "a", "name": "a",
  "artifacts": [{ "file": "é.png" }, { "globb": "*.png", "except": ["\u00e9*"] }, ],
  "output": { "format": "tiles/indexed_v1", "codec": "None", "metadata": { "tile_size": "8", "entry_zero": "warn" } },
  "preload": { "enable": "true", "slot": "1", "slot": "1" }, "preload": 1
}"#;

const REGISTRY: &str = r#"{ "schema_version": 1, "next_asset_id": 9, "assets": [
  { "asset_id": 2, "asset_uuid": "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "root": "b/c" },
  { "asset_id": 1, "asset_uuid": "4f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01", "root": "a", "roots": "a" }
] }"#;

/// `text` with pieces taken out, doubled or replaced.
fn mangled(text: &'static str) -> impl Strategy<Value = String> {
    let piece = (0..text.len(), 0..40_usize, prop::sample::select(vec!["", ",", "\"", "1", "é", "{", "}", "x", " "]));
    prop::collection::vec((piece, any::<bool>()), 0..4).prop_map(move |pieces| {
        let mut mangled = text.to_owned();
        for ((start, length, new), doubles) in pieces {
            let boundary = |at: usize| (at.min(mangled.len())..=mangled.len()).find(|at| mangled.is_char_boundary(*at));
            let (start, end) = (boundary(start).unwrap(), boundary(start + length).unwrap());
            let piece = mangled[start..end].to_owned();
            mangled.replace_range(start..end, new);
            if doubles {
                mangled.insert_str(start, &piece.repeat(2));
            }
        }
        mangled
    })
}

/// How many safe fixes diagnostics of this code have.
fn safe_fixes(found: &[Diagnostic], code: Code) -> usize {
    found.iter().filter(|found| found.code == code && found.fixes.iter().any(|fix| fix.is_safe)).count()
}

/// Each fix of `found`, which is what `find` finds in `text`, can be applied, and a safe one leaves fewer to apply. One
/// may bring others to light, but not of its own code and place.
fn check(
    text: &str,
    path: &str,
    found: &[Diagnostic],
    find: impl Fn(&str) -> Vec<Diagnostic>,
) -> Result<(), TestCaseError> {
    for diagnostic in found {
        let safe = diagnostic.fixes.iter().filter(|fix| fix.is_safe).count();
        prop_assert!(safe <= 1, "{diagnostic:?}");
        for fix in &diagnostic.fixes {
            prop_assert!(!fix.edits.is_empty() && fix.edits.iter().all(|edit| edit.path == path), "{fix:?}");
            prop_assert!(fix.edits.is_sorted_by_key(|edit| edit.start), "{fix:?}");
            let fixed = apply_edits(text, &fix.edits);
            prop_assert!(fixed.is_some(), "{fix:?} of {text}");
            let fixed = fixed.unwrap();
            if fix.is_safe {
                let left = find(&fixed);
                let is_same = |left: &&Diagnostic| {
                    (left.code, &left.message, left.span.map(|span| span.start))
                        == (diagnostic.code, &diagnostic.message, diagnostic.span.map(|span| span.start))
                };
                // What is behind it moves up to its place, where a member was taken out.
                let is_moved = safe_fixes(&left, diagnostic.code) < safe_fixes(found, diagnostic.code);
                prop_assert!(!left.iter().any(|left| is_same(&left)) || is_moved, "{fix:?} of {text}\n{left:?}");
            }
        }
    }
    Ok(())
}

fn find_in_registry(text: &str) -> Vec<Diagnostic> {
    let mut found = registry::parse(text.as_bytes()).diagnostics;
    let moved = |asset_id, root: &str| RegistryFix::Relocate { asset_id, root: root.into() };
    let new = RegistryFix::Register { root: "n/é".into(), asset_uuid: Uuid::from_u128(7) };
    let told = [moved(1, "z"), moved(2, "b"), moved(7, "y"), new];
    found.extend(told.map(|fix| Diagnostic::error(Code::AssetMoved, format!("{fix:?}")).with_registry_fix(fix)));
    add_registry_fixes(&mut found, text.as_bytes());
    found
}

proptest! {
    #[test]
    fn fixes_of_any_manifest_can_be_applied(text in mangled(MANIFEST)) {
        let find = |text: &str| manifest::parse(PATH, text.as_bytes()).1;
        check(&text, PATH, &find(&text), find)?;
    }

    #[test]
    fn fixes_of_any_registry_can_be_applied(text in mangled(REGISTRY)) {
        let is_offered = |found: &Diagnostic| found.code != Code::AssetMoved || found.fixes.is_empty();
        let found = find_in_registry(&text);
        // Those that are made up here stay whatever is done about them.
        let of_text: Vec<_> = found.iter().filter(|found| is_offered(found)).cloned().collect();
        check(&text, REGISTRY_PATH, &of_text, find_in_registry)?;
        for fix in found.iter().flat_map(|found| &found.fixes) {
            prop_assert!(apply_edits(&text, &fix.edits).is_some(), "{fix:?} of {text}");
        }
    }
}

#[test]
fn assets_that_moved_may_follow_one_by_one_and_together() {
    let line = |id: u32, root: &str| {
        format!(
            "{{\"asset_id\":{id},\"asset_uuid\":\"{}\",\"root\":\"{root}\",\"included_in_build\":true}}",
            Uuid::from_u128(id.into())
        )
    };
    let lines = [line(1, "a"), line(2, "b"), line(3, "p/q")];
    let text = format!("{{\"schema_version\":2,\"next_asset_id\":9,\"assets\":[{}]}}", lines.join(","));
    // The first move makes the second one a place inside it; the third would hold the asset 3.
    for (moves, expected) in [
        (vec![(1, "c"), (2, "c/d")], vec![true, false]),
        (vec![(2, "c/d"), (1, "c")], vec![true, false]),
        (vec![(1, "p"), (2, "d")], vec![false, true]),
        (vec![(3, "r"), (1, "p")], vec![true, false]),
        (vec![(1, "b"), (2, "a")], vec![false, false]),
        (vec![(1, "a/x"), (8, "y")], vec![true, false]),
    ] {
        let told = |(asset_id, root): &(u32, &str)| {
            Diagnostic::error(Code::AssetMoved, "moved")
                .with_registry_fix(RegistryFix::Relocate { asset_id: *asset_id, root: (*root).into() })
        };
        let mut found: Vec<_> = moves.iter().map(told).collect();
        add_registry_fixes(&mut found, text.as_bytes());
        let offered: Vec<_> = found.iter().map(|found| !found.fixes.is_empty()).collect();
        assert_eq!(offered, expected, "{moves:?}");
        let edits: Vec<_> = found.iter().flat_map(|found| &found.fixes).flat_map(|fix| fix.edits.to_vec()).collect();
        let fixed = registry::parse(apply_edits(&text, &edits).unwrap().as_bytes());
        assert_eq!(fixed.diagnostics, [], "{moves:?}");
    }
}

#[test]
fn a_large_registry_is_not_in_its_diagnostics() {
    let line =
        |id: u128| format!("{{\"asset_id\":{id},\"asset_uuid\":\"{}\",\"root\":\"r{id}\"}}", Uuid::from_u128(id));
    for (count, is_offered) in [(100, true), (20_000, false)] {
        let lines: Vec<_> = (1..=count).map(line).collect();
        let text = format!("{{\"schema_version\":1,\"next_asset_id\":99999,\"assets\":[{}]}}", lines.join(","));
        let mut found = registry::parse(text.as_bytes()).diagnostics;
        add_registry_fixes(&mut found, text.as_bytes());
        assert_eq!((found.len(), !found[0].fixes.is_empty()), (1, is_offered), "{count}");
    }
    // Of 10,000 new assets each has its own fix, of two places.
    let lines: Vec<_> = (1..=10_000).map(|id| line(id).replace('}', ",\"included_in_build\":true}")).collect();
    let text = format!("{{\"schema_version\":2,\"next_asset_id\":99999,\"assets\":[{}]}}", lines.join(","));
    let told = |id: u32| RegistryFix::Register {
        root: format!("n{id}").into(),
        asset_uuid: Uuid::from_u128(1 << 100 | u128::from(id)),
    };
    let mut found: Vec<_> =
        (0..10_000).map(|id| Diagnostic::info(Code::AssetUnregistered, "new").with_registry_fix(told(id))).collect();
    add_registry_fixes(&mut found, text.as_bytes());
    let bytes: usize =
        found.iter().flat_map(|found| &found.fixes).flat_map(|fix| &fix.edits).map(|edit| edit.text.len()).sum();
    assert!(found.iter().all(|found| found.fixes[0].edits.len() == 2));
    assert!(bytes < 200 * found.len(), "{bytes} bytes of text");
}
