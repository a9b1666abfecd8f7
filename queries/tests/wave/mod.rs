//! WAVE files made by hand, the wrong ones too.

use papack_queries::diagnostic::Code;

pub fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap();
    let padding: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
    [&id[..], &size.to_le_bytes(), body, padding].concat()
}

pub fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

/// The 16 bytes that every `fmt ` has.
pub fn base(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let frame = channels * (bits / 8);
    let byte_rate = rate.wrapping_mul(frame.into());
    let head = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    let rates = [rate.to_le_bytes(), byte_rate.to_le_bytes()].concat();
    [head, rates, frame.to_le_bytes().to_vec(), bits.to_le_bytes().to_vec()].concat()
}

pub fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    chunk(b"fmt ", &base(tag, channels, rate, bits))
}

/// Mono, 16-bit, 8,000 Hz.
pub fn mono() -> Vec<u8> {
    fmt(1, 1, 8000, 16)
}

pub fn data(frames: &[i16]) -> Vec<u8> {
    chunk(b"data", &frames.iter().flat_map(|frame| frame.to_le_bytes()).collect::<Vec<_>>())
}

pub const GUID_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// The body of an extensible `fmt `.
pub fn extensible(tag: u16, bits: u16, valid_bits: u16) -> Vec<u8> {
    let extension = [22u16.to_le_bytes(), valid_bits.to_le_bytes(), [0xEE; 2], [0xEE; 2], tag.to_le_bytes()].concat();
    [base(0xFFFE, 1, 8000, bits), extension, GUID_TAIL.to_vec()].concat()
}

