//! Pictures: broken files, bombs and liars, and pixels that a tile bank cannot hold.

use papack_queries::diagnostic::Code::{
    PngIndexBeyondPalette, PngInvalid, PngTrailingBytes, TilesAlpha, TilesColours, TilesColoursMerged, TilesEntryZero,
    TilesIndex, TilesPalettes, TilesSize,
};

use crate::broken::{broken, get, put};
use crate::case::{Case, Code, Fault, case, error, warning};
use crate::encoder::{Chunk, GREY, INDEXED, Image, RGB, RGBA, assemble, compress};
use crate::ground::{Ground, PIC};
use crate::space::manifest;

const PNG: &str = "assets/pic/pic.png";

fn picture(name: &str, bytes: Vec<u8>, faults: impl Into<Vec<Fault>>) -> Case {
    case(format!("png: {name}"), move |ground| ground.write(PNG, &bytes), faults)
}

/// The asset is made of these pictures instead.
fn pictures(name: &str, files: Vec<Vec<u8>>, faults: impl Into<Vec<Fault>>) -> Case {
    let entries: Vec<_> = (0..files.len()).map(|at| format!("{{\"file\": \"{at}.png\"}}")).collect();
    let spoil = move |ground: &Ground| {
        let tiles = r#""TILES/indexed_v1", "metadata": {"tile_size": 8}"#;
        ground.write(PIC, manifest(2, "pic", &entries.join(",")).replace(r#""DATA/raw_v1""#, tiles));
        files.iter().enumerate().for_each(|(at, file)| ground.write(&format!("assets/pic/{at}.png"), file));
    };
    case(format!("png: {name}"), spoil, faults)
}

fn one(name: &str, bytes: Vec<u8>, code: Code, says: &str) -> Case {
    picture(name, bytes, [error(code, PNG, "", says)])
}

pub fn cases() -> Vec<Case> {
    let table = broken()
        .into_iter()
        .enumerate()
        .map(|(at, (file, code, says))| one(&format!("{at}, {says}"), file, code, says));
    table.chain([bombs(), sizes(), pixels(), several()].into_iter().flatten()).collect()
}

/// A picture of 8 × 8 grey pixels whose chunks are changed.
fn changed(change: impl FnOnce(&mut Vec<Chunk>)) -> Vec<u8> {
    let mut chunks = Image::new(GREY, 8).chunks();
    change(&mut chunks);
    assemble(&chunks)
}

/// A header that says `width` and `height`, and what follows it.
fn header(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let image = Image { samples: Vec::new(), width, height, ..Image::new(RGBA, 8) };
    assemble(&[Chunk::new(b"IHDR", image.header()), Chunk::new(b"IDAT", data.to_vec()), Chunk::new(b"IEND", vec![])])
}

fn bombs() -> Vec<Case> {
    let bomb = compress(&vec![0; 4 << 20]);
    let ancillary = |kind: &'static [u8; 4]| {
        let text = [b"k\0\0".to_vec(), bomb.repeat(16)].concat();
        let file = changed(|chunks| chunks.insert(1, Chunk::new(kind, text)));
        picture(&format!("a bomb in {}", kind.escape_ascii()), file, [])
    };
    let lie = |name: &str, at: usize, bytes: &[u8], says: &str| {
        let mut file = changed(|_| ());
        file[at..at + bytes.len()].copy_from_slice(bytes);
        one(name, file, PngInvalid, says)
    };
    vec![
        ancillary(b"zTXt"),
        ancillary(b"iCCP"),
        ancillary(b"iTXt"),
        picture(
            "a bomb in IDAT, behind what IHDR implies",
            changed(|chunks| get(chunks, b"IDAT").data.clone_from(&bomb)),
            [],
        ),
        one(
            "the largest sheet, and no data",
            header(4096, 4096, &[]),
            PngInvalid,
            "0 bytes inflates to less than the 67112960 that IHDR implies",
        ),
        one(
            "the largest sheet, and a bomb too small",
            header(4096, 4096, &bomb),
            PngInvalid,
            "inflates to less than the 67112960 that IHDR implies",
        ),
        picture(
            "four billion pixels a side",
            header(u32::MAX, u32::MAX, &[]),
            [
                error(TilesSize, PNG, "", "the width of 4294967295 pixels is no positive multiple of the tile size 8"),
                error(TilesSize, PNG, "", "the height of 4294967295 pixels is no positive multiple"),
                error(TilesSize, PNG, "", "the width of 4294967295 pixels is above the limit of 4096"),
                error(TilesSize, PNG, "", "above the limit of 65536 rows; it has 4294967295"),
                error(TilesSize, PNG, "", "above the limit of 16777216 pixels; it has 18446744065119617025"),
            ],
        ),
        lie(
            "a chunk of 2 GiB",
            33,
            &[0x7f, 0xff, 0xff, 0xff],
            "the IDAT chunk at byte 33 runs past the end of the file: 2147483659",
        ),
        lie("a chunk of 4 GiB", 33, &[0xff; 4], "4294967295, is above 2147483647"),
        picture(
            "a hundred thousand empty chunks",
            changed(|chunks| {
                let chunk = Chunk::new(b"teXt", vec![]);
                chunks.splice(1..1, vec![chunk; 100_000]);
            }),
            [],
        ),
        one(
            "a mebibyte of noise",
            (0..1 << 20).map(|at: u32| (at.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect(),
            PngInvalid,
            "signature",
        ),
    ]
}

fn sizes() -> Vec<Case> {
    let sized = |width, height, says: &str| {
        one(&format!("{width} × {height}"), Image::sized(GREY, 1, width, height).encode(), TilesSize, says)
    };
    let at = |file: usize, says: &str| error(TilesSize, &format!("assets/pic/{file}.png"), "", says);
    let tall = || Image::sized(GREY, 1, 8, 32_768).encode();
    vec![
        sized(12, 8, "the width of 12 pixels is no positive multiple of the tile size 8"),
        sized(8, 7, "the height of 7 pixels is no positive multiple"),
        sized(4104, 8, "the width of 4104 pixels is above the limit of 4096"),
        sized(8, 65_544, "above the limit of 65536 rows; it has 65544"),
        sized(4096, 4104, "above the limit of 16777216 pixels; it has 16809984"),
        picture(
            "no pixel",
            header(0, 0, &compress(&[])),
            [
                error(TilesSize, PNG, "", "the width of 0 pixels is no positive"),
                error(TilesSize, PNG, "", "the height of 0 pixels is no positive"),
            ],
        ),
        pictures(
            "two widths",
            vec![Image::new(GREY, 8).encode(), Image::sized(GREY, 8, 16, 8).encode()],
            [at(1, "the width of 16 pixels differs from that of 0.png, the asset's first image: 8")],
        ),
        pictures(
            "a stack that is too high",
            vec![tall(), tall(), Image::new(GREY, 8).encode()],
            [at(2, "rows; it has 65544")],
        ),
    ]
}

fn pixels() -> Vec<Case> {
    let mut alpha = vec![[0; 4]; 64];
    alpha[19] = [1, 2, 3, 128];
    let mut merged = vec![[255, 0, 0, 255]; 64];
    merged[63] = [254, 0, 0, 255];
    let rainbow: Vec<_> = (0..64_u8).map(|at| [at % 16 * 16, 0, 0, 255]).collect();
    let palette = |colours: usize, index: usize, transparency: Option<Vec<u8>>| {
        let mut image = Image::new(INDEXED, 8);
        image.palette = Some((0..colours * 3).map(|at| (at * 7 % 256) as u8).collect());
        image.samples[63] = index as u8;
        image.transparency = transparency;
        image.encode()
    };
    let soft = |transparency: Vec<u8>, index| palette(4, index, Some(transparency));
    vec![
        one("an alpha of 128", Image::rgba(8, &alpha).encode(), TilesAlpha, "the pixel at (3, 2) has alpha 128"),
        one("16 colours", Image::rgba(8, &rainbow).encode(), TilesColours, "16"),
        picture(
            "two colours that become one",
            Image::rgba(8, &merged).encode(),
            [warning(TilesColoursMerged, PNG, "", "(7, 7)")],
        ),
        one("index 16", palette(17, 16, None), TilesIndex, "(7, 7)"),
        one("an index beyond the palette", palette(4, 4, None), PngIndexBeyondPalette, "(7, 7)"),
        one("an index of 255 and a palette of 16", palette(16, 255, None), PngIndexBeyondPalette, "(7, 7)"),
        one("a soft entry 0", soft(vec![127], 0), TilesAlpha, "(0, 0)"),
        one("a transparent entry 3", soft(vec![255, 255, 255, 0], 3), TilesAlpha, "(7, 7)"),
        picture("a soft entry that no pixel uses", soft(vec![0, 127, 127], 0), []),
        picture("an opaque entry 0", palette(4, 1, None), [warning(TilesEntryZero, PNG, "", "63 of 64 pixels")]),
        pictures(
            "65 palettes",
            (0..65_u8).map(tinted).collect::<Vec<_>>(),
            [error(TilesPalettes, "assets/pic/64.png", "", "64")],
        ),
        picture(
            "bytes behind the end",
            [Image::new(GREY, 8).encode(), vec![0; 1000]].concat(),
            [warning(PngTrailingBytes, PNG, "", "the bytes after IEND are ignored: 1000")],
        ),
    ]
}

/// A picture of one colour, told from others by its number.
fn tinted(number: u8) -> Vec<u8> {
    Image::rgba(8, &[[(u16::from(number % 32) * 255 / 31) as u8, number / 32 * 64, 0, 255]; 64]).encode()
}

fn several() -> Vec<Case> {
    let soft: Vec<_> = (0..64_u8).map(|at| [0, 0, 0, at + 1]).collect();
    let first_three =
        "64 pixels have an alpha other than 0 and 255: 1 at (0, 0); 2 at (1, 0); 3 at (2, 0); and 61 more";
    let mut every_index = Image::new(INDEXED, 8);
    every_index.palette = Some(vec![7; 40 * 3]);
    every_index.samples = (0..64).collect();
    let noise = changed(|chunks| {
        put(chunks, b"IDAT", b"tRNS", 3);
        put(chunks, b"IDAT", b"acTL", 8);
        get(chunks, b"IDAT").crc_error = 1;
    });
    vec![
        picture(
            "a picture that is soft all over",
            Image::rgba(8, &soft).encode(),
            [error(TilesAlpha, PNG, "", first_three)],
        ),
        picture(
            "every index",
            every_index.encode(),
            [
                error(PngIndexBeyondPalette, PNG, "", "24 pixels have palette indices beyond the palette (PLTE)"),
                error(TilesIndex, PNG, "", "24 pixels have palette indices above 15"),
            ],
        ),
        picture(
            "three faults of one file",
            noise,
            [
                error(PngInvalid, PNG, "", "tRNS"),
                error(Code::PngUnsupported, PNG, "", "acTL"),
                error(PngInvalid, PNG, "", "the CRC of the IDAT chunk"),
            ],
        ),
        pictures(
            "faults of two files",
            vec![vec![], Image::new(RGB, 8).encode(), Image::new(GREY, 16).encode()],
            [
                error(PngInvalid, "assets/pic/0.png", "", "signature"),
                error(Code::PngUnsupported, "assets/pic/2.png", "", "16 bits a channel"),
            ],
        ),
    ]
}
