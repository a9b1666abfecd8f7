//! BMP files of every depth, and what is wrong with them.

use papack_queries::diagnostic::Code;
use papack_queries::formats::Part;
use papack_queries::formats::tiles::EntryZero;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{assert_says, derive, derive_part};

/// A BMP and how it is to be written.
#[derive(Clone)]
struct Bmp {
    width: i32,
    height: i32,
    bits: u16,
    compression: u32,
    /// What is between the headers and the pixels: masks, and the palette.
    between: Vec<u8>,
    data: Vec<u8>,
}

impl Bmp {
    fn encode(&self) -> Vec<u8> {
        let mut file = b"BM".to_vec();
        file.extend([0; 8]);
        file.extend((54 + self.between.len() as u32).to_le_bytes());
        file.extend(40_u32.to_le_bytes());
        file.extend([self.width.to_le_bytes(), self.height.to_le_bytes()].concat());
        file.extend([1, 0]);
        file.extend(self.bits.to_le_bytes());
        file.extend(self.compression.to_le_bytes());
        file.extend([0; 20]);
        if matches!(self.compression, 0..=2) && self.bits <= 8 {
            let colours = self.between.len() as u32 / 4;
            file[46..50].copy_from_slice(&colours.to_le_bytes());
        }
        file.extend(&self.between);
        file.extend(&self.data);
        file
    }
}

/// 8 × 8 pixels, whose lowest row is `first` and whose others are `other`.
fn picture(bits: u16, compression: u32, between: &[u8], first: &[u8], other: &[u8]) -> Bmp {
    let data = [first.to_vec(), other.repeat(7)].concat();
    Bmp { width: 8, height: 8, bits, compression, between: between.to_vec(), data }
}

/// Blue, green, red and padding of each entry: black, red and green.
const PALETTE: [u8; 12] = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0];

#[test]
fn indices_keep_their_palette() {
    for file in [
        picture(1, 0, &PALETTE[..8], &[0b0111_1111, 0, 0, 0], &[0xff, 0, 0, 0]),
        picture(4, 0, &PALETTE, &[0x01, 0x11, 0x11, 0x11], &[0x11; 4]),
        picture(8, 0, &PALETTE, &[0, 1, 1, 1, 1, 1, 1, 1], &[1; 8]),
    ] {
        let derived = derive(&file.encode());
        let (bytes, _) = derived.payload();
        assert_eq!((bytes[28], bytes[0]), (0x01, 0x11), "{} bits", file.bits);
        assert_eq!(derived.palette(0)[..2], [0, 0xf800]);
        let top_down = Bmp { height: -8, ..file };
        assert_eq!(derive(&top_down.encode()).payload().0[0], 0x01);
    }
}

#[test]
fn colours_are_told_by_bytes_or_masks() {
    let masks = |masks: &[u32]| masks.iter().flat_map(|mask| mask.to_le_bytes()).collect::<Vec<u8>>();
    let half = masks(&[0x00ff, 0xff00, 0, 0]);
    for (file, expected) in [
        (picture(24, 0, &[], &[0, 0, 255].repeat(8), &[0, 0, 255].repeat(8)), 0xf800),
        (picture(32, 0, &[], &[0, 255, 0, 0].repeat(8), &[0, 255, 0, 0].repeat(8)), 0x07e0),
        (picture(16, 0, &[], &[0x1f, 0].repeat(8), &[0x1f, 0].repeat(8)), 0x001f),
        (picture(16, 3, &masks(&[0xf800, 0x07e0, 0x001f]), &[0xe0, 7].repeat(8), &[0xe0, 7].repeat(8)), 0x07e0),
        (picture(32, 3, &half[..12], &[255, 0, 9, 9].repeat(8), &[255, 0, 9, 9].repeat(8)), 0xf800),
        (
            picture(32, 6, &masks(&[255, 0, 0, 0xff00_0000]), &[255, 0, 0, 255].repeat(8), &[255, 0, 0, 255].repeat(8)),
            0xf800,
        ),
    ] {
        let derived = derive(&file.encode());
        assert_eq!(derived.palette(0)[..3], [0, expected, 0], "{} bits, {}", file.bits, file.compression);
    }
    let clear =
        picture(32, 6, &masks(&[255, 0, 0, 0xff00_0000]), &[255, 0, 0, 0].repeat(8), &[255, 0, 0, 255].repeat(8));
    let derived = derive(&clear.encode());
    assert_eq!(derived.payload().0[24..32], [0x11, 0x11, 0x11, 0x11, 0, 0, 0, 0]);
}

