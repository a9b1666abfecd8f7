//! Broken files: what is said about each.

use papack_queries::diagnostic::Code;

use super::encoder::{Chunk, GREY, GREY_ALPHA, INDEXED, Image, RGB, RGBA, assemble, compress};
use super::{assert_says, derive};

type Change = fn(&mut Vec<Chunk>);

/// Where the first chunk of this type is.
fn find(chunks: &[Chunk], kind: &[u8; 4]) -> usize {
    chunks.iter().position(|chunk| &chunk.kind == kind).unwrap()
}

/// The first chunk of this type.
fn get<'a>(chunks: &'a mut [Chunk], kind: &[u8; 4]) -> &'a mut Chunk {
    let at = find(chunks, kind);
    &mut chunks[at]
}

/// Puts a chunk before the first one of type `next`.
fn put(chunks: &mut Vec<Chunk>, next: &[u8; 4], kind: &[u8; 4], length: usize) {
    let at = find(chunks, next);
    chunks.insert(at, Chunk::new(kind, vec![0; length]));
}

/// Replaces the image data.
fn data(chunks: &mut [Chunk], change: impl FnOnce(&mut Vec<u8>)) {
    change(&mut get(chunks, b"IDAT").data);
}

/// Asserts what is said of an 8 × 8 image of this kind after a change of its chunks, given as the only error.
#[track_caller]
fn assert_fault(colour: u8, change: Change, code: Code, fragment: &str) {
    let depth = if colour == INDEXED { 2 } else { 8 };
    let mut chunks = Image::new(colour, depth).chunks();
    derive(&assemble(&chunks)).payload();
    change(&mut chunks);
    let derived = derive(&assemble(&chunks));
    assert_says(&derived.errors(), code, fragment);
    assert_eq!(derived.errors().len(), 1, "{:#?}", derived.outcome.diagnostics);
    assert_eq!(derived.errors()[0].path.as_deref(), Some("assets/a/0.png"));
}

#[test]
fn faults_of_the_header() {
    let cases: &[(Change, &str)] = &[
        (|c| drop(c.remove(0)), "the first chunk, at byte 8, is IDAT, not IHDR"),
        (|c| put(c, b"IDAT", b"IHDR", 13), "a second IHDR chunk at byte 33"),
        (|c| c[0].data.push(0), "the IHDR chunk at byte 8 has 14 bytes, not 13"),
        (|c| c[0].data.truncate(12), "has 12 bytes, not 13"),
        (|c| c[0].crc_error = 1, "the CRC of the IHDR chunk at byte 8 is wrong"),
        (|c| c[0].data[8] = 3, "colour type 0 with depth 3"),
        (|c| c[0].data[9] = 1, "colour type 1 with depth 8"),
        (|c| c[0].data[9] = 7, "colour type 7"),
        (|c| (c[0].data[8], c[0].data[9]) = (4, 2), "colour type 2 with depth 4"),
        (|c| (c[0].data[8], c[0].data[9]) = (16, 3), "colour type 3 with depth 16"),
        (|c| c[0].data[10] = 1, "unknown compression method: 1"),
        (|c| c[0].data[11] = 1, "unknown filter method: 1"),
        (|c| c[0].data[12] = 2, "unknown interlace method: 2"),
    ];
    for (change, fragment) in cases {
        assert_fault(GREY, *change, Code::PngInvalid, fragment);
    }
}

#[test]
fn faults_of_the_chunk_structure() {
    let cases: &[(Change, &str)] = &[
        (|c| put(c, b"IDAT", b"ABCd", 3), "an unknown critical chunk, ABCd, at byte 33"),
        (|c| put(c, b"IDAT", b"a-cd", 3), "the type of the chunk at byte 33 is not four ASCII letters"),
        (|c| drop(c.remove(1)), "no IDAT chunk before the IEND chunk at byte 33"),
        (|c| drop(c.pop()), "without an IEND chunk"),
        (|c| get(c, b"IEND").data.push(1), "has 1 bytes, not 0"),
        (|c| get(c, b"IEND").crc_error = 1, "the CRC of the IEND chunk"),
        (|c| get(c, b"IDAT").crc_error = 1, "the CRC of the IDAT chunk at byte 33 is wrong"),
        (
            |c| {
                let rest = get(c, b"IDAT").data.split_off(5);
                put(c, b"IEND", b"tEXt", 1);
                put(c, b"IEND", b"IDAT", 0);
                c[3].data = rest;
            },
            "the IDAT chunk at byte 63 does not follow",
        ),
    ];
    for (change, fragment) in cases {
        assert_fault(GREY, *change, Code::PngInvalid, fragment);
    }
}

