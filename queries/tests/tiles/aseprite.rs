//! Aseprite files: what becomes of their frames, layers and cels, and of what is wrong with them.

use papack_queries::diagnostic::Code;
use papack_queries::formats::tiles::EntryZero;
use papack_queries::formats::{Frames, Part};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::sprite::{Cel, DIAGONAL, FLIP_X, FLIP_Y, GREY, INDEXED, Layer, RGBA, Sprite, palette, slice, tags, tileset};
use super::{Derived, assert_says, derive, derive_part};

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const CLEAR: [u8; 4] = [0; 4];

fn taken(sprite: &Sprite, part: &Part) -> Derived {
    derive_part(8, EntryZero::Warn, &[sprite.encode()], Some(part))
}

/// The RGB565 values of all pixels; none where they are transparent.
fn colours(derived: &Derived) -> Vec<Option<u16>> {
    let (bytes, metadata) = derived.payload();
    let pixels = &bytes[..bytes.len() - 2048];
    let width = metadata["width"].as_u64().unwrap();
    let sheets = metadata["sheets"].as_array().unwrap();
    let palette_of = |at: usize| {
        let tile = at as u64 / (8 * width) * (width / 8);
        let sheet = sheets.iter().rfind(|sheet| sheet["first_tile"].as_u64().unwrap() <= tile).unwrap();
        derived.palette(sheet["palette"].as_u64().unwrap() as usize)
    };
    let indices = pixels.iter().flat_map(|pair| [pair >> 4, pair & 15]);
    let colour = |(at, index): (usize, u8)| (index > 0).then(|| palette_of(at)[usize::from(index)]);
    indices.enumerate().map(colour).collect()
}

fn filled(colour: [u8; 4], count: usize) -> Vec<u8> {
    colour.repeat(count)
}

/// An RGBA sprite of layers that cover it, from the lowest to the uppermost.
fn stack(flags: u32, layers: &[(Layer, [u8; 4])]) -> Sprite {
    let mut sprite = Sprite { flags, ..Sprite::new(RGBA) };
    for (layer, _) in layers {
        sprite = sprite.with(layer.chunk());
    }
    for (number, (layer, colour)) in (0..).zip(layers) {
        if layer.kind == 0 {
            sprite = sprite.with(Cel::new(number).image(8, 8, &filled(*colour, 64)));
        }
    }
    sprite
}

fn uppermost(derived: &Derived) -> Option<u16> {
    colours(derived)[0]
}

/// A sprite of four frames, red, green, blue and red, with tags and durations.
fn animated() -> Sprite {
    let mut sprite = Sprite::new(RGBA).with(Layer::new("body").chunk());
    sprite = sprite.with(tags(&[("run", 1, 2, 2), ("all", 0, 3, 0), ("run", 3, 3, 9)]));
    for (number, colour) in [RED, GREEN, BLUE].into_iter().enumerate() {
        sprite = sprite.with(Cel::new(0).image(8, 8, &filled(colour, 64))).then(110 + number as u16);
    }
    sprite.with(Cel::new(0).linked(0))
}

fn frames(first: u32, last: u32) -> Part {
    Part { frames: Some(Frames::Range(first, last)), ..Part::default() }
}

#[test]
fn all_frames_become_sheets_with_durations_and_tags() {
    let derived = derive(&animated().encode());
    let colours = colours(&derived);
    assert_eq!(
        [colours[0], colours[64], colours[128], colours[192]],
        [Some(0xf800), Some(0x07e0), Some(0x001f), Some(0xf800)]
    );
    let sheet = |duration: u32, first: u32, palette: u32| json!({"duration_ms": duration, "first_tile": first, "palette": palette, "tile_count": 1});
    let metadata = &derived.payload().1;
    assert_eq!(metadata["sheets"], json!([sheet(100, 0, 0), sheet(110, 1, 1), sheet(111, 2, 2), sheet(112, 3, 0)]));
    assert_eq!(
        metadata["tags"],
        json!([
            {"direction": "PING_PONG", "first_sheet": 1, "name": "run", "sheet_count": 2},
            {"direction": "FORWARD", "first_sheet": 0, "name": "all", "sheet_count": 4},
            {"direction": "FORWARD", "first_sheet": 3, "name": "run", "sheet_count": 1},
        ])
    );
}

