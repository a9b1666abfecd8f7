//! What can be written at the mark `|`, and what comes of it.

use super::space::{MENU, REGISTRY, Space, edited, uuid};

/// The labels at the mark, at most the first six.
fn labels(space: &mut Space, path: &str, marked: &str) -> String {
    let at = space.show(path, marked);
    let found = space.editor.complete(path, at);
    assert!(found.is_sorted_by_key(|completion| &completion.sort));
    found.iter().take(6).map(|completion| &*completion.label).collect::<Vec<_>>().join(" ")
}

/// The text after the first completion with this label.
fn written(space: &mut Space, path: &str, marked: &str, label: &str) -> String {
    let at = space.show(path, marked);
    let found = space.editor.complete(path, at);
    let Some(completion) = found.iter().find(|completion| completion.label == label) else { return "-".into() };
    assert!(completion.edit.range.start <= at && at <= completion.edit.range.end.max(at));
    edited(&marked.replacen('|', "", 1), completion.additional.iter().chain([&completion.edit]))
}

#[test]
fn fields_and_values_of_a_manifest() {
    let mut space = Space::new();
    for (marked, expected) in [
        ("|", ""),
        ("{|", "schema_version asset_uuid name artifacts output preload"),
        (r#"{ "schema_version": 2, "na|"#, "asset_uuid name artifacts output preload"),
        (r#"{ "output": { "format": "SOUNDS/pcm_v1", | } }"#, "codec metadata pipeline"),
        (r#"{ "output": { "format": "|" } }"#, "TILES/indexed_v1 SOUNDS/pcm_v1 DATA/raw_v1 DATA/tilemap_v1"),
        (r#"{ "output": { "format": "TILES/indexed_v1", "metadata": { "tile_size": | } } }"#, "8 16 32"),
        (r#"{ "output": { "format": "SOUNDS/pcm_v1", "metadata": { "loops": "|"#, "OFF DETECT"),
        (r#"{ "preload": { "enabled": | "#, "true false"),
        (r#"{ "output": | }"#, "{}"),
        (r#"{ "name": "|" }"#, "menu"),
        (r#"{ "artifacts": [{ "file": "|" }] }"#, "a.png b.png more/c.png notes.txt more/"),
        (
            r#"{ "artifacts": [{ "file": "|" }], "output": { "format": "SOUNDS/pcm_v1" } }"#,
            "a.png b.png more/c.png notes.txt more/",
        ),
        (r#"{ "artifacts": [{ "file": "more/|" }] }"#, "more/c.png"),
        (r#"{ "artifacts": [{ "file": "gone/|" }] }"#, ""),
        (r#"{ "artifacts": [{ "glob": "|" }] }"#, "**/*.png *.png *.txt more/"),
        (r#"{ "artifacts": [{ "glob": "*", "except": ["|"] }] }"#, "**/*.png *.png *.txt more/"),
        (r#"{ "artifacts": [{ "file": "a.png" }, |] }"#, "**/*.png *.png *.txt b.png more/c.png notes.txt"),
        (r#"{ "schema_version": 1, "artifacts": ["a.png", "|"] }"#, "a.png b.png more/c.png notes.txt more/"),
        (r#"{ "asset_uuid": "|" }"#, &uuid(1)),
        (r#"{ "name"| : 1 }"#, "schema_version asset_uuid artifacts output preload"),
        (r#"{ "name" | "#, ""),
        (r#"{ "pipeline": { "x": "|" } }"#, ""),
    ] {
        assert_eq!(labels(&mut space, MENU, marked), expected, "{marked}");
    }
}

#[test]
fn slots_are_those_of_the_bank_and_free_ones_come_first() {
    let mut space = Space::new();
    let at = space.show(MENU, r#"{ "output": { "format": "TILES/indexed_v1" }, "preload": { "slot": | } }"#);
    let slots = space.editor.complete(MENU, at);
    assert_eq!(slots.len(), 16);
    let shown = |position: usize| (slots[position].label.as_str(), slots[position].detail.as_deref().unwrap());
    assert_eq!(shown(0), ("1", "free in TILES"));
    // The slot of this asset itself is free to it.
    assert_eq!(shown(2), ("3", "free in TILES"));
    assert_eq!(shown(15), ("0", "taken in TILES by hud"));
    let at = space.show(MENU, r#"{ "output": { "format": "SOUNDS/pcm_v1" }, "preload": { "slot": | } }"#);
    assert_eq!(space.editor.complete(MENU, at)[0].detail.as_deref(), Some("free in SOUNDS"));
}

#[test]
fn what_is_known_of_the_registry() {
    let mut space = Space::new();
    let entries = format!(r#"{{ "root": "ui/menu", "asset_uuid": "{}" }}"#, uuid(1));
    let registry = |entry: &str| format!(r#"{{ "next_asset_id": 4, "assets": [{entries}, {entry}] }}"#);
    for (entry, expected) in [
        (r#"{ "root": "|" }"#, "new/thing sfx/jump ui/hud"),
        (r#"{ "root": "new/thing", "asset_uuid": "|" }"#, &*uuid(9)),
        (r#"{ "root": "../new", "asset_uuid": "|" }"#, ""),
        (r#"{ "asset_id": | }"#, "4"),
        (r#"{ "included_in_build": | }"#, "true false"),
        (r#"{ "root": "x", | "#, "asset_id asset_uuid included_in_build"),
    ] {
        assert_eq!(labels(&mut space, REGISTRY, &registry(entry)), expected, "{entry}");
    }
}

#[test]
fn edits_keep_json_whole() {
    let mut space = Space::new();
    for (marked, label, expected) in [
        ("{|}", "name", r#"{"name": }"#),
        (r#"{"na|"}"#, "name", r#"{"name": }"#),
        (r#"{"na|": 1}"#, "name", r#"{"name": 1}"#),
        ("{|", "schema_version", r#"{"schema_version": 2"#),
        (r#"{"name": "a" |}"#, "output", r#"{"name": "a", "output": }"#),
        ("{|\n\"name\": 1}", "schema_version", "{\"schema_version\": 2,\n\"name\": 1}"),
        (r#"{"preload": {"enabled": | "slot": 1}}"#, "true", r#"{"preload": {"enabled": true, "slot": 1}}"#),
        (r#"{"preload": {"enabled": fa|}}"#, "false", r#"{"preload": {"enabled": false}}"#),
        (r#"{"output": {"format": "D|"}}"#, "DATA/raw_v1", r#"{"output": {"format": "DATA/raw_v1"}}"#),
        (r#"{"output": {"format": "D|}}"#, "DATA/raw_v1", r#"{"output": {"format": "DATA/raw_v1"}}"#),
        (r#"{"output": {"format": |}}"#, "DATA/raw_v1", r#"{"output": {"format": "DATA/raw_v1"}}"#),
        (r#"{"artifacts": [{"file": "|"}]}"#, "more/", r#"{"artifacts": [{"file": "more/"}]}"#),
        (r#"{"artifacts": [{"file": "x|"}]}"#, "b.png", r#"{"artifacts": [{"file": "b.png"}]}"#),
        (
            r#"{"artifacts": [{"file": "a.png"} |]}"#,
            "b.png",
            r#"{"artifacts": [{"file": "a.png"}, { "file": "b.png" }]}"#,
        ),
    ] {
        assert_eq!(written(&mut space, MENU, marked, label), expected, "{marked}");
    }
}
