//! What a manifest may have done to pictures, held against plain references of each conversion.

use std::collections::BTreeSet;

use papack_queries::diagnostic::{Code, Severity};
use papack_queries::formats::tiles::{ColoursOf, Conversions, Dither, Key, Options, Pad, PaletteFrom, TileSize};
use proptest::prelude::*;

use super::encoder::{INDEXED, Image};
use super::limits::claim;
use super::{Derived, assert_says, derive_by};

/// What comes of `files`, with tiles of 8 pixels.
fn converted(conversions: Conversions, files: &[Vec<u8>]) -> Derived {
    derive_by(Options { conversions, ..Options::new(TileSize::Eight) }, files)
}

impl Derived {
    /// The indices of all pixels.
    fn indices(&self) -> Vec<u8> {
        let (bytes, _) = self.payload();
        bytes[..bytes.len() - 2048].iter().flat_map(|pair| [pair >> 4, pair & 15]).collect()
    }

    /// What the console shows of the only picture: a RGB565 value, or nothing where it is transparent.
    fn shown(&self) -> Vec<Option<u16>> {
        let palette = self.palette(0);
        self.indices().iter().map(|index| (*index != 0).then(|| palette[usize::from(*index)])).collect()
    }

    fn codes(&self) -> Vec<Code> {
        self.outcome.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    }
}

fn rgb565([r, g, b]: [u8; 3]) -> u16 {
    let reduce = |value: u8, max: u32| (u32::from(value) * max + 127) / 255;
    (reduce(r, 31) << 11 | reduce(g, 63) << 5 | reduce(b, 31)) as u16
}

/// The colour in the middle of those that become `value`.
fn rgb888(value: u16) -> [u8; 3] {
    let widen = |part: u16, max: u32| ((u32::from(part) & max) * 255 + max / 2) / max;
    [widen(value >> 11, 31), widen(value >> 5, 63), widen(value, 31)].map(|part| part as u8)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    (0..3).map(|part| (i32::from(one[part]) - i32::from(other[part])).pow(2) as u32).sum()
}

fn indexed(indices: &[u8], palette: &[[u8; 3]], alphas: &[u8]) -> Image {
    let mut image = Image::sized(INDEXED, 8, 8, indices.len() as u32 / 8);
    image.samples = indices.to_vec();
    image.palette = Some(palette.concat());
    image.transparency = (!alphas.is_empty()).then(|| alphas.to_vec());
    image
}

const EVERYTHING: Conversions = Conversions {
    transparent: None,
    alpha: std::num::NonZeroU8::new(128),
    palette: None,
    colors: std::num::NonZeroU8::new(15),
    colors_of: ColoursOf::File,
    dither: Dither::Ordered,
    renumber: true,
    pad: Some(Pad::Around),
};

fn colors(most: u8) -> Conversions {
    Conversions { colors: most.try_into().ok(), ..Conversions::default() }
}

