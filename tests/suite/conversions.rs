//! Pictures that are converted as their manifest asks: what is told of it, and where.

use serde_json::{Value, json};

use crate::pictures::{rgba, rgba_of};
use crate::space::{TestSpace, manifest};

/// A workspace with one tile asset that takes `files` and has these fields in `metadata`.
fn space(fields: &str, files: &[(&str, Vec<u8>)]) -> TestSpace {
    let space = TestSpace::with_assets(&[("ui", &[])]);
    for (name, bytes) in files {
        space.write(&format!("assets/ui/{name}"), bytes);
    }
    let entries: Vec<_> = files.iter().map(|(name, _)| json!({ "file": name }).to_string()).collect();
    let output = format!("\"TILES/indexed_v1\", \"metadata\": {{ \"tile_size\": 8{fields} }}");
    space.write("assets/ui/asset.json", manifest(1, "ui", &entries.join(", ")).replace("\"DATA/raw_v1\"", &output));
    space
}

/// A soft picture of 13 × 9 pixels in 117 colours.
fn photo() -> Vec<u8> {
    rgba_of(13, 9, |pixel| {
        [pixel as u8 * 2, 255 - pixel as u8, pixel as u8 % 13 * 16, if pixel < 2 { 99 } else { 255 }]
    })
}

#[test]
fn what_was_taken_is_told_and_in_the_sidecar() {
    let fields = r#", "alpha": 100, "colors": 4, "pad": "TOP""#;
    let space = space(fields, &[("photo.png", photo()), ("plain.png", rgba(16, 8, [9, 8, 7, 255]))]);
    let packed = space.run(&["pack"]);
    assert_eq!(packed.code, 0, "{}", packed.stderr);
    insta::assert_snapshot!(packed.stderr, @r#"
    info[TILES_HARDENED]: 2 pixels have an alpha other than 0 and 255, and become opaque from 100 on: 99 at (0, 0); 99 at (1, 0)
    --> assets/ui/photo.png
     = note: in asset 1 "ui"

    info[TILES_REDUCED]: 114 of 115 opaque pixels change their colour to one of 4, the first at (2, 0); the mean squared error of a channel is 757
    --> assets/ui/photo.png
     = note: in asset 1 "ui"

    info[TILES_PADDED]: the picture of 13 × 9 pixels becomes one of 16 × 16, and begins at (1, 7); what is added is transparent
    --> assets/ui/photo.png
     = note: in asset 1 "ui"
    "#);
    let sidecar: Value = serde_json::from_slice(&space.read("build/asset_table_metadata.json")).unwrap();
    let conversions = &sidecar["assets"][0]["conversions"];
    assert_eq!(conversions["fields"], json!({ "alpha": 100, "colors": 4, "pad": "TOP" }));
    let told: Vec<_> =
        conversions["losses"].as_array().unwrap().iter().map(|loss| (&loss["code"], &loss["path"])).collect();
    let codes = ["TILES_HARDENED", "TILES_REDUCED", "TILES_PADDED"].map(Value::from);
    assert_eq!(told, codes.iter().zip([&json!("photo.png"); 3]).collect::<Vec<_>>());
    assert_eq!(space.run(&["verify"]).code, 0);

    let seen = space.run(&["inspect", "ui", "--image"]);
    for said in [
        "palette 0: #",
        "papack extract 1 --to DIR --decode",
        "photo.png: the picture of 13 × 9 pixels",
        "(TILES_PADDED)",
    ] {
        assert!(seen.stdout.contains(said), "{said} {}", seen.stdout);
    }
    let drawn = space.run(&["inspect", "ui", "--image", "--color", "always"]);
    assert!(drawn.stdout.contains('▀') && drawn.stdout.contains("palette 1: "), "{}", drawn.stdout);
    let shown = space.run(&["inspect", "ui", "--image", "--message-format", "json"]).lines().pop().unwrap();
    let image = &shown["assets"][0]["image"];
    assert_eq!((&image["losses"], image["palettes"].as_array().map(Vec::len)), (&conversions["losses"], Some(2)));
    assert_eq!(space.run(&["inspect", "--image"]).code, 2);

    // The outputs follow what is asked for, and a pack that finds all as it was says it again.
    let again = space.run(&["pack"]);
    assert_eq!((again.code, &again.stderr), (0, &packed.stderr));
    let manifest = String::from_utf8(space.read("assets/ui/asset.json")).unwrap();
    space.write("assets/ui/asset.json", manifest.replace("\"alpha\": 100, ", ""));
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    let change = json!([{ "change": "FIELD", "field": "alpha", "from": 100, "to": null }]);
    assert!(plan.to_string().contains(&change.to_string()), "{plan}");
    assert!(space.run(&["pack"]).stderr.contains("TILES_ALPHA"));
}

#[test]
fn pictures_that_are_refused_come_with_the_field_that_mends_them() {
    let space = space("", &[("photo.png", photo())]);
    let mut asked = Vec::new();
    loop {
        let found = space.run(&["check", "--message-format", "json"]);
        let lines = found.lines();
        let fixes: Vec<_> = lines.iter().filter_map(|line| line["fixes"].as_array()).flatten().collect();
        let Some(fix) = fixes.first() else { break };
        assert_eq!(fix["is_safe"], false);
        asked.push(fix["title"].as_str().unwrap().to_owned());
        let edit = &fix["edits"][0];
        let mut text = String::from_utf8(space.read("assets/ui/asset.json")).unwrap();
        let place = edit["start"].as_u64().unwrap() as usize;
        text.insert_str(place, edit["text"].as_str().unwrap());
        space.write("assets/ui/asset.json", text);
    }
    assert_eq!(asked, ["Set \"pad\" to \"BOTTOM_RIGHT\"", "Set \"alpha\" to 128", "Set \"colors\" to 15"]);
    assert_eq!(space.run(&["pack"]).code, 0);
}

#[test]
fn a_palette_file_is_an_input_of_its_asset() {
    let pictures = [("colours.hex", b"000000\nff0000\n".to_vec()), ("a.png", rgba(8, 8, [200, 9, 9, 255]))];
    let space = space(r#", "palette": "FIRST_FILE""#, &pictures);
    space.write("assets/ui/other.hex", "ffffff");
    assert_eq!(space.pack().code, 0);
    let status = space.run(&["status", "--message-format", "json"]).lines().pop().unwrap().to_string();
    assert!(status.contains("other.hex") && !status.contains("colours.hex"), "{status}");
    let before = space.build();
    space.write("assets/ui/colours.hex", "000000\nfe0202\n0000ff\n");
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap().to_string();
    assert!(plan.contains(r#""change":"FILE_CHANGED","path":"colours.hex""#) || plan.contains("colours.hex"), "{plan}");
    assert_eq!(space.pack().code, 0);
    assert_ne!(space.build(), before);
}
