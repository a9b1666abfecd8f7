//! Pixels and palettes: generated images of every kind against an independent decoder, and single rules.

use std::collections::BTreeSet;

use papack_queries::diagnostic::Code;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::encoder::{GREY, GREY_ALPHA, INDEXED, Image, RGB, RGBA, assemble, channels};
use super::{EntryZero, assert_says, derive, derive_files, derive_with, reference};

/// The colour types with the depths that papack reads.
const KINDS: [(u8, u8); 11] = [
    (GREY, 1),
    (GREY, 2),
    (GREY, 4),
    (GREY, 8),
    (RGB, 8),
    (INDEXED, 1),
    (INDEXED, 2),
    (INDEXED, 4),
    (INDEXED, 8),
    (GREY_ALPHA, 8),
    (RGBA, 8),
];

/// Alpha values, nearly always allowed ones.
fn alpha() -> impl Strategy<Value = u8> {
    prop_oneof![20 => Just(255), 10 => Just(0), 1 => any::<u8>()]
}

/// Colours that often fall on one RGB565 value.
fn colour() -> impl Strategy<Value = [u8; 4]> {
    (any::<[u8; 3]>(), 0..3_u8, alpha()).prop_map(|([r, g, b], near, a)| match near {
        0 => [r & 0xc0, g & 0xc0, b & 0xc0 | 1, a],
        1 => [r & 0xc0, g & 0xc0, b & 0xc0, a],
        _ => [r, g, b, a],
    })
}

