//! Broken files: what is said about each.

use papack_queries::diagnostic::Code;

use super::broken::{Change, broken, data, get, put, sound};
use super::encoder::{GREY, GREY_ALPHA, INDEXED, Image, RGB, RGBA, assemble, compress};
use super::{assert_says, derive};

#[test]
fn each_rule_has_its_fault() {
    for colour in [GREY, RGB, INDEXED, GREY_ALPHA, RGBA] {
        derive(&sound(colour).encode()).payload();
    }
    for (file, code, fragment) in broken() {
        let derived = derive(&file);
        assert_says(&derived.errors(), code, fragment);
        assert_eq!(derived.errors().len(), 1, "{:#?}", derived.outcome.diagnostics);
        assert_eq!(derived.errors()[0].path.as_deref(), Some("0.png"));
    }
}

#[test]
fn a_palette_behind_its_transparency_makes_both_misplaced() {
    let mut chunks = Image::new(INDEXED, 2).chunks();
    put(&mut chunks, b"PLTE", b"tRNS", 1);
    let derived = derive(&assemble(&chunks));
    assert_says(&derived.errors(), Code::PngInvalid, "a misplaced tRNS chunk at byte 33: no PLTE comes before it");
}

#[test]
fn an_unknown_filter_names_its_row_and_pass() {
    let mut image = Image::sized(GREY, 8, 8, 16);
    image.interlaced = true;
    // The fifth row of data is the second of the third pass's two.
    image.filters = vec![0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let derived = derive(&image.encode());
    assert_says(&derived.errors(), Code::PngInvalid, "unknown filter type 9 in row 12 of the image, interlace pass 3");
}

#[test]
fn several_faults_of_a_file_are_all_reported_up_to_20() {
    let mut chunks = Image::new(GREY, 8).chunks();
    chunks[1].crc_error = 1;
    put(&mut chunks, b"IDAT", b"tRNS", 3);
    put(&mut chunks, b"IDAT", b"acTL", 0);
    let derived = derive(&assemble(&chunks));
    let codes: Vec<_> = derived.errors().iter().map(|error| error.code).collect();
    assert_eq!(codes, [Code::PngInvalid, Code::PngUnsupported, Code::PngInvalid]);

    for _ in 0..30 {
        put(&mut chunks, b"IDAT", b"Abcd", 0);
    }
    let derived = derive(&assemble(&chunks));
    assert_eq!(derived.errors().len(), 20);
    assert_eq!(derived.errors()[19].help.as_deref(), Some("13 more like this in the file are not shown"));
}

#[test]
fn what_is_no_fault() {
    let image = Image::new(GREY, 8);
    let plain = derive(&image.encode());
    assert!(plain.outcome.diagnostics.is_empty());
    let cases: &[Change] = &[
        // Ancillary chunks are not looked into, wherever they are, checksum included.
        |c| {
            for kind in [b"gAMA", b"iCCP", b"zTXt", b"fdAT", b"sBIT", b"bKGD", b"abCD"] {
                put(c, b"IDAT", kind, 3);
                get(c, kind).crc_error = 7;
                put(c, b"IEND", kind, 5);
            }
        },
        // More image data than needed, and bytes after the stream.
        |c| data(c, |d| *d = compress(&vec![0; 500_000])),
        |c| data(c, |d| d.extend([1, 2, 3])),
        |c| {
            put(c, b"IEND", b"IDAT", 9);
            put(c, b"IDAT", b"IDAT", 0);
        },
    ];
    for change in cases {
        let mut chunks = image.chunks();
        change(&mut chunks);
        assert_eq!(derive(&assemble(&chunks)).outcome, plain.outcome);
    }
}

#[test]
fn bytes_after_the_end_are_a_warning() {
    let mut file = Image::new(GREY, 8).encode();
    let end = file.len();
    file.extend(b"more");
    let derived = derive(&file);
    derived.payload();
    assert_eq!(derived.outcome.diagnostics.len(), 1);
    let fragment = format!("the bytes after IEND are ignored: 4, from byte {end}");
    assert_says(&derived.warnings(), Code::PngTrailingBytes, &fragment);
}