#[test]
fn runs_are_decoded() {
    // A run, pixels one by one, an end of a row, a jump, and the end.
    let bytes = [8, 1, 0, 0, 0, 3, 2, 1, 2, 0, 0, 2, 1, 1, 2, 2, 0, 1];
    let nibbles = [8, 0x11, 0, 0, 0, 3, 0x21, 0x20, 0, 2, 1, 1, 2, 0x22, 0, 1];
    for (bits, compression, runs) in [(8, 1, &bytes[..]), (4, 2, &nibbles)] {
        let file = Bmp { data: runs.to_vec(), ..picture(bits, compression, &PALETTE, &[], &[]) };
        let derived = derive(&file.encode());
        let (bytes, _) = derived.payload();
        assert_eq!(bytes[28..32], [0x11; 4], "{bits}");
        assert_eq!(bytes[24..28], [0x21, 0x20, 0, 0], "{bits}");
        assert_eq!(bytes[20..24], [0, 0, 0x22, 0], "{bits}");
    }
}

#[test]
fn what_is_wrong_is_told() {
    let good = picture(8, 0, &PALETTE, &[1; 8], &[1; 8]);
    let runs = |data: &[u8]| Bmp { data: data.to_vec(), ..picture(8, 1, &PALETTE, &[], &[]) };
    for (file, code, message) in [
        (
            picture(8, 0, &PALETTE, &[7; 8], &[1; 8]),
            Code::BmpInvalid,
            "the pixel at (0, 7) has index 7, but the palette has 3 entries",
        ),
        (
            Bmp { data: vec![1; 63], ..good.clone() },
            Code::BmpInvalid,
            "the pixels need 64 bytes from byte 66 on, and 63 are there",
        ),
        (runs(&[9, 1, 0, 1]), Code::BmpInvalid, "the run at byte 68 goes past the end of row 0 from below"),
        (runs(&[8, 1]), Code::BmpInvalid, "the runs are cut off at byte 68, before their end"),
        (Bmp { height: -8, ..runs(&[0, 1]) }, Code::BmpInvalid, "begins with its lowest row"),
        (Bmp { bits: 2, ..good.clone() }, Code::BmpUnsupported, "2 bits a pixel with compression 0"),
        (Bmp { compression: 5, bits: 0, ..good.clone() }, Code::BmpUnsupported, "a JPEG or PNG inside"),
        (Bmp { width: -8, ..good.clone() }, Code::BmpInvalid, "the width of -8 pixels is negative"),
        (
            picture(16, 3, &[5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0; 16], &[0; 16]),
            Code::BmpInvalid,
            "0x00000005 are not side by side",
        ),
        (Bmp { height: i32::MIN, ..good.clone() }, Code::BmpInvalid, "the pixels need"),
    ] {
        assert_says(&derive(&file.encode()).errors(), code, message);
    }
    let slice = Part { slice: Some("s".into()), ..Part::default() };
    let derived = derive_part(8, EntryZero::Warn, &[good.encode()], Some(&slice));
    assert_says(&derived.errors(), Code::PartMissing, "a BMP has no slices");
    assert_says(
        &derive(&good.encode()[..20]).errors(),
        Code::BmpInvalid,
        "the header is cut off: the file has 20 bytes",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_have_an_answer(
        bits in prop::sample::select(vec![(1, 0), (4, 2), (8, 1), (16, 3), (24, 0), (32, 6)]),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        data in vec(any::<u8>(), 0..300),
    ) {
        let mut file = Bmp { data, ..picture(bits.0, bits.1, &PALETTE, &[], &[]) }.encode();
        for (at, value) in damage {
            let at = at.index(file.len());
            file[at] = value;
        }
        // That there is a payload or an error is asserted for every derivation.
        derive(&file);
    }
}