prop_compose! {
    /// An image of any kind; most are valid.
    pub fn image()(
        (colour, depth) in prop::sample::select(&KINDS[..]),
        (across, down) in (1..=3_u32, 1..=3_u32),
        interlaced in any::<bool>(),
        colours in vec(colour(), 1..=17),
        palette_length in 1..=20_usize,
        transparency in prop::option::of((vec(alpha(), 1..=20), 0..17_usize)),
        filters in vec(0..=4_u8, 1..=9),
        split in prop_oneof![Just(usize::MAX), 1..=40_usize],
        picks in vec(any::<prop::sample::Index>(), 24 * 24),
    ) -> Image {
        let mut image = Image::sized(colour, depth, across * 8, down * 8);
        let max = 0xff_u8 >> (8 - depth);
        let palette_length = palette_length.min(usize::from(max) + 1);
        let pixels = (across * down * 64) as usize;
        image.samples = picks[..pixels].iter().flat_map(|pick| {
            let rgba = pick.get(&colours);
            match colour {
                // An index beyond the palette where there is one, in a few hundred pixels.
                INDEXED => vec![match pick.index(palette_length * 400) {
                    0 => (palette_length as u8).min(max),
                    entry => (entry % palette_length) as u8,
                }],
                GREY => vec![rgba[0] & max],
                GREY_ALPHA => vec![rgba[0], rgba[3]],
                RGB => rgba[..3].to_vec(),
                _ => rgba.to_vec(),
            }
        }).collect();
        if colour == INDEXED {
            image.palette = Some(colours.iter().cycle().take(palette_length).flat_map(|rgba| rgba[..3].to_vec()).collect());
        }
        if let Some((alphas, chosen)) = transparency {
            let chosen = colours[chosen % colours.len()];
            image.transparency = match colour {
                GREY => Some(vec![0, chosen[0] & max]),
                RGB => Some(vec![0, chosen[0], 0, chosen[1], 0, chosen[2]]),
                INDEXED => {
                    // Entry 0 transparent and the others opaque is what most real files have.
                    let rest = if alphas.len() % 2 == 0 { alphas[1..].to_vec() } else { vec![255; alphas.len() - 1] };
                    Some([&alphas[..1], &rest].concat().into_iter().take(palette_length).collect())
                }
                _ => None,
            };
        }
        (image.interlaced, image.filters, image.split) = (interlaced, filters, split);
        image
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn images_become_what_an_independent_decoder_implies(image in image()) {
        let file = image.encode();
        let derived = derive(&file);
        let (expected, warned) = reference::expect(&file);
        match expected {
            Ok((indices, palette)) => {
                let (payload, metadata) = derived.payload();
                prop_assert!(*payload == reference::payload(&indices, &palette));
                let tiles = image.width * image.height / 64;
                prop_assert_eq!(metadata, &json!({
                    "tile_size": 8, "width": image.width, "height": image.height,
                    "palette_count": 64, "palette_authored": 1,
                    "sheets": [{"first_tile": 0, "palette": 0, "tile_count": tiles}],
                }));
            }
            Err(codes) => {
                let found: BTreeSet<_> = derived.errors().iter().map(|error| error.code).collect();
                prop_assert_eq!(&found, &codes);
                prop_assert_eq!(derived.errors().len(), codes.len(), "each fault is told once");
            }
        }
        let told: Vec<_> = derived.warnings().iter().map(|warning| (warning.code, warning.message.as_str())).collect();
        match (warned.merged, warned.entry_zero, told.as_slice()) {
            (0, None, []) => {}
            (1, None, [(Code::TilesColoursMerged, message)]) => prop_assert!(message.contains(" become one RGB565 value, 0x")),
            (count, None, [(Code::TilesColoursMerged, message)]) if count > 1 => {
                let count = format!("colours become one RGB565 value, {count} times: #");
                prop_assert!(message.starts_with(&count), "{message}");
            }
            (0, Some((count, first)), [(Code::TilesEntryZero, message)]) => {
                let first = (first % image.width as usize, first / image.width as usize);
                prop_assert!(message.starts_with(&format!("{count} of {} pixels", image.width * image.height)), "{message}");
                prop_assert!(message.ends_with(&format!("the first is at {first:?}")), "{message}");
            }
            _ => prop_assert!(false, "{warned:?} {told:?}"),
        }
        let meant = derive_with(8, EntryZero::Transparent, &[file]);
        prop_assert_eq!(&meant.outcome.payload, &derived.outcome.payload);
        prop_assert!(meant.warnings().iter().all(|warning| warning.code != Code::TilesEntryZero));
    }

    /// Interlacing changes nothing, not even the places in messages.
    #[test]
    fn interlacing_does_not_show(mut image in image(), noise in any::<u8>()) {
        if noise < 100 {
            let mut state = u32::from(noise);
            for sample in &mut image.samples {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = (state >> 24) as u8 & (0xff >> (8 - image.depth));
            }
        }
        image.interlaced = false;
        let straight = derive(&image.encode());
        image.interlaced = true;
        prop_assert_eq!(derive(&image.encode()).outcome, straight.outcome);
    }
}

/// An image that does not fit into the buffer of a thread is inflated in parts, and a small one after it, or after a faulty one,
/// finds nothing of that.
#[test]
fn large_images_are_inflated_in_parts_and_leave_nothing_behind() {
    let small = rgba_pixels(&[[10, 20, 30, 255], [0; 4]]).encode();
    let alone = derive(&small).outcome;
    // A little more than half a mebibyte each.
    for (colour, width, height, split) in
        [(RGBA, 512, 264, usize::MAX), (RGB, 512, 344, 5_000), (INDEXED, 1_024, 520, 700)]
    {
        let mut image = Image::sized(colour, 8, width, height);
        image.palette = image.palette.map(|_| (0..16 * 3).map(|part| part * 5).collect());
        let mut state = 1_u32;
        let picks = (0..width * height).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 29) as u8
        });
        let samples: Vec<_> = picks.map(|pick| [pick * 32, 255 - pick, pick ^ 5, 255]).collect();
        image.samples = match colour {
            INDEXED => samples.iter().map(|[first, ..]| first / 32).collect(),
            RGB => samples.iter().flat_map(|rgba| rgba[..3].to_vec()).collect(),
            _ => samples.concat(),
        };
        (image.filters, image.split) = (vec![4, 3, 1, 2, 4, 0], split);
        let file = image.encode();
        let (Ok((indices, palette)), _) = reference::expect(&file) else { panic!("the image is valid") };
        let derived = derive_with(8, EntryZero::Transparent, &[file]);
        assert!(derived.payload().0 == reference::payload(&indices, &palette), "colour type {colour}");
        assert_eq!(derive(&small).outcome, alone);

        let mut chunks = image.chunks();
        let data = chunks.iter().rposition(|chunk| &chunk.kind == b"IDAT").unwrap();
        let length = chunks[data].data.len();
        chunks[data].data.truncate(length / 2);
        assert_says(&derive(&assemble(&chunks)).errors(), Code::PngInvalid, "the image data is cut off at byte");
        assert_eq!(derive(&small).outcome, alone);
    }
}

