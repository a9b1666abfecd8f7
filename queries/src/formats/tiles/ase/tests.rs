//! Sprites that others drew, against the pictures that Aseprite itself exported of them: `queries/tests/aseprite`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "the sprites are files")]

use std::fs;
use std::path::PathBuf;

use super::Ase;
use super::blend::Mode;
use super::sprite::Rectangle;
use crate::formats::faults::Faults;
use crate::formats::part::{Frames, Part};
use crate::formats::tiles::image::{Image, Pixels};

fn corpus() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aseprite"))
}

/// The pictures of `part` of a file.
fn drawn(name: &str, part: Option<&Part>) -> Vec<Image> {
    let bytes = fs::read(corpus().join(name)).unwrap();
    let mut faults = Faults::new(name);
    let ase = Ase::open(&bytes, part, &mut faults);
    let ase = ase.unwrap_or_else(|| panic!("{name}: {:#?}", faults.into_diagnostics()));
    let mut images = Vec::new();
    ase.images(|_, image| images.push(image)).unwrap();
    images
}

/// The colours of a picture. What is fully transparent has no other.
fn colours(image: &Image) -> Vec<[u8; 4]> {
    let shown = |colour: [u8; 4]| if colour[3] == 0 { [0; 4] } else { colour };
    match &image.pixels {
        Pixels::Rgba(pixels) => pixels.iter().copied().map(shown).collect(),
        Pixels::Indexed { indices, palette } => {
            indices.iter().map(|index| shown(palette[usize::from(*index)])).collect()
        }
    }
}

fn exported(name: &str) -> (u32, u32, Vec<[u8; 4]>) {
    let file = fs::File::open(corpus().join(name)).unwrap();
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let pixels: Vec<[u8; 4]> = match info.color_type {
        png::ColorType::GrayscaleAlpha => bytes.as_chunks().0.iter().map(|&[v, a]| [v, v, v, a]).collect(),
        _ => bytes.as_chunks().0.to_vec(),
    };
    let shown = |colour: [u8; 4]| if colour[3] == 0 { [0; 4] } else { colour };
    (info.width, info.height, pixels.into_iter().map(shown).collect())
}

fn frame(number: u32) -> Part {
    Part { frames: Some(Frames::Range(number, number)), ..Part::default() }
}

#[track_caller]
fn assert_same(sprite: &str, part: &Part, png: &str) {
    let images = drawn(sprite, Some(part));
    let (width, height, pixels) = exported(png);
    assert_eq!((images.len(), images[0].width, images[0].height), (1, width, height), "{sprite}");
    let colours = colours(&images[0]);
    let differing: Vec<_> = (0..pixels.len()).filter(|at| colours[*at] != pixels[*at]).collect();
    if let Some(first) = differing.first() {
        let (x, y) = (first % width as usize, first / width as usize);
        let (ours, theirs) = (colours[*first], pixels[*first]);
        panic!("{sprite}: {} pixels differ, first ({x}, {y}): {ours:?}, not {theirs:?}", differing.len());
    }
}

#[test]
fn frames_are_what_aseprite_exports() {
    for (sprite, pictures) in [
        ("256_color_old_palette_chunk", &["256_color_old_palette_chunk"][..]),
        ("background", &["background"]),
        ("big", &["big"]),
        ("grayscale", &["grayscale"]),
        ("indexed", &["indexed_01"]),
        ("layers_and_tags", &["layers_and_tags_01", "layers_and_tags_02", "layers_and_tags_03", "layers_and_tags_04"]),
        ("linked_cels", &["linked_cels_01", "linked_cels_02", "linked_cels_03"]),
        ("transparency", &["transparency_01", "transparency_02"]),
        ("tilemap", &["tilemap"]),
        ("tilemap_grayscale", &["tilemap_grayscale"]),
        ("tilemap_indexed", &["tilemap_indexed"]),
        ("tilemap_multi", &["tilemap_multi"]),
    ] {
        for (number, picture) in (0..).zip(pictures) {
            assert_same(&format!("{sprite}.aseprite"), &frame(number), &format!("{picture}.png"));
        }
    }
}

#[test]
fn blend_modes_are_those_of_aseprite() {
    let bytes = fs::read(corpus().join("blend.bin")).unwrap();
    let pixels: Vec<&[[u8; 4]]> = bytes.as_chunks().0.chunks_exact(2 + 19).collect();
    assert_eq!(pixels.len(), 256);
    let has_equal_channels = |[r, g, b, _]: [u8; 4]| r == g || g == b || r == b;
    let mut compared = 0;
    for pixel in pixels {
        let [below, above, exported @ ..] = pixel else { panic!() };
        for (number, expected) in (0..).zip(exported) {
            let mode = Mode::new(number).unwrap();
            // What Aseprite has mended since.
            let is_mended = match mode {
                Mode::Hue => has_equal_channels(*above),
                Mode::Saturation => has_equal_channels(*below),
                _ => false,
            };
            if !is_mended {
                let found = mode.over(*below, *above, 255);
                assert!(
                    found == *expected || found[3] == 0 && expected[3] == 0,
                    "{mode:?} of {above:?} over {below:?}: {found:?}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 4_700, "{compared}");
}

#[test]
fn raw_cels_and_slices_are_read() {
    let raw = drawn("rawcel.aseprite", None);
    assert!(raw.iter().all(|image| colours(image).iter().any(|colour| colour[3] > 0)));
    let bytes = fs::read(corpus().join("slice_advanced.aseprite")).unwrap();
    let sprite = super::parse(&bytes).unwrap();
    let names: Vec<_> = sprite.slices.iter().map(|slice| &*slice.name).collect();
    assert_eq!(names, ["Slice 1", "Slice 2"]);
    let bounds = |x, y, width, height| Rectangle { x, y, width, height };
    let last = |slice: usize| sprite.slices[slice].keys.last().map(|key| (key.frame, key.bounds));
    assert_eq!(last(0), Some((3, bounds(15, 21, 8, 10))));
    assert_eq!(last(1), Some((0, bounds(2, 1, 8, 8))));
}