#[test]
fn a_sprite_of_one_frame_has_the_metadata_of_a_picture() {
    let derived = derive(&stack(1, &[(Layer::new("a"), RED)]).encode());
    assert_eq!(derived.payload().1["sheets"], json!([{"first_tile": 0, "palette": 0, "tile_count": 1}]));
    assert_eq!(derived.payload().1.get("tags"), None);
}

#[test]
fn tags_and_frames_select() {
    let run = Part { tag: Some("run".into()), ..Part::default() };
    let derived = taken(&animated(), &run);
    assert_eq!((colours(&derived)[0], colours(&derived)[64]), (Some(0x07e0), Some(0x001f)));
    assert_eq!(
        derived.payload().1["tags"],
        json!([{"direction": "PING_PONG", "first_sheet": 0, "name": "run", "sheet_count": 2}])
    );
    // A number counts from the first frame of the tag.
    let second = Part { frames: Some(Frames::Range(1, 1)), ..run.clone() };
    assert_eq!(colours(&taken(&animated(), &second)), vec![Some(0x001f); 64]);
    assert_eq!(colours(&taken(&animated(), &frames(3, 3))), vec![Some(0xf800); 64]);
    assert_eq!(colours(&taken(&animated(), &Part { frames: Some(Frames::All), ..Part::default() })).len(), 256);
    for (part, message) in [
        (Part { frames: Some(Frames::Range(1, 2)), ..run }, "the tag has no frame 2: its 2 frames are 0 to 1"),
        (frames(2, 9), "the file has no frame 4: its 4 frames are 0 to 3"),
        (
            Part { tag: Some("jump".into()), ..Part::default() },
            r#"the file has no tag "jump"; it has "run", "all", "run""#,
        ),
        (Part { slice: Some("head".into()), ..Part::default() }, r#"the file has no slice "head": it has none at all"#),
        (Part { layers: vec!["arm".into()], ..Part::default() }, r#"the file has no layer "arm"; it has "body""#),
    ] {
        let derived = taken(&animated(), &part);
        assert_eq!(derived.errors().len(), 1, "{part:?}");
        assert_says(&derived.errors(), Code::PartMissing, message);
    }
}

#[test]
fn layers_are_named_or_in_a_group_that_is() {
    let group = |name| Layer { kind: 1, ..Layer::new(name) };
    let within = |name, level, flags| Layer { flags, level, ..Layer::new(name) };
    let sprite = stack(
        1,
        &[
            (Layer::new("sky"), BLUE),
            (group("hero"), CLEAR),
            (within("body", 1, 1), GREEN),
            (within("hat", 1, 0), RED),
            (group("foe"), CLEAR),
            (within("body", 1, 1), BLUE),
        ],
    );
    for (layers, expected) in [
        (&[][..], 0x001f),
        (&["hero"], 0x07e0),
        (&["hero/body"], 0x07e0),
        (&["foe/body", "hero/body"], 0x001f),
        (&["sky", "hero"], 0x07e0),
        // Named, though it is hidden.
        (&["hat"], 0xf800),
    ] {
        let part = Part { layers: layers.iter().map(|name| (*name).into()).collect(), ..Part::default() };
        assert_eq!(uppermost(&taken(&sprite, &part)), Some(expected), "{layers:?}");
    }
    for missing in ["hero/sky", "ero/body", "/body", "hero/", "x/hero/body"] {
        let part = Part { layers: vec![missing.into()], ..Part::default() };
        assert_says(&taken(&sprite, &part).errors(), Code::PartMissing, "the file has no layer");
    }
}

#[test]
fn a_slice_is_cut_out_and_may_move_from_frame_to_frame() {
    let pixels: Vec<u8> = (0..256).flat_map(|at| if at % 16 < 8 { RED } else { GREEN }).collect();
    let mut sprite = Sprite { width: 16, height: 16, ..Sprite::new(RGBA) };
    sprite =
        sprite.with(Layer::new("a").chunk()).with(slice("s", &[(0, 0, 0, 8, 8), (1, 12, 0, 8, 8), (2, 0, 0, 0, 0)]));
    sprite = sprite.with(Cel::new(0).image(16, 16, &pixels)).then(50).with(Cel::new(0).linked(0)).then(50);
    let part = Part { slice: Some("s".into()), ..frames(0, 1) };
    let colours = colours(&taken(&sprite, &part));
    assert_eq!(colours[..64], vec![Some(0xf800); 64]);
    let right = [Some(0x07e0), Some(0x07e0), Some(0x07e0), Some(0x07e0), None, None, None, None];
    assert_eq!(colours[64..], right.repeat(8), "what is beside the canvas is transparent");
    let hidden = Part { slice: Some("s".into()), ..Part::default() };
    assert_says(&taken(&sprite, &hidden).errors(), Code::PartMissing, "frame 2: the slice \"s\" has no pixels");
}

#[test]
fn an_indexed_sprite_keeps_its_palette_where_all_layers_cover() {
    let colours = [[9, 9, 9, 255], BLUE, RED, GREEN];
    let sprite = |mode, opacity| {
        let upper = Layer { mode, opacity, ..Layer::new("b") };
        let sprite = Sprite::new(INDEXED).with(palette(&colours)).with(Layer::new("a").chunk()).with(upper.chunk());
        sprite.with(Cel::new(0).raw(8, 8, &[2; 64])).with(Cel { x: 6, y: -1, ..Cel::new(1) }.image(
            4,
            2,
            &[3, 0, 1, 1, 3, 0, 1, 1],
        ))
    };
    let derived = derive(&sprite(0, 255).encode());
    let (bytes, _) = derived.payload();
    assert_eq!(bytes[..8], [0x22, 0x22, 0x22, 0x32, 0x22, 0x22, 0x22, 0x22]);
    assert_eq!(derived.palette(0)[..5], [0x0841, 0x001f, 0xf800, 0x07e0, 0]);
    assert!(derived.warnings().is_empty(), "the transparent index is transparent");
    // By subtraction of what is not there, green stays red less green.
    let derived = derive(&sprite(17, 255).encode());
    assert_eq!(derived.palette(0)[..3], [0, 0xf800, 0], "the colours in ascending order");
}

#[test]
fn a_background_has_no_transparent_pixels() {
    let background = Layer { flags: 1 | 8, mode: 3, opacity: 9, ..Layer::new("Background") };
    let sprite = Sprite::new(INDEXED).with(palette(&[RED, GREEN])).with(background.chunk());
    let derived = derive(&sprite.clone().with(Cel::new(0).image(8, 8, &[0; 64])).encode());
    assert_says(&derived.warnings(), Code::TilesEntryZero, "64 of 64 pixels have palette entry 0, #ff0000");
    // Where colours are mixed, entry 0 is one of them.
    let half = Layer { mode: 16, ..Layer::new("light") };
    let mixed =
        sprite.with(half.chunk()).with(Cel::new(0).image(8, 8, &[0; 64])).with(Cel::new(1).image(8, 8, &[1; 64]));
    assert_eq!(uppermost(&derive(&mixed.encode())), Some(0xffe0));
}

#[test]
fn grey_pixels_become_colours() {
    let sprite = Sprite::new(GREY).with(Layer::new("a").chunk());
    let derived = derive(&sprite.with(Cel::new(0).image(8, 8, &[255, 255].repeat(64))).encode());
    assert_eq!(colours(&derived), vec![Some(0xffff); 64]);
}

#[test]
fn palettes_change_with_frames_and_old_ones_count_where_there_is_no_new_one() {
    let six_bits = (0x0011, [&[1, 0, 1, 2][..], &[63, 0, 0, 0, 63, 0]].concat());
    let eight_bits = (0x0004, [&[1, 0, 1, 1][..], &[0, 0, 255]].concat());
    let sprite =
        Sprite::new(INDEXED).with(Layer::new("a").chunk()).with(six_bits).with(Cel::new(0).image(8, 8, &[1; 64]));
    let derived = derive(&sprite.clone().then(50).with(eight_bits.clone()).with(Cel::new(0).linked(0)).encode());
    assert_eq!((colours(&derived)[0], colours(&derived)[64]), (Some(0xf800), Some(0x001f)));
    let sprite = sprite.with(palette(&[CLEAR, GREEN])).with(eight_bits);
    assert_eq!(uppermost(&derive(&sprite.encode())), Some(0x07e0));
}

#[test]
fn z_indices_move_cels_and_decide_where_two_meet() {
    let sprite = |z: [i16; 3]| {
        let mut sprite = Sprite::new(RGBA);
        for name in ["a", "b", "c"] {
            sprite = sprite.with(Layer::new(name).chunk());
        }
        for (layer, (colour, z)) in (0..).zip([RED, GREEN, BLUE].into_iter().zip(z)) {
            sprite = sprite.with(Cel { z, ..Cel::new(layer) }.image(8, 8, &filled(colour, 64)));
        }
        uppermost(&derive(&sprite.encode()))
    };
    assert_eq!(sprite([0, 0, 0]), Some(0x001f));
    assert_eq!(sprite([0, 2, 0]), Some(0x07e0));
    assert_eq!(sprite([0, 1, 0]), Some(0x07e0), "level with c, and of the larger z");
    assert_eq!(sprite([2, 1, 0]), Some(0xf800));
    assert_eq!(sprite([0, 0, -1]), Some(0x07e0), "level with b, and of the smaller z");
}

#[test]
fn groups_count_as_one_where_the_file_says_so() {
    let group = Layer { kind: 1, mode: 2, opacity: 128, ..Layer::new("g") };
    let within = Layer { level: 1, ..Layer::new("a") };
    let back = Layer::new("back");
    let layers = [(back, BLUE), (group, CLEAR), (within, RED)];
    assert_eq!(uppermost(&derive(&stack(1, &layers).encode())), Some(0xf800), "its mode and opacity do not count");
    // Half of red, screened onto blue.
    assert_eq!(uppermost(&derive(&stack(3, &layers).encode())), Some(0x801f));
    let hidden = [(back, BLUE), (Layer { flags: 0, ..group }, CLEAR), (within, RED)];
    assert_eq!(uppermost(&derive(&stack(3, &hidden).encode())), Some(0x001f));
    let reference = [(back, BLUE), (Layer { flags: 1 | 64, ..Layer::new("r") }, RED)];
    assert_eq!(uppermost(&derive(&stack(1, &reference).encode())), Some(0x001f));
}

/// What a tilemap of one tile shows: the tile has 1 to 4, its pixels 2 to 4 are in the first row.
#[test]
fn tiles_are_flipped() {
    let palette = palette(&[CLEAR, RED, GREEN, BLUE, [255; 4]]);
    let tiles: Vec<u8> = [[0, 0, 0, 0], [1, 2, 3, 4]].concat();
    for (flags, expected) in [
        (0, [1, 2, 3, 4]),
        (FLIP_X, [2, 1, 4, 3]),
        (FLIP_Y, [3, 4, 1, 2]),
        (DIAGONAL, [1, 3, 2, 4]),
        (FLIP_X | FLIP_Y, [4, 3, 2, 1]),
        (FLIP_X | DIAGONAL, [3, 1, 4, 2]),
    ] {
        let layer = Layer { kind: 2, ..Layer::new("map") };
        let sprite = Sprite::new(INDEXED).with(palette.clone()).with(tileset(0, 2, 2, 2, &tiles)).with(layer.chunk());
        // The second tile is empty, and the third is not there.
        let sprite = sprite.with(Cel { x: 2, ..Cel::new(0) }.tilemap(3, 1, &[1 | flags, 0, 7]));
        let derived = derive(&sprite.encode());
        let (bytes, _) = derived.payload();
        let [a, b, c, d] = expected;
        assert_eq!(bytes[..8], [0, a << 4 | b, 0, 0, 0, c << 4 | d, 0, 0], "{flags:#x}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_frame_layer_or_pixel() {
    let one = || Sprite::new(RGBA).with(Layer::new("body").chunk());
    let linked = one().with(Cel::new(0).linked(7));
    let twice = one().with(Cel::new(0).raw(1, 1, &RED)).with(Cel::new(0).raw(1, 1, &RED));
    let map = Layer { kind: 2, ..Layer::new("map") };
    let mut external = tileset(0, 1, 8, 8, &[0; 256]);
    external.1[4] = 1;
    for (file, code, message) in [
        (linked, Code::AseInvalid, r#"frame 0: the cel of layer 0, "body", is that of frame 7, which has none"#),
        (twice, Code::AseInvalid, "frame 0: layer 0 has two cels"),
        (
            one().then(1).with(Cel::new(3).raw(1, 1, &RED)),
            Code::AseInvalid,
            "frame 1: a cel is of layer 3, and there are 1 layers",
        ),
        (
            one().with(Cel::new(0).raw(3, 3, &RED)),
            Code::AseInvalid,
            r#"frame 0: the cel of layer 0, "body": 3 × 3 pixels need 36 bytes, and 4 are there"#,
        ),
        (
            one().with(Cel::new(0).image(2, 2, &RED)),
            Code::AseInvalid,
            "inflate to 4 bytes, less than the 16 that are needed",
        ),
        (one().with(Cel::new(0).image(1, 1, &RED.repeat(2))), Code::AseInvalid, "inflate to more than 4 bytes"),
        (one().with(Cel::new(0).image(60_000, 60_000, &RED)), Code::AseInvalid, "more than the 16777216 that are read"),
        (
            one().with(Cel::new(0).image(4_000, 4_000, &RED)),
            Code::AseInvalid,
            "inflate to less than the 64000000 that are needed",
        ),
        (
            one().with(tags(&[("t", 0, 4, 0)])),
            Code::AseInvalid,
            r#"the tag "t" goes from frame 0 to 4; the last frame is 0"#,
        ),
        (
            Sprite::new(RGBA).with(Layer { level: 1, ..Layer::new("a") }.chunk()),
            Code::AseInvalid,
            "is the first one, and at level 1",
        ),
        (
            one().with(Layer { level: 1, ..Layer::new("b") }.chunk()),
            Code::AseInvalid,
            "is at level 1, but no group is before it",
        ),
        (
            Sprite::new(RGBA).with(Layer { mode: 19, ..Layer::new("a") }.chunk()),
            Code::AseUnsupported,
            r#"layer 0, "a", has an unknown blend mode: 19"#,
        ),
        (Sprite::new(24), Code::AseInvalid, "the header has 24 bits a pixel, not 8, 16 or 32"),
        (Sprite { width: 0, ..Sprite::new(RGBA) }, Code::AseInvalid, "the canvas has 0 × 8 pixels"),
        (
            Sprite::new(RGBA).with(external).with(map.chunk()).with(Cel::new(0).tilemap(1, 1, &[1])),
            Code::AseUnsupported,
            "layer 0 has tiles of tileset 0, which is in another file",
        ),
        (
            Sprite::new(RGBA).with(map.chunk()).with(Cel::new(0).tilemap(1, 1, &[1])),
            Code::AseInvalid,
            "tileset 0, which is not there",
        ),
        (
            Sprite { width: 9, ..one() },
            Code::TilesSize,
            "the width of 9 pixels is no positive multiple of the tile size 8",
        ),
        (
            animated().then(1).with(Cel::new(0).raw(1, 1, &[1, 2, 3, 100])),
            Code::TilesAlpha,
            "frame 4: the pixel at (0, 0) has alpha 100",
        ),
    ] {
        let derived = derive(&file.encode());
        assert_says(&derived.errors(), code, message);
    }
}

/// A sprite with something of every kind.
fn rich() -> Sprite {
    let group = Layer { kind: 1, mode: 5, opacity: 200, ..Layer::new("g") };
    let map = Layer { kind: 2, level: 1, ..Layer::new("map") };
    let sprite = Sprite { flags: 3, ..Sprite::new(INDEXED) }.with(palette(&[CLEAR, RED, GREEN, BLUE]));
    let sprite = sprite.with(tileset(0, 2, 4, 4, &[1; 32])).with(Layer::new("back").chunk()).with(group.chunk());
    let sprite = sprite.with(map.chunk()).with(slice("s", &[(0, 0, 0, 8, 8)])).with(tags(&[("t", 0, 1, 0)]));
    let sprite = sprite.with(Cel::new(0).image(8, 8, &[2; 64])).with(Cel::new(2).tilemap(2, 2, &[1, 1 | FLIP_X, 0, 1]));
    sprite.then(70).with(Cel::new(0).linked(0)).with(Cel { z: -1, ..Cel::new(2) }.linked(0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_sprites_have_an_answer(
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = rich().encode();
        for (at, value) in damage {
            let at = at.index(file.len());
            file[at] = value;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        // That there is a payload or an error is asserted for every derivation.
        derive(&file);
    }
}