/// An image of one row of tiles, black but for the given first pixels.
fn rgba_pixels(first: &[[u8; 4]]) -> Image {
    let mut pixels = first.to_vec();
    pixels.resize(64, [0, 0, 0, 255]);
    Image::rgba(8, &pixels)
}

/// Greys with distinct RGB565 values.
fn grey(step: u8) -> [u8; 4] {
    [step * 9, step * 9, step * 9, 255]
}

#[test]
fn colours_are_sorted_and_transparency_is_index_0() {
    let derived =
        derive(&rgba_pixels(&[[255, 255, 255, 255], [9, 9, 9, 0], [255, 0, 0, 255], [0, 0, 255, 255]]).encode());
    assert_eq!(derived.payload().0[..4], [0x40, 0x32, 0x11, 0x11]);
    assert_eq!(derived.palette(0)[..6], [0, 0x0000, 0x001f, 0xf800, 0xffff, 0]);
    assert!(derived.outcome.diagnostics.is_empty());
}

#[test]
fn fifteen_colours_fit_and_the_sixteenth_is_named() {
    let fifteen: Vec<_> = (0..15).map(grey).chain([[1, 2, 3, 0]]).collect();
    derive(&rgba_pixels(&fifteen).encode()).payload();

    let mut image = rgba_pixels(&(0..18).map(grey).collect::<Vec<_>>());
    for interlaced in [false, true] {
        image.interlaced = interlaced;
        let derived = derive(&image.encode());
        assert_eq!(derived.errors().len(), 1);
        assert_says(&derived.errors(), Code::TilesColours, "18 distinct colours");
        let places = "too many are the 16th, first at (7, 1); the 17th, first at (0, 2); the 18th, first at (1, 2)";
        assert_says(&derived.errors(), Code::TilesColours, places);
    }
    let twenty = derive(&rgba_pixels(&(0..20).map(grey).collect::<Vec<_>>()).encode());
    assert_says(&twenty.errors(), Code::TilesColours, "the 18th, first at (1, 2); and 2 more");
}

#[test]
fn colours_that_merge_are_not_told_while_there_are_too_many() {
    let mut near: Vec<_> = (0..15).map(grey).collect();
    near.push([1, 0, 0, 255]);
    let merged = derive(&rgba_pixels(&near).encode());
    assert_says(
        &merged.warnings(),
        Code::TilesColoursMerged,
        "#000000 (first at (0, 0)) and #010000 (first at (7, 1))",
    );
    near.push(grey(15));
    let many = derive(&rgba_pixels(&near).encode());
    assert_says(&many.errors(), Code::TilesColours, "16 distinct colours");
    assert_eq!(many.outcome.diagnostics.len(), 1, "{:#?}", many.outcome.diagnostics);
}

#[test]
fn many_colours_that_merge_are_told_once() {
    let pairs: Vec<_> = (0..5).flat_map(|step| [[step * 40, 0, 0, 255], [step * 40, 0, 1, 255]]).collect();
    let derived = derive(&rgba_pixels(&pairs).encode());
    assert_eq!(derived.warnings().len(), 1, "{:#?}", derived.outcome.diagnostics);
    let fragment = "colours become one RGB565 value, 5 times: #000000 (first at (0, 0)) and #000001 (first at (1, 0)) \
                    become 0x0000; #280000 (first at (2, 0)) and #280001 (first at (3, 0)) become 0x2800; #500000 (first \
                    at (4, 0)) and #500001 (first at (5, 0)) become 0x5000; and 2 more";
    assert_says(&derived.warnings(), Code::TilesColoursMerged, fragment);
}

#[test]
fn colours_that_merge_are_named_with_their_places() {
    let mut image = rgba_pixels(&[[0, 0, 0, 255], [8, 0, 0, 255], [8, 0, 1, 255], [0, 0, 0, 255], [8, 1, 1, 255]]);
    for interlaced in [false, true] {
        image.interlaced = interlaced;
        let derived = derive(&image.encode());
        derived.payload();
        assert_eq!(derived.warnings().len(), 1);
        let fragment = "#080000 (first at (1, 0)) and #080001 (first at (2, 0)) become one RGB565 value, 0x0800";
        assert_says(&derived.warnings(), Code::TilesColoursMerged, fragment);
    }
}