#[test]
fn faults_of_palettes() {
    let cases: &[(u8, Change, &str)] = &[
        (GREY, |c| put(c, b"IDAT", b"PLTE", 3), "a misplaced PLTE chunk at byte 33: grey"),
        (GREY_ALPHA, |c| put(c, b"IDAT", b"PLTE", 3), "a misplaced PLTE chunk"),
        (INDEXED, |c| drop(c.remove(1)), "no PLTE chunk before the first IDAT chunk, at byte 33"),
        (INDEXED, |c| put(c, b"IDAT", b"PLTE", 3), "a second PLTE chunk at byte 48"),
        (RGB, |c| put(c, b"IEND", b"PLTE", 3), "after IDAT"),
        (
            RGB,
            |c| {
                put(c, b"IDAT", b"tRNS", 6);
                put(c, b"IDAT", b"PLTE", 3);
            },
            "a misplaced PLTE chunk at byte 51, after tRNS",
        ),
        (INDEXED, |c| get(c, b"PLTE").data.clear(), "has 0 bytes, not 3 for each of 1 to 4 colours"),
        (INDEXED, |c| get(c, b"PLTE").data.push(0), "has 4 bytes"),
        (INDEXED, |c| get(c, b"PLTE").data.resize(15, 0), "has 15 bytes"),
        (RGBA, |c| put(c, b"IDAT", b"PLTE", 771), "has 771 bytes, not 3 for each of 1 to 256 colours"),
        (RGB, |c| put(c, b"IDAT", b"PLTE", 4), "has 4 bytes"),
        (INDEXED, |c| get(c, b"PLTE").crc_error = 1, "the CRC of the PLTE chunk at byte 33 is wrong"),
    ];
    for (colour, change, fragment) in cases {
        assert_fault(*colour, *change, Code::PngInvalid, fragment);
    }
}

#[test]
fn faults_of_transparency() {
    let cases: &[(u8, Change, &str)] = &[
        (GREY_ALPHA, |c| put(c, b"IDAT", b"tRNS", 2), "the image has an alpha channel"),
        (RGBA, |c| put(c, b"IDAT", b"tRNS", 6), "the image has an alpha channel"),
        (GREY, |c| put(c, b"IEND", b"tRNS", 2), "after IDAT"),
        (GREY, |c| put(c, b"IDAT", b"tRNS", 1), "has 1 bytes, not 2"),
        (RGB, |c| put(c, b"IDAT", b"tRNS", 3), "has 3 bytes, not 6"),
        (INDEXED, |c| put(c, b"IDAT", b"tRNS", 0), "has 0 bytes, not 1"),
        (INDEXED, |c| put(c, b"IDAT", b"tRNS", 2), "the tRNS chunk at byte 48 has 2 bytes, not 1"),
        (
            GREY,
            |c| {
                put(c, b"IDAT", b"tRNS", 2);
                put(c, b"IDAT", b"tRNS", 2);
            },
            "a second tRNS chunk at byte 47",
        ),
        (
            GREY,
            |c| {
                put(c, b"IDAT", b"tRNS", 2);
                get(c, b"tRNS").crc_error = 1;
            },
            "the CRC of the tRNS chunk at byte 33 is wrong",
        ),
    ];
    for (colour, change, fragment) in cases {
        assert_fault(*colour, *change, Code::PngInvalid, fragment);
    }
    // Before the palette it is misplaced, and so is the palette.
    let mut chunks = Image::new(INDEXED, 2).chunks();
    put(&mut chunks, b"PLTE", b"tRNS", 1);
    let derived = derive(&assemble(&chunks));
    assert_says(&derived.errors(), Code::PngInvalid, "a misplaced tRNS chunk at byte 33: no PLTE comes before it");
}

