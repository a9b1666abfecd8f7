#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::json::lenient::read;

/// The fields that are missing in the object that `path` leads to, those that are needed with an exclamation mark.
fn missing(schema: Schema, text: &str, path: &[&str]) -> String {
    let values = read(text);
    let object = values.at(path);
    let fields = Shape::of(schema, &values, object).missing_fields(&values, object);
    let name = |field: Field| format!("{}{}", field.name, if field.is_required { "!" } else { "" });
    fields.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn fields_follow_from_what_is_there() {
    let tiles = r#"{"output":{"format":"TILES/indexed_v1","metadata":{"#;
    let sounds = r#"{"output":{"format":"SOUNDS/pcm_v1","metadata":{"#;
    for (text, path, expected) in [
        ("", &[][..], "schema_version! asset_uuid! name! artifacts! output! preload"),
        (r#"{"name":"a","output":"#, &[], "schema_version! asset_uuid! artifacts! preload"),
        (r#"{"output":{"#, &["output"], "format! codec metadata pipeline"),
        (r#"{"output":{"format":"TILES/indexed_v1""#, &["output"], "metadata! codec pipeline"),
        (
            tiles,
            &["output", "metadata"],
            "tile_size! alpha colors colors_of dither entry_zero pad palette renumber transparent user",
        ),
        (sounds, &["output", "metadata"], "channels gain loops normalize sample_rate trim user"),
        (r#"{"output":{"metadata":{"#, &["output", "metadata"], ""),
        (r#"{"preload":{"#, &["preload"], "enabled!"),
        (r#"{"preload":{"enabled":true"#, &["preload"], "slot!"),
        (r#"{"preload":{"enabled":false"#, &["preload"], ""),
    ] {
        assert_eq!(missing(Schema::Manifest, text, path), expected, "{text}");
    }
    assert_eq!(missing(Schema::Registry, "{", &[]), "schema_version! next_asset_id! assets!");
}

/// The missing fields of the first element of `name`.
fn missing_in_element(schema: Schema, text: &str, name: &str) -> String {
    let values = read(text);
    let object = values.at(&[name]).and_then(|list| values.children(list).next());
    let fields = Shape::of(schema, &values, object).missing_fields(&values, object);
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(" ")
}

#[test]
fn fields_of_elements() {
    for (text, expected) in [
        (r#"{"artifacts":[{"#, "file frame glob layer level slice tag"),
        (r#"{"artifacts":[{"file":"a"}]}"#, "frame layer level slice tag"),
        (r#"{"artifacts":[{"glob":"*"}]}"#, "except frame layer level slice tag"),
        (r#"{"artifacts":[{"except":[]}]}"#, "glob"),
        (r#"{"schema_version":1,"artifacts":[{"#, ""),
    ] {
        assert_eq!(missing_in_element(Schema::Manifest, text, "artifacts"), expected, "{text}");
    }
    let registry = r#"{"schema_version":2,"assets":[{"root":"a","#;
    assert_eq!(missing_in_element(Schema::Registry, registry, "assets"), "asset_id asset_uuid included_in_build");
    let old = r#"{"schema_version":1,"assets":[{"root":"a","#;
    assert_eq!(missing_in_element(Schema::Registry, old, "assets"), "asset_id asset_uuid");
}

#[test]
fn values_and_what_they_mean() {
    let choices = |text: &str, path: &[&str]| {
        let values = read(text);
        let shape = Shape::of(Schema::Manifest, &values, values.at(path));
        assert!(shape.description().is_some(), "{text}");
        let name = |choice: Choice| format!("{}{}", choice.value, if choice.is_default { "=" } else { "" });
        shape.choices().into_iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let tiles = r#"{"output":{"format":"TILES/indexed_v1","metadata":{"tile_size":8,"entry_zero":"","user":{}}}}"#;
    for (text, path, expected) in [
        (tiles, &["output", "format"][..], r#""TILES/indexed_v1" "SOUNDS/pcm_v1" "DATA/raw_v1" "DATA/tilemap_v1""#),
        (tiles, &["output", "metadata", "tile_size"], "8 16 32"),
        (tiles, &["output", "metadata", "entry_zero"], r#""WARN"= "TRANSPARENT""#),
        (tiles, &["output", "metadata", "user"], ""),
        (r#"{"preload":{"enabled":"#, &["preload", "enabled"], "true false"),
        (r#"{"schema_version":"#, &["schema_version"], "2= 1"),
        (r#"{"output":{"codec":"#, &["output", "codec"], r#""NONE"="#),
    ] {
        assert_eq!(choices(text, path), expected, "{text}");
    }
}

#[test]
fn each_field_has_a_description() {
    let values = read("{\"output\":{\"format\":\"TILES/indexed_v1\"");
    for path in [&[][..], &["output"], &["preload"]] {
        let object = values.at(path);
        for field in Shape::of(Schema::Manifest, &values, object).missing_fields(&values, object) {
            assert!(field.shape.description().is_some(), "{}", field.name);
        }
    }
}