#[test]
fn partly_transparent_pixels_are_told_once_with_the_first_in_row_order() {
    let mut image = Image::sized(GREY_ALPHA, 8, 16, 8);
    image.samples = (0..128).flat_map(|at| [0, at + 1]).collect();
    for interlaced in [false, true] {
        image.interlaced = interlaced;
        let derived = derive(&image.encode());
        let [error] = *derived.errors() else { panic!("{:#?}", derived.outcome.diagnostics) };
        assert_eq!(error.code, Code::TilesAlpha);
        let message =
            "128 pixels have an alpha other than 0 and 255: 1 at (0, 0); 2 at (1, 0); 3 at (2, 0); and 125 more";
        assert_eq!(error.message, message);
    }
}

/// An indexed image of depth 8 with a grey palette of `entries`.
fn indexed(entries: u8) -> Image {
    let mut image = Image::new(INDEXED, 8);
    image.palette = Some((0..entries).flat_map(|entry| [entry; 3]).collect());
    image
}

#[test]
fn indices_up_to_15_are_kept_with_entry_0s_colour() {
    let mut image = indexed(20);
    image.palette.as_mut().unwrap()[..3].copy_from_slice(&[255, 0, 0]);
    (image.samples[1], image.samples[62]) = (15, 7);
    let derived = derive(&image.encode());
    assert_eq!(derived.payload().0[0], 0x0f);
    assert_eq!(derived.payload().0[31], 0x70);
    assert_eq!(derived.palette(0)[0], 0xf800);
    assert_eq!(derived.palette(0)[15], 2 << 11 | 4 << 5 | 2);

    image.samples[33] = 16;
    assert_says(&derive(&image.encode()).errors(), Code::TilesIndex, "(1, 4) has palette index 16");
    image.samples[33] = 20;
    let derived = derive(&image.encode());
    let fragment = "(1, 4) has palette index 20, but the palette (PLTE) has 20 entries";
    assert_says(&derived.errors(), Code::PngIndexBeyondPalette, fragment);
    assert_eq!(derived.errors().len(), 1);
}

#[test]
fn each_fault_of_indices_is_told_once_with_the_first_in_row_order() {
    let mut image = indexed(20);
    image.transparency = Some([vec![255; 10], vec![0; 6]].concat());
    image.samples = (0..64).map(|at| at % 24).collect();
    for interlaced in [false, true] {
        image.interlaced = interlaced;
        let derived = derive(&image.encode());
        assert_eq!(derived.outcome.diagnostics.len(), 3, "{:#?}", derived.outcome.diagnostics);
        for (code, says) in [
            (
                Code::PngIndexBeyondPalette,
                "8 pixels have palette indices beyond the palette (PLTE), which has 20 entries: 20 at (4, 2); 21 at \
                 (5, 2); 22 at (6, 2); and 5 more",
            ),
            (
                Code::TilesIndex,
                "8 pixels have palette indices above 15, which are not allowed: 16 at (0, 2); 17 at (1, 2); 18 at (2, \
                 2); and 5 more",
            ),
            (
                Code::TilesAlpha,
                "6 palette entries have an alpha that is not allowed, and are used: entry 10 has 0, first at (2, 1); \
                 entry 11 has 0, first at (3, 1); entry 12 has 0, first at (4, 1); and 3 more",
            ),
        ] {
            assert_says(&derived.errors(), code, says);
        }
    }
}

#[test]
fn an_opaque_entry_0_that_is_used_is_told_once_and_changes_no_byte() {
    let mut image = Image::sized(INDEXED, 8, 16, 32);
    image.palette = Some([[255, 128, 0], [1, 1, 1]].concat());
    image.samples.fill(1);
    assert!(derive(&image.encode()).outcome.diagnostics.is_empty(), "entry 0 is not used");
    // More in a row than a byte counts, and the first of them below others.
    image = Image { width: 512, height: 8, samples: vec![1; 512 * 8], ..image };
    image.samples[512..512 * 7].fill(0);
    image.samples[512..520].fill(1);
    for interlaced in [false, true] {
        image.interlaced = interlaced;
        image.transparency = None;
        let warned = derive(&image.encode());
        let [warning] = *warned.warnings() else { panic!("{:#?}", warned.outcome.diagnostics) };
        assert_eq!((warning.code, warning.path.as_deref()), (Code::TilesEntryZero, Some("0.png")));
        let message = "3064 of 4096 pixels have palette entry 0, #ff8000, which the console shows as transparent; the \
                       first is at (8, 1)";
        assert_eq!(warning.message, message);
        let meant = derive_with(8, EntryZero::Transparent, &[image.encode()]);
        assert!(meant.outcome.diagnostics.is_empty());
        assert_eq!(meant.outcome.payload, warned.outcome.payload);
        for (transparency, warnings) in [(vec![255, 255], 1), (vec![0], 0)] {
            image.transparency = Some(transparency);
            let derived = derive(&image.encode());
            assert_eq!(derived.warnings().len(), warnings, "{:#?}", derived.outcome.diagnostics);
            assert_eq!(derived.outcome.payload, warned.outcome.payload);
        }
    }
    // In a picture with an error, entry 0 is no matter yet.
    image.samples[0] = 2;
    image.transparency = None;
    assert_eq!(derive(&image.encode()).outcome.diagnostics.len(), 1);
}