/// `bytes` with some of them, from `at` on, replaced.
pub fn with(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// The body of a `fmt ` with another block alignment, and the byte rate of that one.
fn aligned(body: Vec<u8>, alignment: u16) -> Vec<u8> {
    let rate = body[4..8].first_chunk().map_or(0, |rate| u32::from_le_bytes(*rate));
    with(with(body, 8, &(rate * u32::from(alignment)).to_le_bytes()), 12, &alignment.to_le_bytes())
}

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// Files with one fault each: a name, the file, and what the fault is.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn broken() -> Vec<(&'static str, Vec<u8>, Code, &'static str)> {
    use Code::{WavInvalid, WavUnsupported};
    let plain = riff(&[mono(), data(&[1, -2])]);
    let fmt_of = |body: &[u8]| riff(&[chunk(b"fmt ", body), data(&[1])]);
    let kind = |tag, channels, rate, bits| fmt_of(&base(tag, channels, rate, bits));
    let float = |samples: &[f32]| {
        let samples: Vec<_> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        riff(&[fmt(3, 2, 8000, 32), chunk(b"data", &samples)])
    };
    vec![
        ("empty", vec![], WavInvalid, "no WAVE: it is empty; a WAVE begins with `RIFF` (byte 0)"),
        ("short", plain[..11].to_vec(), WavInvalid, "11 bytes"),
        ("no WAVE", b"wvpk\0\0\0\0\0\0\0\0".to_vec(), WavInvalid, "no WAVE: it is a WavPack;"),
        ("a header of an AAC", b"\xff\xf1\x50\x80\0".to_vec(), WavInvalid, "it is an AAC;"),
        ("NUL bytes", vec![0; 100], WavInvalid, "it is NUL bytes instead of content"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0".to_vec(), WavInvalid, "is a PNG, which SOUNDS/pcm_v1 does not take"),
        (
            "three bytes",
            b"\x01\x02\x03".to_vec(),
            WavInvalid,
            "it begins with `\\x01\\x02\\x03`; a WAVE begins with `RIFF`",
        ),
        ("a pointer of Git LFS", POINTER.to_vec(), Code::FileLfsPointer, "the file itself, of 12345 bytes"),
        ("RF64", with(plain.clone(), 0, b"RF64"), WavUnsupported, "RF64"),
        ("RIFX", with(plain.clone(), 0, b"RIFX"), WavUnsupported, "RIFX"),
        ("AVI", with(plain.clone(), 8, b"AVI "), WavUnsupported, "`AVI ` (byte 8), a video (AVI); only"),
        ("no fmt", riff(&[data(&[])]), WavInvalid, "no `fmt ` chunk"),
        ("no data", riff(&[mono()]), WavInvalid, "no `data` chunk"),
        ("two fmt", riff(&[mono(), mono(), data(&[])]), WavInvalid, "`fmt ` chunk at byte 36 is one too many"),
        ("fmt behind data", riff(&[mono(), data(&[]), mono()]), WavInvalid, "already"),
        ("two data", riff(&[mono(), data(&[]), data(&[])]), WavInvalid, "`data` chunk at byte 44 is one too many"),
        ("order", riff(&[data(&[]), mono()]), WavInvalid, "byte 12 lies before the `fmt ` chunk at byte 20"),
        ("data cut", plain[..47].to_vec(), WavInvalid, "has 4 bytes, and 3 are left"),
        (
            "data lies",
            with(plain.clone(), 40, &[0xFF, 0xFF, 0xFE, 0x7F]),
            WavInvalid,
            "has 2147418111 bytes, and 4 are left",
        ),
        (
            "LIST without end",
            riff(&[mono(), data(&[]), b"LIST\xFF\xFF\xFF\xFF".to_vec()]),
            WavInvalid,
            "has 4294967295 bytes",
        ),
        (
            "no size, but that of the RIFF",
            riff(&[mono(), b"data\0\0\0\0".to_vec(), vec![1; 99]]),
            WavInvalid,
            "`\\x01\\x01",
        ),
        ("LIST lies", riff(&[mono(), data(&[]), b"LIST\x01\0\0\0".to_vec()]), WavInvalid, "`LIST` chunk at byte 44"),
        ("data beyond the end", with(plain.clone(), 4, &[28]), WavInvalid, "no `data` chunk"),
        ("data header across the end", with(plain.clone(), 4, &[35]), WavInvalid, "no `data` chunk"),
        ("fmt of 15 bytes", fmt_of(&base(1, 1, 8000, 16)[..15]), WavInvalid, "15 bytes"),
        ("no channel", kind(1, 0, 8000, 16), WavUnsupported, "0 channels (byte 22)"),
        ("3 channels", kind(1, 3, 8000, 16), WavUnsupported, "3 channels"),
        ("no rate", kind(1, 1, 0, 16), WavUnsupported, "rate is 0 (byte 24)"),
        ("high rate", kind(1, 1, 192_001, 16), WavUnsupported, "192001"),
        ("no bits", kind(1, 1, 8000, 0), WavUnsupported, "integer of 0 bits"),
        ("12 bits", kind(1, 1, 8000, 12), WavUnsupported, "integer of 12 bits (byte 34)"),
        ("64-bit integers", kind(1, 1, 8000, 64), WavUnsupported, "integer of 64 bits"),
        ("64-bit floats", kind(3, 1, 8000, 64), WavUnsupported, "float of 64 bits"),
        ("16-bit floats", kind(3, 1, 8000, 16), WavUnsupported, "float of 16 bits"),
        ("ADPCM", kind(2, 1, 8000, 8), WavUnsupported, "0x0002 (Microsoft ADPCM)"),
        ("unknown tag", kind(0x1234, 1, 8000, 8), WavUnsupported, "0x1234"),
        ("alignment", fmt_of(&aligned(base(1, 1, 8000, 16), 4)), WavInvalid, "alignment is 4 (byte 32)"),
        (
            "24 bits in 4 bytes",
            fmt_of(&aligned(base(1, 2, 8000, 24), 8)),
            WavInvalid,
            "alignment is 8 (byte 32), which is 4 bytes a sample, but samples have 24 bits",
        ),
        ("32 bits in 8 bytes", fmt_of(&aligned(base(3, 1, 8000, 32), 8)), WavInvalid, "which is 8 bytes a sample"),
        (
            "16 bits in 4 bytes, and a byte rate of neither",
            fmt_of(&with(with(base(1, 1, 8000, 16), 8, &[7]), 12, &[4])),
            WavInvalid,
            "which of the two is true cannot be told",
        ),
        (
            "extensible 24 bits in 4 bytes",
            fmt_of(&aligned(extensible(1, 24, 24), 4)),
            WavInvalid,
            "which is 4 bytes a sample",
        ),
        ("half a frame", riff(&[fmt(1, 2, 8000, 16), data(&[1])]), WavInvalid, "frames of 4 bytes"),
        ("extensible, 39 bytes", fmt_of(&extensible(1, 16, 16)[..39]), WavInvalid, "39 bytes"),
        ("extensible, 16 bytes", fmt_of(&extensible(1, 16, 16)[..16]), WavInvalid, "16 bytes"),
        ("cbSize", fmt_of(&with(extensible(1, 16, 16), 16, &[21])), WavInvalid, "21 bytes (byte 36)"),
        ("valid bits", fmt_of(&extensible(1, 24, 20)), WavUnsupported, "20 bits"),
        ("no valid bits", fmt_of(&extensible(1, 16, 0)), WavUnsupported, "0 bits"),
        ("sub-tag", fmt_of(&extensible(7, 8, 8)), WavUnsupported, "0x0007 (\u{b5}-law) (byte 44)"),
        ("sub-extensible", fmt_of(&extensible(0xFFFE, 16, 16)), WavUnsupported, "0xFFFE"),
        ("GUID", fmt_of(&with(extensible(1, 16, 16), 39, &[0x70])), WavUnsupported, "-00aa00389b70 (byte 44)"),
        ("GUID, long tag", fmt_of(&with(extensible(1, 16, 16), 26, &[1])), WavUnsupported, "00010001-0000-0010"),
        ("NaN", float(&[0.0, 1.0, -1.0, f32::NAN]), Code::SoundsSample, "frame 1, channel 1 (both from 0; byte 56)"),
        (
            "signalling NaN",
            float(&[f32::from_bits(0xFF80_0001), 0.0]),
            Code::SoundsSample,
            "frame 0, channel 0 (both from 0; byte 44)",
        ),
        (
            "nothing but NaN",
            float(&[f32::NAN; 30]),
            Code::SoundsSample,
            "30 samples are NaN, not a number (frames and channels from 0): frame 0, channel 0 (byte 44); frame 0, channel 1 \
             (byte 48); frame 1, channel 0 (byte 52); and 27 more",
        ),
    ]
}

/// The body of a `smpl` chunk with the given loops: type, first frame, last frame.
pub fn smpl(count: u32, loops: &[(u32, u32, u32)]) -> Vec<u8> {
    let fixed = with(vec![0xEE; 36], 28, &count.to_le_bytes());
    let one = |(kind, first, last): &(u32, u32, u32)| {
        [7, *kind, *first, *last, 9, 9].into_iter().flat_map(u32::to_le_bytes).collect::<Vec<_>>()
    };
    [fixed, loops.iter().flat_map(one).collect()].concat()
}
