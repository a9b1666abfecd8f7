//! Inflating and unfiltering of PNG files by public crates, as a lower bound: nothing is checked but what they check.

use std::hint::black_box;

use flate2::{Decompress, FlushDecompress, Status};
use png::Filter;
use png::benchable_apis::unfilter;

/// Something that inflates.
#[derive(Clone, Copy)]
pub enum Inflater {
    ZlibRs,
    ZuneInflate,
    Fdeflate,
}

impl Inflater {
    pub const ALL: [Self; 3] = [Self::ZlibRs, Self::ZuneInflate, Self::Fdeflate];

    pub fn name(self) -> &'static str {
        match self {
            Self::ZlibRs => "zlib-rs",
            Self::ZuneInflate => "zune-inflate",
            Self::Fdeflate => "fdeflate",
        }
    }
}

/// The state and the buffers of one thread.
pub struct Decoder {
    inflater: Inflater,
    zlib: Decompress,
    /// The image data of a file, where it is in several chunks.
    stream: Vec<u8>,
    pixels: Vec<u8>,
}

impl Decoder {
    pub fn new(inflater: Inflater) -> Self {
        Self { inflater, zlib: Decompress::new(true), stream: Vec::new(), pixels: Vec::new() }
    }

    /// Decodes the PNG `file`, to rows that are each behind their filter type.
    pub fn decode(&mut self, file: &[u8]) {
        let shape = Shape::of(file);
        let size = (shape.row + 1) * shape.height;
        self.stream.clear();
        let mut parts = image_data(file);
        let first = parts.next().unwrap();
        let mut stream = first;
        for part in parts {
            if self.stream.is_empty() {
                self.stream.extend(first);
            }
            self.stream.extend(part);
            stream = &self.stream;
        }
        match self.inflater {
            Inflater::ZlibRs => {
                self.pixels.resize(size, 0);
                self.zlib.reset(true);
                let status = self.zlib.decompress(stream, &mut self.pixels, FlushDecompress::Finish).unwrap();
                assert_eq!(status, Status::StreamEnd);
            }
            Inflater::ZuneInflate => {
                let options = zune_inflate::DeflateOptions::default().set_size_hint(size);
                self.pixels = zune_inflate::DeflateDecoder::new_with_options(stream, options).decode_zlib().unwrap();
            }
            Inflater::Fdeflate => {
                self.pixels.resize(size, 0);
                fdeflate::Decompressor::new().read(stream, &mut self.pixels, 0, true).unwrap();
            }
        }
        assert_eq!(self.pixels.len(), size);
        shape.unfilter(&mut self.pixels);
        black_box(&self.pixels);
    }
}

/// By their types.
const FILTERS: [Filter; 5] = [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth];

/// What the header says of the rows.
struct Shape {
    height: usize,
    /// Bytes of a row, without its filter type.
    row: usize,
    /// Bytes from one pixel to the next, as filters count them.
    step: u8,
}

impl Shape {
    fn of(file: &[u8]) -> Self {
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        let channels = if file[25] == 6 { 4 } else { 1 };
        let bits = file[24] * channels;
        Self { height: number(20), row: (number(16) * usize::from(bits)).div_ceil(8), step: bits.div_ceil(8) }
    }

    fn unfilter(&self, pixels: &mut [u8]) {
        // Above the first row there is none.
        let mut previous: &[u8] = &[];
        for line in pixels.chunks_exact_mut(self.row + 1) {
            let (filter, row) = line.split_first_mut().unwrap();
            unfilter(FILTERS[usize::from(*filter)], self.step, previous, row);
            previous = row;
        }
    }
}

/// The contents of the `IDAT` chunks of `file`.
fn image_data(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = &file[8..];
    std::iter::from_fn(move || {
        loop {
            let (length, after) = rest.split_first_chunk()?;
            let (kind, after) = after.split_first_chunk::<4>()?;
            let (data, after) = after.split_at(u32::from_be_bytes(*length) as usize);
            rest = &after[4..];
            if kind == b"IDAT" {
                return Some(data);
            }
        }
    })
}