#[test]
fn in_other_kinds_of_pictures_no_opaque_pixel_is_index_0() {
    for colour in [GREY, RGB, GREY_ALPHA, RGBA] {
        let mut image = Image::new(colour, 8);
        image.samples.fill(255);
        assert!(derive(&image.encode()).outcome.diagnostics.is_empty(), "colour type {colour}");
    }
}

#[test]
fn alpha_of_palette_entries_counts_where_they_are_used() {
    let mut image = indexed(4);
    image.samples[20..24].fill(3);
    image.transparency = Some(vec![0, 0, 128, 255]);
    derive(&image.encode()).payload();

    for (entry, alpha) in [(1, 0), (2, 128)] {
        for interlaced in [false, true] {
            image.interlaced = interlaced;
            image.samples[19] = entry;
            let derived = derive(&image.encode());
            assert_eq!(derived.errors().len(), 1);
            let fragment = format!("palette entry {entry} has alpha {alpha} and is used, first at (3, 2)");
            assert_says(&derived.errors(), Code::TilesAlpha, &fragment);
        }
    }
    image.transparency = Some(vec![127]);
    let derived = derive(&image.encode());
    assert_says(&derived.errors(), Code::TilesAlpha, "palette entry 0 has alpha 127 and is used, first at (0, 0)");
}

#[test]
fn transparency_is_compared_as_a_16_bit_value() {
    let mut image = Image::new(GREY, 4);
    image.samples[0] = 5;
    for (transparent, first) in [([0, 5], 0x01), ([1, 5], 0x21), ([0, 0x55], 0x21)] {
        image.transparency = Some(transparent.to_vec());
        assert_eq!(derive(&image.encode()).payload().0[0], first, "{transparent:?}");
    }
    let mut image = Image::new(RGB, 8);
    image.samples[..3].copy_from_slice(&[1, 2, 30]);
    for (transparent, first) in [([0, 1, 0, 2, 0, 30], 0x01), ([0, 1, 1, 2, 0, 30], 0x21)] {
        image.transparency = Some(transparent.to_vec());
        assert_eq!(derive(&image.encode()).payload().0[0], first, "{transparent:?}");
    }
}

#[test]
fn a_palette_in_a_truecolour_image_is_ignored() {
    for colour in [RGB, RGBA] {
        let mut image = Image::new(colour, 8);
        image.samples = vec![255; 64 * channels(colour)];
        let plain = derive(&image.encode());
        image.palette = Some(vec![1; 768]);
        assert_eq!(derive(&image.encode()).outcome, plain.outcome);
        assert_eq!(plain.palette(0)[..3], [0, 0xffff, 0]);
    }
}

#[test]
fn files_are_stacked_and_share_equal_palettes() {
    let mut red = indexed(2);
    red.palette = Some(vec![255, 0, 0]);
    let mut tall = Image::sized(INDEXED, 1, 8, 24);
    tall.palette = Some(vec![0, 255, 0]);
    let derived = derive_files(8, &[red.encode(), tall.encode(), red.encode()]);
    let (payload, metadata) = derived.payload();
    assert_eq!(payload.len(), 8 * 40 / 2 + 2048);
    assert_eq!(
        *metadata,
        json!({
            "tile_size": 8, "width": 8, "height": 40, "palette_count": 64, "palette_authored": 2,
            "sheets": [
                {"first_tile": 0, "palette": 0, "tile_count": 1},
                {"first_tile": 1, "palette": 1, "tile_count": 3},
                {"first_tile": 4, "palette": 0, "tile_count": 1},
            ],
        })
    );
    assert_eq!((derived.palette(0)[0], derived.palette(1)[0], derived.palette(2)[0]), (0xf800, 0x07e0, 0));
}