#[test]
fn faults_of_image_data() {
    let cases: &[(Change, &str)] = &[
        (|c| data(c, |d| d.truncate(d.len() - 1)), "where its zlib stream has not ended"),
        (|c| data(c, |d| d.truncate(d.len() - 4)), "where its zlib stream has not ended"),
        (|c| data(c, |d| d.truncate(4)), "where its zlib stream has not ended"),
        (|c| data(c, Vec::clear), "inflates to less than the 72 that IHDR implies"),
        (|c| data(c, |d| *d.last_mut().unwrap() ^= 1), "cannot be inflated at byte"),
        (|c| data(c, |d| d[0] = 0), "cannot be inflated at byte"),
        (|c| data(c, |d| (d[0], d[1]) = (0x78, 0x20)), "cannot be inflated at byte"),
        (|c| data(c, |d| *d = compress(&[0; 71])), "inflates to 71 bytes, less than the 72 that IHDR implies"),
        (|c| data(c, |d| *d = compress(&[])), "less than the 72"),
        (|c| data(c, |d| *d = compress(&[5; 72])), "unknown filter type 5 in row 0 of the image"),
        (
            |c| {
                // Adler-32 of data beyond what is needed counts too.
                data(c, |d| {
                    *d = compress(&vec![0; 100_000]);
                    *d.last_mut().unwrap() ^= 1;
                });
            },
            "cannot be inflated at byte",
        ),
    ];
    for (change, fragment) in cases {
        assert_fault(GREY, *change, Code::PngInvalid, fragment);
    }
    let mut image = Image::sized(GREY, 8, 8, 16);
    image.interlaced = true;
    // The fifth row of data is the second of the third pass's two.
    image.filters = vec![0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let derived = derive(&image.encode());
    assert_says(&derived.errors(), Code::PngInvalid, "unknown filter type 9 in row 12 of the image, interlace pass 3");
}

#[test]
fn unsupported_kinds() {
    for colour in [GREY, RGB, GREY_ALPHA, RGBA] {
        let derived = derive(&Image::new(colour, 16).encode());
        assert_eq!(derived.errors().len(), 1);
        assert_says(&derived.errors(), Code::PngUnsupported, "16 bits a channel");
    }
    assert_fault(GREY, |c| put(c, b"IDAT", b"acTL", 8), Code::PngUnsupported, "acTL chunk at byte 33");
    assert_fault(GREY, |c| put(c, b"IEND", b"acTL", 8), Code::PngUnsupported, "animation");
}

#[test]
fn faults_of_raw_bytes() {
    let file = Image::new(GREY, 8).encode();
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let cases = [
        (Vec::new(), "the file is no PNG: it is empty; a PNG begins with its signature (byte 0)"),
        (with(0, b"\x88"), "signature"),
        (file[..8].to_vec(), "the file ends at byte 8 without an IEND chunk"),
        (file[..15].to_vec(), "the chunk at byte 8 is cut off after 7 bytes"),
        (file[..20].to_vec(), "the IHDR chunk at byte 8 runs past the end of the file: 25 bytes, where 12 remain"),
        (file[..file.len() - 1].to_vec(), "the IEND chunk"),
        (with(33, &[0x7f, 0xff, 0xff, 0xff]), "the IDAT chunk at byte 33 runs past the end of the file: 2147483659"),
        (with(33, &[0x80, 0, 0, 0]), "the length of the IDAT chunk at byte 33, 2147483648, is above 2147483647"),
        (with(33, &[0xff; 4]), "is above 2147483647"),
    ];
    for (file, fragment) in cases {
        let derived = derive(&file);
        assert_says(&derived.errors(), Code::PngInvalid, fragment);
        assert_eq!(derived.errors().len(), 1);
    }
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
