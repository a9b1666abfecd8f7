//! Sounds to pack: WAVE files as games have them, and AIFF files.

use std::path::Path;

use crate::noise::Noise;

/// Format tag, channels and bits of a sample. Most sounds have 16 bits; the others have to be converted.
const KINDS: [(u16, u16, u16); 8] =
    [(1, 2, 16), (1, 1, 16), (1, 2, 16), (1, 1, 8), (1, 2, 16), (1, 1, 24), (1, 1, 16), (3, 1, 32)];

const RATE: u32 = 44_100;

/// Writes the `number`-th sound to `path`: a quarter of a second to two seconds of it.
pub fn write(path: &Path, number: usize, noise: &mut Noise) {
    let (tag, channels, bits) = KINDS[number % KINDS.len()];
    let frame = channels * bits / 8;
    let frames = RATE / 4 + noise.next() * 7 / 4 % (RATE * 7 / 4);
    let data: Vec<u8> = match bits {
        // Any bytes would be floats, but not numbers.
        32 => (0..frames).flat_map(|_| (f32::from(noise.next() as u16) / 32_768.0 - 1.0).to_le_bytes()).collect(),
        _ => noise.bytes(frames as usize * usize::from(frame)),
    };
    let size = data.len() as u32;
    let mut file = Vec::with_capacity(44 + data.len() + 1);
    file.extend(b"RIFF");
    file.extend((36 + size.next_multiple_of(2)).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    file.resize(file.len().next_multiple_of(2), 0);
    std::fs::write(path, file).unwrap();
}

/// An AIFF of ten seconds of noise: stereo, 16 bits.
pub fn aiff(noise: &mut Noise) -> Vec<u8> {
    const FRAMES: u32 = RATE * 10;
    let data = noise.bytes(FRAMES as usize * 4);
    let size = data.len() as u32;
    let mut file = b"FORM".to_vec();
    file.extend((4 + 8 + 18 + 8 + 8 + size).to_be_bytes());
    file.extend(b"AIFFCOMM\0\0\0\x12\0\x02");
    file.extend(FRAMES.to_be_bytes());
    file.extend(b"\0\x10");
    // The rate is a float of 80 bits: an exponent, and a mantissa that begins with its highest bit.
    let shift = RATE.leading_zeros();
    file.extend((0x3fff + 31 - shift as u16).to_be_bytes());
    file.extend((u64::from(RATE << shift) << 32).to_be_bytes());
    file.extend(b"SSND");
    file.extend((8 + size).to_be_bytes());
    // Neither an offset nor blocks.
    file.extend([0; 8]);
    file.extend(data);
    file
}
