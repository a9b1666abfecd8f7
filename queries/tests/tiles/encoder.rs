//! A PNG encoder that leaves every choice to the test, the wrong ones too.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

pub const GREY: u8 = 0;
pub const RGB: u8 = 2;
pub const INDEXED: u8 = 3;
pub const GREY_ALPHA: u8 = 4;
pub const RGBA: u8 = 6;

/// An image and how it is to be encoded.
#[derive(Debug, Clone)]
pub struct Image {
    pub width: u32,
    pub height: u32,
    pub depth: u8,
    pub colour: u8,
    pub interlaced: bool,
    /// One byte for each sample, row-major.
    pub samples: Vec<u8>,
    pub palette: Option<Vec<u8>>,
    pub transparency: Option<Vec<u8>>,
    /// Filter types of the rows, over and over.
    pub filters: Vec<u8>,
    /// Bytes of an `IDAT`.
    pub split: usize,
}

impl Image {
    /// An image of 8 × 8 zero samples.
    pub fn new(colour: u8, depth: u8) -> Self {
        Self::sized(colour, depth, 8, 8)
    }

    /// An image of zero samples; an indexed one has a palette of black.
    pub fn sized(colour: u8, depth: u8, width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            depth,
            colour,
            interlaced: false,
            samples: vec![0; (width * height) as usize * channels(colour)],
            palette: (colour == INDEXED).then(|| vec![0; 3]),
            transparency: None,
            filters: vec![0],
            split: usize::MAX,
        }
    }

    /// An RGBA image of `width` whose pixels are `pixels`.
    pub fn rgba(width: u32, pixels: &[[u8; 4]]) -> Self {
        let mut image = Self::sized(RGBA, 8, width, pixels.len() as u32 / width);
        image.samples = pixels.concat();
        image
    }

    pub fn header(&self) -> Vec<u8> {
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([self.depth, self.colour, 0, 0, u8::from(self.interlaced)]);
        header
    }

    /// The filtered rows of all passes.
    pub fn raw(&self) -> Vec<u8> {
        let passes: &[[u32; 4]] = if self.interlaced {
            &[[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]]
        } else {
            &[[0, 0, 1, 1]]
        };
        let mut raw = Vec::new();
        let mut filters = self.filters.iter().cycle();
        for &[x0, y0, dx, dy] in passes {
            let mut above: Option<Vec<u8>> = None;
            for y in (y0..self.height).step_by(dy as usize) {
                let row = self.pack((x0..self.width).step_by(dx as usize).map(|x| (x, y)));
                if row.is_empty() {
                    continue;
                }
                let filter = *filters.next().unwrap();
                raw.push(filter);
                raw.extend(self.filter(filter, &row, &above.unwrap_or_else(|| vec![0; row.len()])));
                above = Some(row);
            }
        }
        raw
    }

    /// The samples of some pixels, packed.
    fn pack(&self, pixels: impl Iterator<Item = (u32, u32)>) -> Vec<u8> {
        let channels = channels(self.colour);
        let mut bits = Vec::new();
        for (x, y) in pixels {
            let first = (y * self.width + x) as usize * channels;
            for sample in &self.samples[first..first + channels] {
                bits.extend((0..self.depth.min(8)).rev().map(|bit| sample >> bit & 1));
                // The low half of a 16-bit sample.
                bits.extend(vec![0; usize::from(self.depth.saturating_sub(8))]);
            }
        }
        bits.chunks(8).map(|byte| byte.iter().zip((0..8).rev()).map(|(bit, place)| bit << place).sum()).collect()
    }

    fn filter(&self, filter: u8, row: &[u8], above: &[u8]) -> Vec<u8> {
        let back = (usize::from(self.depth) * channels(self.colour)).div_ceil(8);
        let before = |line: &[u8], i: usize| if i < back { 0 } else { i32::from(line[i - back]) };
        (0..row.len())
            .map(|i| {
                let (a, b, c) = (before(row, i), i32::from(above[i]), before(above, i));
                let predicted = match filter {
                    1 => a,
                    2 => b,
                    3 => i32::midpoint(a, b),
                    4 => *[a, b, c].iter().min_by_key(|value| (a + b - c - **value).abs()).unwrap(),
                    _ => 0,
                };
                row[i].wrapping_sub(predicted.to_le_bytes()[0])
            })
            .collect()
    }

    /// The chunks of the file, from `IHDR` to `IEND`.
    pub fn chunks(&self) -> Vec<Chunk> {
        let mut chunks = vec![Chunk::new(b"IHDR", self.header())];
        chunks.extend(self.palette.as_ref().map(|palette| Chunk::new(b"PLTE", palette.clone())));
        chunks.extend(self.transparency.as_ref().map(|alphas| Chunk::new(b"tRNS", alphas.clone())));
        let data = compress(&self.raw());
        chunks.extend(data.chunks(self.split).map(|part| Chunk::new(b"IDAT", part.to_vec())));
        chunks.push(Chunk::new(b"IEND", Vec::new()));
        chunks
    }

    pub fn encode(&self) -> Vec<u8> {
        assemble(&self.chunks())
    }
}

#[derive(Debug, Clone)]
pub struct Chunk {
    pub kind: [u8; 4],
    pub data: Vec<u8>,
    /// What the checksum is changed by.
    pub crc_error: u32,
}

impl Chunk {
    pub fn new(kind: &[u8; 4], data: Vec<u8>) -> Self {
        Self { kind: *kind, data, crc_error: 0 }
    }
}

pub fn assemble(chunks: &[Chunk]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for chunk in chunks {
        let mut crc = Crc::new();
        crc.update(&chunk.kind);
        crc.update(&chunk.data);
        file.extend((chunk.data.len() as u32).to_be_bytes());
        file.extend(chunk.kind);
        file.extend(&chunk.data);
        file.extend((crc.sum() ^ chunk.crc_error).to_be_bytes());
    }
    file
}

pub fn compress(raw: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

pub fn channels(colour: u8) -> usize {
    match colour {
        GREY_ALPHA => 2,
        RGB => 3,
        RGBA => 4,
        _ => 1,
    }
}
