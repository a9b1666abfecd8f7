//! PNG files with one fault each, and what is said of them.

use papack_queries::diagnostic::Code;

use super::encoder::{Chunk, GREY, GREY_ALPHA, INDEXED, Image, RGB, RGBA, assemble, compress};

pub type Change = fn(&mut Vec<Chunk>);

/// Where the first chunk of this type is.
pub fn find(chunks: &[Chunk], kind: &[u8; 4]) -> usize {
    chunks.iter().position(|chunk| &chunk.kind == kind).unwrap()
}

/// The first chunk of this type.
pub fn get<'a>(chunks: &'a mut [Chunk], kind: &[u8; 4]) -> &'a mut Chunk {
    let at = find(chunks, kind);
    &mut chunks[at]
}

/// Puts a chunk before the first one of type `next`.
pub fn put(chunks: &mut Vec<Chunk>, next: &[u8; 4], kind: &[u8; 4], length: usize) {
    let at = find(chunks, next);
    chunks.insert(at, Chunk::new(kind, vec![0; length]));
}

/// Replaces the image data.
pub fn data(chunks: &mut [Chunk], change: impl FnOnce(&mut Vec<u8>)) {
    change(&mut get(chunks, b"IDAT").data);
}

/// An image of 8 × 8 samples that has no fault.
pub fn sound(colour: u8) -> Image {
    Image::new(colour, if colour == INDEXED { 2 } else { 8 })
}

const HEADER: &[(Change, &str)] = &[
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

const CHUNKS: &[(Change, &str)] = &[
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

const PALETTES: &[(u8, Change, &str)] = &[
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

const TRANSPARENCY: &[(u8, Change, &str)] = &[
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

const DATA: &[(Change, &str)] = &[
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

const ANIMATIONS: &[(Change, &str)] =
    &[(|c| put(c, b"IDAT", b"acTL", 8), "acTL chunk at byte 33"), (|c| put(c, b"IEND", b"acTL", 8), "animation")];

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

fn raw() -> Vec<(Vec<u8>, &'static str)> {
    let file = Image::new(GREY, 8).encode();
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    vec![
        (Vec::new(), "the file is no PNG: it is empty; a PNG begins with its signature (byte 0)"),
        (with(0, b"\x88"), "it begins with `\\x88PNG\\r\\n\\x1a\\n`; a PNG begins with its signature (byte 0)"),
        (
            [b"\x89PNG\n\x1a\n", &file[8..]].concat(),
            "the file is a damaged PNG, one whose line ends were converted (CRLF became LF)",
        ),
        (with(0, b"\x09"), "is a damaged PNG, one that lost the highest bit of each byte"),
        (vec![0; 100], "it is NUL bytes instead of content"),
        (b"\xff\xfe8\0 \0x\0 \x008\0".to_vec(), "it is text in UTF-16, with a byte-order mark"),
        (b"RIFF\x04\0\0\0WAVE".to_vec(), "is a WAV, which TILES/indexed_v1 does not take"),
        (file[..8].to_vec(), "the file ends at byte 8 without an IEND chunk"),
        (file[..15].to_vec(), "the chunk at byte 8 is cut off after 7 bytes"),
        (file[..20].to_vec(), "the IHDR chunk at byte 8 runs past the end of the file: 25 bytes, where 12 remain"),
        (file[..file.len() - 1].to_vec(), "the IEND chunk"),
        (with(33, &[0x7f, 0xff, 0xff, 0xff]), "the IDAT chunk at byte 33 runs past the end of the file: 2147483659"),
        (with(33, &[0x80, 0, 0, 0]), "the length of the IDAT chunk at byte 33, 2147483648, is above 2147483647"),
        (with(33, &[0xff; 4]), "is above 2147483647"),
    ]
}

/// Each file, and the code and a part of the message of its only error.
pub fn broken() -> Vec<(Vec<u8>, Code, &'static str)> {
    use Code::{PngInvalid, PngUnsupported};
    let changed = |colour, change: Change| {
        let mut chunks = sound(colour).chunks();
        change(&mut chunks);
        assemble(&chunks)
    };
    let grey =
        [HEADER, CHUNKS, DATA].concat().into_iter().map(|(change, says)| (changed(GREY, change), PngInvalid, says));
    let others = [PALETTES, TRANSPARENCY].concat().into_iter();
    let others = others.map(|(colour, change, says)| (changed(colour, change), PngInvalid, says));
    let moving = ANIMATIONS.iter().map(|(change, says)| (changed(GREY, *change), PngUnsupported, *says));
    let deep = [GREY, RGB, GREY_ALPHA, RGBA]
        .map(|colour| (Image::new(colour, 16).encode(), PngUnsupported, "16 bits a channel"));
    let raw = raw().into_iter().map(|(file, says)| (file, PngInvalid, says));
    let pointer = (POINTER.to_vec(), Code::FileLfsPointer, "the file itself, of 12345 bytes");
    grey.chain(others).chain(moving).chain(deep).chain(raw).chain([pointer]).collect()
}
