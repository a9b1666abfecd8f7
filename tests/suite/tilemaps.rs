//! Maps over banks of tiles: whatever is edited, in whatever process, a pack is what a clean one gives.

use std::collections::BTreeMap;
use std::fs;

use crate::pictures::rgba;
use crate::space::{TestSpace, entry, manifest};

const MAP: usize = 200;
const TOWN: usize = 201;

fn map(cells: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" orientation="orthogonal" renderorder="right-down" width="2" height="2" tilewidth="8" tileheight="8" infinite="0">
 <tileset firstgid="1" source="town.tsx"/>
 <layer id="1" name="ground" width="2" height="2"><data encoding="csv">
{cells}
</data></layer>
 <objectgroup id="2" name="things"><object id="7" name="door" type="exit" x="8" y="0" width="8" height="8">
  <properties><property name="to" type="int" value="-3"/><property name="note" value="text"/></properties>
 </object></objectgroup>
</map>"#
    )
}

const TOWN_TSX: &str = r#"<tileset name="town" tilewidth="8" tileheight="8" tilecount="4" columns="2">
 <image source="../town/town.png" width="16" height="16"/>
</tileset>"#;

/// A workspace of `count` other assets, a map, and the bank with its tiles.
fn space(count: usize) -> TestSpace {
    let space = TestSpace::empty();
    let mut entries = Vec::new();
    for id in 1..=count {
        let root = format!("a{id}");
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &root, r#"{"file": "f"}"#));
        space.write(&format!("assets/{root}/f"), id.to_string());
        entries.push(entry(id, &root));
    }
    let of_map = manifest(MAP, "level", r#"{"file": "level.tmx"}, {"file": "town.tsx"}"#);
    space.write("assets/level/asset.json", of_map.replace("DATA/raw_v1", "DATA/tilemap_v1"));
    space.write("assets/level/level.tmx", map("1,2,3,1610612740"));
    space.write("assets/level/town.tsx", TOWN_TSX);
    write_bank(&space, r#"{"file": "front.png"}, {"file": "town.png"}"#);
    space.write("assets/town/front.png", rgba(16, 8, [9, 9, 9, 255]));
    space.write("assets/town/town.png", rgba(16, 16, [200, 9, 9, 255]));
    entries.extend([entry(MAP, "level"), entry(TOWN, "town")]);
    space.write_registry(&entries);
    space
}

fn write_bank(space: &TestSpace, files: &str) {
    let output = r#""TILES/indexed_v1", "metadata": {"tile_size": 8}"#;
    space.write("assets/town/asset.json", manifest(TOWN, "town", files).replace("\"DATA/raw_v1\"", output));
}

/// The outputs of a process that knows nothing of the workspace; empty where it is refused.
fn clean(space: &TestSpace) -> (BTreeMap<String, Vec<u8>>, String) {
    let copy = TestSpace::empty();
    for folder in fs::read_dir(space.path().join("assets")).unwrap().map(|entry| entry.unwrap().path()) {
        for file in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            let relative = file.strip_prefix(space.path()).unwrap().to_str().unwrap();
            copy.write(relative, fs::read(&file).unwrap());
        }
    }
    let pack = copy.run(&["pack"]);
    (if pack.code == 0 { copy.build() } else { BTreeMap::new() }, pack.stderr)
}

#[track_caller]
fn assert_as_clean(space: &TestSpace, what: &str) {
    let pack = space.run(&["pack"]);
    let (outputs, said) = clean(space);
    assert_eq!(pack.stderr, said, "{what}");
    if pack.code == 0 {
        assert!(space.build() == outputs, "{what}: other outputs");
        assert_eq!(space.run(&["pack", "--check"]).code, 0, "{what}");
    } else {
        assert!(outputs.is_empty(), "{what}: a clean pack succeeds");
    }
    assert_eq!(space.run(&["check"]).code, pack.code, "{what}");
}

#[test]
fn whatever_is_edited_the_map_has_the_tiles_of_its_bank() {
    // With the second number all assets are too many to be loaded at once.
    for count in [2, 66] {
        let space = space(count);
        assert_as_clean(&space, "the first time");
        let before = space.read("build/assets.pa");
        space.write("assets/town/town.png", rgba(16, 16, [9, 200, 9, 255]));
        assert_as_clean(&space, "other pixels");
        space.write("assets/town/front.png", rgba(16, 24, [9, 9, 9, 255]));
        assert_as_clean(&space, "a higher picture before it");
        assert_ne!(space.read("build/assets.pa"), before);
        space.write("assets/level/level.tmx", map("0,0,1,4"));
        assert_as_clean(&space, "the map");
        space.write("assets/town/town.png", rgba(16, 8, [9, 200, 9, 255]));
        assert_as_clean(&space, "two tiles less");
        space.write("assets/a1/f", "something else");
        assert_as_clean(&space, "something else, while the map is faulty");
        space.write("assets/town/town.png", rgba(16, 16, [9, 200, 9, 255]));
        assert_as_clean(&space, "the tiles again");
        write_bank(&space, r#"{"file": "town.png"}, {"file": "front.png"}"#);
        assert_as_clean(&space, "another order");
        assert_eq!(space.run(&["exclude", "town"]).code, 0);
        assert_as_clean(&space, "the bank is not in the build");
        assert_eq!(space.run(&["include", "town"]).code, 0);
        assert_as_clean(&space, "the bank is in the build");
        assert_eq!(space.run(&["mv", "town", "city"]).code, 0);
        assert_as_clean(&space, "the bank is elsewhere");
        space.write("assets/level/town.tsx", TOWN_TSX.replace("../town", "../city"));
        assert_as_clean(&space, "the map follows");
        // Every asset that was not loaded is read anew.
        fs::remove_dir_all(space.path().join("assets/.prometeu/cache")).unwrap();
        assert_as_clean(&space, "without a cache");
        for id in 1..=count {
            space.write(&format!("assets/a{id}/f"), format!("all of them, {id}"));
        }
        space.write("assets/city/front.png", rgba(16, 32, [9, 9, 9, 255]));
        assert_as_clean(&space, "all at once");
    }
}

#[test]
fn a_plan_tells_that_the_tiles_have_other_places() {
    let space = space(0);
    assert_eq!(space.pack().code, 0);
    let nothing = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    assert!(!nothing.to_string().contains("TILESET"), "{nothing}");
    space.write("assets/town/front.png", rgba(16, 24, [9, 9, 9, 255]));
    let plan = space.run(&["plan", "--message-format", "json"]).lines().pop().unwrap();
    let change = r#"{"change":"TILESET","picture":"../town/town.png"}"#;
    assert!(plan.to_string().contains(change), "{plan}");
}

#[test]
fn a_map_is_laid_out_as_documented() {
    let space = space(0);
    let pack = space.run(&["pack"]);
    insta::assert_snapshot!(pack.stderr.trim_end(), @r#"
    info[MAP_LEFT_OUT]: properties that are no integers of 32 bits are left out: "door: note"
    --> assets/level/level.tmx
     = note: in asset 200 "level"
    "#);
    let inspected = space.run(&["inspect", "level", "--message-format", "json"]).lines().pop().unwrap();
    insta::assert_snapshot!(inspected["assets"][0]["metadata"].to_string(), @r#"
    {"banks":[201],"entries":[{"name":"0/0.tiles","offset":0,"size":16},{"name":"0/1.objects","offset":16,"size":86}],"maps":[{"height":2,"layers":[{"entry":0,"kind":"TILES","name":"ground"},{"entry":1,"kind":"OBJECTS","name":"things"}],"name":"level","tile_size":8,"width":2}]}
    "#);
    assert_eq!(space.run(&["extract", "level", "--to", "out"]).code, 0);
    let words = |file: &str| -> Vec<u32> {
        let bytes = space.read(&format!("out/200-level/0/{file}"));
        bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    };
    // The second picture begins at tile 2. The last one is turned: mirrored diagonally and vertically.
    let bank = 1 << 20;
    assert_eq!(words("0.tiles"), [2 | bank, 3 | bank, 4 | bank, 5 | bank | 0x6000_0000]);
    let objects = words("1.objects");
    // One object, one property, three texts; the object; the property; where the texts end.
    assert_eq!(objects[..3], [1, 1, 3]);
    assert_eq!(objects[3..13], [7, 8, 0, 8, 8, 0, 1, 2, 0, 1]);
    assert_eq!(objects[13..15], [0, (-3_i32).cast_unsigned()]);
    assert_eq!(objects[15..19], [0, 2, 6, 10]);
    assert!(space.read("out/200-level/0/1.objects").ends_with(b"todoorexit"));
}

/// A map whose banks are no banks of the pack.
#[test]
fn a_pack_is_held_to_the_banks_that_its_maps_name() {
    let space = space(1);
    assert_eq!(space.pack().code, 0);
    assert_eq!(space.run(&["verify"]).code, 0);
    let pack = space.read("build/assets.pa");
    for (other, says) in [("999", "asset 999 is no bank of tiles"), ("200", "asset 200 is no bank of tiles")] {
        let banks = |id: &str| format!("\"banks\":[{id}]").into_bytes();
        let at = pack.windows(13).position(|bytes| bytes == banks("201")).unwrap();
        let mut changed = pack.clone();
        changed[at..at + 13].copy_from_slice(&banks(other));
        space.write("changed.pa", changed);
        let verify = space.run(&["verify", "changed.pa"]);
        assert_ne!(verify.code, 0);
        assert!(
            verify.stderr.contains(&format!("error[PACK_METADATA]: {says} in the asset table")),
            "{}",
            verify.stderr
        );
    }
}
