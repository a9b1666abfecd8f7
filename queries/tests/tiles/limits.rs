//! Sizes, counts, and what a small file may claim.

use papack_queries::diagnostic::Code;

use super::encoder::{Chunk, GREY, INDEXED, Image, RGBA, assemble, compress};
use super::{Derived, assert_says, derive, derive_files};

/// A file whose header claims a size that its data does not have.
pub fn claim(width: u32, height: u32) -> Vec<u8> {
    let mut image = Image::new(RGBA, 8);
    let data = Chunk::new(b"IDAT", compress(&image.raw()));
    (image.width, image.height) = (width, height);
    assemble(&[Chunk::new(b"IHDR", image.header()), data, Chunk::new(b"IEND", Vec::new())])
}

/// Asserts that the sizes are refused with such messages, and nothing else is said, as nothing is decoded.
#[track_caller]
fn assert_refused(derived: &Derived, fragments: &[&str]) {
    let errors = derived.errors();
    assert_eq!(errors.len(), fragments.len(), "{errors:#?}");
    for fragment in fragments {
        assert_says(&errors, Code::TilesSize, fragment);
    }
}

#[test]
fn sizes_are_positive_multiples_of_the_tile_size() {
    assert_refused(&derive(&claim(0, 8)), &["the width of 0 pixels is no positive multiple of the tile size 8"]);
    assert_refused(&derive(&claim(8, 0)), &["the height of 0 pixels is no positive multiple"]);
    assert_refused(&derive(&claim(12, 20)), &["the width of 12", "the height of 20"]);
    let file = Image::sized(GREY, 1, 48, 16).encode();
    derive_files(8, std::slice::from_ref(&file)).payload();
    derive_files(16, std::slice::from_ref(&file)).payload();
    assert_refused(&derive_files(32, &[file]), &["the width of 48", "the height of 16"]);
}

#[test]
fn the_largest_sizes_are_allowed_and_larger_ones_are_not() {
    derive(&Image::sized(GREY, 1, 4096, 8).encode()).payload();
    assert_refused(&derive(&claim(4104, 8)), &["the width of 4104 pixels is above the limit of 4096"]);
    derive(&Image::sized(GREY, 1, 8, 65_536).encode()).payload();
    assert_refused(&derive(&claim(8, 65_544)), &["above the limit of 65536 rows; it has 65544"]);
    assert_refused(&derive(&claim(4096, 4104)), &["above the limit of 16777216 pixels; it has 16809984"]);
    assert_refused(
        &derive(&claim(u32::MAX, u32::MAX)),
        &[
            "the width of 4294967295 pixels is no",
            "the height of 4294967295 pixels is no",
            "above the limit of 4096",
            "rows",
            "pixels",
        ],
    );
}

#[test]
fn totals_are_reported_once_where_they_are_exceeded() {
    let half = claim(8, 32_768);
    let derived = derive_files(8, &[half.clone(), half, claim(8, 8), claim(8, 8)]);
    assert_refused(&derived, &["above the limit of 65536 rows; it has 65552"]);
    assert_eq!(derived.errors()[0].path.as_deref(), Some("2.png"));

    let derived = derive_files(8, &[claim(4096, 4096), claim(4096, 8)]);
    assert_refused(&derived, &["above the limit of 16777216 pixels; it has 16809984"]);
    assert_eq!(derived.errors()[0].path.as_deref(), Some("1.png"));
}

#[test]
fn files_of_one_asset_have_one_width() {
    let derived = derive_files(8, &[claim(16, 8), claim(16, 8), claim(24, 8)]);
    assert_refused(&derived, &["the width of 24 pixels differs from that of 0.png, the asset's first image: 16"]);
    assert_eq!(derived.errors()[0].path.as_deref(), Some("2.png"));
}

#[test]
fn faults_of_all_files_are_reported() {
    let mut faulty = Image::new(INDEXED, 8);
    faulty.samples[3] = 1;
    let derived = derive_files(8, &[b"text".to_vec(), Image::new(GREY, 8).encode(), faulty.encode()]);
    assert_eq!(derived.errors().len(), 2);
    assert_says(&derived.errors()[..1], Code::PngInvalid, "signature");
    assert_says(&derived.errors()[1..], Code::PngIndexBeyondPalette, "(3, 0)");
    assert_eq!(derived.errors()[1].path.as_deref(), Some("2.png"));
}

#[test]
fn a_claim_beyond_what_the_data_can_hold_is_refused() {
    let derived = derive(&claim(4096, 4096));
    assert_eq!(derived.errors().len(), 1);
    assert_says(&derived.errors(), Code::PngInvalid, "less than the 67112960 that IHDR implies");
    let derived = derive(&claim(8, 16));
    assert_says(&derived.errors(), Code::PngInvalid, "inflates to 264 bytes, less than the 528 that IHDR implies");
}

/// An indexed image whose palette is unlike that of any other number.
fn numbered(number: u8) -> Vec<u8> {
    let mut image = Image::new(INDEXED, 1);
    image.palette = Some(vec![(number / 8) * 24, (number % 8) * 24, 0]);
    image.encode()
}

#[test]
fn a_bank_holds_64_palettes() {
    let mut files: Vec<_> = (0..64).map(numbered).collect();
    files.extend((0..64).rev().map(numbered));
    let derived = derive_files(8, &files);
    let metadata = &derived.payload().1;
    assert_eq!(metadata["palette_authored"], 64);
    assert_eq!(metadata["sheets"][65]["palette"], 62);
    assert_eq!(metadata["sheets"][65]["first_tile"], 65);

    files.extend([numbered(64), numbered(64), numbered(65)]);
    let derived = derive_files(8, &files);
    assert_eq!(derived.errors().len(), 1);
    assert_says(&derived.errors(), Code::TilesPalettes, "65th distinct palette");
    assert_eq!(derived.errors()[0].path.as_deref(), Some("128.png"));
}
