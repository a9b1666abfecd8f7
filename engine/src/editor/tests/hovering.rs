//! What is told of the mark `|`.

use super::space::{MENU, REGISTRY, Space, uuid};

#[test]
fn what_is_told_of_a_place() {
    let mut space = Space::new();
    let tiles = r#""output": { "format": "TILES/indexed_v1", "metadata": { "tile_size": 8 } }"#;
    for (marked, told) in [
        (r#"{ "na|me": "menu" }"#, &["**`name`** — The name by which", "asset 1 · `ui/menu`", "Bank TILES"][..]),
        (r#"{ "name": "me|nu" }"#, &["The name by which", "In the build"]),
        (
            r#"{ "output": { "for|mat": "DATA/raw_v1" } }"#,
            &["`\"DATA/raw_v1\"` — Any files", "Bank TILES: 2176 bytes of 2 files"],
        ),
        (r#"{ "output": |{ } }"#, &["What becomes of the files."]),
        (
            r#"{ "artifacts": [{ "file": "a.p|ng" }], "output": { } }"#,
            &["Picture of 16 × 8 pixels: 2 tiles of 8 × 8, 2 colours", "](data:image/png;base64,iVBOR", " bytes"],
        ),
        (
            r#"{ "artifacts": [{ "file": "a.png|" }], "output": { "metadata": { "tile_size": 16 } } }"#,
            &["Picture of 16 × 8 pixels. the height of 8 pixels is no positive multiple of the tile size 16"],
        ),
        (r#"{ "artifacts": [{ "file": "gone|" }] }"#, &["There is no file `gone`."]),
        (r#"{ "artifacts": [{ "file": "notes|.txt" }] }"#, &["5 bytes"]),
        (
            r#"{ "artifacts": [{ "glob": "**/*|.png", "except": ["b.*"] }] }"#,
            &["Takes 2 files:\n- `a.png`\n- `more/c.png`"],
        ),
        (r#"{ "artifacts": [{ "glob": "*|.gif" }] }"#, &["Takes no file."]),
        (r#"{ "asset_uuid": "|" }"#, &["The asset's identity", "asset 1"]),
        (
            &format!(r#"{{ {tiles}, "preload": {{ "slot": 1| }} }}"#),
            &["0 to 15", "- 0: **hud** · asset 3 · `ui/hud`", "Free: 1, 2, 3"],
        ),
    ] {
        let at = space.show(MENU, marked);
        let hover = space.editor.hover(MENU, at).unwrap_or_else(|| panic!("nothing is told of {marked}"));
        for told in told {
            assert!(hover.markdown.contains(told), "{marked}: {}", hover.markdown);
        }
        assert!((hover.range.start..=hover.range.end).contains(&at));
    }
    for marked in ["{ | }", r#"{ "pipeline": { "x": 1| } }"#, "|", r#"{ "x": 1 }|"#] {
        let at = space.show(MENU, marked);
        assert_eq!(space.editor.hover(MENU, at), None, "{marked}");
    }
}

#[test]
fn what_is_told_of_the_registry_and_of_sounds() {
    let mut space = Space::new();
    for wanted in ["ui/menu\"", &uuid(1), "1, \"asset_uuid"] {
        let hover = space
            .editor
            .hover(REGISTRY, space.find(REGISTRY, wanted) + 1)
            .or_else(|| space.editor.hover(REGISTRY, space.find(REGISTRY, wanted)));
        let told = hover.unwrap().markdown;
        assert!(told.contains("**menu** · asset 1 · `ui/menu`") && told.contains("Bank TILES"), "{told}");
    }
    let jump = "assets/sfx/jump/asset.json";
    let output = |metadata| {
        let uuid = uuid(2);
        format!(
            r#"{{ "schema_version": 2, "asset_uuid": "{uuid}", "name": "jump", "artifacts": [{{ "file": "a|.wav" }}], "output": {{ "format": "SOUNDS/pcm_v1", "metadata": {metadata} }} }}"#
        )
    };
    for (marked, expected) in [
        (r#"{ "artifacts": [{ "file": "a|.wav" }] }"#.to_owned(), "Sound, mono, 8000 Hz, 0.500 s (4000 frames)"),
        (output(r#"{ "sample_rate": 4000 }"#), "Sound, mono, 4000 Hz, 0.500 s (2000 frames)"),
        (output(r#"{ "trim": 32767 }"#), "Sound, mono, 8000 Hz, 0.000 s (0 frames)"),
    ] {
        let at = space.show(jump, &marked);
        let told = space.editor.hover(jump, at).unwrap().markdown;
        assert!(told.contains(expected), "{marked}: {told}");
    }
}

#[test]
fn nothing_in_a_name_is_taken_for_markdown() {
    let mut space = Space::new();
    let manifest = space.text(MENU).replace("\"menu\"", r#""![x](http://x) `y`""#);
    space.write(MENU, manifest.as_bytes());
    space.editor.note_anything_changed();
    space.editor.look(&crate::Cancel::new()).unwrap();
    let at = space.show(MENU, r#"{ "name": "a|" }"#);
    let told = space.editor.hover(MENU, at).unwrap().markdown;
    assert!(told.contains(r"\!\[x\]\(http\:\/\/x\) \`y\`") && !told.contains("![x]"), "{told}");
}