/// Pixels with alpha, of few or of many colours.
fn pixels(count: usize) -> impl Strategy<Value = Vec<[u8; 4]>> {
    let alpha = prop_oneof![3 => Just(255), 1 => Just(0)];
    let few = (prop::sample::select(vec![[0, 0, 0], [255, 0, 0], [9, 200, 30], [250, 250, 255]]), alpha.clone());
    let few = few.prop_map(|([r, g, b], alpha)| [r, g, b, alpha]);
    let many = (any::<[u8; 3]>(), alpha).prop_map(|([r, g, b], alpha)| [r, g, b, alpha]);
    prop_oneof![prop::collection::vec(few, count), prop::collection::vec(many, count)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_needs_no_conversion_stays_as_it_is(pixels in pixels(64), indices in prop::collection::vec(1..9_u8, 64)) {
        let palette: Vec<_> = (0..9).map(|entry| [entry * 28, 255 - entry * 28, 7]).collect();
        for file in [Image::rgba(8, &pixels).encode(), indexed(&indices, &palette, &[0]).encode()] {
            let plain = derive_by(Options::new(TileSize::Eight), std::slice::from_ref(&file));
            if plain.errors().is_empty() {
                let all = converted(EVERYTHING, &[file]);
                prop_assert_eq!(all.payload(), plain.payload());
                prop_assert_eq!(all.codes(), plain.codes());
            }
        }
    }

    #[test]
    fn alpha_is_cut_at_the_threshold(mut pixels in pixels(64), alphas in any::<[[u8; 32]; 2]>(), least in 1..=255_u8) {
        pixels.iter_mut().zip(alphas.as_flattened()).for_each(|(pixel, alpha)| pixel[3] = *alpha);
        pixels.iter_mut().for_each(|pixel| pixel[0] &= 0xf0);
        let conversions = Conversions { alpha: least.try_into().ok(), ..colors(15) };
        let found = converted(conversions, &[Image::rgba(8, &pixels).encode()]);
        let opaque: Vec<_> = pixels.iter().map(|pixel| pixel[3] >= least).collect();
        prop_assert_eq!(found.shown().iter().map(Option::is_some).collect::<Vec<_>>(), opaque);
        let soft = alphas.as_flattened().iter().filter(|alpha| !matches!(alpha, 0 | 255)).count();
        let count = format!("{soft} pixels");
        let told = found.with(Severity::Info).into_iter().find(|told| told.code == Code::TilesHardened);
        prop_assert!(told.is_some_and(|told| told.message.starts_with(&count)) || soft < 2);
    }

    #[test]
    fn reduced_pixels_have_the_nearest_colour_and_stay_so(pixels in pixels(256), most in 1..=15_u8, shared: bool) {
        let colors_of = if shared { ColoursOf::Sheet } else { ColoursOf::File };
        let conversions = Conversions { colors_of, ..colors(most) };
        let found = converted(conversions, &[Image::rgba(16, &pixels).encode()]);
        let shown = found.shown();
        let there: BTreeSet<u16> = shown.iter().flatten().copied().collect();
        prop_assert!(there.len() <= usize::from(most));
        let wanted: BTreeSet<u16> = pixels.iter().filter(|pixel| pixel[3] > 0).map(|&[r, g, b, _]| rgb565([r, g, b])).collect();
        let is_exact = wanted.len() <= usize::from(most);
        for (&[r, g, b, alpha], shown) in pixels.iter().zip(&shown) {
            prop_assert_eq!(alpha > 0, shown.is_some());
            if let Some(shown) = shown {
                let near = there.iter().map(|value| distance([r, g, b], rgb888(*value))).min();
                prop_assert_eq!(Some(distance([r, g, b], rgb888(*shown))), near);
                prop_assert!(!is_exact || *shown == rgb565([r, g, b]));
            }
        }
        prop_assert_eq!(found.codes().contains(&Code::TilesReduced), !is_exact);
        // What was reduced is not reduced again, and where pixels are does not count.
        let again: Vec<_> = shown.iter().map(|shown| shown.map_or([0; 4], |value| { let [r, g, b] = rgb888(value); [r, g, b, 255] })).collect();
        prop_assert_eq!(converted(conversions, &[Image::rgba(16, &again).encode()]).shown(), shown);
        let turned: Vec<_> = pixels.iter().rev().copied().collect();
        prop_assert_eq!(converted(conversions, &[Image::rgba(16, &turned).encode()]).palette(0), found.palette(0));
    }

    #[test]
    fn renumbered_pictures_show_the_same(
        indices in prop::collection::vec(prop::sample::select(vec![0_u8, 3, 17, 18, 40, 200, 255]), 64),
        clear in prop::sample::select(vec![0_usize, 17, 255, 300]),
    ) {
        let palette: Vec<[u8; 3]> = (0..=255).map(|entry| [entry, 255 - entry, entry / 2]).collect();
        let alphas: Vec<u8> = (0..256).map(|entry| if entry == clear { 0 } else { 255 }).collect();
        let conversions = Conversions { renumber: true, ..Conversions::default() };
        let found = converted(conversions, &[indexed(&indices, &palette, &alphas).encode()]);
        let wanted: Vec<_> = indices.iter().map(|index| usize::from(*index))
            .map(|index| (index != clear).then(|| rgb565(palette[index]))).collect();
        prop_assert_eq!(found.shown(), wanted);
        // Entries keep their order.
        let used: BTreeSet<_> = indices.iter().map(|index| usize::from(*index)).filter(|index| *index != clear).collect();
        let kept: Vec<_> = used.into_iter().map(|entry| rgb565(palette[entry])).collect();
        if found.codes() == [Code::TilesRenumbered] {
            prop_assert_eq!(&found.palette(0)[1..=kept.len()], kept);
        }
    }

    #[test]
    fn padded_pictures_lie_where_they_are_to(width in 1..20_u32, height in 1..20_u32, other in 1..40_u32) {
        let sizes = [(width, height), (other, 3)];
        let picture = |(width, height)| {
            let pixels: Vec<_> = (0..width * height).map(|at| [(at % 7 * 32) as u8, 0, 255, 255]).collect();
            Image::rgba(width, &pixels).encode()
        };
        let whole = |length: u32| length.div_ceil(8) * 8;
        let widest = whole(width.max(other));
        for pad in Pad::ALL {
            let conversions = Conversions { pad: Some(pad), ..Conversions::default() };
            let found = converted(conversions, &sizes.map(picture));
            prop_assert_eq!(&found.payload().1["width"], widest);
            let all = found.indices();
            let mut rows = all.chunks(widest as usize);
            for (width, height) in sizes {
                let (left, top) = match pad {
                    Pad::BottomRight => (0, 0),
                    Pad::Around => ((widest - width) / 2, (whole(height) - height) / 2),
                    Pad::Top => ((widest - width) / 2, whole(height) - height),
                };
                for (y, row) in (0..whole(height)).zip(&mut rows) {
                    for (x, index) in (0..).zip(row) {
                        let is_inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
                        prop_assert_eq!(*index > 0, is_inside, "{:?} {} {}", pad, x, y);
                    }
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_a_palette_or_none(bytes in prop::collection::vec(any::<u8>(), 0..80), start in 0..5_usize) {
        let starts: [&[u8]; 5] = [b"", b"GIMP Palette\n", b"JASC-PAL\n0100\n2\n", b"RIFF\0\0\0\0PAL data\0\0\0\0\0\x03\x02\0", b"ff00ff\n"];
        let start = starts[start];
        let found = converted(
            Conversions { palette: Some(PaletteFrom::FirstFile), ..Conversions::default() },
            &[[start, &bytes].concat(), Image::rgba(8, &[[1, 2, 3, 255]; 64]).encode()],
        );
        prop_assert!(found.errors().iter().all(|error| error.code == Code::PaletteInvalid), "{:?}", found.errors());
    }
}

/// Palettes of red, green and black, in all forms.
fn palettes() -> Vec<Vec<u8>> {
    let picture = indexed(&[0; 64], &[[255, 0, 0], [0, 255, 0], [9, 9, 9], [0, 0, 0]], &[255, 255, 0]).encode();
    let riff =
        [&b"RIFF\x1c\0\0\0PAL data\x10\0\0\0\0\x03\x03\0"[..], &[255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0]].concat();
    let texts = [
        "GIMP Palette\nName: Caf\u{e9}\nColumns: 4\n# three\n255   0   0\tRed\n  0 255   0\n\n0 0 0 Black\n",
        "JASC-PAL\r\n0100\r\n3\r\n255 0 0\r\n0 255 0\r\n0 0 0\r\n",
        "\u{feff}ff0000\r\n00FF00\r\n#000000",
    ];
    [picture, riff].into_iter().chain(texts.map(|text| text.as_bytes().to_vec())).collect()
}

#[test]
fn palettes_of_all_forms_are_imposed_in_their_order() {
    let conversions = Conversions { palette: Some(PaletteFrom::FirstFile), ..Conversions::default() };
    let mut pixels = [[200, 10, 0, 255]; 64];
    (pixels[0], pixels[1], pixels[2]) = ([9, 140, 0, 255], [20, 20, 20, 255], [0; 4]);
    let pictures = [Image::rgba(8, &pixels).encode(), indexed(&[1; 64], &[[0; 3], [0, 200, 0]], &[]).encode()];
    for palette in palettes() {
        let found = converted(conversions, &[&[palette][..], &pictures].concat());
        assert_eq!(found.palette(0)[..5], [0, 0xf800, 0x07e0, 0, 0]);
        assert_eq!(found.indices()[..4], [2, 3, 0, 1]);
        assert_eq!(found.indices()[64..], [2; 64]);
        let (_, metadata) = found.payload();
        assert_eq!((&metadata["palette_authored"], metadata["sheets"].as_array().map(Vec::len)), (&1.into(), Some(2)));
    }
}

#[test]
fn files_that_are_no_palette_are_told_as_what_they_are() {
    let conversions = Conversions { palette: Some(PaletteFrom::FirstFile), ..Conversions::default() };
    let picture = Image::rgba(8, &[[1, 2, 3, 255]; 64]).encode();
    let long = vec![b'\n'; 70_000];
    for (palette, said) in [
        (&b"\xff\xd8\xff\xe0 a JPEG"[..], "the file is no palette: it is a JPEG"),
        (b"GIMP Palette\n255 0\n", "line 2 of the palette is no colour: `255 0`; a colour is three numbers up to 255"),
        (b"GIMP Palette\n255 0 256\n", "line 2 of the palette is no colour"),
        (b"GIMP Palette\n", "the palette has 0 colours; 1 to 256 are allowed"),
        (b"JASC-PAL\n0200\n1\n0 0 0\n", "of version `0200`, not 0100 (line 2)"),
        (b"JASC-PAL\n0100\n2\n0 0 0\n", "has 1 colours, where its line 3 says 2"),
        (b"JASC-PAL\n0100\nmany\n", "does not say how many colours it has (line 3)"),
        (b"RIFF\0\0\0\0PAL data\0\0\0\0\0\x03\x02\0\0\0\0\0", "the RIFF palette is cut off after 28 bytes"),
        (b"ff00ff\nff00f\n", "line 2 of the palette is no colour: `ff00f`; a colour is six hexadecimal digits"),
        (&"00ff00\n".repeat(257).into_bytes(), "the palette has 257 colours"),
        (&long, "the palette file has 70000 bytes; at most 65536 are read"),
        (&picture, "the picture is not indexed, so it has no palette"),
    ] {
        let found = converted(conversions, &[palette.to_vec(), picture.clone()]);
        assert_says(&found.errors(), Code::PaletteInvalid, said);
    }
    let alone = converted(conversions, &[b"ff00ff".to_vec()]);
    assert_says(&alone.errors(), Code::PaletteInvalid, "the only artifact file is the palette");
    let keyed = Conversions { transparent: Key::colour("#ff00ff"), ..conversions };
    let empty = converted(keyed, &[b"ff00ff".to_vec(), picture]);
    assert_says(&empty.errors(), Code::PaletteInvalid, "the only colour of the palette");
}

#[test]
fn large_palettes_give_each_file_the_colours_that_it_needs() {
    let hex = (0..64_u32).map(|at| format!("{:06x}", at * 0x04_04_04)).collect::<Vec<_>>().join("\n");
    let greys: Vec<_> = (0..64_u8).map(|at| [at * 4, at * 4, at * 4 + 1, 255]).collect();
    let (few, many) = (Image::rgba(8, &greys.repeat(1)[..8].repeat(8)).encode(), Image::rgba(8, &greys).encode());
    let imposing = Conversions { palette: Some(PaletteFrom::FirstFile), ..Conversions::default() };
    let found = converted(imposing, &[hex.clone().into_bytes(), few.clone()]);
    assert_eq!(found.palette(0)[1..9].len(), 8);
    let refused = converted(imposing, &[hex.clone().into_bytes(), many.clone()]);
    assert_says(&refused.errors(), Code::TilesColours, "needs 59 colours of the imposed palette");
    for colors_of in ColoursOf::ALL {
        let conversions = Conversions { palette: Some(PaletteFrom::FirstFile), colors_of, ..colors(15) };
        let found = converted(conversions, &[hex.clone().into_bytes(), few.clone(), many.clone()]);
        let authored = if colors_of == ColoursOf::Sheet { 1_usize } else { 2 };
        assert_eq!(found.payload().1["palette_authored"], authored);
        let known: Vec<u16> = (0..64_u8).map(|at| rgb565([at * 4; 3])).collect();
        assert!((0..authored).all(|number| found.palette(number).iter().all(|value| known.contains(value))));
    }
}

#[test]
fn keys_make_colours_and_entries_transparent() {
    let magenta = Conversions { transparent: Key::colour("#ff00ff"), ..Conversions::default() };
    let mut pixels = [[9, 9, 9, 255]; 64];
    (pixels[1], pixels[5]) = ([255, 0, 255, 255], [255, 0, 254, 255]);
    let found = converted(magenta, &[Image::rgba(8, &pixels).encode()]);
    assert_eq!(found.indices()[..6], [1, 0, 1, 1, 1, 2]);
    assert_says(&found.with(Severity::Info), Code::TilesKeyed, "the pixel at (1, 0) has the colour");

    let palette = [[1, 1, 1], [2, 200, 2], [255, 0, 255], [255, 0, 255]];
    let mut indices = [1; 64];
    indices[..4].copy_from_slice(&[0, 1, 2, 3]);
    let picture = indexed(&indices, &palette, &[]).encode();
    let found = converted(magenta, std::slice::from_ref(&picture));
    assert_eq!(found.indices()[..4], [2, 1, 0, 0]);
    assert_eq!(found.palette(0)[..3], [0xf81f, 0x0620, 0]);
    let swapped = Conversions { transparent: Some(Key::Entry(1)), ..Conversions::default() };
    let found = converted(swapped, std::slice::from_ref(&picture));
    assert_eq!(found.indices()[..4], [1, 0, 2, 3]);
    assert_says(&found.with(Severity::Info), Code::TilesRenumbered, "palette entries 0 and 1 change places");

    let beyond = Conversions { transparent: Some(Key::Entry(4)), ..Conversions::default() };
    for (file, said) in [(picture, "has 4 entries"), (Image::rgba(8, &pixels).encode(), "has no palette")] {
        assert_says(&converted(beyond, &[file]).errors(), Code::TilesIndex, said);
    }
}

#[test]
fn ordered_dither_mixes_two_colours_in_equal_parts() {
    let conversions =
        Conversions { palette: Some(PaletteFrom::FirstFile), dither: Dither::Ordered, ..Conversions::default() };
    let grey = |value| Image::rgba(16, &[[value, value, value, 255]; 256]).encode();
    for (value, white) in [(0, 0), (64, 64), (127, 128), (255, 256)] {
        let found = converted(conversions, &[b"000000\nffffff".to_vec(), grey(value)]);
        let is_white = found.indices().iter().map(|index| usize::from(*index == 2)).sum::<usize>();
        assert_eq!(is_white, white, "{value}");
        assert!(found.indices().iter().all(|index| *index != 0));
    }
}

#[test]
fn what_no_conversion_mends_stays_an_error() {
    let soft = Image::rgba(8, &[[1, 2, 3, 77]; 64]).encode();
    assert_eq!(converted(colors(15), &[soft]).codes(), [Code::TilesAlpha]);
    let palette: Vec<[u8; 3]> = (0..64).map(|entry| [entry * 4, 0, 0]).collect();
    let all: Vec<u8> = (0..64).collect();
    let renumbered = Conversions { renumber: true, ..Conversions::default() };
    assert_eq!(converted(renumbered, &[indexed(&all, &palette, &[]).encode()]).codes(), [Code::TilesIndex]);
    assert_eq!(
        converted(EVERYTHING, &[indexed(&[64; 64], &palette, &[]).encode()]).codes(),
        [Code::PngIndexBeyondPalette]
    );
    let padded = Conversions { pad: Some(Pad::Top), ..Conversions::default() };
    for (width, height, code, said) in [
        (4_089, 8, Code::PngInvalid, "inflates to less than"),
        (9, 65_530, Code::PngInvalid, "inflates to less than"),
        (4_097, 8, Code::TilesSize, "the width of 4104 pixels is above the limit of 4096"),
        (9, 65_537, Code::TilesSize, "above the limit of 65536 rows; it has 65544"),
        (4_000, 4_200, Code::TilesSize, "above the limit of 16777216 pixels; it has 16800000"),
        (u32::MAX, u32::MAX, Code::TilesSize, "the width of 4294967295 pixels is no positive multiple"),
        (0, 8, Code::TilesSize, "the width of 0 pixels"),
    ] {
        assert_says(&converted(padded, &[claim(width, height)]).errors(), code, said);
    }
}

/// The frames of a sprite are converted as the pictures are that Aseprite exports them to, and stay frames.
#[test]
fn frames_are_converted_as_pictures_are() {
    let sprite = [include_bytes!("../aseprite/layers_and_tags.aseprite").to_vec()];
    let pictures = [
        include_bytes!("../aseprite/layers_and_tags_01.png").to_vec(),
        include_bytes!("../aseprite/layers_and_tags_02.png").to_vec(),
        include_bytes!("../aseprite/layers_and_tags_03.png").to_vec(),
        include_bytes!("../aseprite/layers_and_tags_04.png").to_vec(),
    ];
    let shared = Conversions { colors_of: ColoursOf::Sheet, dither: Dither::None, ..EVERYTHING };
    let none = Conversions { colors: None, dither: Dither::None, ..EVERYTHING };
    for conversions in [shared, none] {
        let options = Options { conversions, ..Options::new(TileSize::ThirtyTwo) };
        let (frames, single) = (derive_by(options, &sprite), derive_by(options, &pictures));
        assert_eq!(frames.payload().0, single.payload().0, "{conversions:?}");
        let metadata = &frames.payload().1;
        let durations = metadata["sheets"].as_array().unwrap().iter().filter(|sheet| sheet["duration_ms"].is_u64());
        assert_eq!((durations.count(), metadata["tags"].as_array().unwrap().is_empty()), (4, false), "{metadata}");
        let padded = |derived: &Derived| derived.codes().iter().filter(|code| **code == Code::TilesPadded).count();
        assert_eq!(padded(&frames), padded(&single));
        assert!(
            padded(&frames) > 0 && frames.outcome.diagnostics.iter().all(|told| told.message.starts_with("frame "))
        );
    }
}

/// The colours of a file are those of all its frames together.
#[test]
fn the_frames_of_a_file_share_their_colours() {
    let sprite = include_bytes!("../aseprite/layers_and_tags.aseprite").to_vec();
    let conversions = Conversions { alpha: EVERYTHING.alpha, pad: EVERYTHING.pad, ..colors(1) };
    let derived = converted(conversions, &[sprite]);
    let metadata = &derived.payload().1;
    assert_eq!(metadata["palette_authored"], 1, "{metadata} {:?}", derived.outcome.diagnostics);
}
