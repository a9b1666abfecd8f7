//! The transparent entry of indexed pictures: what is told of it, and that nothing else depends on it.

use serde_json::json;

use crate::pictures::indexed;
use crate::space::{TestSpace, manifest};

/// A workspace with an indexed picture whose opaque entry 0 has 63 of 64 pixels.
fn space() -> TestSpace {
    let space = TestSpace::with_assets(&[("ui", &[])]);
    space.write("assets/ui/sky.png", indexed(2, 1));
    write(&space, "");
    space
}

/// Writes the manifest, with more fields in `metadata`.
fn write(space: &TestSpace, fields: &str) {
    let output = format!("\"TILES/indexed_v1\", \"metadata\": {{ \"tile_size\": 8{fields} }}");
    let text = manifest(1, "ui", r#"{"file": "sky.png"}"#).replace("\"DATA/raw_v1\"", &output);
    space.write("assets/ui/asset.json", text);
}

#[test]
fn pixels_that_turn_transparent_are_told_unless_they_are_meant_to() {
    let space = space();
    let warned = space.run(&["pack"]);
    assert_eq!(warned.code, 0, "{}", warned.stderr);
    insta::assert_snapshot!(warned.stderr, @r#"
    warning[TILES_ENTRY_ZERO]: 63 of 64 pixels have palette entry 0, #000000, which the console shows as transparent; the first is at (0, 0)
    --> assets/ui/sky.png
     = note: in asset 1 "ui"
     = help: move the colour to another entry; or, where these pixels are to be transparent, set "entry_zero" to "TRANSPARENT" in "metadata"

    For more about a code: papack explain TILES_ENTRY_ZERO
    "#);
    let build = space.build();
    assert_eq!(space.run(&["check", "--deny-warnings"]).code, 1);

    write(&space, r#", "entry_zero": "WARN""#);
    assert!(space.run(&["check"]).stderr.contains("TILES_ENTRY_ZERO"));

    // What it is derived from is another, and what comes of it the same, down to the last byte.
    write(&space, r#", "entry_zero": "TRANSPARENT""#);
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    let change = json!([{ "change": "FIELD", "field": "entry_zero", "from": "WARN", "to": "TRANSPARENT" }]);
    assert!(plan.to_string().contains(&change.to_string()), "{plan}");
    let meant = space.run(&["pack"]);
    assert_eq!((meant.code, meant.stderr.as_str()), (0, ""));
    assert_eq!(space.build(), build);
    assert!(!String::from_utf8_lossy(&space.read("build/assets.pa")).contains("entry_zero"));

    write(&space, r#", "entry_zero": "transparent""#);
    insta::assert_snapshot!(space.run(&["check"]).stderr, @r#"
    error[FIELD_INVALID]: "entry_zero" is "WARN" or "TRANSPARENT", not "transparent"
     --> assets/ui/asset.json:6:89
      |
    6 |   "output": { "format": "TILES/indexed_v1", "metadata": { "tile_size": 8, "entry_zero": "transparent" } }
      |                                                                                         ^^^^^^^^^^^^^
      |
      = note: in asset 1 "ui"
      = help: did you mean "TRANSPARENT"? (WARN tells of pixels with an opaque entry 0, TRANSPARENT means that they are to be transparent)

    For more about a code: papack explain FIELD_INVALID
    "#);
}
